#include "crypto/ed25519.hpp"
#include "libp2p/multiformats/protobuf.hpp"
#include "network/discovery/authority_discovery.hpp"
#include "scale/codec.hpp"

#include <gtest/gtest.h>

namespace stipple::network::discovery {
namespace {

using crypto::Ed25519Keypair;
using crypto::Sr25519Keypair;
using libp2p::Multiaddr;

crypto::Secret<32> secret(std::uint8_t number) {
    return crypto::Secret<32>({number});
}
struct Validator {
    explicit Validator(std::uint8_t number)
        : auth(Sr25519Keypair::from_seed(secret(number))),
          node(Ed25519Keypair::from_seed(secret(number))),
          peer(libp2p::peer_id_of(node.public_key)) {}
    Multiaddr address(std::string_view text = "/ip4/1.2.3.4/tcp/30333") const {
        return *Multiaddr::parse(text)->with_peer(peer);
    }
    PeerSignature peer_signature(ByteView record) const {
        return {to_bytes(node.sign(record).view()),
                libp2p::encode_public_key(libp2p::public_key(node.public_key))};
    }
    Bytes value(std::optional<uint128> created_ns, const std::vector<Multiaddr>& addresses) const {
        const Bytes record = encode_record(addresses, created_ns);
        return encode_signed_record(record, auth.sign(record), peer_signature(record));
    }
    Bytes value(std::optional<uint128> created_ns) const { return value(created_ns, {address()}); }
    const AuthorityId& id() const { return auth.public_key; }
    Sr25519Keypair auth;
    Ed25519Keypair node;
    PeerId peer;
};

TEST(AuthorityRecord, is_read_back_as_it_was_written) {
    const Validator alice(1);
    const auto read = verify_record(alice.value(12345), alice.id(), true);
    ASSERT_TRUE(read.has_value()) << describe(read.error());
    EXPECT_EQ(*read, (VerifiedRecord{alice.peer, {alice.address()}, 12345}));
}

TEST(AuthorityRecord, may_lack_the_time_and_the_peer_signature_as_of_old) {
    const Validator alice(1);
    const Bytes record = encode_record({alice.address()}, std::nullopt);
    const Bytes value = encode_signed_record(record, alice.auth.sign(record), std::nullopt);
    EXPECT_EQ(verify_record(value, alice.id(), false)->created_ns, uint128{0});
    EXPECT_EQ(verify_record(value, alice.id(), true),
              std::unexpected(RecordError::no_peer_signature));
}

TEST(AuthorityRecord, may_have_its_time_beside_it_under_a_signature) {
    const Validator alice(1);
    Bytes value = alice.value(std::nullopt);
    const Bytes timestamp = scale::encode(uint128{777});
    libp2p::ProtobufWriter time;
    time.bytes(1, timestamp).bytes(2, alice.auth.sign(timestamp));
    libp2p::ProtobufWriter field;
    field.message(4, time);
    append(value, field.view());
    EXPECT_EQ(verify_record(value, alice.id(), true)->created_ns, uint128{777});
    // Signed by somebody else it says nothing.
    const Validator mallory(2);
    libp2p::ProtobufWriter forged_time;
    forged_time.bytes(1, timestamp).bytes(2, mallory.auth.sign(timestamp));
    libp2p::ProtobufWriter forged;
    forged.message(4, forged_time);
    Bytes other = alice.value(std::nullopt);
    append(other, forged.view());
    EXPECT_EQ(verify_record(other, alice.id(), true)->created_ns, uint128{0});
}

TEST(AuthorityRecord, is_refused_when_anything_does_not_hold) {
    const Validator alice(1);
    const Validator mallory(2);
    EXPECT_EQ(verify_record(alice.value(1), mallory.id(), true),
              std::unexpected(RecordError::bad_auth_signature));
    const Bytes record = encode_record({alice.address()}, 1);
    EXPECT_EQ(verify_record(encode_signed_record(record, alice.auth.sign(record),
                                                 mallory.peer_signature(record)),
                            alice.id(), true),
              std::unexpected(RecordError::bad_peer_signature));
    EXPECT_EQ(verify_record(alice.value(1, {alice.address(), mallory.address()}), alice.id(), true),
              std::unexpected(RecordError::several_peers));
    EXPECT_EQ(verify_record(alice.value(1, {}), alice.id(), true),
              std::unexpected(RecordError::no_addresses));
    EXPECT_EQ(verify_record(Bytes(kRecordBytesMax + 1), alice.id(), true),
              std::unexpected(RecordError::too_long));
    Bytes cut = alice.value(1);
    cut.pop_back();
    EXPECT_EQ(verify_record(cut, alice.id(), true), std::unexpected(RecordError::malformed));
}

template <class T>
std::vector<T> all_of(const Effects& effects) {
    std::vector<T> found;
    for (const auto& effect : effects) {
        if (const auto* one = std::get_if<T>(&effect)) {
            found.push_back(*one);
        }
    }
    return found;
}

struct AuthorityDiscoveryTest : ::testing::Test {
    AuthorityDiscoveryTest()
        : machine({.local = self.peer,
                   .public_addresses = {*Multiaddr::parse("/dns/me.example/tcp/30333")}},
                  now, Seed{1}) {}
    /// Verifies at once what the machine wants verified.
    Effects settle(Effects effects) {
        Effects out;
        for (std::size_t i = 0; i < effects.size(); ++i) {
            if (const auto* job = std::get_if<VerifyRecord>(&effects[i])) {
                const auto verdict =
                    verify_record(job->value, job->authority, job->needs_peer_signature);
                machine.on_verified(job->job, verdict, effects);
            } else {
                out.push_back(effects[i]);
            }
        }
        return out;
    }
    Effects found(const Validator& validator, const Bytes& value,
                  std::optional<PeerId> holder = std::nullopt) {
        Effects effects;
        machine.on_value_found(record_key(validator.id()), value, holder, effects);
        return settle(std::move(effects));
    }
    Effects authorities(const std::vector<AuthorityId>& ids) {
        Effects effects;
        machine.on_authorities(now, ids, std::vector{self.id()}, effects);
        return effects;
    }
    Validator self{9};
    Validator alice{1};
    Validator bob{2};
    Instant now;
    AuthorityDiscovery machine;
};

TEST_F(AuthorityDiscoveryTest, looks_up_the_others_a_few_at_a_time) {
    std::vector<AuthorityId> ids{self.id()};
    for (std::uint8_t i = 20; i < 40; ++i) {
        ids.push_back(Validator(i).id());
    }
    auto gets = all_of<GetRecord>(authorities(ids));
    EXPECT_EQ(gets.size(), kLookupsMax);
    std::set<RecordKey> seen;
    while (!gets.empty()) {
        const RecordKey key = gets.back().key;
        gets.pop_back();
        EXPECT_TRUE(seen.insert(key).second);
        Effects effects;
        machine.on_lookup_done(key, effects);
        std::ranges::copy(all_of<GetRecord>(effects), std::back_inserter(gets));
    }
    EXPECT_EQ(seen.size(), 20U);
    EXPECT_FALSE(seen.contains(record_key(self.id())));
    EXPECT_EQ(machine.lookups(), 0U);
}

TEST_F(AuthorityDiscoveryTest, keeps_the_newest_record_and_corrects_holders_of_older_ones) {
    authorities({alice.id()});
    const Bytes old = alice.value(100);
    const Bytes fresh = alice.value(200, {alice.address("/ip4/5.6.7.8/tcp/1")});
    const PeerId holder_of_old = bob.peer;
    EXPECT_EQ(all_of<AddressesFound>(found(alice, old, holder_of_old)).size(), 1U);
    const auto effects = found(alice, fresh, self.peer);
    ASSERT_EQ(all_of<AddressesFound>(effects).size(), 1U);
    EXPECT_EQ(all_of<AddressesFound>(effects)[0].addresses,
              std::vector{alice.address("/ip4/5.6.7.8/tcp/1")});
    const auto corrections = all_of<PutRecordTo>(effects);
    ASSERT_EQ(corrections.size(), 1U);
    EXPECT_EQ(corrections[0].value, fresh);
    EXPECT_EQ(corrections[0].peers, std::vector{holder_of_old});
    // The old one again: nothing found, and its holder is told.
    const auto again = found(alice, old, holder_of_old);
    EXPECT_TRUE(all_of<AddressesFound>(again).empty());
    EXPECT_EQ(all_of<PutRecordTo>(again).at(0).value, fresh);
}

TEST_F(AuthorityDiscoveryTest, believes_no_record_that_was_not_asked_for_or_is_forged) {
    authorities({alice.id()});
    EXPECT_TRUE(found(bob, bob.value(1)).empty());
    EXPECT_TRUE(found(alice, bob.value(1)).empty());
    EXPECT_EQ(machine.known_count(), 0U);
}

TEST_F(AuthorityDiscoveryTest, publishes_under_each_of_its_keys_in_the_set) {
    authorities({alice.id(), self.id()});
    machine.on_addresses({*Multiaddr::parse("/ip4/127.0.0.1/tcp/30333"),
                          *Multiaddr::parse("/ip4/9.9.9.9/tcp/30333")},
                         {*Multiaddr::parse("/ip4/10.0.0.1/tcp/30333")});
    Effects effects;
    machine.on_wake(*machine.wake_at(), UnixMillis{5}, effects);
    const auto jobs = all_of<SignRecord>(effects);
    ASSERT_EQ(jobs.size(), 1U);
    EXPECT_EQ(jobs[0].keys, std::vector{self.id()});
    const std::vector signatures{std::pair(self.id(), self.auth.sign(jobs[0].record))};
    Effects signed_effects;
    machine.on_signed(jobs[0].job, signatures, self.peer_signature(jobs[0].record), signed_effects);
    const auto puts = all_of<PutRecord>(signed_effects);
    ASSERT_EQ(puts.size(), 1U);
    EXPECT_EQ(puts[0].key, record_key(self.id()));
    const auto record = verify_record(puts[0].value, self.id(), true);
    ASSERT_TRUE(record.has_value());
    EXPECT_EQ(record->created_ns, uint128{5'000'000});
    // The operator's first, then where we listen in the open, then what others saw.
    EXPECT_EQ(record->addresses, (std::vector{self.address("/dns/me.example/tcp/30333"),
                                              self.address("/ip4/9.9.9.9/tcp/30333"),
                                              self.address("/ip4/10.0.0.1/tcp/30333")}));
}

TEST_F(AuthorityDiscoveryTest, slows_down_to_an_hour_and_to_ten_minutes) {
    Effects effects;
    Instant last;
    std::size_t queries = 0;
    while (last < Instant{} + std::chrono::hours(10)) {
        last = *machine.wake_at();
        machine.on_wake(last, UnixMillis{}, effects);
    }
    queries = all_of<QueryAuthorities>(effects).size();
    EXPECT_GE(queries, 60U);
    EXPECT_LE(queries, 70U);
}

TEST_F(AuthorityDiscoveryTest, stores_a_record_only_for_the_peer_it_names) {
    authorities({alice.id()});
    Effects effects;
    machine.on_put_request(record_key(alice.id()), alice.value(5), bob.peer, effects);
    EXPECT_TRUE(all_of<StoreRecord>(settle(effects)).empty());
    effects.clear();
    machine.on_put_request(record_key(alice.id()), alice.value(5), alice.peer, effects);
    EXPECT_EQ(all_of<StoreRecord>(settle(effects)).size(), 1U);
    found(alice, alice.value(9));
    effects.clear();
    machine.on_put_request(record_key(alice.id()), alice.value(5), alice.peer, effects);
    EXPECT_TRUE(all_of<StoreRecord>(settle(effects)).empty());
}

TEST_F(AuthorityDiscoveryTest, forgets_who_has_left_the_set) {
    authorities({alice.id(), bob.id()});
    found(alice, alice.value(1));
    found(bob, bob.value(1));
    EXPECT_EQ(machine.known_count(), 2U);
    const auto gone = all_of<AuthoritiesGone>(authorities({bob.id()}));
    ASSERT_EQ(gone.size(), 1U);
    EXPECT_EQ(gone[0].authorities, std::vector{alice.id()});
    EXPECT_EQ(machine.known_count(), 1U);
}

TEST_F(AuthorityDiscoveryTest, bounds_the_records_being_verified) {
    authorities({alice.id()});
    Effects effects;
    for (std::size_t i = 0; i < kVerifyingMax + 10; ++i) {
        machine.on_put_request(record_key(alice.id()), Bytes(i), bob.peer, effects);
    }
    EXPECT_EQ(machine.verifying(), kVerifyingMax);
}

}  // namespace
}  // namespace stipple::network::discovery
