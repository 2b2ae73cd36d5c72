// What a connection costs over real sockets: two hosts on two threads of one process on loopback,
// one asks, the other answers with many bytes over TCP, Noise and yamux, one request after the
// other, each on a substream of its own.
//
//     loopback_load <answers> <bytes of an answer>
//
// Prints `cpu_s_per_GiB <seconds>`: user and system time of the process, both ends, per GiB of
// answers. tests/interop/litep2p does the same work with the Rust node's libp2p.
// Spec: sect-networking. Bounds: none, it is a measurement.
#include "base/check.hpp"
#include "host_turn.hpp"
#include "io/clock.hpp"
#include "io/net/loop.hpp"
#include "libp2p/host/host.hpp"

#include <cstdio>
#include <cstdlib>
#include <sys/resource.h>

namespace {

using namespace stipple;
using namespace std::chrono_literals;
namespace net = io::net;

constexpr libp2p::RequestProtocolId kLoad{0};

crypto::Secret<32> fresh_secret() {
    crypto::Secret<32> secret;
    io::os_random(secret.writable());
    return secret;
}

double cpu_seconds() {
    rusage used{};
    CHECK(::getrusage(RUSAGE_SELF, &used) == 0);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// One end: the client asks until it has all answers, the server gives them.
class End final : public net::Handler {
 public:
    End(libp2p::Direction direction, std::uint64_t answers, std::size_t bytes)
        : direction_(direction), answers_(answers), answer_(bytes, 7) {
        libp2p::ProtocolTableConfig table;
        table.requests.push_back({.names = {"/load/1"},
                                  .request_bytes_max = 1024,
                                  .response_bytes_max = bytes,
                                  .timeout = 60s,
                                  .inbound = true});
        protocols_ = std::make_shared<const libp2p::ProtocolTable>(std::move(table));
    }
    bool is_done() const { return got_ > answers_; }
    double seconds() const { return seconds_; }

    void on_accept(Instant now, net::SocketId, net::SocketId, const net::SocketAddress&) override {
        begin(now);
    }
    void on_connected(Instant now, net::SocketId, const net::SocketAddress&) override {
        begin(now);
    }
    void on_exchange(net::SocketId, net::Exchange& exchange) override {
        testing::host_turn(*host_, exchange, [&](auto& event) { on_event(exchange.now, event); });
    }
    void on_closed(Instant, net::SocketId, net::CloseReason, std::string_view detail) override {
        if (direction_ == libp2p::Direction::outbound) {
            std::fprintf(stderr, "closed: %.*s\n", static_cast<int>(detail.size()), detail.data());
            std::exit(1);
        }
    }

 private:
    void begin(Instant now) {
        const auto keys = crypto::Ed25519Keypair::from_seed(fresh_secret());
        identity_ = std::make_unique<libp2p::noise::LocalIdentity>(keys, fresh_secret());
        libp2p::HostConfig config;
        config.connection.direction = direction_;
        config.connection.started = now;
        config.connection.ephemeral = fresh_secret();
        config.protocols = protocols_;
        libp2p::IdentifyInfo info;
        info.public_key = libp2p::public_key(keys.public_key);
        config.identify = std::make_shared<const libp2p::IdentifyInfo>(std::move(info));
        host_ = std::make_unique<libp2p::Host>(config, *identity_);
    }
    void on_event(Instant now, const libp2p::HostEvent& event) {
        if (const auto* asked = std::get_if<libp2p::RequestReceived>(&event)) {
            host_->respond(asked->id, answer_);
        } else if (const auto* response = std::get_if<libp2p::ResponseReceived>(&event)) {
            CHECK(response->response.size() == answer_.size());
            ++got_;
            const double present = cpu_seconds();
            if (got_ == 1) {  // the first one warms up
                began_ = present;
            }
            seconds_ = present - began_;
            ask(now);
        } else if (std::holds_alternative<libp2p::Ready>(event) &&
                   direction_ == libp2p::Direction::outbound) {
            ask(now);
        } else if (std::holds_alternative<libp2p::RequestFailed>(event)) {
            std::fprintf(stderr, "a request failed\n");
            std::exit(1);
        }
    }
    void ask(Instant now) {
        if (!is_done()) {
            host_->send_request(now, libp2p::RequestId(got_ + 1), kLoad, Bytes(40, 1));
        }
    }

    libp2p::Direction direction_;
    std::uint64_t answers_;
    Bytes answer_;
    std::shared_ptr<const libp2p::ProtocolTable> protocols_;
    std::unique_ptr<libp2p::noise::LocalIdentity> identity_;
    std::unique_ptr<libp2p::Host> host_;
    std::uint64_t got_ = 0;
    double began_ = 0;
    double seconds_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "loopback_load <answers> <bytes of an answer>\n");
        return 2;
    }
    const std::uint64_t answers = std::strtoull(argv[1], nullptr, 10);
    const std::size_t bytes = std::strtoull(argv[2], nullptr, 10);
    End server(libp2p::Direction::inbound, answers, bytes);
    End client(libp2p::Direction::outbound, answers, bytes);
    auto serving = net::Loop::create(server);
    auto asking = net::Loop::create(client);
    CHECK(serving && asking);
    const auto listener = (*serving)->listen(net::SocketAddress::loopback(0));
    CHECK(listener);
    const auto target = (*serving)->local_address(*listener);
    (*serving)->start("server");
    (*asking)->dial(*target, 5s);
    while (!client.is_done()) {
        (*asking)->turn(100ms);
    }
    const double gib = static_cast<double>(answers * bytes) / (1 << 30);
    std::printf("cpu_s_per_GiB %.4f\n", client.seconds() / gib);
    return 0;
}
