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

    BlockHash begin = BlockHash({9});  // of the genesis; no header here has it

    std::optional<WarpError> error_of(const WarpSet& set, const Header& header,
                                      const GrandpaJustification& proof, bool may_end) {
        WarpWalk walk(set, begin);
        auto verdict = walk.add(header, proof, may_end);
        if (verdict) {
            verdict = walk.finish();
        }
        return verdict ? std::nullopt : std::optional(verdict.error());
    }
};

TEST_F(WarpProofs, walk_from_set_to_set) {
    WarpWalk walk(genesis, begin);
    ASSERT_TRUE(walk.add(handover, justify(handover, first, AuthoritySetId(0)), false));
    EXPECT_EQ(walk.set(), (WarpSet{AuthoritySetId(1), list_of(second), 10}));
    ASSERT_TRUE(walk.add(newest, justify(newest, second, AuthoritySetId(1)), true));
    EXPECT_EQ(walk.set(), (WarpSet{AuthoritySetId(1), list_of(second), 12}));
    EXPECT_TRUE(walk.finish());
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

TEST_F(WarpProofs, need_every_signature_wherever_it_stands) {
    for (std::size_t wrong = 0; wrong < 3; ++wrong) {
        WarpWalk walk(genesis, begin);
        WarpSet expected = genesis;
        bool added = true;
        for (std::size_t n = 0; n < 3; ++n) {  // the same voters hand over to themselves
            const Header header = header_at(static_cast<BlockNumber>(10 * (n + 1)), list_of(first));
            auto proof = justify(header, first, AuthoritySetId(n));
            if (n == wrong) {
                proof.commit.precommits[1].signature.bytes[40] ^= 1;
            }
            added = added && walk.add(header, proof, false).has_value();
        }
        EXPECT_FALSE(added && walk.finish()) << wrong;
    }
}

TEST_F(WarpProofs, may_name_the_block_where_they_begin_when_nothing_is_newer) {
    // It ended a set, so its votes are of the set before: they are not judged, the block is proved.
    const WarpSet after{AuthoritySetId(1), list_of(second), 10};
    const auto of_set_before = justify(handover, first, AuthoritySetId(0));
    begin = handover.hash();
    WarpWalk walk(after, begin);
    ASSERT_TRUE(walk.add(handover, of_set_before, true));
    EXPECT_TRUE(walk.is_at_begin());
    EXPECT_EQ(walk.set(), after);
    EXPECT_TRUE(walk.finish());
    // Not a second time, not behind others, and not for another block of the same height.
    EXPECT_EQ(walk.add(handover, of_set_before, true).error(), WarpError::not_above);
    begin = BlockHash({9});
    EXPECT_EQ(error_of(after, handover, of_set_before, true), WarpError::not_above);
    // A checkpoint within a set is judged like every block.
    const WarpSet within{AuthoritySetId(1), list_of(second), 11};
    begin = newest.hash();
    EXPECT_EQ(error_of(within, newest, justify(newest, first, AuthoritySetId(1)), true),
              WarpError::bad_justification);
    EXPECT_EQ(error_of(within, newest, justify(newest, second, AuthoritySetId(1)), true),
              std::nullopt);
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
