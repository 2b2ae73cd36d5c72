// Proofs of finality across authority sets: what a warp sync believes.
//
//     set n ── justifies ─▶ header with a scheduled change ── names ─▶ set n+1 ── justifies ─▶ …
//
// Each fragment is the last block of a set with a justification by that set. A delay in the change
// counts as over: the block is the one that enacts it. Only the last fragment of a finished proof
// may name no next set: it is the newest justified block. Pure: fit for a worker.
//
// Who has nothing newer than the block a proof begins behind answers with that block, as the
// field's nodes do. When it ended a set, the set in force cannot judge its votes; it need not
// either: the block is proved.
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

/// One proof, fragment by fragment, from a proved block on. Signatures are verified for several
/// fragments at a time: nothing holds before finish() says so.
class WarpWalk {
 public:
    /// `begin` is the block the proof was asked for: the peer names what is above it.
    WarpWalk(WarpSet set, const BlockHash& begin) : set_(std::move(set)), begin_(begin) {}

    /// `may_end`: it is the last fragment of a finished proof.
    std::expected<void, WarpError> add(const Header& header,
                                       const GrandpaJustification& justification, bool may_end);
    std::expected<void, WarpError> finish();

    /// In force after the last fragment.
    const WarpSet& set() const { return set_; }
    /// The last fragment was the block where the proof begins: its justification was not looked at.
    bool is_at_begin() const { return at_begin_; }

 private:
    WarpSet set_;
    BlockHash begin_;
    SignatureBatch signatures_;  ///< kSignaturesPerBatchMax and one justification
    bool at_begin_ = false;
    bool empty_ = true;
};

}  // namespace stipple::grandpa
