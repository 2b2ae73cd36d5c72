#include "sim/toy/runtime.hpp"

#include "base/memory_store.hpp"
#include "consensus/authoring/block_builder.hpp"
#include "consensus/authoring/inherents.hpp"
#include "consensus/babe/equivocation.hpp"
#include "consensus/grandpa/round.hpp"
#include "crypto/suri.hpp"
#include "sim/toy/offences.hpp"

#include <gtest/gtest.h>

namespace stipple::sim::toy {
namespace {

Rules some_rules() {
    Rules rules;
    for (std::uint8_t i = 1; i <= 6; ++i) {
        Validator validator;
        validator.babe.bytes.fill(i);
        validator.grandpa.bytes.fill(i);
        rules.validators.push_back(validator);
    }
    rules.epoch_length_slots = 10;
    return rules;
}

std::unique_ptr<executor::Executor> some_executor(bool native) {
    executor::ExecutorConfig config;
    if (native) {
        config.native = find_runtime;
    }
    return *executor::Executor::create(config);
}

/// A chain that grows by blocks of drawn slots, executed again as an importer would.
struct World {
    World() { begin(some_rules()); }
    void begin(const Rules& rules) {
        chain.reset();
        store = std::make_unique<MemoryStore>();
        spec = chain_spec(rules);
        auto opened = chain::Chain::open(*store, spec, *executor, {});
        CHECK(opened.has_value());
        chain = *std::move(opened);
    }
    Header block(std::uint64_t slot, const Body& transactions = {}) {
        const BlockRef parent = chain->heads().best;
        const auto state = *chain->state(parent.hash);
        const auto runtime = *chain->runtime(parent.hash);
        auto builder = authoring::BlockBuilder::begin(
            parent, {babe::pre_digest_item(babe::SecondaryPlainPreDigest{0, Slot(slot)})}, *state,
            *runtime, {});
        CHECK(builder.has_value());
        CHECK(builder
                  ->apply_inherents(authoring::inherent_data({.now = UnixMillis{slot * 6000},
                                                              .slot = Slot(slot),
                                                              .parent = {},
                                                              .finalized = 0,
                                                              .parachains = std::nullopt}))
                  .has_value());
        for (const auto& transaction : transactions) {
            applied.push_back(builder->apply(transaction));
        }
        auto built = std::move(*builder).finish();
        CHECK(built.has_value());
        const Block whole{built->header, built->body};
        const auto executed = chain::execute_block(whole, *state, *runtime, nullptr);
        EXPECT_TRUE(executed.has_value()) << executed.error().message;
        EXPECT_TRUE(chain
                        ->import_block({.block = whole,
                                        .justifications = std::nullopt,
                                        .weight = 0,
                                        .consensus_rows = {},
                                        .known_difference = nullptr})
                        .has_value());
        return built->header;
    }
    std::unique_ptr<MemoryStore> store;
    chain::ChainSpec spec;
    std::unique_ptr<executor::Executor> executor = some_executor(true);
    std::unique_ptr<chain::Chain> chain;
    std::vector<authoring::Applied> applied;
};

TEST(ToyRuntime, an_executor_that_was_not_given_it_takes_its_code_for_bad_wasm) {
    const Bytes code = encode_code(some_rules());
    EXPECT_TRUE(some_executor(true)->runtime(code, std::nullopt).has_value());
    const auto refused = some_executor(false)->runtime(code, std::nullopt);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, executor::CodeErrorKind::not_wasm);
}

TEST(ToyRuntime, first_blocks_of_epochs_announce_the_next_and_change_the_voters) {
    World world;
    const auto first = babe::find_announcements(world.block(100));
    ASSERT_TRUE(first && first->epoch);
    EXPECT_EQ(first->epoch->authorities, some_rules().babe_authorities(1));
    const auto second = babe::find_announcements(world.block(105));
    EXPECT_TRUE(second && !second->epoch);
    const Header opening = world.block(110);
    EXPECT_TRUE(babe::find_announcements(opening)->epoch.has_value());
    const auto change = grandpa::find_change(opening);
    ASSERT_TRUE(change.has_value());
    EXPECT_EQ(std::get<grandpa::ScheduledChange>(*change).next_authorities,
              some_rules().grandpa_authorities(1));
    // Epochs without blocks: the session goes on by one.
    const auto late = babe::find_announcements(world.block(157));
    ASSERT_TRUE(late && late->epoch);
    EXPECT_EQ(late->epoch->authorities, some_rules().babe_authorities(3));
}

TEST(ToyRuntime, a_stall_that_was_noted_forces_the_voters_of_the_next_session_into_office) {
    World world;
    world.block(100);
    world.block(105, {note_stalled({.finalized = 1, .gone = {2, 5}})});
    const auto change = grandpa::find_change(world.block(110));
    ASSERT_TRUE(change.has_value());
    const auto* forced = std::get_if<grandpa::ForcedChange>(&*change);
    ASSERT_NE(forced, nullptr);
    EXPECT_EQ(forced->median_last_finalized, 1u);
    EXPECT_EQ(forced->change.delay, some_rules().change_delay + kForcedDelay);
    EXPECT_EQ(forced->change.next_authorities, some_rules().grandpa_authorities(1, {2, 5}));
    EXPECT_LT(forced->change.next_authorities.size(), some_rules().grandpa_authorities(1).size());
    // Once, and no other change before it is enacted; then sessions change their voters in the
    // ordinary way, and they stay away.
    EXPECT_FALSE(grandpa::find_change(world.block(120)));
    for (std::uint64_t slot = 121; slot < 140; ++slot) {
        EXPECT_FALSE(grandpa::find_change(world.block(slot))) << slot;
    }
    const auto later = grandpa::find_change(world.block(140));
    ASSERT_TRUE(later.has_value());
    EXPECT_EQ(std::get<grandpa::ScheduledChange>(*later).next_authorities,
              some_rules().grandpa_authorities(4, {2, 5}));
}

/// Two votes of one voter in round 3 of set 2, as a report has them.
Extrinsic vote_report(const crypto::Ed25519Keypair& voter, bool same_target, bool signed_well) {
    grandpa::Equivocation twice{.round = RoundNumber(3),
                                .phase = grandpa::Phase::precommit,
                                .id = voter.public_key,
                                .first = {},
                                .second = {}};
    const auto vote = [&](std::uint8_t mark) {
        const BlockRef target{BlockHash::copy(Bytes(32, mark)), 7};
        const auto payload = grandpa::signed_payload({grandpa::VoteKind::precommit, target},
                                                     twice.round, AuthoritySetId(2));
        return grandpa::SignedTarget{target, voter.sign(payload), voter.public_key};
    };
    twice.first = vote(1);
    twice.second = vote(same_target ? 1 : 2);
    if (!signed_well) {
        twice.second.signature.bytes[0] ^= 1;
    }
    Bytes arguments = grandpa::encode_equivocation_proof(twice, AuthoritySetId(2));
    scale::encode_to(arguments, scale::encode(std::uint32_t{4}));
    return report(OffenceKind::double_vote, arguments);
}

TEST(ToyRuntime, an_offence_counts_once_and_only_when_the_offender_signed_both) {
    const auto voter = *crypto::ed25519_from_suri("//Bob");
    World world;
    Rules rules = some_rules();
    rules.validators[4].grandpa = voter.public_key;
    world.begin(rules);
    const Bytes place = double_vote_key(voter.public_key, AuthoritySetId(2), RoundNumber(3),
                                        grandpa::VoteKind::precommit);
    using authoring::Applied;
    world.block(100, {vote_report(voter, true, true), vote_report(voter, false, false),
                      vote_report(*crypto::ed25519_from_suri("//Eve"), false, true)});
    EXPECT_EQ(world.applied, (std::vector(3, Applied::invalid)));
    EXPECT_FALSE(has_offence(*world.chain, world.chain->heads().best.hash, place));
    world.applied.clear();
    world.block(105, {vote_report(voter, false, true), vote_report(voter, false, true)});
    EXPECT_EQ(world.applied, (std::vector{Applied::included, Applied::invalid}));
    EXPECT_TRUE(has_offence(*world.chain, world.chain->heads().best.hash, place));
}

TEST(ToyRuntime, transfers_apply_in_the_order_of_their_nonces) {
    World world;
    world.block(100, {transfer(1, 1, {}), transfer(1, 0, {}), transfer(1, 0, {}),
                      transfer(1, 1, Bytes{7})});
    using authoring::Applied;
    EXPECT_EQ(world.applied, (std::vector{Applied::invalid, Applied::included, Applied::invalid,
                                          Applied::included}));
    EXPECT_EQ(next_nonce(*world.chain, 1), 2u);
    EXPECT_EQ(next_nonce(*world.chain, 2), 0u);
}

}  // namespace
}  // namespace stipple::sim::toy
