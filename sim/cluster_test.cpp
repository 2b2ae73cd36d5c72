#include "sim/cluster.hpp"

#include "sim/checkers/beefy.hpp"

#include <gtest/gtest.h>

namespace stipple::sim {
namespace {

Outcome run(std::uint64_t seed, FaultLevel faults, BlockNumber blocks, std::size_t nodes = 4,
            bool byzantine = false) {
    Parameters parameters;
    parameters.byzantine = byzantine;
    parameters.seed = Seed{seed};
    parameters.nodes = nodes;
    parameters.blocks = blocks;
    parameters.faults = faults;
    return Cluster(parameters).run();
}

TEST(Cluster, nodes_without_faults_finalise_one_chain) {
    const Outcome outcome = run(1, FaultLevel::none, 40);
    EXPECT_EQ(outcome.failure, std::nullopt);
    EXPECT_GE(outcome.finalized, 40u);
    EXPECT_EQ(outcome.crashes, 0u);
}

TEST(Cluster, the_same_seed_gives_the_same_digest_and_another_seed_another) {
    const Outcome first = run(11, FaultLevel::heavy, 30);
    const Outcome again = run(11, FaultLevel::heavy, 30);
    const Outcome other = run(12, FaultLevel::heavy, 30);
    EXPECT_EQ(first.digest, again.digest);
    EXPECT_EQ(first.events, again.events);
    EXPECT_NE(first.digest, other.digest);
}

TEST(Cluster, the_honest_finalise_among_liars_and_catch_them) {
    const Outcome outcome = run(4, FaultLevel::none, 60, 7, true);
    EXPECT_EQ(outcome.failure, std::nullopt);
    EXPECT_GE(outcome.caught, 1u);
    EXPECT_GE(outcome.punished, 1u);
    EXPECT_LE(outcome.slots_to_report, kReportSlots);
}

TEST(Cluster, beefy_follows_finality_among_liars) {
    Parameters parameters{.seed = Seed{9}};
    parameters.blocks = 60;
    parameters.byzantine = true;
    parameters.beefy = true;
    const Outcome outcome = Cluster(parameters).run();
    EXPECT_EQ(outcome.failure, std::nullopt);
    EXPECT_GE(outcome.beefy + kBeefyLagMax, 60u);
}

TEST(Cluster, a_single_validator_finalises_alone) {
    EXPECT_EQ(run(31, FaultLevel::none, 20, 1).failure, std::nullopt);
}

}  // namespace
}  // namespace stipple::sim
