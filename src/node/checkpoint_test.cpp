#include "node/checkpoint.hpp"

#include "chain/spec/light_sync_state.hpp"
#include "tests/support/shared_data.hpp"

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

namespace stipple::node {
namespace {

using chain::LightSyncState;

/// The checkpoint of the real Westend, altered.
Result<std::optional<Checkpoint>> judged(const std::string& path,
                                         const std::function<void(LightSyncState&)>& alter) {
    const auto given = stipple::testing::read_json(path).as_object().at("lightSyncState");
    auto state = *chain::read_light_sync_state(given);
    alter(state);
    chain::ChainSpec spec;
    spec.light_sync_state = chain::to_json(state);
    return checkpoint_of(spec);
}

TEST(Checkpoint, of_a_real_specification_gives_the_set_in_force_and_the_sets_before_it) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/westend-light.json");
    const auto checkpoint = judged(path, [](auto&) {});
    ASSERT_TRUE(checkpoint) << checkpoint.error().message();
    ASSERT_TRUE(*checkpoint);
    EXPECT_GT((*checkpoint)->set.id.value, 100U);
    EXPECT_EQ((*checkpoint)->past.back().id.value + 1, (*checkpoint)->set.id.value);
    EXPECT_LT((*checkpoint)->set.after, (*checkpoint)->block.number);
    EXPECT_FALSE(*checkpoint_of(chain::ChainSpec{})) << "there is none";
}

TEST(Checkpoint, whose_parts_do_not_belong_together_is_refused_by_name) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/westend-light.json");
    const auto says = [&](const std::function<void(LightSyncState&)>& alter,
                          const std::string& words) {
        const auto refused = judged(path, alter);
        return !refused && refused.error().message().find(words) != std::string::npos;
    };
    EXPECT_TRUE(says([](auto& s) { s.authorities.authorities.clear(); }, "form no set"));
    EXPECT_TRUE(says([](auto& s) { s.authorities.id.value += 1; }, "grandpaAuthoritySet"));
    EXPECT_TRUE(says([](auto& s) { s.finalized.number = 1000; }, "grandpaAuthoritySet"));
    EXPECT_TRUE(says([](auto& s) { s.epochs.epochs.clear(); }, "babeEpochChanges"));
    EXPECT_TRUE(says([](auto& s) { s.finalized.digest.clear(); }, "finalizedBlockHeader"));
    EXPECT_TRUE(says(
        [](auto& s) {
            grandpa::AuthorityList others = s.authorities.authorities;
            others.pop_back();
            const grandpa::ConsensusLog log = grandpa::ScheduledChange{others, 0};
            s.finalized.digest.emplace_back(ConsensusDigest{kGrandpaEngine, scale::encode(log)});
        },
        "hands over"));
    chain::ChainSpec spec;
    spec.light_sync_state = boost::json::string("0x00");
    ASSERT_FALSE(checkpoint_of(spec));
    EXPECT_NE(checkpoint_of(spec).error().message().find("an object"), std::string::npos);
}

}  // namespace
}  // namespace stipple::node
