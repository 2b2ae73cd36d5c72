// A peer that finished the handshake and then says anything: bytes become what it sends below yamux
// (encrypted by its own keys), or changes to the encrypted bytes, between calls of ours. No crash,
// bounded output, and after the end nothing is left open.
#include "libp2p/connection/test_wire.hpp"

#include <algorithm>

namespace stipple::libp2p {
namespace {

/// A peer with real keys above which there is no multiplexer of ours: it speaks up to noise.
class RawPeer {
 public:
    RawPeer() : negotiation_(Negotiation::of(true, "/noise")) {}

    /// One step; true when the connection above noise may be written raw.
    bool step(Bytes& input, Bytes& output) {
        ByteExchange exchange{.now = kWireStart,
                              .unread = input,
                              .input_ended = false,
                              .output = &output,
                              .allowance = 1 << 20,
                              .output_ended = false,
                              .wake_at = {}};
        if (!handshake_ && !transport_ &&
            std::holds_alternative<multistream::Agreed>(negotiation_.exchange(exchange))) {
            handshake_.emplace(Wire::identity(1), noise::Handshake::Config{});
        }
        if (handshake_) {
            noise::HandshakeStep done = handshake_->exchange(exchange);
            if (auto* established = std::get_if<noise::Established>(&done)) {
                transport_.emplace(std::move(established->transport));
                handshake_.reset();
            }
        }
        input = to_bytes(exchange.unread);
        return transport_.has_value();
    }
    void say(ByteView plaintext, Bytes& output) {
        ByteExchange exchange{.now = kWireStart,
                              .unread = {},
                              .input_ended = false,
                              .output = &output,
                              .allowance = 1 << 20,
                              .output_ended = false,
                              .wake_at = {}};
        CHECK(transport_->seal(plaintext, exchange));
    }

 private:
    Negotiation negotiation_;
    std::optional<noise::Handshake> handshake_;
    std::optional<noise::Transport> transport_;
};

struct Player {
    Connection connection{config(), Wire::identity(2),
                          std::make_shared<ProtocolNames>(ProtocolNames{"/echo/1"})};
    RawPeer peer;
    Bytes to_us;
    Bytes to_peer;
    Instant now = kWireStart;
    std::vector<SubstreamId> substreams;

    static ConnectionConfig config() {
        ConnectionConfig config;
        config.direction = Direction::inbound;
        config.started = kWireStart;
        config.ephemeral.writable()[0] = 9;
        return config;
    }
    void step(std::size_t allowance) {
        const std::size_t before = to_peer.size();
        ByteExchange exchange{.now = now,
                              .unread = to_us,
                              .input_ended = false,
                              .output = &to_peer,
                              .allowance = allowance,
                              .output_ended = false,
                              .wake_at = {}};
        connection.exchange(exchange);
        CHECK(to_peer.size() - before <= allowance);
        to_us = to_bytes(exchange.unread);
        for (const ConnectionEvent& event : connection.take_events()) {
            if (const auto* opened = std::get_if<Opened>(&event)) {
                substreams.push_back(opened->substream);
            }
        }
    }
    void use(SubstreamId id, std::size_t put, bool finish) {
        connection.with_substream(id, now, [&](ByteExchange& stream) {
            stream.take(stream.unread.size());
            stream.put(Bytes(std::min(put, stream.allowance), 1));
            stream.output_ended = finish;
        });
    }
};

void play(ByteView rest) {
    Player player;
    for (int i = 0; i < 10 && !player.peer.step(player.to_peer, player.to_us); ++i) {
        player.step(1 << 20);
    }
    player.step(1 << 20);
    while (rest.size() >= 2 && !player.connection.is_over()) {
        const std::uint8_t action = rest[0];
        const std::size_t number = rest[1];
        rest = rest.subspan(2);
        const SubstreamId id = player.substreams.empty()
                                   ? SubstreamId(number)
                                   : player.substreams[number % player.substreams.size()];
        switch (action % 8) {
            case 0:
                player.use(id, number * 100, (action & 8U) != 0);
                break;
            case 1:
                player.connection.reset(id);
                break;
            case 2: {
                const std::vector<std::string> names{"/echo/1", "/other/1"};
                static_cast<void>(player.connection.open(player.now, names));
                break;
            }
            case 3:
                player.now = player.now + std::chrono::seconds(number);
                break;
            case 4:
                player.connection.close();
                break;
            default: {
                const std::size_t count = std::min(number, rest.size());
                player.peer.say(rest.first(count), player.to_us);
                if (action == 255 && !player.to_us.empty()) {
                    player.to_us.back() ^= 1U;
                }
                rest = rest.subspan(count);
            }
        }
        player.step((action & 16U) != 0 ? 1000 : 100'000);
        player.to_peer.clear();
    }
}

}  // namespace
}  // namespace stipple::libp2p

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    stipple::libp2p::play({data, size});
    return 0;
}
