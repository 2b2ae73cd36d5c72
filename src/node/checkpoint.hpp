// Where warp sync may begin instead of at genesis: the checkpoint of the chain specification, as
// far as it can be judged by itself.
//
// A specification is trusted as its genesis is; what is checked here is that its parts belong
// together: the GRANDPA set and the sets before it, the header's own change of authorities, the
// epoch that its slot lies in. Every proof from it on is by signatures of its set, so that a set of
// another chain proves nothing. Spec: none (lightSyncState is the Rust node's); sect-sync-warp.
// Deviation: the Rust full node warps from genesis and leaves lightSyncState to light clients; we
// begin there, so that the proofs of the years before need not be fetched and verified.
#pragma once

#include "base/result.hpp"
#include "chain/spec/chain_spec.hpp"
#include "consensus/grandpa/authority_set.hpp"
#include "consensus/grandpa/warp.hpp"

namespace stipple::node {

struct Checkpoint {
    BlockRef block;
    grandpa::WarpSet set;  ///< in force after it
    std::vector<grandpa::AuthoritySet::PastSet> past;
};

/// Absent when the specification has none; the error names the member at fault.
Result<std::optional<Checkpoint>> checkpoint_of(const chain::ChainSpec& spec);

}  // namespace stipple::node
