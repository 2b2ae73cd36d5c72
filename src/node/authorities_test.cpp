#include "node/authorities.hpp"

#include <gtest/gtest.h>

namespace stipple::node {
namespace {

using namespace std::chrono_literals;

constexpr UnixMillis kWall{1'700'000'000'000};

struct Validator {
    explicit Validator(std::uint8_t number)
        : auth(crypto::Sr25519Keypair::from_seed(crypto::Secret<32>({number}))),
          node(crypto::Ed25519Keypair::from_seed(crypto::Secret<32>({number}))),
          peer(libp2p::peer_id_of(node.public_key)) {}
    discovery::PeerSignature sign_as_node(ByteView record) const {
        return {to_bytes(node.sign(record).view()),
                libp2p::encode_public_key(libp2p::public_key(node.public_key))};
    }
    discovery::AuthorityId id() const { return auth.public_key; }
    crypto::Sr25519Keypair auth;
    crypto::Ed25519Keypair node;
    PeerId peer;
};

template <class What, class Variant>
void gather(const Variant& effect, std::vector<What>& found) {
    std::visit(
        [&](const auto& what) {
            using Held = std::decay_t<decltype(what)>;
            if constexpr (std::is_same_v<Held, What>) {
                found.push_back(what);
            } else if constexpr (std::is_same_v<Held, NetworkCommand>) {
                gather(what, found);
            }
        },
        effect);
}
template <class What>
std::vector<What> all_of(const EffectList& effects) {
    std::vector<What> found;
    for (const auto& effect : effects) {
        gather(effect, found);
    }
    return found;
}

/// A validator of a set of two, as the node drives it.
struct Node {
    explicit Node(const Validator& validator, bool look_up = true)
        : self(validator),
          authorities({.discovery = {.local = validator.peer,
                                     .public_addresses = {*libp2p::Multiaddr::parse(
                                         "/ip4/1.2.3.4/tcp/30333")},
                                     .publish_non_global = true,
                                     .needs_peer_signature = true,
                                     .look_up = look_up},
                       .enabled = true},
                      Seed{1}) {
        authorities.start(now);
    }
    EffectList wake(Duration after) {
        now = now + after;
        EffectList effects;
        authorities.on_wake(now, kWall, effects);
        return effects;
    }
    EffectList answer(DiscoveryAnswer what) {
        EffectList effects;
        authorities.on_answer(now, what, effects);
        return effects;
    }
    EffectList event(DhtEvent what) {
        EffectList effects;
        authorities.on_event(now, what, effects);
        return effects;
    }
    /// The record this node publishes.
    discovery::PutRecord publish() {
        for (int turns = 0; turns < 20; ++turns) {
            for (const auto& sign : all_of<discovery::SignRecord>(wake(2s))) {
                const auto put = all_of<discovery::PutRecord>(
                    answer(RecordSigned{sign.job,
                                        {{self.id(), self.auth.sign(sign.record)}},
                                        self.sign_as_node(sign.record)}));
                EXPECT_EQ(put.size(), 1U);
                return put.at(0);
            }
        }
        ADD_FAILURE() << "nothing published";
        return {};
    }

    const Validator& self;
    Instant now{10s};
    Authorities authorities;
};

TEST(Authorities, publish_themselves_and_find_each_other) {
    const Validator alice(1);
    const Validator bob(2);
    Node node(alice);
    Node other(bob);
    for (Node* each : {&node, &other}) {
        ASSERT_EQ(all_of<discovery::QueryAuthorities>(each->wake(3s)).size(), 1U);
    }
    const std::vector set{alice.id(), bob.id()};
    const auto lookups =
        all_of<discovery::GetRecord>(node.answer(AuthoritiesKnown{set, {alice.id()}}));
    ASSERT_EQ(lookups.size(), 1U) << "not for ourselves";
    EXPECT_EQ(lookups[0].key, discovery::record_key(bob.id()));
    other.answer(AuthoritiesKnown{set, {bob.id()}});
    const auto record = other.publish();
    EXPECT_EQ(record.key, lookups[0].key);
    EXPECT_EQ(other.authorities.last_published_addresses(), 1U);

    const auto verify = all_of<discovery::VerifyRecord>(
        node.event(DhtValueFound{record.key, record.value, other.self.peer}));
    ASSERT_EQ(verify.size(), 1U);
    node.answer(
        RecordVerified{verify[0].job, discovery::verify_record(verify[0].value, verify[0].authority,
                                                               verify[0].needs_peer_signature)});
    ASSERT_EQ(node.authorities.table().size(), 1U);
    EXPECT_EQ(node.authorities.table().at(bob.id()).peer, bob.peer);
    EXPECT_EQ(node.authorities.table().at(bob.id()).addresses.at(0).without_peer().text(),
              "/ip4/1.2.3.4/tcp/30333");

    // A set without Bob: he is of no interest any more.
    EffectList effects;
    node.authorities.on_new_session(effects);
    ASSERT_EQ(all_of<discovery::QueryAuthorities>(effects).size(), 1U);
    node.authorities.on_new_session(effects);
    EXPECT_EQ(effects.size(), 1U) << "one question at a time";
    node.answer(AuthoritiesKnown{{alice.id()}, {alice.id()}});
    EXPECT_TRUE(node.authorities.table().empty());
}

TEST(Authorities, are_not_taken_from_forged_records) {
    const Validator alice(1);
    const Validator bob(2);
    const Validator mallory(3);
    Node node(alice);
    node.answer(AuthoritiesKnown{{alice.id(), bob.id()}, {alice.id()}});
    Node thief(mallory);
    thief.answer(AuthoritiesKnown{{mallory.id()}, {mallory.id()}});
    auto record = thief.publish();  // signed by Mallory, stored under Bob's key
    const auto verify = all_of<discovery::VerifyRecord>(
        node.event(DhtValueFound{discovery::record_key(bob.id()), record.value, mallory.peer}));
    ASSERT_EQ(verify.size(), 1U);
    node.answer(
        RecordVerified{verify[0].job, discovery::verify_record(verify[0].value, verify[0].authority,
                                                               verify[0].needs_peer_signature)});
    EXPECT_TRUE(node.authorities.table().empty());
    EXPECT_EQ(node.authorities.counts().bad_records, 1U);
}

TEST(Authorities, of_a_node_that_needs_none_are_not_looked_up_but_their_records_kept) {
    const Validator alice(1);
    const Validator bob(2);
    Node publisher(bob);
    publisher.answer(AuthoritiesKnown{{bob.id()}, {bob.id()}});
    const auto record = publisher.publish();
    Node full(alice, false);
    EXPECT_TRUE(
        all_of<discovery::GetRecord>(full.answer(AuthoritiesKnown{{bob.id()}, {}})).empty());
    const auto verify = all_of<discovery::VerifyRecord>(full.event(
        DhtPutRequested{.key = record.key, .value = record.value, .publisher = bob.peer}));
    ASSERT_EQ(verify.size(), 1U);
    const auto kept = all_of<discovery::StoreRecord>(full.answer(RecordVerified{
        verify[0].job, discovery::verify_record(verify[0].value, verify[0].authority, true)}));
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(kept[0].value, record.value);
    // What nobody in the set may publish is not even looked at.
    EXPECT_TRUE(full.event(DhtPutRequested{.key = discovery::record_key(alice.id()),
                                           .value = record.value,
                                           .publisher = bob.peer})
                    .empty());
}

TEST(Authorities, keep_what_they_know_when_the_runtime_cannot_be_asked) {
    const Validator alice(1);
    const Validator bob(2);
    Node node(alice);
    node.answer(AuthoritiesKnown{{alice.id(), bob.id()}, {alice.id()}});
    EXPECT_TRUE(node.answer(AuthoritiesKnown{}).empty());
}

}  // namespace
}  // namespace stipple::node
