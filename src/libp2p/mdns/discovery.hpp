// Finds peers of the local network by multicast DNS, and tells of ourselves.
//
//     query:   PTR _p2p._udp.local ?
//     answer:  _p2p._udp.local PTR <name>._p2p._udp.local
//              <name>._p2p._udp.local TXT "dnsaddr=/ip4/192.168.1.5/tcp/30333/p2p/12D3KooW…"
//
// `<name>` is random and says nothing. Packets go to 224.0.0.251 or ff02::fb, port 5353, and come
// from there; the caller has the sockets. Anybody on the network can claim anything: a found peer
// is an address to dial, and the Noise handshake shows who is there.
//
// Queries start a second apart and slow down to the interval. Answers wait a random moment and
// follow each other a second apart at least, however often we are asked.
//
// libp2p: discovery/mdns. RFC 6762. Bounds: kPeersMax peers of kAddressesPerPeerMax addresses.
#pragma once

#include "base/peer.hpp"
#include "base/prng.hpp"
#include "base/time.hpp"
#include "libp2p/mdns/packet.hpp"
#include "libp2p/multiformats/multiaddr.hpp"

#include <map>
#include <variant>

namespace stipple::libp2p::mdns {

inline constexpr std::uint16_t kPort = 5353;

/// To the multicast group.
struct SendPacket {
    Bytes packet;
};
/// New, or with an address it did not have before.
struct PeerFound {
    PeerId peer;
    std::vector<Multiaddr> addresses;  ///< without /p2p
};
/// Said goodbye, or was not heard of in time.
struct PeerExpired {
    PeerId peer;
};
using DiscoveryEffect = std::variant<SendPacket, PeerFound, PeerExpired>;
using DiscoveryEffects = std::vector<DiscoveryEffect>;

class Discovery {
 public:
    /// `interval`: between queries, once the first quick ones are over.
    Discovery(PeerId self, Seed seed, Duration interval = std::chrono::seconds(30));

    /// What answers tell; at most kOwnAddressesMax, those above a TXT string's length left out.
    void set_addresses(std::span<const Multiaddr> addresses);

    /// Packets that are none are ignored: the group is shared with every other service.
    void on_packet(Instant now, ByteView packet, DiscoveryEffects& effects);
    void on_wake(Instant now, DiscoveryEffects& effects);
    /// The first call of on_wake is due at once.
    std::optional<Instant> wake_at() const;

    std::size_t peer_count() const { return peers_.size(); }

 private:
    struct Known {
        std::vector<Multiaddr> addresses;
        Instant expires;
    };

    void on_query(Instant now, const Packet& packet);
    void on_answer(Instant now, const Packet& packet, DiscoveryEffects& effects);
    void note(Instant now, const PeerId& peer, std::vector<Multiaddr> addresses,
              std::uint32_t ttl_seconds, DiscoveryEffects& effects);
    void expire(Instant now, DiscoveryEffects& effects);
    std::vector<Bytes> answer_packets() const;

    PeerId self_;
    Prng prng_;
    Duration interval_;
    Name own_name_;
    std::vector<std::string> own_texts_;
    std::map<PeerId, Known> peers_;
    Instant query_at_;
    Duration next_interval_ = kFirstInterval;
    std::optional<Instant> answer_at_;
    std::optional<Instant> answered_at_;
    bool answer_services_ = false;  ///< somebody asked which services there are
};

}  // namespace stipple::libp2p::mdns
