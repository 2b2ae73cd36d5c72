#include "pallets/offences/offences.hpp"

#include "crypto/ed25519.hpp"
#include "crypto/sr25519.hpp"
#include "pallets/babe/babe.hpp"
#include "pallets/grandpa/grandpa.hpp"
#include "pallets/offences/historical.hpp"
#include "pallets/testing.hpp"
#include "relay/apis.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime {
namespace {

crypto::Secret<32> seed(std::uint8_t byte) {
    std::array<std::uint8_t, 32> raw{};
    raw.fill(byte);
    return crypto::Secret<32>(raw);
}
/// Four validators in session 0 with real keys for BABE and GRANDPA.
struct OffencesTest : ::testing::Test {
    TestBlock block;
    std::vector<crypto::Sr25519Keypair> babe_pairs;
    std::vector<crypto::Ed25519Keypair> grandpa_pairs;
    ValidatorKeys validators;
    Slot slot{5};

    OffencesTest() {
        std::vector<AccountId> names;
        for (std::uint8_t i = 1; i <= 4; ++i) {
            babe_pairs.push_back(crypto::Sr25519Keypair::from_seed(seed(i)));
            grandpa_pairs.push_back(crypto::Ed25519Keypair::from_seed(seed(i)));
            SessionKeys keys;
            keys.babe = babe_pairs.back().public_key;
            keys.grandpa = grandpa_pairs.back().public_key;
            names.push_back(test_account(i));
            validators.emplace_back(names.back(), keys);
            Session::next_keys.insert(names.back(), keys);
        }
        Session::validators.set(names);
        Historical::note_session(0, validators);
        Grandpa::set_id_session.insert(0, 0);
    }
    Header sealed(std::uint8_t salt, Slot at, std::size_t author = 1) const {
        Header header;
        header.number = 7;
        header.parent_hash.bytes.fill(salt);
        header.digest = {babe::pre_digest_item(babe::SecondaryPlainPreDigest{1, at})};
        const Hash hash = host::blake2_256(scale::encode(header));
        header.digest.push_back(babe::seal_item(babe_pairs[author].sign(hash.view())));
        return header;
    }
    BabeEquivocationProof two_blocks() const {
        return {babe_pairs[1].public_key, slot, sealed(1, slot), sealed(2, slot)};
    }
    MembershipProof owner_of_babe() const {
        return Historical::prove(kBabeKey, babe_pairs[1].public_key.view()).value();
    }
    MembershipProof owner_of_grandpa() const {
        return Historical::prove(kGrandpaKey, grandpa_pairs[2].public_key.view()).value();
    }
    GrandpaSignedVote vote(std::uint8_t salt, grandpa::VoteKind kind) const {
        GrandpaTarget target{{}, 9};
        target.target_hash.bytes.fill(salt);
        const grandpa::Vote plain{kind, {BlockHash(target.target_hash.bytes), 9}};
        return {target, grandpa_pairs[2].sign(
                            grandpa::signed_payload(plain, RoundNumber(3), AuthoritySetId(0)))};
    }
    GrandpaEquivocationProof two_votes() const {
        GrandpaEquivocationProof proof;
        proof.equivocation.value.emplace<1>(GrandpaVotePair{3, grandpa_pairs[2].public_key,
                                                            vote(1, grandpa::VoteKind::precommit),
                                                            vote(2, grandpa::VoteKind::precommit)});
        return proof;
    }
};

TEST_F(OffencesTest, of_an_author_are_noted_once_and_silence_it) {
    const Origin reporter = Origin::signed_by(test_account(9));
    const auto result = Babe::report_equivocation(reporter, two_blocks(), owner_of_babe());
    ASSERT_TRUE(result);
    EXPECT_EQ(result->pays_fee, Pays::no);
    EXPECT_TRUE(block.has_event(Offences::encode_event(
        Offences::kOffence, name_bytes<16>("babe:equivocatio"), scale::encode(slot))));
    const auto ids =
        Offences::concurrent_reports.get(name_bytes<16>("babe:equivocatio"), scale::encode(slot));
    ASSERT_EQ(ids.size(), 1U);
    const auto report = Offences::reports.get(ids[0]);
    EXPECT_EQ(std::get<0>(report->offender), test_account(2));
    EXPECT_EQ(report->reporters, std::vector{test_account(9)});
    EXPECT_TRUE(Session::is_disabled(1));
    EXPECT_EQ(Babe::report_equivocation(reporter, two_blocks(), owner_of_babe()).error().error,
              Babe::error(Babe::kDuplicateOffenceReport));
}
TEST_F(OffencesTest, of_an_author_need_two_different_headers_of_the_slot_by_the_key) {
    const auto refused = [&](const BabeEquivocationProof& proof) {
        const auto result =
            Babe::report_equivocation_unsigned(Origin::none(), proof, owner_of_babe());
        return !result && result.error().error == Babe::error(Babe::kInvalidEquivocationProof);
    };
    BabeEquivocationProof proof = two_blocks();
    proof.second = proof.first;
    EXPECT_TRUE(refused(proof));
    proof.second = sealed(2, Slot{6});
    EXPECT_TRUE(refused(proof));
    proof.second = sealed(2, slot, 0);
    EXPECT_TRUE(refused(proof));
    proof.second = sealed(2, slot);
    proof.second.digest.pop_back();
    EXPECT_TRUE(refused(proof));
}
TEST_F(OffencesTest, need_a_proof_of_the_owner_in_the_right_session) {
    MembershipProof owner = owner_of_babe();
    owner.validator_count = 3;
    EXPECT_EQ(Babe::report_equivocation_unsigned(Origin::none(), two_blocks(), owner).error().error,
              Babe::error(Babe::kInvalidKeyOwnershipProof));
    Historical::note_session(1, validators);
    owner = owner_of_babe();
    owner.session = 1;
    EXPECT_EQ(Babe::report_equivocation_unsigned(Origin::none(), two_blocks(), owner).error().error,
              Babe::error(Babe::kInvalidKeyOwnershipProof));
    EXPECT_FALSE(Historical::prove(kGrandpaKey, babe_pairs[1].public_key.view()));
}
TEST_F(OffencesTest, of_a_voter_are_noted) {
    ASSERT_TRUE(
        Grandpa::report_equivocation_unsigned(Origin::none(), two_votes(), owner_of_grandpa()));
    EXPECT_TRUE(Session::is_disabled(2));
    EXPECT_EQ(Grandpa::report_equivocation_unsigned(Origin::none(), two_votes(), owner_of_grandpa())
                  .error()
                  .error,
              Grandpa::error(Grandpa::kDuplicateOffenceReport));
    GrandpaEquivocationProof same = two_votes();
    auto& votes = *std::get_if<1>(&same.equivocation.value);
    votes.second = votes.first;
    EXPECT_EQ(Grandpa::report_equivocation_unsigned(Origin::none(), same, owner_of_grandpa())
                  .error()
                  .error,
              Grandpa::error(Grandpa::kInvalidEquivocationProof));
    GrandpaEquivocationProof other_set = two_votes();
    other_set.set_id = 1;
    EXPECT_EQ(Grandpa::report_equivocation_unsigned(Origin::none(), other_set, owner_of_grandpa())
                  .error()
                  .error,
              Grandpa::error(Grandpa::kInvalidEquivocationProof));
}
TEST_F(OffencesTest, never_silence_a_third_of_the_validators) {
    ASSERT_TRUE(Babe::report_equivocation_unsigned(Origin::none(), two_blocks(), owner_of_babe()));
    ASSERT_TRUE(
        Grandpa::report_equivocation_unsigned(Origin::none(), two_votes(), owner_of_grandpa()));
    EXPECT_TRUE(Session::is_disabled(1));
    EXPECT_FALSE(Session::is_disabled(2));
}
TEST_F(OffencesTest, are_handed_to_the_pool_by_the_node) {
    const BabeEquivocationProof proof = two_blocks();  // signatures are random
    const auto owner = BabeApi::generate_key_ownership_proof(slot, babe_pairs[1].public_key);
    ASSERT_TRUE(owner);
    ASSERT_TRUE(BabeApi::submit_report_equivocation_unsigned_extrinsic(proof, *owner));
    const auto call = RuntimeCall::make(Babe::index(), 1, proof, owner_of_babe());
    Bytes bare{0x04};
    append(bare, call.encoded());
    ASSERT_EQ(native_host::submitted().size(), 1U);
    EXPECT_EQ(*scale::decode<Bytes>(native_host::submitted()[0]), bare);
    const auto valid = Babe::validate_unsigned(TransactionSource::local, call);
    ASSERT_TRUE(valid);
    EXPECT_FALSE(valid->propagate);
    EXPECT_FALSE(Babe::validate_unsigned(TransactionSource::external, call));
    ASSERT_TRUE(call.dispatch(Origin::none()));
    EXPECT_FALSE(Babe::validate_unsigned(TransactionSource::local, call));
    EXPECT_FALSE(BabeApi::submit_report_equivocation_unsigned_extrinsic(proof, Bytes{1}));
}
TEST_F(OffencesTest, can_be_proved_for_the_last_sessions_only) {
    const MembershipProof old = owner_of_babe();
    for (SessionIndex session = 1; session <= config::kHistoricalSessions; ++session) {
        EXPECT_TRUE(Historical::check(kBabeKey, babe_pairs[1].public_key.view(), old));
        Historical::note_session(session, validators);
    }
    EXPECT_FALSE(Historical::check(kBabeKey, babe_pairs[1].public_key.view(), old));
    EXPECT_EQ(Historical::range.get(), std::tuple(1U, config::kHistoricalSessions + 1));
}

}  // namespace
}  // namespace stipple::runtime
