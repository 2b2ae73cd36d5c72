// Whom we know: 256 buckets of 20 contacts, by the highest bit of their distance from us.
//
// Only peers that proved to serve Kademlia come in (they answered, or identified themselves so);
// what others merely tell of stays in the lookup that asked. A bucket keeps its contacts in the
// order in which they were last heard from. When it is full, a newcomer takes
//   - at once the place of a contact that failed and is not connected;
//   - after kPendingTime the place of the quietest contact that is not connected, unless that one
//     is heard from meanwhile: it is challenged, the caller asks it something. One newcomer waits
//     per bucket, the next one takes its place and the time that is left;
//   - never the place of a connected contact.
// Old contacts are the ones likely to stay, and a flood of new identities cannot wash them out.
//
// libp2p: kad-dht. Bounds: kBuckets * kBucketSize contacts, kAddressesPerContactMax addresses each.
#pragma once

#include "base/time.hpp"
#include "libp2p/kademlia/key.hpp"
#include "libp2p/kademlia/messages.hpp"

#include <array>
#include <map>

namespace stipple::libp2p::kademlia {

struct Contact {
    PeerId peer;
    Key key;
    /// Newest first, without /p2p.
    std::vector<Multiaddr> addresses;
    bool connected = false;
    Instant heard;          ///< last time
    unsigned failures = 0;  ///< in a row
};

class RoutingTable {
 public:
    explicit RoutingTable(const PeerId& self) : self_(key_of(self)) {}

    enum class Added : std::uint8_t {
        inserted,  ///< a new contact
        known,     ///< was one; its addresses are updated and it was heard from
        pending,   ///< waits for a place
        refused,   ///< every contact of its bucket is connected, or it is ourselves
    };
    struct Outcome {
        Added added = Added::refused;
        /// Keeps its place if it is heard from before the newcomer's time has come.
        std::optional<PeerId> challenged;
    };
    /// A peer that serves Kademlia was heard from.
    Outcome add(Instant now, const PeerId& peer, std::span<const Multiaddr> addresses,
                bool connected);
    void on_connected(const PeerId& peer);
    void on_disconnected(const PeerId& peer);
    /// It did not answer or could not be reached; drops it after kFailuresMax in a row.
    void on_failure(Instant now, const PeerId& peer);
    void remove(Instant now, const PeerId& peer);

    /// Lets newcomers in whose time has come, when who was challenged kept silent; returns them.
    std::vector<PeerId> settle(Instant now);
    /// When settle() has something to do next.
    std::optional<Instant> settle_at() const;

    const Contact* find(const PeerId& peer) const;
    /// In the order of their distance from the target.
    std::vector<const Contact*> closest(const Key& target, std::size_t count) const;
    std::size_t size() const;
    /// Those that hold somebody, by the highest bit of the distance.
    std::map<std::size_t, std::size_t> bucket_sizes() const;

 private:
    struct Pending {
        Contact contact;
        PeerId challenged;
        Instant since;
    };
    using Bucket = std::vector<Contact>;  ///< longest silent first

    /// Absent for ourselves.
    std::optional<std::size_t> index_of(const PeerId& peer) const;
    Contact* find_in(Bucket& bucket, const PeerId& peer);
    bool let_in(std::size_t index, Instant now);

    Key self_;
    std::array<Bucket, kBuckets> buckets_;
    std::map<std::size_t, Pending> pending_;  ///< by bucket
};

}  // namespace stipple::libp2p::kademlia
