// Proofs that Rust validators made: verified as the chain goes, refused when changed, and followed
// by a voter that only has the blocks.
#include "consensus/beefy/voter.hpp"
#include "primitives/block.hpp"
#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>

namespace stipple::beefy {
namespace {

std::vector<SignedBlock> read_blocks(const std::filesystem::path& path) {
    const Bytes bytes = stipple::testing::read_file(path);
    scale::Decoder in(bytes);
    std::vector<SignedBlock> blocks(in.u64());
    for (SignedBlock& block : blocks) {
        scale::decode_from(in, block);
    }
    CHECK(in.finish().has_value());
    return blocks;
}

std::optional<FinalityProof> proof_in(const SignedBlock& block) {
    for (const Justification& one : block.justifications.value_or(Justifications{})) {
        if (one.engine == kBeefyEngine) {
            const auto proof = decode_finality_proof(one.data);
            CHECK(proof.has_value());
            return *proof;
        }
    }
    return std::nullopt;
}

/// Set 0 stands in the genesis state only; both chains kept its validators for the first session.
ValidatorSet genesis_set(const std::vector<SignedBlock>& blocks) {
    for (const SignedBlock& block : blocks) {
        if (auto change = find_authorities_change(block.block.header)) {
            change->id = ValidatorSetId(0);
            return *std::move(change);
        }
    }
    return {};
}

class BeefyRealChain : public ::testing::TestWithParam<const char*> {};

TEST_P(BeefyRealChain, verifies_each_proof_in_its_set_and_in_no_other) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, GetParam());
    const auto blocks = read_blocks(path);
    std::optional<ValidatorSet> set = genesis_set(blocks);
    std::size_t proofs = 0;
    for (const SignedBlock& block : blocks) {
        const BlockNumber number = block.block.header.number;
        if (auto change = find_authorities_change(block.block.header)) {
            set = *std::move(change);
        }
        const auto proof = proof_in(block);
        if (!proof) {
            continue;
        }
        ++proofs;
        EXPECT_TRUE(verify_finality_proof(*proof, number, *set)) << number;
        EXPECT_EQ(proof->commitment().payload, Payload::of(*find_mmr_root(block.block.header)));
        ValidatorSet other = *set;
        for (AuthorityId& id : other.validators) {
            id.bytes[5] ^= 1U;
        }
        EXPECT_FALSE(verify_finality_proof(*proof, number, other));
        FinalityProof changed = *proof;
        changed.signed_commitment.commitment.payload.entries[0].second[0] ^= 1U;
        EXPECT_FALSE(verify_finality_proof(changed, number, *set));
    }
    EXPECT_GT(proofs, 15u);
}

TEST_P(BeefyRealChain, is_followed_to_its_newest_proof) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, GetParam());
    Voter voter{VoterConfig{}};
    std::vector<BlockNumber> proven;
    std::vector<BlockNumber> concluded;
    std::size_t sessions = 0;
    const auto take = [&](VoterEffects& effects) {
        for (std::size_t i = 0; i < effects.size(); ++i) {
            const VoterEffect effect = effects[i];
            if (const auto* verify = std::get_if<VerifyProof>(&effect)) {
                voter.on_verified({}, verify->job, verify->verdict(), effects);
            } else if (const auto* done = std::get_if<Conclude>(&effect)) {
                concluded.push_back(done->block);
            }
        }
        effects.clear();
    };
    VoterEffects effects;
    const auto blocks = read_blocks(path);
    ValidatorSet newest = genesis_set(blocks);
    for (const SignedBlock& block : blocks) {
        const BlockNumber number = block.block.header.number;
        std::vector<Session> fresh;
        if (auto change = find_authorities_change(block.block.header)) {
            ++sessions;
            fresh.push_back({number, *std::move(change), false, {}});
        }
        if (!voter.is_active()) {
            VoterState state;
            state.pallet_genesis = number;
            state.sessions = {{number, genesis_set(blocks), false, {}}};
            ASSERT_TRUE(voter.begin({}, state, number, effects));
        }
        if (auto proof = proof_in(block)) {
            proven.push_back(number);
            // What the node's import does with the set that the block's state names.
            const auto& set = fresh.empty() ? newest : fresh.front().set;
            ASSERT_TRUE(verify_finality_proof(*proof, number, set)) << number;
            voter.on_imported_proof({}, *std::move(proof), effects);
            take(effects);
        }
        newest = fresh.empty() ? newest : fresh.front().set;
        voter.on_finalized({}, number, fresh, effects);
        take(effects);
    }
    EXPECT_EQ(concluded, proven);
    EXPECT_EQ(voter.oracle()->best_beefy(), proven.back());
    EXPECT_GT(sessions, 9u);
    EXPECT_EQ(voter.waiting(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Chains, BeefyRealChain,
                         ::testing::Values("rococo-local-chain/blocks.bin",
                                           "rococo-dev-chain/blocks.bin"));

}  // namespace
}  // namespace stipple::beefy
