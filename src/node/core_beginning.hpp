// Everything a core begins with, as a value: who has it can begin the same core again.
//
// The border of what repeats goes around the core (ADR 15): its configuration, the chain as it was
// told of it, its seed and the time; then events. What the voters read from the database when they
// start is noted here row by row, so that a replay needs no database.
#pragma once

#include "node/core.hpp"

namespace stipple::node {

class ChainJobs;

struct CoreBeginning {
    CoreConfig config;
    chain::Heads heads;
    SetView set;
    std::vector<std::pair<BlockRef, BlockHash>> unfinalized;  ///< parents first
    Seed seed;
    // From here on: what start_core tells.
    Instant now;
    UnixMillis wall;
    std::optional<BlockNumber> vote_ceiling;
    std::vector<BlockRef> unjustified;
    std::optional<BeefyNews> beefy;
    std::vector<PutOp> rows;  ///< those that start_core read

    /// As the chain's jobs tell it; the time is the caller's to set before start_core.
    static CoreBeginning of(const CoreConfig& config, const chain::Heads& heads,
                            const ChainJobs& jobs, Seed seed);
    Core core() const { return {config, heads, set, unfinalized, seed}; }
};

/// Core::start and what it is told right behind it. Notes in `beginning` what was read of `store`.
Result<EffectList> start_core(Core& core, CoreBeginning& beginning, const StoreReader& store);

}  // namespace stipple::node
