#include "relay/parachain_host.hpp"

#include "kit/executive.hpp"
#include "kit/genesis_build.hpp"
#include "kit/native_host.hpp"
#include "pallets/babe/babe.hpp"
#include "pallets/testing.hpp"
#include "parachain_config.hpp"
#include "relay/presets.hpp"
#include "spec_version.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime {
namespace {

Bytes hex(std::string_view text) {
    return from_hex(text).value();
}

/// What Rococo 1.14 answers at the genesis of its development chain, which has no parachains and
/// Alice alone: `state_call` of ParachainHost, whose version there is 11 as well.
struct RococoAnswer {
    std::string_view method;
    std::string_view arguments;
    std::string_view answer;
};
constexpr std::string_view kAlice =
    "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";
constexpr RococoAnswer kRococoDevelopment[] = {
    {"validators", "", "04d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"},
    {"availability_cores", "", "00"},
    {"session_index_for_child", "", "00000000"},
    {"candidate_events", "", "00"},
    {"on_chain_votes", "", "00"},
    {"session_info", "01000000", "00"},
    {"pvfs_require_precheck", "", "00"},
    {"disputes", "", "00"},
    {"session_executor_params", "00000000", "0100"},
    {"unapplied_slashes", "", "00"},
    {"minimum_backing_votes", "", "02000000"},
    {"disabled_validators", "", "00"},
    {"approval_voting_params", "", "01000000"},
    {"claim_queue", "", "00"},
    {"candidate_pending_availability", "d0070000", "00"},
    {"candidates_pending_availability", "d0070000", "00"},
    {"persisted_validation_data", "d007000002", "00"},
    {"para_backing_state", "d0070000", "00"},
    {"dmq_contents", "d0070000", "00"},
    {"inbound_hrmp_channels_contents", "d0070000", "00"},
    {"validation_code_hash", "d007000002", "00"},
};

class ParachainHostTest : public testing::Test {
 protected:
    void SetUp() override {
        native_host::reset();
        ASSERT_TRUE(build_genesis(*preset(std::string("development"))));
    }
    static Bytes ask(std::string_view method, std::string_view arguments = "") {
        const auto answer = call_api("ParachainHost_" + std::string(method), hex(arguments));
        EXPECT_TRUE(answer) << method;
        return answer.value_or(Bytes());
    }
};

TEST_F(ParachainHostTest, answers_as_rococo_without_parachains_does) {
    for (const RococoAnswer& one : kRococoDevelopment) {
        EXPECT_EQ(to_hex(ask(one.method, one.arguments)), one.answer) << one.method;
    }
}

/// Groups rotate never here; the start of the session and the next block are as there.
TEST_F(ParachainHostTest, groups_are_of_the_next_block) {
    EXPECT_EQ(to_hex(ask("validator_groups")), "00000000000000000001000000");
    TestBlock block;
    block.start(7);
    EXPECT_EQ(std::get<1>(ParachainHost::validator_groups()).now, 8U);
}

/// The seed is of each chain; the keys for discovery and assignment stand here from the beginning.
TEST_F(ParachainHostTest, session_information_has_the_shape_of_rococo) {
    const Bytes rococo =
        hex("010400000000abc3f086f5ac20eaab792c75933b2e196307835a61a955be82aa63bc0ff9617a06000000"
            "04d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"
            "000000000000000000000000000000010000000100000000000000");
    auto theirs = scale::decode<std::optional<SessionInfo>>(rococo);
    ASSERT_TRUE(theirs && *theirs);
    EXPECT_EQ(scale::encode(*theirs), rococo);
    const auto ours = scale::decode<std::optional<SessionInfo>>(ask("session_info", "00000000"));
    ASSERT_TRUE(ours && *ours);
    SessionInfo expected = **theirs;
    expected.random_seed = {};
    expected.discovery_keys = expected.validators;
    expected.assignment_keys = expected.validators;
    EXPECT_EQ(**ours, expected);
}

TEST_F(ParachainHostTest, sessions_are_kept_while_a_dispute_may_come) {
    const ValidatorKeys validators = Session::queued_keys.get();
    for (SessionIndex session = 1; session <= config::kDisputePeriod + 2; ++session) {
        ParaSessionInfo::note_session(session, validators, {});
    }
    EXPECT_FALSE(ParachainHost::session_info(1));
    EXPECT_FALSE(ParachainHost::session_executor_params(1));
    for (SessionIndex session = 2; session <= config::kDisputePeriod + 2; ++session) {
        EXPECT_TRUE(ParachainHost::session_info(session)) << session;
    }
    EXPECT_FALSE(ParachainHost::session_info(config::kDisputePeriod + 3));
}

/// A chain of the version before this API had sessions already when the new code came.
TEST_F(ParachainHostTest, an_upgraded_chain_knows_its_present_session_at_once) {
    constexpr SessionIndex kPresent = 100'000;
    const auto with_the_pallet = *ParachainHost::session_info(0);
    ParaSessionInfo::sessions.clear(std::nullopt);
    ParaSessionInfo::earliest_stored_session.clear();
    Session::current_index.set(kPresent);
    System::last_runtime_upgrade.set({{config::kBaseSpecVersion - 1}, "stipple"});
    Header header;
    header.number = 1;
    header.digest = {babe::pre_digest_item(babe::SecondaryPlainPreDigest{0, Slot(1'000'000)})};
    executive::initialize_block(header);

    EXPECT_EQ(ParachainHost::session_index_for_child(), kPresent);
    const auto info = ParachainHost::session_info(kPresent);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->validators, with_the_pallet.validators);
    EXPECT_EQ(info->assignment_keys, with_the_pallet.assignment_keys);
    EXPECT_EQ(ParachainHost::validators(), with_the_pallet.validators);
    EXPECT_EQ(ParaSessionInfo::earliest_stored_session.get(), kPresent);
    EXPECT_EQ(System::last_runtime_upgrade.get()->spec_version.value, config::kSpecVersion);

    const SessionInfo changed = [&] {
        SessionInfo other = *info;
        other.n_cores = 7;
        return other;
    }();
    ParaSessionInfo::sessions.insert(kPresent, changed);
    ParaSessionInfo::begin_with_present_session();
    EXPECT_EQ(ParachainHost::session_info(kPresent), changed) << "what is there stays";
}

TEST_F(ParachainHostTest, a_parachain_key_has_its_owner) {
    EXPECT_EQ(ask("key_ownership_proof", kAlice).at(0), 1);
    EXPECT_EQ(to_hex(ask("key_ownership_proof", std::string(64, '1'))), "00");
}

/// Of Rococo 1.15 with a parachain (2000, at genesis): items that are never in answers here.
TEST(ParachainTypes, decode_what_rococo_says_of_a_parachain) {
    const Bytes state =
        hex("01000000000000500000003000080000000000100005000000000000050000002101000000000000000000"
            "00000000000000000000000000000000000000000000000000000000000000ec2c3b160e915efb0614de1c"
            "7ffb0753b28ab4e2ee8a1a5d4b2929cbfe0a6e68cbf643ac99598b4fd11d9546a5076cf59a2ee6b739640f"
            "98298123da9c35e486000000");
    const auto backing = scale::decode<std::optional<BackingState>>(state);
    ASSERT_TRUE(backing && *backing);
    EXPECT_EQ((*backing)->constraints.max_pov_size, 5U << 20);
    EXPECT_EQ(scale::encode(*backing), state);
}

}  // namespace
}  // namespace stipple::runtime
