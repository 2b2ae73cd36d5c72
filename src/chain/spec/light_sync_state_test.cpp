#include "chain/spec/light_sync_state.hpp"

#include "chain/spec/chain_spec.hpp"
#include "tests/support/shared_data.hpp"

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

namespace stipple::chain {
namespace {

using stipple::testing::read_json;

TEST(LightSyncState, of_a_real_specification_is_read_whole_and_written_to_the_same_bytes) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/westend-light.json");
    const auto given = read_json(path).as_object().at("lightSyncState");
    const auto state = read_light_sync_state(given);
    ASSERT_TRUE(state) << state.error();
    EXPECT_EQ(to_json(*state), given);
    // The finalised block lies in an epoch that is there, and the next one follows it.
    EXPECT_GT(state->finalized.number, 0u);
    EXPECT_GT(state->authorities.ended.size(), 100u);
    EXPECT_FALSE(state->authorities.authorities.empty());
    ASSERT_FALSE(state->epochs.tree.roots.empty());
    EXPECT_EQ(state->authorities.ended.back().first.value + 1, state->authorities.id.value);
    for (const auto& root : state->epochs.tree.roots) {
        const auto& epoch = state->epochs.epochs.at({root.hash, root.number});
        EXPECT_EQ(epoch.last.start, root.data.last.start);
        EXPECT_EQ(epoch.last.end(), root.data.last.end);
    }
}

LightSyncState sample() {
    babe::Epoch epoch;
    epoch.start = Slot(20);
    epoch.duration_slots = 10;
    BlockHash first;
    first.bytes[0] = 1;
    BlockHash second;
    second.bytes[0] = 2;
    const OneOrTwo<EpochSpan> span{std::nullopt, {Slot(20), Slot(30)}};
    LightSyncState state;
    state.finalized.number = 7;
    state.weight = 5;
    state.epochs.tree.roots = {{first, 1, {EpochSpan{Slot(0), Slot(10)}, span.last}, {}}};
    state.epochs.tree.roots[0].children = {{second, 4, span, {}}};
    state.epochs.epochs = {{{first, 1}, {epoch, epoch}}, {{second, 4}, {std::nullopt, epoch}}};
    state.authorities.authorities = {{{}, 1}};
    state.authorities.id = AuthoritySetId(3);
    state.authorities.scheduled.roots = {{second, 4, {{{{}, 1}}, 2, 4, second, {}}, {}}};
    state.authorities.forced = {{{{{}, 1}}, 2, 4, second, 3}};
    state.authorities.ended = {{AuthoritySetId(0), 1}, {AuthoritySetId(1), 2}};
    return state;
}

TEST(LightSyncState, survives_encoding) {
    const auto back = read_light_sync_state(to_json(sample()));
    ASSERT_TRUE(back) << back.error();
    EXPECT_EQ(*back, sample());
}

TEST(LightSyncState, names_the_field_that_is_wrong) {
    for (const char* field : {"babeEpochChanges", "babeFinalizedBlockWeight",
                              "finalizedBlockHeader", "grandpaAuthoritySet"}) {
        auto json = to_json(sample());
        json.as_object()[field] = "0x00ff";
        const auto read = read_light_sync_state(json);
        ASSERT_FALSE(read);
        EXPECT_NE(read.error().find(field), std::string::npos) << read.error();
        json.as_object().erase(field);
        EXPECT_FALSE(read_light_sync_state(json));
    }
    EXPECT_FALSE(read_light_sync_state(nullptr));
}

TEST(LightSyncState, bounds_how_deep_trees_nest) {
    ForkNode<OneOrTwo<EpochSpan>> chain;
    for (unsigned depth = 0; depth < scale::kNestingMax + 1; ++depth) {
        chain = {{}, 1, {}, {std::move(chain)}};
    }
    EpochChanges changes;
    changes.tree.roots = {chain};
    EXPECT_EQ(decode_epoch_changes(encode(changes)).error(), scale::DecodeError::nesting_too_deep);
}

}  // namespace
}  // namespace stipple::chain
