// One walk towards a key: asks ever closer peers for closer ones, until the 20 closest that answer
// are known.
//
//     to_ask(now) ─▶ peer, ask it ─▶ on_answer(peer, closer) | on_failure(peer) | its time is up
//
// Up to three requests are under way; when three answers in a row brought nothing closer, as many
// as there are results, which ends a stalled walk quickly. A peer that is late frees its place;
// should its answer still come, it counts. What peers tell is only taken as a hint where to ask
// next.
//
// libp2p: kad-dht. Bounds: kCandidatesMax (the farthest not yet asked is dropped), 20 peers taken
// per answer, kRequestsPerLookupMax.
#pragma once

#include "base/time.hpp"
#include "libp2p/kademlia/key.hpp"
#include "libp2p/kademlia/messages.hpp"

#include <map>
#include <optional>

namespace stipple::libp2p::kademlia {

class Lookup {
 public:
    explicit Lookup(const Key& target, std::size_t results = kBucketSize)
        : target_(target), results_(results) {}

    /// A peer that may be asked; known ones get its addresses too. Never pass ourselves.
    void add(const PeerInfo& peer);
    /// Gives everything that may be asked now, one by one; each counts as asked at once.
    std::optional<PeerInfo> to_ask(Instant now);
    /// `closer`: what it told. Ignored when the peer was not asked.
    void on_answer(const PeerId& peer, std::span<const PeerInfo> closer);
    /// False when it was not asked, or late already.
    bool on_failure(const PeerId& peer);
    /// Frees the places of those that are late; returns them.
    std::vector<PeerId> expire(Instant now);

    /// Nothing is under way and there is nobody left to ask, or the closest have all answered.
    bool done() const;
    std::optional<Instant> wake_at() const;
    /// Those that answered, closest first, at most `results`.
    std::vector<PeerInfo> closest() const;

 private:
    enum class State : std::uint8_t { known, asked, late, answered, failed };
    struct Candidate {
        PeerInfo info;
        State state = State::known;
        Instant due;  ///< when asked
    };

    Candidate* find(const PeerId& peer);
    std::size_t under_way() const;
    void drop_farthest();

    Key target_;
    std::size_t results_;
    std::map<Distance, Candidate> candidates_;
    std::size_t requests_ = 0;
    std::size_t answers_without_progress_ = 0;
};

}  // namespace stipple::libp2p::kademlia
