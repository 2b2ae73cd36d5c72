#include "sim/toy/runtime.hpp"

#include "base/memory_store.hpp"
#include "consensus/authoring/block_builder.hpp"
#include "consensus/authoring/inherents.hpp"

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
    World() {
        auto opened = chain::Chain::open(store, spec, *executor, {});
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
    MemoryStore store;
    chain::ChainSpec spec = chain_spec(some_rules());
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
