// Peers that break the rules, against a real node over real sockets: libp2p hosts and bare sockets
// on one thread, under the hand of straight-line code.
//
//     Gang gang(port, genesis);
//     Villain& peer = gang.dial();                        // proved by its keys
//     gang.join(peer, handshake);                         // speaks of blocks with the node
//     peer.answer = [](const auto& request) { ... };      // what it says when it is asked
//     gang.until(5s, [&] { return peer.gone; });
//
// Its protocol table allows far longer messages than the node's, so that it can break the limits.
// Spec: sect-networking. Bounds: none, it is a load for tests.
#pragma once

#include "io/clock.hpp"
#include "io/net/loop.hpp"
#include "libp2p/host/host.hpp"
#include "network/messages/block_announce.hpp"
#include "network/messages/block_request.hpp"
#include "network/messages/protocols.hpp"

#include <functional>

namespace stipple::hostile {

using namespace std::chrono_literals;
using network::Protocol;

inline constexpr std::array kNotifications = {Protocol::block_announces, Protocol::grandpa};
inline constexpr std::array kRequests = {Protocol::sync, Protocol::state, Protocol::warp};
template <std::size_t N>
std::uint16_t index_in(const std::array<Protocol, N>& list, Protocol protocol) {
    return static_cast<std::uint16_t>(std::ranges::find(list, protocol) - list.begin());
}
inline libp2p::NotificationProtocolId note(Protocol protocol) {
    return libp2p::NotificationProtocolId(index_in(kNotifications, protocol));
}
inline libp2p::RequestProtocolId request(Protocol protocol) {
    return libp2p::RequestProtocolId(index_in(kRequests, protocol));
}

struct Villain {
    crypto::Ed25519Keypair keys;
    std::unique_ptr<libp2p::noise::LocalIdentity> identity;
    std::unique_ptr<libp2p::Host> host;  ///< absent: a bare socket that sends `raw`
    Bytes raw;
    io::net::SocketId socket;
    bool connected = false;
    bool frozen = false;  ///< does not read
    bool gone = false;
    std::vector<libp2p::HostEvent> events;
    /// Absent answer: refuses. Unset: never answers.
    std::function<std::optional<Bytes>(Protocol, const Bytes&)> answer;
    std::function<std::optional<Bytes>(const Bytes&)> answer_kademlia;
    std::size_t asked = 0;
    std::size_t asked_kademlia = 0;

    template <class E>
    std::vector<E> all() const {
        std::vector<E> found;
        for (const auto& event : events) {
            if (const auto* each = std::get_if<E>(&event)) {
                found.push_back(*each);
            }
        }
        return found;
    }
};

class Gang final : public io::net::Handler {
 public:
    Gang(std::uint16_t port, const BlockHash& genesis);

    /// With the keys of `as`, if given, else fresh ones; waits until it is proved or gone.
    Villain& dial(const Villain* as = nullptr);
    /// Only a connection, with these bytes for a beginning.
    Villain& dial_raw(Bytes bytes);
    /// Opens block announces, then GRANDPA, both ways; false when the node does not want it.
    bool join(Villain& villain, const BlockRef& best);
    /// What the node said of itself when it was joined.
    network::BlockAnnounceHandshake handshake_of_node(const Villain& villain) const;
    /// A real block, header and body; absent when the node does not give it.
    std::optional<network::BlockData> fetch(Villain& villain,
                                            const std::variant<BlockHash, BlockNumber>& from);
    void notify(Villain& villain, Protocol protocol, Bytes message);
    /// Runs the sockets until `done`, at most so long; true when done.
    bool until(Duration wait_max, const std::function<bool()>& done);
    void touch(const Villain& villain) { loop_->touch(villain.socket); }
    Bytes handshake(const BlockRef& best) const;
    const BlockHash& genesis() const { return genesis_; }
    /// Peer ids of all that dialled.
    std::vector<std::string> ids() const;

    void on_accept(Instant, io::net::SocketId, io::net::SocketId,
                   const io::net::SocketAddress&) override {}
    void on_connected(Instant now, io::net::SocketId socket,
                      const io::net::SocketAddress&) override;
    void on_exchange(io::net::SocketId socket, io::net::Exchange& exchange) override;
    void on_closed(Instant now, io::net::SocketId socket, io::net::CloseReason reason,
                   std::string_view detail) override;

 private:
    void on_event(Villain& villain, libp2p::HostEvent& event);

    BlockHash genesis_;
    io::net::SocketAddress target_;
    std::shared_ptr<const libp2p::ProtocolTable> protocols_;
    std::map<io::net::SocketId, Villain> villains_;
    std::uint64_t next_request_ = 1'000'000;
    std::unique_ptr<io::net::Loop> loop_;
};

}  // namespace stipple::hostile
