// The network thread: runs a Switchboard over real sockets.
//
//     sockets ─▶ io/net loop ─▶ Switchboard ─▶ sink(NetworkEvent)      the core's inbox
//     perform(NetworkCommand), from any thread ─▶ loop ─▶ Switchboard ─▶ sockets
//
// One port serves plain TCP and WebSocket: the first byte of an inbound connection tells which
// (`GET` or multistream's length). Below both lies TLS (io/net/tls.hpp) for dials to /wss, and for
// listeners of that kind when there is a certificate.
//
// Spec: sect-networking. Bounds: those of io/net and Switchboard.
#pragma once

#include "io/net/loop.hpp"
#include "io/net/tls.hpp"
#include "node/network/local_discovery.hpp"
#include "node/network/peer_book.hpp"
#include "node/network/port.hpp"
#include "node/network/switchboard.hpp"

namespace stipple::node {

struct NetworkThreadConfig {
    SwitchboardConfig board;
    std::vector<Multiaddr> listen;
    crypto::Ed25519Keypair identity;
    Seed seed;
    std::string tls_certificates;  ///< PEM files, for listeners on /wss; both or none
    std::string tls_key;
    bool mdns = false;  ///< look for peers of the local network
    std::uint16_t mdns_port = libp2p::mdns::kPort;
    KeyValueStore* peers = nullptr;  ///< where peers are kept over a restart; may be null
};

class NetworkThread final : public NetworkPort, private io::net::Handler {
 public:
    /// Called on the network thread; must not block. False: there is no room, the event is lost
    /// (the sender decides which events it may lose).
    using Sink = std::function<void(NetworkEvent)>;

    /// Binds the listening addresses and starts. An address that cannot be bound is an error.
    static Result<std::unique_ptr<NetworkThread>> start(NetworkThreadConfig config, Sink sink);
    ~NetworkThread() override;
    NetworkThread(const NetworkThread&) = delete;
    NetworkThread& operator=(const NetworkThread&) = delete;

    void perform(NetworkCommand command) override;
    const PeerId& peer_id() const { return identity_.peer(); }
    const network::ChainNames& names() const { return board_.names(); }

    /// What operators are told: one question to the thread; empty when it is stopping.
    struct View {
        std::vector<PeerView> peers;
        std::vector<Multiaddr> addresses;  ///< where others reach us
        std::vector<Multiaddr> external;   ///< of those, the stated and the confirmed ones
        std::set<PeerId> reserved;
    };
    View view();
    /// The same way; zeros when it is stopping.
    NetworkNumbers numbers();
    void add_reserved(BootNode node);
    void remove_reserved(PeerId peer);

 private:
    NetworkThread(const NetworkThreadConfig& config, Sink sink);
    Result<> open(const NetworkThreadConfig& config);
    Result<std::vector<Multiaddr>> listen(const std::vector<Multiaddr>& addresses);
    Result<> listen_on(const Multiaddr& address, std::vector<Multiaddr>& reachable);
    void secure(io::net::SocketId socket, const libp2p::DialTarget& target);
    template <class Answer>
    Answer ask(std::function<Answer(Instant)> question);
    void exchange_any(io::net::SocketId socket, io::net::Exchange& exchange);
    void exchange_plain(io::net::SocketId socket, io::net::Exchange& exchange);
    /// Runs `what` on the thread, then does what came of it.
    template <class What>
    void run(What&& what);
    void settle();
    void apply(const SocketEffect& effect);
    void arm_timer();
    void load_peers();
    void save_peers(Instant now, std::size_t rows_max);
    void save_peers_from_time_to_time();

    // io::net::Handler
    void on_datagram(Instant now, io::net::SocketId socket, const io::net::SocketAddress& from,
                     ByteView packet) override;
    void on_accept(Instant now, io::net::SocketId socket, io::net::SocketId listener,
                   const io::net::SocketAddress& peer) override;
    void on_connected(Instant now, io::net::SocketId socket,
                      const io::net::SocketAddress& peer) override;
    void on_exchange(io::net::SocketId socket, io::net::Exchange& exchange) override;
    void on_closed(Instant now, io::net::SocketId socket, io::net::CloseReason reason,
                   std::string_view detail) override;

    Sink sink_;
    libp2p::noise::LocalIdentity identity_;
    Switchboard board_;
    std::optional<PeerBook> book_;
    SwitchboardEffects effects_;
    std::map<io::net::SocketId, Multiaddr> undecided_;  ///< accepted, no byte yet: loop's bound
    std::map<io::net::SocketId, ConnectionId> connections_;
    std::map<ConnectionId, io::net::SocketId> sockets_;
    std::optional<io::net::TlsContext> tls_client_;  ///< made for the first dial to /wss
    std::optional<io::net::TlsContext> tls_server_;
    std::set<io::net::SocketId> tls_listeners_;
    std::map<io::net::SocketId, io::net::TlsSession> tls_;
    std::uint64_t bytes_in_ = 0;
    std::uint64_t bytes_out_ = 0;
    std::optional<io::net::TimerId> timer_;
    std::optional<Instant> timer_at_;
    bool settling_ = false;
    std::optional<LocalDiscovery> local_;
    std::unique_ptr<io::net::Loop> loop_;  ///< last: its thread ends first
};

}  // namespace stipple::node
