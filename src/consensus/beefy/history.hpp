// Where a voter begins: what the database has, or what finalised headers tell.
//
// Spec: sect-grandpa-beefy. Without a stored state of this pallet genesis, the chain is walked back
// from the finalised block to the newest one with a proof, or to the pallet's genesis; every
// AuthoritiesChange on the way is a mandatory block still to do. With one, only the sessions since
// are looked up. Cost: one header read per block walked; the chain bounds it, not peers.
#pragma once

#include "consensus/beefy/voter.hpp"

#include <functional>

namespace stipple::beefy {

/// The finalised chain by number.
struct FinalizedChain {
    /// None: the header is not here (yet, after a warp sync).
    std::function<Result<std::optional<Header>>(BlockNumber)> header;
    /// A BEEFY justification is stored with the block.
    std::function<Result<bool>(BlockNumber)> has_proof;
    /// `BeefyApi_validator_set` after the block; none when its state is gone or has no pallet.
    std::function<std::optional<ValidatorSet>(BlockNumber)> validator_set;
};

/// None: headers are missing, or no validator set is to be found; try again at later finality.
Result<std::optional<VoterState>> find_beginning(const FinalizedChain& chain,
                                                 std::optional<VoterState> stored,
                                                 BlockNumber pallet_genesis,
                                                 BlockNumber best_grandpa);

}  // namespace stipple::beefy
