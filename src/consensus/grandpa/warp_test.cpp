#include "consensus/grandpa/warp.hpp"

#include <gtest/gtest.h>

namespace stipple::grandpa {
namespace {

/// Four keys whose seeds begin with `first`.
std::vector<crypto::Ed25519Keypair> keys_of(std::uint8_t first) {
    std::vector<crypto::Ed25519Keypair> keys;
    for (std::uint8_t n = 0; n < 4; ++n) {
        crypto::Secret<32> seed;
        seed.writable()[0] = first;
        seed.writable()[1] = n;
        keys.push_back(crypto::Ed25519Keypair::from_seed(seed));
    }
    return keys;
}

AuthorityList list_of(const std::vector<crypto::Ed25519Keypair>& keys) {
    AuthorityList list;
    for (const auto& key : keys) {
        list.push_back({key.public_key, 1});
    }
    return list;
}

Header header_at(BlockNumber number, const std::optional<AuthorityList>& next) {
    Header header;
    header.number = number;
    if (next) {
        const ConsensusLog log = ScheduledChange{*next, 0};
        header.digest.emplace_back(ConsensusDigest{kGrandpaEngine, scale::encode(log)});
    }
    return header;
}

GrandpaJustification justify(const Header& header, const std::vector<crypto::Ed25519Keypair>& keys,
                             AuthoritySetId set, std::size_t votes = 3) {
    GrandpaJustification made;
    made.round = RoundNumber(5);
    made.commit.target = header.ref();
    const Bytes payload =
        signed_payload({VoteKind::precommit, made.commit.target}, made.round, set);
    for (std::size_t n = 0; n < votes; ++n) {
        made.commit.precommits.push_back(
            {made.commit.target, keys[n].sign(payload), keys[n].public_key});
    }
    return made;
}

struct WarpProofs : ::testing::Test {
    std::vector<crypto::Ed25519Keypair> first = keys_of(1);
    std::vector<crypto::Ed25519Keypair> second = keys_of(2);
    WarpSet genesis{AuthoritySetId(0), list_of(first), 0};
    Header handover = header_at(10, list_of(second));
    Header newest = header_at(12, std::nullopt);

    std::optional<WarpError> error_of(const WarpSet& set, const Header& header,
                                      const GrandpaJustification& proof, bool may_end) {
        const auto verdict = verify_fragment(set, header, proof, may_end);
        return verdict ? std::nullopt : std::optional(verdict.error());
    }
};

TEST_F(WarpProofs, walk_from_set_to_set) {
    const auto after =
        verify_fragment(genesis, handover, justify(handover, first, AuthoritySetId(0)), false);
    ASSERT_TRUE(after);
    EXPECT_EQ(*after, (WarpSet{AuthoritySetId(1), list_of(second), 10}));
    const auto end =
        verify_fragment(*after, newest, justify(newest, second, AuthoritySetId(1)), true);
    ASSERT_TRUE(end);
    EXPECT_EQ(*end, (WarpSet{AuthoritySetId(1), list_of(second), 12}));
}

TEST_F(WarpProofs, need_the_votes_of_the_set_in_force) {
    const auto bad = WarpError::bad_justification;
    EXPECT_EQ(error_of(genesis, handover, justify(handover, second, AuthoritySetId(0)), false),
              bad);
    EXPECT_EQ(error_of(genesis, handover, justify(handover, first, AuthoritySetId(1)), false), bad);
    EXPECT_EQ(error_of(genesis, handover, justify(handover, first, AuthoritySetId(0), 2), false),
              bad);
    EXPECT_EQ(error_of(genesis, handover, justify(newest, first, AuthoritySetId(0)), false), bad);
}

TEST_F(WarpProofs, refuse_what_leads_nowhere) {
    const auto proof = justify(newest, first, AuthoritySetId(0));
    EXPECT_EQ(error_of(genesis, newest, proof, false), WarpError::no_next_set);
    WarpSet later = genesis;
    later.after = 12;
    EXPECT_EQ(error_of(later, newest, proof, true), WarpError::not_above);
    const Header empty = header_at(11, AuthorityList{});
    EXPECT_EQ(error_of(genesis, empty, justify(empty, first, AuthoritySetId(0)), false),
              WarpError::unusable_set);
}

}  // namespace
}  // namespace stipple::grandpa
