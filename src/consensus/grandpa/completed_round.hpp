// The last completed round of a set, kept so that a restart goes on after it and can still help
// others to it.
//
// Two rows of column `consensus`: `grandpa/round` (which round, and what it decided) and
// `grandpa/votes` (its votes: at most two of each voter and phase, for peers that ask to catch up).
// They are durable before a vote of the next round is signed, so a voter never comes back to a
// round that the signing journal knows to be over.
//
// Spec: sect-grandpa-catchup (what is kept of a round is what a catch-up tells).
#pragma once

#include "base/key_value_store.hpp"
#include "consensus/grandpa/round.hpp"

namespace stipple::grandpa {

struct CompletedRound {
    AuthoritySetId set;
    RoundNumber number;
    BlockRef base;
    RoundState state;
    /// Empty lists when only the first row is there (as older versions wrote it).
    std::vector<SignedTarget> prevotes;
    std::vector<SignedTarget> precommits;

    CatchUp catch_up() const { return {set, number, prevotes, precommits, base}; }
};

WriteBatch rows_of(const CompletedRound& completed);
Result<std::optional<CompletedRound>> load_completed_round(const StoreReader& store);

}  // namespace stipple::grandpa
