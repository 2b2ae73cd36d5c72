#include "crypto/ecdsa.hpp"
#include "pallets/beefy/beefy.hpp"
#include "pallets/mmr/mmr.hpp"
#include "pallets/offences/historical.hpp"
#include "pallets/offences/offences.hpp"
#include "pallets/testing.hpp"
#include "relay/apis.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime {
namespace {

/// Four validators in session 0 with real keys for BEEFY, in block 8 of a chain with its range.
struct BeefyReports : ::testing::Test {
    TestBlock block;
    std::vector<crypto::EcdsaKeypair> pairs;
    ValidatorKeys validators;
    std::vector<Header> headers{1};

    BeefyReports() {
        std::vector<AccountId> names;
        for (std::uint8_t i = 1; i <= 4; ++i) {
            std::array<std::uint8_t, 32> seed{};
            seed.fill(i);
            pairs.push_back(*crypto::EcdsaKeypair::from_seed(crypto::Secret<32>(seed)));
            SessionKeys keys;
            keys.beefy = pairs.back().public_key;
            names.push_back(test_account(i));
            validators.emplace_back(names.back(), keys);
            Session::next_keys.insert(names.back(), keys);
        }
        Session::validators.set(names);
        Historical::note_session(0, validators);
        Beefy::on_genesis_session(validators);
        for (BlockNumber number = 1; number <= 8; ++number) {
            begin(number);
        }
    }
    /// Ends the block at hand, if there is one, and begins another on it.
    void begin(BlockNumber number) {
        if (number > 1) {
            headers.push_back(System::finish_block());
        }
        Header header;
        header.number = number;
        header.parent_hash = BlockHash(host::blake2_256(scale::encode(headers.back())).bytes);
        System::reset_events();
        System::start_block(header);
        Mmr::on_initialize(number);
    }
    BeefyVote vote(BlockNumber number, const Bytes& root, std::size_t by = 2,
                   std::uint64_t set = 0) const {
        BeefyVote made{{{{{{'m', 'h'}, root}}}, number, set}, pairs[by].public_key, {}};
        const Hash digest = host::keccak_256(scale::encode(made.commitment));
        made.signature = pairs[by].sign_prehashed(crypto::Hash256(digest.bytes));
        return made;
    }
    BeefyDoubleVotingProof two_votes() const {
        return {vote(3, Bytes(32, 1)), vote(3, Bytes(32, 2))};
    }
    MembershipProof owner() const {
        return Historical::prove(kBeefyKey, pairs[2].public_key.view()).value();
    }
    /// That block 3 was another, by the header of block 6.
    BeefyForkVotingProof forked(const Bytes& root) const {
        return {vote(3, root), Mmr::generate_ancestry_proof(3, 6).value(), headers[6]};
    }
    static DispatchError refusal(const PostDispatchResult& result) {
        return result ? DispatchError::other() : result.error().error;
    }
};

TEST_F(BeefyReports, of_two_payloads_for_a_block_are_noted_once_and_free) {
    const Origin reporter = Origin::signed_by(test_account(9));
    const auto result = Beefy::report_double_voting(reporter, two_votes(), owner());
    ASSERT_TRUE(result);
    EXPECT_EQ(result->pays_fee, Pays::no);
    EXPECT_TRUE(block.has_event(
        Offences::encode_event(Offences::kOffence, name_bytes<16>("beefy:equivocati"),
                               scale::encode(std::tuple(std::uint64_t{0}, BlockNumber{3})))));
    EXPECT_TRUE(Session::is_disabled(2));
    EXPECT_EQ(refusal(Beefy::report_double_voting(reporter, two_votes(), owner())),
              Beefy::error(Beefy::kDuplicateOffenceReport));
}
TEST_F(BeefyReports, of_two_payloads_need_two_votes_of_one_voter_for_one_block) {
    const auto refused = [&](const BeefyVote& second) {
        const BeefyDoubleVotingProof proof{vote(3, Bytes(32, 1)), second};
        return refusal(Beefy::report_double_voting_unsigned(Origin::none(), proof, owner())) ==
               Beefy::error(Beefy::kInvalidDoubleVotingProof);
    };
    EXPECT_TRUE(refused(vote(3, Bytes(32, 1))));
    EXPECT_TRUE(refused(vote(4, Bytes(32, 2))));
    EXPECT_TRUE(refused(vote(3, Bytes(32, 2), 1)));
    EXPECT_TRUE(refused(vote(3, Bytes(32, 2), 2, 1)));
    BeefyVote forged = vote(3, Bytes(32, 2));
    forged.commitment.payload.items.clear();
    EXPECT_TRUE(refused(forged));
}
TEST_F(BeefyReports, need_the_owner_of_the_key_in_the_session_of_the_set) {
    const BeefyDoubleVotingProof later{vote(3, Bytes(32, 1), 2, 1), vote(3, Bytes(32, 2), 2, 1)};
    EXPECT_EQ(refusal(Beefy::report_double_voting_unsigned(Origin::none(), later, owner())),
              Beefy::error(Beefy::kInvalidEquivocationProofSession));
    MembershipProof other = owner();
    other.validator_count = 3;
    EXPECT_EQ(refusal(Beefy::report_double_voting_unsigned(Origin::none(), two_votes(), other)),
              Beefy::error(Beefy::kInvalidKeyOwnershipProof));
}
TEST_F(BeefyReports, of_votes_for_another_chain_need_the_true_root_to_differ) {
    const auto report = [&](const BeefyForkVotingProof& proof) {
        return Beefy::report_fork_voting_unsigned(Origin::none(), proof, owner());
    };
    const auto invalid_proof = Beefy::error(Beefy::kInvalidForkVotingProof);
    const Hash honest =
        Mmr::verify_ancestry(Mmr::root_hash.get(), Mmr::generate_ancestry_proof(3, {}).value())
            .value();
    EXPECT_EQ(refusal(report(forked(to_bytes(honest.view())))), invalid_proof);
    BeefyForkVotingProof proof = forked(Bytes(32, 1));
    proof.header.number = 5;
    EXPECT_EQ(refusal(report(proof)), invalid_proof);
    proof = forked(Bytes(32, 1));
    proof.ancestry_proof = Mmr::generate_ancestry_proof(4, 6).value();
    EXPECT_EQ(refusal(report(proof)), invalid_proof);
    proof = forked(Bytes(32, 1));
    proof.offending.signature.bytes[5] ^= 1;
    EXPECT_EQ(refusal(report(proof)), invalid_proof);
    EXPECT_TRUE(report(forked(Bytes(32, 1))));
    EXPECT_TRUE(Session::is_disabled(2));
}
TEST_F(BeefyReports, of_votes_for_the_future_need_a_block_to_come) {
    const BeefyFutureVotingProof now{vote(8, Bytes(32, 1))};
    EXPECT_EQ(refusal(Beefy::report_future_block_voting_unsigned(Origin::none(), now, owner())),
              Beefy::error(Beefy::kInvalidFutureBlockVotingProof));
    const BeefyFutureVotingProof later{vote(9, Bytes(32, 1))};
    EXPECT_TRUE(
        Beefy::report_future_block_voting(Origin::signed_by(test_account(9)), later, owner()));
}
TEST_F(BeefyReports, are_handed_to_the_pool_by_the_node) {
    const BeefyDoubleVotingProof proof = two_votes();
    const Bytes opaque = BeefyApi::generate_key_ownership_proof(0, pairs[2].public_key).value();
    ASSERT_TRUE(BeefyApi::submit_report_double_voting_unsigned_extrinsic(proof, opaque));
    const BeefyForkVotingProof fork = forked(Bytes(32, 1));
    ASSERT_TRUE(BeefyApi::submit_report_fork_voting_unsigned_extrinsic(
        {fork.offending, scale::encode(fork.ancestry_proof), fork.header}, opaque));
    const BeefyFutureVotingProof future{vote(9, Bytes(32, 1))};
    ASSERT_TRUE(BeefyApi::submit_report_future_block_voting_unsigned_extrinsic(future, opaque));
    EXPECT_FALSE(BeefyApi::submit_report_fork_voting_unsigned_extrinsic(
        {fork.offending, {}, fork.header}, opaque));
    ASSERT_EQ(native_host::submitted().size(), 3U);
    for (const Bytes& extrinsic : native_host::submitted()) {
        const Bytes bare = scale::decode<Bytes>(extrinsic).value();
        const auto call = scale::decode<RuntimeCall>(ByteView(bare).subspan(1));
        ASSERT_TRUE(call);
        EXPECT_TRUE(Beefy::validate_unsigned(TransactionSource::local, *call));
        EXPECT_FALSE(Beefy::validate_unsigned(TransactionSource::external, *call));
    }
}

}  // namespace
}  // namespace stipple::runtime
