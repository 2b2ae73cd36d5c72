#include "kit/storage.hpp"

#include "kit/native_host.hpp"
#include "pallets/system/system.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime {
namespace {

using Number = std::uint32_t;
constexpr std::string_view kPallet = "Shelf";
constexpr StorageValue<Number> kPlain{kPallet, "Plain", "A value."};
constexpr StorageValue<Optional<Number>> kPerhaps{kPallet, "Perhaps", "A value or none."};
constexpr StorageValue<Number> kSeven{kPallet, "Seven", "A default.", [] { return Number{7}; }};
constexpr StorageMap<Identity<Hash>, Number> kByHash{kPallet, "ByHash", "By itself."};
constexpr StorageDoubleMap<Twox64Concat<Number>, Blake2Concat<AccountId>, Number> kDouble{
    kPallet, "Double", "By a number and an account."};
constexpr StorageNMap<Number, Twox64Concat<Number>, Twox64Concat<Number>, Twox64Concat<Number>>
    kTriple{kPallet, "Triple", "By three numbers."};
constexpr CountedMap<Twox64Concat<Number>, Optional<Number>> kCounted{
    kPallet, "Counted", "With a counter.", "CounterForCounted"};

struct StorageItems : ::testing::Test {
    StorageItems() { native_host::reset(); }
};

TEST_F(StorageItems, lie_under_the_keys_that_every_tool_computes) {
    // System.Account of //Alice, as it stands in any explorer.
    const auto alice = AccountId::copy(
        *from_hex("d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"));
    EXPECT_EQ(to_hex(System::account.key(alice)),
              "26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9"
              "de1e86a9a8c739864cf3cc5ec2bea59f"
              "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d");
    // Timestamp.Now: a plain value has the prefix alone. twox-64 of a block number stands before
    // it.
    EXPECT_EQ(to_hex(System::number.key()),
              "26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac");
    EXPECT_EQ(to_hex(System::block_hash.key(0U)),
              "26aa394eea5630e07c48ae0c9558cef7a44704b568d21667356a5a050c118746"
              "b4def25cfda6ef3a00000000");
    Hash hash;
    hash.bytes.fill(9);
    EXPECT_EQ(kByHash.key(hash).size(), 32U + 32U);
}
TEST_F(StorageItems, read_as_their_default_until_they_are_written) {
    EXPECT_EQ(kPlain.get(), 0U);
    EXPECT_EQ(kSeven.get(), 7U);
    EXPECT_FALSE(kPerhaps.get());
    EXPECT_FALSE(kSeven.exists());
    kPerhaps.set(0);
    EXPECT_EQ(kPerhaps.get(), 0U);
    kPerhaps.mutate([](std::optional<Number>& value) { value.reset(); });
    EXPECT_FALSE(kPerhaps.exists());
    kSeven.mutate([](Number& value) { ++value; });
    EXPECT_EQ(kSeven.take(), 8U);
    EXPECT_EQ(kSeven.get(), 7U);
}
TEST_F(StorageItems, of_several_keys_are_found_by_their_first) {
    AccountId one;
    AccountId two;
    two.bytes.fill(2);
    kDouble.insert(5U, one, 51);
    kDouble.insert(5U, two, 52);
    kDouble.insert(6U, one, 61);
    Number sum = 0;
    const auto add = [&](const auto& keys, Number value) {
        EXPECT_EQ(std::get<0>(keys), 5U);
        sum += value;
        return true;
    };
    kDouble.for_each(add, 5U);
    EXPECT_EQ(sum, 103U);
    EXPECT_TRUE(kDouble.clear(std::nullopt, 5U));
    EXPECT_FALSE(kDouble.contains(5U, one));
    EXPECT_EQ(kDouble.get(6U, one), 61U);
    kTriple.insert(1U, 2U, 3U, 6);
    kTriple.insert(1U, 4U, 3U, 8);
    std::vector<std::tuple<Number, Number, Number>> found;
    kTriple.for_each(
        [&](const auto& keys, Number) {
            found.push_back(keys);
            return true;
        },
        1U, 4U);
    EXPECT_EQ(found, (std::vector<std::tuple<Number, Number, Number>>{{1, 4, 3}}));
    EXPECT_EQ(kTriple.take(1U, 2U, 3U), 6U);
}
TEST_F(StorageItems, that_count_know_how_many_they_are) {
    kCounted.insert(1U, 10);
    kCounted.insert(1U, 11);
    kCounted.insert(2U, 20);
    EXPECT_EQ(kCounted.count(), 2U);
    kCounted.remove(9U);
    kCounted.mutate(3U, [](std::optional<Number>& value) { value = 30; });
    kCounted.mutate(1U, [](std::optional<Number>& value) { value.reset(); });
    EXPECT_EQ(kCounted.count(), 2U);
    EXPECT_EQ(kCounted.take(2U), 20U);
    EXPECT_EQ(kCounted.count(), 1U);
}
TEST_F(StorageItems, are_undone_with_the_layer_that_fails) {
    kPlain.set(1);
    const auto failed = with_storage_layer([]() -> DispatchResult {
        kPlain.set(2);
        const auto kept = with_storage_layer([]() -> DispatchResult {
            kCounted.insert(1U, 1);
            return {};
        });
        EXPECT_TRUE(kept);
        return std::unexpected(DispatchError::other());
    });
    EXPECT_FALSE(failed);
    EXPECT_EQ(kPlain.get(), 1U);
    EXPECT_EQ(kCounted.count(), 0U);
}

}  // namespace
}  // namespace stipple::runtime
