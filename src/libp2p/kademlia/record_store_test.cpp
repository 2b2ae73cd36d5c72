#include "libp2p/kademlia/record_store.hpp"

#include "libp2p/kademlia/kademlia_network.hpp"

#include <gtest/gtest.h>

namespace stipple::libp2p::kademlia {
namespace {

using testing::address_number;
using testing::peer_number;

Record record_of(const std::string& key, std::size_t size,
                 std::optional<std::uint32_t> ttl = std::nullopt) {
    return {.key = to_bytes(key), .value = Bytes(size, 1), .publisher = {}, .ttl_seconds = ttl};
}
PeerInfo provider_number(std::uint64_t number) {
    return {.peer = peer_number(number), .addresses = {address_number(number)}};
}

TEST(RecordStore, records_expire_with_their_ttl_and_never_live_longer_than_the_bound) {
    RecordStore store(peer_number(0));
    ASSERT_TRUE(store.put({}, record_of("short", 1, 60)));
    ASSERT_TRUE(store.put({}, record_of("long", 1, 4'000'000'000U)));
    EXPECT_EQ(store.find_record({}, to_bytes("short"))->ttl_seconds, 60U);
    const Instant half{std::chrono::seconds(30)};
    EXPECT_EQ(store.find_record(half, to_bytes("short"))->ttl_seconds, 30U);
    const Instant minute{std::chrono::seconds(60)};
    EXPECT_FALSE(store.find_record(minute, to_bytes("short")));
    EXPECT_TRUE(store.find_record(minute, to_bytes("long")));
    store.expire(minute);
    EXPECT_EQ(store.record_count(), 1U);
    store.expire(Instant{} + kRecordLifetime);
    EXPECT_EQ(store.record_count(), 0U);
    EXPECT_EQ(store.record_bytes(), 0U);
}

TEST(RecordStore, is_bounded_in_number_and_keeps_the_closest) {
    RecordStore store(peer_number(0));
    const Key self = key_of(peer_number(0));
    std::vector<std::pair<Distance, std::string>> keys;
    for (std::size_t i = 0; i < 2 * kStoredRecordsMax; ++i) {
        const std::string key = "key " + std::to_string(i);
        keys.emplace_back(distance(self, key_of(as_bytes(key))), key);
        store.put({}, record_of(key, 8));
    }
    EXPECT_EQ(store.record_count(), kStoredRecordsMax);
    std::sort(keys.begin(), keys.end());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        EXPECT_EQ(store.find_record({}, to_bytes(keys[i].second)).has_value(),
                  i < kStoredRecordsMax);
    }
    EXPECT_FALSE(store.put({}, record_of(keys.back().second, 8)));
}

TEST(RecordStore, is_bounded_in_bytes) {
    RecordStore store(peer_number(0));
    for (int i = 0; i < 600; ++i) {
        store.put({}, record_of("key " + std::to_string(i), kValueBytesMax));
        EXPECT_LE(store.record_bytes(), kStoredBytesMax);
    }
    EXPECT_GT(store.record_count(), 200U);
    EXPECT_FALSE(store.put({}, record_of("x", kValueBytesMax + 1)));
    EXPECT_FALSE(store.put({}, record_of(std::string(kKeyBytesMax + 1, 'k'), 1)));
}

TEST(RecordStore, a_record_replaces_the_one_of_its_key) {
    RecordStore store(peer_number(0));
    store.put({}, record_of("k", 100));
    store.put({}, record_of("k", 10));
    EXPECT_EQ(store.record_count(), 1U);
    EXPECT_EQ(store.record_bytes(), 11U);
    store.remove_record(to_bytes("k"));
    store.remove_record(to_bytes("k"));
    EXPECT_EQ(store.record_bytes(), 0U);
}

TEST(RecordStore, providers_of_a_key_are_bounded_and_the_closest_stay) {
    RecordStore store(peer_number(0));
    const Bytes key = to_bytes("k");
    for (std::uint64_t i = 0; i < 100; ++i) {
        store.add_provider({}, key, provider_number(i));
    }
    const auto providers = store.providers({}, key);
    ASSERT_EQ(providers.size(), kProvidersPerKeyMax);
    const Distance last = distance(key_of(key), key_of(providers.back().peer));
    for (std::uint64_t i = 0; i < 100; ++i) {
        const bool kept =
            std::find(providers.begin(), providers.end(), provider_number(i)) != providers.end();
        EXPECT_EQ(kept, distance(key_of(key), key_of(peer_number(i))) <= last);
    }
}

TEST(RecordStore, provided_keys_are_bounded_and_expire) {
    RecordStore store(peer_number(0));
    for (std::size_t i = 0; i < 2 * kProvidedKeysMax; ++i) {
        store.add_provider({}, to_bytes("key " + std::to_string(i)), provider_number(1));
    }
    EXPECT_EQ(store.provided_key_count(), kProvidedKeysMax);
    const Instant end = Instant{} + kProviderLifetime;
    store.add_provider(end - std::chrono::seconds(1), to_bytes("key 0"), provider_number(2));
    store.expire(end);
    EXPECT_LE(store.provided_key_count(), 1U);
    EXPECT_FALSE(store.add_provider({}, Bytes(kKeyBytesMax + 1, 1), provider_number(1)));
}

}  // namespace
}  // namespace stipple::libp2p::kademlia
