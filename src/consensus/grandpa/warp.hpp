// Proofs of finality across authority sets: what a warp sync believes.
//
//     set n ── justifies ─▶ header with a scheduled change ── names ─▶ set n+1 ── justifies ─▶ …
//
// Each fragment is the last block of a set with a justification by that set. A delay in the change
// counts as over: the block is the one that enacts it. Only the last fragment of a finished proof
// may name no next set: it is the newest justified block. Pure: fit for a worker.
//
// Spec: sect-sync-warp, sect-msg-warp-sync. Bounds: those of the proof's message.
#pragma once

#include "consensus/grandpa/justification.hpp"

namespace stipple::grandpa {

/// An authority set as a proof has reached it: in force after block `after`.
struct WarpSet {
    AuthoritySetId id;
    AuthorityList authorities;
    BlockNumber after = 0;
    friend bool operator==(const WarpSet&, const WarpSet&) = default;
    static auto fields(auto& self) { return std::tie(self.id, self.authorities, self.after); }
};

enum class WarpError : std::uint8_t {
    unusable_set,       ///< the next authorities are none, or one has no weight
    not_above,          ///< a fragment that is not above the one before it
    bad_justification,  ///< not by the set in force, or for another block
    no_next_set,        ///< no scheduled change, and it is not the last of a finished proof
};
const char* describe(WarpError error);

/// The set in force after the header. `may_end`: it is the last fragment of a finished proof.
std::expected<WarpSet, WarpError> verify_fragment(const WarpSet& set, const Header& header,
                                                  const GrandpaJustification& justification,
                                                  bool may_end);

}  // namespace stipple::grandpa
