// Where we can be reached: what we tell in identify and publish for discovery.
//
// Three kinds: public addresses, which the operator states; listen addresses, which the sockets
// have; and observed ones, which peers say they see us at. An observed address counts once
// kAddressConfirmations peers say the same within kWitnessLifetime; each peer has one word.
//
// On a connection we dialled, the peer sees a port that only that connection has: its IP address is
// taken and our listening ports are put in its place.
//
// Addresses that are not global are told only when configured so (development networks), and never
// unspecified ones. Bounds: kAddressWitnessesMax words, kOwnAddressesMax addresses of each kind.
//
// Spec: libp2p: identify (observedAddr).
#pragma once

#include "base/peer.hpp"
#include "base/time.hpp"
#include "libp2p/multiformats/multiaddr.hpp"
#include "network/peers/limits.hpp"

#include <map>

namespace stipple::network {

class OwnAddresses {
 public:
    /// `local_addresses`: tell addresses that are not global, too.
    explicit OwnAddresses(std::vector<libp2p::Multiaddr> public_addresses, bool local_addresses);

    /// The addresses of our sockets, with 0.0.0.0 replaced by those of the interfaces.
    void set_listening(std::vector<libp2p::Multiaddr> addresses);
    /// What a peer sees us at, by its identify message. `dialled_by_us`: who opened the connection.
    void on_observed(Instant now, const PeerId& witness, const libp2p::Multiaddr& observed,
                     bool dialled_by_us);

    /// Public, then confirmed (most witnesses first), then listening ones, each once.
    std::vector<libp2p::Multiaddr> told(Instant now) const;
    const std::vector<libp2p::Multiaddr>& listening() const { return listening_; }
    /// Only those that peers confirmed.
    std::vector<libp2p::Multiaddr> confirmed(Instant now) const;
    std::size_t witnesses() const { return words_.size(); }

 private:
    struct Word {
        std::vector<libp2p::Multiaddr> addresses;
        Instant said;
    };
    std::vector<libp2p::Multiaddr> with_our_ports(const libp2p::IpAddress& ip) const;
    bool may_tell(const libp2p::Multiaddr& address) const;

    std::vector<libp2p::Multiaddr> public_;
    std::vector<libp2p::Multiaddr> listening_;
    bool local_addresses_;
    std::map<PeerId, Word> words_;
};

}  // namespace stipple::network
