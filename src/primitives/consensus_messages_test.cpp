// Wire types of BABE and GRANDPA against the known answers and against damage.
#include "primitives/babe.hpp"
#include "primitives/grandpa.hpp"
#include "tests/support/shared_data.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gtest/gtest.h>

namespace stipple {
namespace {

using testing::hex_of;

TEST(GrandpaPayload, equals_the_known_answers_and_their_signatures_hold) {
    const auto vectors = testing::read_json(testing::vector_path("grandpa-payloads.json"));
    ASSERT_FALSE(vectors.as_array().empty());
    for (const auto& item : vectors.as_array()) {
        const auto& row = item.as_object();
        const std::string_view kind = row.at("kind").as_string();
        grandpa::Vote vote;
        vote.kind = kind == "prevote"     ? grandpa::VoteKind::prevote
                    : kind == "precommit" ? grandpa::VoteKind::precommit
                                          : grandpa::VoteKind::primary_proposal;
        vote.target.hash = BlockHash::copy(hex_of(row.at("target")));
        vote.target.number = row.at("number").to_number<std::uint32_t>();
        const Bytes payload =
            grandpa::signed_payload(vote, RoundNumber(row.at("round").to_number<std::uint64_t>()),
                                    AuthoritySetId(row.at("set").to_number<std::uint64_t>()));
        EXPECT_EQ(payload, hex_of(row.at("payload")));
        EXPECT_EQ(payload.size(), grandpa::kPayloadBytes);
        EXPECT_TRUE(
            crypto::ed25519_verify(crypto::Ed25519Signature::copy(hex_of(row.at("signature"))),
                                   payload, crypto::Ed25519Public::copy(hex_of(row.at("public")))));
    }
}

TEST(GrandpaMessages, survive_encoding_and_refuse_uneven_commits) {
    using namespace grandpa;
    const SignedTarget vote{{BlockHash{}, 7}, {}, {}};
    const std::vector<GossipMessage> messages = {
        VoteMessage{RoundNumber(1), AuthoritySetId(2), {{VoteKind::precommit, {{}, 3}}, {}, {}}},
        CommitMessage{RoundNumber(1), AuthoritySetId(2), {{{}, 3}, {vote, vote}}},
        NeighborMessage{RoundNumber(1), AuthoritySetId(2), 3},
        CatchUpRequest{RoundNumber(1), AuthoritySetId(2)},
        CatchUp{AuthoritySetId(2), RoundNumber(1), {vote}, {vote, vote}, {{}, 3}}};
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const Bytes encoded = scale::encode(messages[i]);
        EXPECT_EQ(encoded[0], i);
        EXPECT_EQ(decode_gossip(encoded), messages[i]);
        EXPECT_FALSE(decode_gossip(ByteView(encoded).first(encoded.size() - 1)));
    }
    Bytes commit = scale::encode(messages[1]);
    commit[1 + 8 + 8 + 36 + 1 + 2 * 36] = 4;  // one signature for two precommits
    EXPECT_EQ(decode_gossip(ByteView(commit).first(commit.size() - 96)).error(),
              scale::DecodeError::invalid_value);
    EXPECT_EQ(decode_gossip(Bytes{5}).error(), scale::DecodeError::bad_variant);
    EXPECT_EQ(decode_gossip(Bytes{2, 0}).error(), scale::DecodeError::bad_variant);
    EXPECT_EQ(decode_gossip(Bytes(kGossipBytesMax + 1)).error(),
              scale::DecodeError::length_over_limit);
}

TEST(GrandpaLogs, prefer_a_forced_change_and_pass_over_what_they_cannot_read) {
    using namespace grandpa;
    const ScheduledChange scheduled{{{{}, 1}}, 4};
    const ForcedChange forced{9, scheduled};
    const auto item = [](const ConsensusLog& log) {
        return ConsensusDigest{kGrandpaEngine, scale::encode(log)};
    };
    Header header;
    EXPECT_FALSE(find_change(header));
    header.digest = {ConsensusDigest{kGrandpaEngine, {0}}, item(OnDisabled{3}), item(scheduled)};
    EXPECT_EQ(std::get<ScheduledChange>(*find_change(header)), scheduled);
    header.digest.push_back(item(forced));
    EXPECT_EQ(std::get<ForcedChange>(*find_change(header)), forced);
    for (const ConsensusLog& log :
         {ConsensusLog(scheduled), ConsensusLog(forced), ConsensusLog(OnDisabled{1}),
          ConsensusLog(Pause{2}), ConsensusLog(Resume{3})}) {
        EXPECT_EQ(scale::decode<ConsensusLog>(scale::encode(log)), log);
    }
}

TEST(BabeDigests, have_the_lengths_the_network_sees) {
    using namespace babe;
    const PreDigest primary = PrimaryPreDigest{3, Slot(7), {}};
    const PreDigest plain = SecondaryPlainPreDigest{3, Slot(7)};
    const PreDigest with_vrf = SecondaryVrfPreDigest{3, Slot(7), {}};
    EXPECT_EQ(scale::encode(primary).size(), 109u);
    EXPECT_EQ(scale::encode(plain).size(), 13u);
    EXPECT_EQ(scale::encode(with_vrf).size(), 109u);
    for (const PreDigest& digest : {primary, plain, with_vrf}) {
        EXPECT_EQ(scale::decode<PreDigest>(scale::encode(digest)), digest);
        EXPECT_EQ(slot_of(digest), Slot(7));
        EXPECT_EQ(authority_index_of(digest), 3u);
    }
    EXPECT_FALSE(scale::decode<PreDigest>(Bytes{0}));
    for (const ConsensusLog& log :
         {ConsensusLog(NextEpochData{{{{}, 1}}, {}}), ConsensusLog(OnDisabled{2}),
          ConsensusLog(NextConfigData{{{1, 4}, AllowedSlots::primary_and_secondary_vrf}})}) {
        EXPECT_EQ(scale::decode<ConsensusLog>(scale::encode(log)), log);
    }
    EXPECT_FALSE(scale::decode<AllowedSlots>(Bytes{3}));
}

TEST(BabeConfiguration, is_read_in_both_shapes_and_checked) {
    using namespace babe;
    Configuration config{6000, 10, {1, 4}, {{{}, 1}}, {}, AllowedSlots::primary_and_secondary_vrf};
    Bytes encoded = scale::encode(config);
    EXPECT_EQ(decode_configuration(encoded, 2), config);
    encoded.back() = 1;  // a bool in the first version of the API
    EXPECT_EQ(decode_configuration(encoded, 1)->allowed_slots,
              AllowedSlots::primary_and_secondary_plain);
    encoded.back() = 2;
    EXPECT_FALSE(decode_configuration(encoded, 1));
    config.epoch_length_slots = 0;
    EXPECT_EQ(decode_configuration(scale::encode(config), 2).error(),
              scale::DecodeError::invalid_value);
    config.epoch_length_slots = 10;
    config.authorities[0].weight = 0;
    EXPECT_EQ(decode_configuration(scale::encode(config), 2).error(),
              scale::DecodeError::invalid_value);
}

}  // namespace
}  // namespace stipple
