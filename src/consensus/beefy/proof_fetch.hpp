// Getting the proof of a mandatory block from peers that are further: one at a time, one after the
// other, then a pause.
//
//   idle ── want(block) ──▶ asked peer 1 ── nothing or a bad proof ──▶ asked peer 2 … ──▶ waiting
//     ▲                         │ a proof that holds                                        │
//     └─────── done ◀───────────┘              kFetchAgainAfter passed, want(block) ◀───────┘
#pragma once

#include "consensus/beefy/effects.hpp"
#include "consensus/beefy/gossip.hpp"

#include <deque>

namespace stipple::beefy {

class ProofFetch {
 public:
    /// Asks for the block unless something is asked for already or it is too early to ask again.
    /// False: there is nobody to ask.
    bool want(Instant now, BlockNumber block, const Gossip& gossip, VoterEffects& effects);
    /// The answer is here; the peer it was asked of. None: not the fetch that is open.
    std::optional<PeerKey> on_answer(FetchId fetch);
    /// That answer was worth nothing: the next peer, if there is one.
    void next(Instant now, const Gossip& gossip, VoterEffects& effects);
    /// A proof of this or a later block is there.
    void done(BlockNumber block);
    /// No proof is wanted now: nothing to wake for.
    void rest() { again_at_.reset(); }
    /// The answer is being verified; false also when the fetch was over before that.
    bool awaits_verdict() const { return busy_ && !open_; }

    BlockNumber block() const { return block_; }
    bool is_busy() const { return busy_; }
    std::optional<Instant> wake_at() const { return busy_ ? std::nullopt : again_at_; }

 private:
    BlockNumber block_ = 0;
    bool busy_ = false;  ///< asked, or the answer is being verified
    std::optional<FetchId> open_;
    PeerKey peer_;
    std::deque<PeerKey> left_;
    std::optional<Instant> again_at_;
    std::uint64_t next_id_ = 1;
};

}  // namespace stipple::beefy
