// A load for measurements: many libp2p hosts on one thread that connect to a node, open block
// announces with it as full nodes do, and then do no more than answer its pings.
//
//     idle_peers <port> <genesis hash, hex> <count> <seconds>
//
// Prints `joined <count>` when all are there, and ends after so many seconds, or with 1 when some
// did not come or did not stay.
#include "host_turn.hpp"
#include "io/clock.hpp"
#include "io/net/loop.hpp"
#include "libp2p/host/host.hpp"
#include "network/messages/block_announce.hpp"
#include "network/messages/protocols.hpp"

#include <cstdio>
#include <cstdlib>

namespace {

using namespace stipple;
using namespace std::chrono_literals;
namespace net = io::net;

constexpr libp2p::NotificationProtocolId kAnnounces{0};
/// Dials under way: the node bounds connections that have not proved themselves.
constexpr std::size_t kDialsMax = 32;

crypto::Secret<32> fresh_secret() {
    crypto::Secret<32> secret;
    io::os_random(secret.writable());
    return secret;
}

class Crowd final : public net::Handler {
 public:
    Crowd(std::uint16_t port, const BlockHash& genesis, std::size_t count)
        : count_(count), target_(net::SocketAddress::loopback(port)) {
        network::ChainNames names{.genesis = genesis, .fork_id = "", .protocol_id = "x"};
        libp2p::ProtocolTableConfig table;
        table.notifications.push_back(
            {.names = network::protocol_names(network::Protocol::block_announces, names),
             .message_bytes_max = 1U << 20U});
        protocols_ = std::make_shared<const libp2p::ProtocolTable>(std::move(table));
        handshake_ = network::encode(network::BlockAnnounceHandshake{
            .role = network::Role::full, .best = {genesis, 0}, .genesis = genesis});
    }
    void dial_more(net::Loop& loop) {
        while (under_way_ < kDialsMax && peers_.size() < count_) {
            peers_.emplace(loop.dial(target_, 10s), Peer{});
            ++under_way_;
        }
    }
    std::size_t joined() const { return joined_; }
    std::size_t lost() const { return lost_; }

    void on_accept(Instant, net::SocketId, net::SocketId, const net::SocketAddress&) override {}
    void on_connected(Instant now, net::SocketId socket, const net::SocketAddress&) override {
        Peer& peer = peers_.at(socket);
        const auto keys = crypto::Ed25519Keypair::from_seed(fresh_secret());
        peer.identity = std::make_unique<libp2p::noise::LocalIdentity>(keys, fresh_secret());
        libp2p::HostConfig config;
        config.connection.direction = libp2p::Direction::outbound;
        config.connection.started = now;
        config.connection.ephemeral = fresh_secret();
        config.connection.seed = Seed{peers_.size()};
        config.protocols = protocols_;
        libp2p::IdentifyInfo info;
        info.public_key = libp2p::public_key(keys.public_key);
        info.agent_version = "idle";
        config.identify = std::make_shared<const libp2p::IdentifyInfo>(std::move(info));
        peer.host = std::make_unique<libp2p::Host>(config, *peer.identity);
    }
    void on_exchange(net::SocketId socket, net::Exchange& exchange) override {
        Peer& peer = peers_.at(socket);
        if (!peer.host) {
            return;
        }
        testing::host_turn(*peer.host, exchange,
                           [&](auto& event) { on_event(exchange.now, peer, event); });
    }
    void on_closed(Instant, net::SocketId, net::CloseReason, std::string_view) override { ++lost_; }

 private:
    struct Peer {
        std::unique_ptr<libp2p::noise::LocalIdentity> identity;
        std::unique_ptr<libp2p::Host> host;
        int open = 0;
    };
    void on_event(Instant now, Peer& peer, const libp2p::HostEvent& event) {
        if (std::holds_alternative<libp2p::Ready>(event)) {
            peer.host->open_notifications(now, kAnnounces, handshake_);
        } else if (std::holds_alternative<libp2p::NotificationsOffered>(event)) {
            peer.host->accept_notifications(kAnnounces, handshake_);
        } else if (std::holds_alternative<libp2p::NotificationsOpened>(event) && ++peer.open == 2) {
            ++joined_;
            --under_way_;
        }
    }

    std::size_t count_;
    net::SocketAddress target_;
    std::shared_ptr<const libp2p::ProtocolTable> protocols_;
    Bytes handshake_;
    std::map<net::SocketId, Peer> peers_;
    std::size_t under_way_ = 0;
    std::size_t joined_ = 0;
    std::size_t lost_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        return 2;
    }
    const auto genesis = BlockHash::from_hex(argv[2]);
    const auto number = [&](int at) { return std::strtoul(argv[at], nullptr, 10); };
    if (!genesis) {
        return 2;
    }
    const std::size_t count = number(3);
    Crowd crowd(static_cast<std::uint16_t>(number(1)), *genesis, count);
    auto loop = net::Loop::create(crowd);
    if (!loop) {
        return 2;
    }
    const Instant began = io::now();
    while (crowd.joined() < count && crowd.lost() == 0 && io::now() < began + 120s) {
        crowd.dial_more(**loop);
        (*loop)->turn(50ms);
    }
    std::printf("joined %zu\n", crowd.joined());
    std::fflush(stdout);
    const Instant end = io::now() + std::chrono::seconds(number(4));
    while (io::now() < end) {
        (*loop)->turn(200ms);
    }
    std::printf("lost %zu\n", crowd.lost());
    return crowd.joined() == count && crowd.lost() == 0 ? 0 : 1;
}
