// Whom to be connected to: the slots of block announcements, and the connections below them.
//
// A connection may carry anything (Kademlia, requests). A *slot* is the place of a peer in gossip
// and sync: it is taken by opening block-announces in both directions, and the other notification
// protocols follow it. There are outbound slots, which we fill from the PeerStore, inbound slots
// for full nodes and for light nodes, and reserved peers, which need none.
//
//     slot of a connected peer:   none -> opening (OpenSlot, or accepted when asked) -> open ->
//     none
//
// Rules. Reserved peers are dialled always and never dropped for their reputation; in reserved-only
// mode nobody else has a slot. Banned peers are refused and disconnected. A peer may have two
// connections (both sides dial at once); the first one proved is the one to open substreams on, and
// when it closes the other one takes over as a peer connected anew. The other side may choose
// otherwise, so what comes in counts on either. A third is closed at once. A connection that is not
// used for kIdleTimeout and has no slot is closed.
//
// Driven by: connections (admit, proved, closed, used), dials that fail, slots asked for, opened,
// closed and refused, and time. Effects are listed in slot_effects.hpp. Bounds: limits.hpp.
//
// Spec: sect-networking. Numbers and back-off as in the nodes of the field.
#pragma once

#include "network/peers/connections.hpp"
#include "network/peers/peer_store.hpp"
#include "network/peers/slot_effects.hpp"

namespace stipple::network {

struct SlotConfig {
    std::size_t out = 8;
    std::size_t in_full = 32;
    std::size_t in_light = 500;
    bool reserved_only = false;
    ConnectionLimits connections = {};
};

/// A connection whose other end has proved its identity.
struct ProvedConnection {
    ConnectionId id;
    PeerId peer;
    /// The address that worked, when we dialled; absent for inbound ones.
    std::optional<Multiaddr> dialled;
};

class PeerSlots {
 public:
    PeerSlots(const SlotConfig& config, PeerStoreConfig store);

    /// Addresses and reputations; discovery adds to it.
    PeerStore& store() { return store_; }
    const PeerStore& store() const { return store_; }

    // ---- who is wanted ----
    /// Takes the place of the reserved peers so far. The first kReservedPeersMax count.
    void set_reserved(Instant now, const std::set<PeerId>& peers, SlotEffects& effects);
    void set_reserved_only(Instant now, bool reserved_only, SlotEffects& effects);
    const std::set<PeerId>& reserved() const { return reserved_; }
    /// For discovery and requests: connects without a slot. False when it is of no use to wait: we
    /// are connected, the peer is banned or has no address, its back-off runs, or too many dials
    /// do.
    bool want_connection(Instant now, const PeerId& peer, SlotEffects& effects);

    // ---- connections ----
    InboundVerdict on_inbound(ConnectionId id, const Multiaddr& remote);
    void on_proved(Instant now, const ProvedConnection& connection, SlotEffects& effects);
    /// Also for inbound connections that proved nothing.
    void on_closed(Instant now, ConnectionId id, SlotEffects& effects);
    /// Every address of a Dial was tried in vain. Single addresses go to store().on_address_failed.
    void on_dial_failed(Instant now, const PeerId& peer);
    void on_used(Instant now, ConnectionId id, bool used);

    // ---- slots ----
    enum class SlotVerdict : std::uint8_t { accept, reject };
    /// The peer offered its handshake of block announces. Accept: open our direction too.
    SlotVerdict on_slot_asked(Instant now, PeerKey peer, bool light);
    /// Both directions are open; `light` by the handshake.
    void on_slot_open(Instant now, PeerKey peer, bool light, SlotEffects& effects);
    void on_slot_closed(Instant now, PeerKey peer);
    /// It did not come to both directions: refused, timed out, reset.
    void on_slot_failed(Instant now, PeerKey peer);

    // ---- conduct ----
    void report(Instant now, PeerKey peer, std::int32_t change, SlotEffects& effects);
    void disconnect(PeerKey peer, SlotEffects& effects);

    void on_wake(Instant now, SlotEffects& effects);
    std::optional<Instant> wake_at() const;

    struct Counts {
        std::size_t out = 0;  ///< slots, opening ones and dials for one included
        std::size_t in_full = 0;
        std::size_t in_light = 0;
        std::size_t reserved = 0;
        std::size_t open = 0;
        std::size_t peers = 0;
        std::size_t dials = 0;
        friend bool operator==(const Counts&, const Counts&) = default;
    };
    Counts counts() const;
    std::optional<PeerKey> find(const PeerId& peer) const;
    std::optional<PeerId> id_of(PeerKey peer) const;
    bool is_open(PeerKey peer) const;
    bool dialling(const PeerId& peer) const { return dials_.contains(peer); }
    const ConnectionTable& connections() const { return connections_; }
    /// No connection, peer or dial is left.
    bool empty() const { return connections_.empty() && peers_.empty() && dials_.empty(); }

 private:
    enum class SlotKind : std::uint8_t { none, out, in_full, in_light, reserved };
    struct Peer {
        PeerId id;
        std::vector<ConnectionId> connections;  ///< the first is the one to open substreams on
        SlotKind slot = SlotKind::none;
        bool open = false;
        bool light = false;
        Instant since;  ///< of the slot's state
    };
    struct Dialling {
        bool for_slot = false;
        Instant since;
    };

    void dial(Instant now, const PeerId& peer, bool for_slot, SlotEffects& effects);
    void open_slot(Instant now, PeerKey key, SlotKind kind, SlotEffects& effects);
    void close_slot(Instant now, PeerKey key, SlotEffects& effects);
    void release_slot(Instant now, Peer& peer, const ReputationChange& change);
    void close_connections(Peer& peer, CloseReason reason, SlotEffects& effects);
    void close_connection(ConnectionId id, CloseReason reason, SlotEffects& effects);
    PeerKey add_peer(Instant now, const PeerId& id, ConnectionId connection, SlotEffects& effects);
    void lose_first_connection(Instant now, PeerKey key, SlotEffects& effects);
    void allocate_reserved(Instant now, SlotEffects& effects);
    void allocate_out(Instant now, SlotEffects& effects);
    void close_idle(Instant now, SlotEffects& effects);
    void give_up_attempts(Instant now, SlotEffects& effects);
    bool backing_off(Instant now, const PeerId& peer) const;
    std::size_t used(SlotKind kind) const;
    std::size_t out_taken() const;
    /// What a slot of this kind becomes when its peer is reserved no more; none when it is full.
    SlotKind regular_kind(const Peer& peer) const;

    SlotConfig config_;
    PeerStore store_;
    ConnectionTable connections_;
    std::set<PeerId> reserved_;
    std::map<PeerKey, Peer> peers_;
    std::map<PeerId, PeerKey> keys_;
    std::map<PeerId, Dialling> dials_;
    std::map<PeerId, Instant> back_off_;  ///< until when; purged when over
    std::uint64_t next_key_ = 1;
    Instant next_allocation_;
    Instant next_forget_;
};

}  // namespace stipple::network
