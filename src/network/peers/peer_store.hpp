// Every peer we have heard of: its addresses, its reputation, and when to try it (again).
//
// Addresses come from the configuration, identify, Kademlia, mDNS and from connections that
// worked; most are hearsay, so they are ranked by what came of dialling them. Failed dials make us
// wait longer and longer; a connection resets that. Bans are a matter of reputation.
//
// Peers worth knowing after a restart (connected to within kRememberConnectedFor) become rows for
// the caller to keep on disk: take_rows() gives what changed, load_row() brings it back.
//
// Bounds: kKnownPeersMax and kAddressesPerPeerMax. When the store is full it makes room by dropping
// unpinned, unconnected peers: first those never connected to, then those of bad reputation, then
// the rest, the longest unheard of first. If none is left the new peer is refused.
//
// Spec: sect-networking (discovery); reputation as in reputation.hpp.
#pragma once

#include "base/peer.hpp"
#include "base/result.hpp"
#include "libp2p/multiformats/multiaddr.hpp"
#include "network/peers/limits.hpp"
#include "network/peers/reputation.hpp"

#include <functional>
#include <map>
#include <set>
#include <tuple>

namespace stipple::network {

using libp2p::Multiaddr;

enum class AddressSource : std::uint8_t {
    configured = 0,  ///< boot and reserved nodes: never dropped for others
    connected = 1,   ///< a dial to it succeeded
    identify = 2,    ///< told by the peer itself
    discovery = 3,   ///< told by others (Kademlia, mDNS, authority records)
};

struct PeerStoreConfig {
    PeerId own;
    std::size_t peers_max = kKnownPeersMax;
    /// Keep addresses that are not global: development networks.
    bool local_addresses = false;
};

/// A row for the disk: keyed by the peer; no value means that it goes.
struct PeerRow {
    Bytes key;
    std::optional<Bytes> value;
    friend bool operator==(const PeerRow&, const PeerRow&) = default;
};
enum class PeerRowError : std::uint8_t { bad_key, bad_value, full };

class PeerStore {
 public:
    explicit PeerStore(PeerStoreConfig config) : config_(std::move(config)) {}

    const PeerId& own() const { return config_.own; }

    /// False when it is ourselves, or there is no room.
    bool add_peer(Instant now, const PeerId& peer);
    /// Also adds the peer. False when the address is of no use: of another peer, not reached by
    /// what we dial, or not global.
    bool add_address(Instant now, const PeerId& peer, const Multiaddr& address,
                     AddressSource source);
    /// Pinned peers are never dropped nor forgotten. REQUIRES at most kReservedPeersMax.
    void pin(Instant now, const PeerId& peer);
    void unpin(const PeerId& peer);

    enum class ReportOutcome : std::uint8_t { tolerated, banned, banned_before };
    ReportOutcome report(Instant now, const PeerId& peer, std::int32_t change);
    std::int32_t reputation(Instant now, const PeerId& peer) const;
    bool banned(Instant now, const PeerId& peer) const;

    /// One address was tried in vain.
    void on_address_failed(const PeerId& peer, const Multiaddr& address);
    /// A whole dial was in vain.
    void on_dial_failed(Instant now, const PeerId& peer);
    /// `dialled`: the address that worked, when we dialled.
    void on_connected(Instant now, const PeerId& peer, const std::optional<Multiaddr>& dialled);
    void on_disconnected(Instant now, const PeerId& peer);

    /// Best first, each ending in the peer's id.
    std::vector<Multiaddr> addresses(const PeerId& peer) const;
    /// Has an address, is not banned, not connected, and its back-off is over.
    bool may_dial(Instant now, const PeerId& peer) const;
    /// Absent when there is nothing to wait for.
    std::optional<Instant> dial_after(const PeerId& peer) const;
    /// Connected peers and peers that may be dialled, the best reputation first, without those that
    /// `skip` names.
    std::vector<PeerId> candidates(Instant now, std::size_t count,
                                   const std::function<bool(const PeerId&)>& skip);

    /// Drops what is too old; to be called about once a minute.
    void forget(Instant now);
    std::size_t size() const { return peers_.size(); }
    std::size_t banned_count(Instant now) const;
    bool known(const PeerId& peer) const { return peers_.contains(peer); }

    /// Rows that changed since the last call, at most `rows_max`; the rest comes with later calls.
    /// `wall` is the wall clock's `now`.
    std::vector<PeerRow> take_rows(Instant now, UnixMillis wall, std::size_t rows_max);
    std::expected<void, PeerRowError> load_row(Instant now, UnixMillis wall, ByteView key,
                                               ByteView value);

 private:
    struct KnownAddress {
        Multiaddr address;  ///< without the peer
        AddressSource source = AddressSource::discovery;
        std::uint16_t failures = 0;  ///< since the last success
        std::uint64_t order = 0;     ///< of the last success or, before one, of coming in
    };
    struct Known {
        Reputation reputation;
        Instant updated;
        std::vector<KnownAddress> addresses;
        std::uint8_t dials_failed = 0;
        Instant dial_after;
        std::optional<Instant> last_connected;
        bool connected = false;
        bool pinned = false;
        bool on_disk = false;
    };
    /// Sort key: the least goes first when room is made.
    static std::tuple<int, Instant> worth(Instant now, const Known& known);
    static bool better(const KnownAddress& a, const KnownAddress& b);
    Known* find_or_add(Instant now, const PeerId& peer);
    bool make_room(Instant now);
    void erase(const PeerId& peer);
    const Known* find(const PeerId& peer) const;

    PeerStoreConfig config_;
    std::map<PeerId, Known> peers_;
    std::set<PeerId> changed_;  ///< rows to write: known peers, and forgotten ones with a row
    std::uint64_t next_order_ = 0;
};

}  // namespace stipple::network
