// For tests: two hosts back to back over bounded pipes, cut anywhere, with a clock by hand.
#pragma once

#include "base/check.hpp"
#include "libp2p/host/host.hpp"

#include <algorithm>

namespace stipple::libp2p::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kLinkStart{seconds(1000)};
constexpr RequestProtocolId kBlocks{0};
constexpr RequestProtocolId kQuick{1};
constexpr RequestProtocolId kOnlyDialled{2};
constexpr NotificationProtocolId kAnnounces{0};
constexpr NotificationProtocolId kGossip{1};

inline noise::LocalIdentity make_identity(std::uint8_t which) {
    std::array<std::uint8_t, 32> seed{};
    seed.fill(which);
    const auto keys = crypto::Ed25519Keypair::from_seed(crypto::Secret<32>(seed));
    seed.fill(static_cast<std::uint8_t>(which + 100));
    return {keys, crypto::Secret<32>(seed)};
}
inline const noise::LocalIdentity& identity(std::uint8_t which) {
    static const noise::LocalIdentity kBoth[] = {make_identity(1), make_identity(2)};
    return kBoth[which - 1];
}

inline ProtocolTableConfig table_config() {
    ProtocolTableConfig config;
    config.requests = {{.names = {"/g/blocks/1", "/old/blocks/1"},
                        .request_bytes_max = 1 << 20,
                        .response_bytes_max = 16 << 20,
                        .timeout = seconds(20),
                        .inbound = true},
                       {.names = {"/g/quick/1"},
                        .request_bytes_max = 32,
                        .response_bytes_max = 64,
                        .timeout = seconds(1),
                        .inbound = true},
                       {.names = {"/g/unspoken/1"},
                        .request_bytes_max = 32,
                        .response_bytes_max = 64,
                        .timeout = seconds(5),
                        .inbound = false}};
    config.notifications = {{.names = {"/g/announces/1", "/old/announces/1"},
                             .message_bytes_max = 1 << 20,
                             .queue_messages_max = 8,
                             .queue_bytes_max = 4 << 20},
                            {.names = {"/g/gossip/1"},
                             .message_bytes_max = 1000,
                             .queue_messages_max = 1000,
                             .queue_bytes_max = 1 << 20}};
    config.kademlia = {"/g/kad"};
    return config;
}

inline IdentifyInfo info_of(std::uint8_t which) {
    IdentifyInfo info;
    info.public_key = embedded_key(identity(which).peer());
    info.listen_addresses = {Multiaddr::parse("/ip4/1.2.3.4/tcp/30333").value()};
    info.protocol_version = "/substrate/1.0";
    info.agent_version = "side " + std::to_string(which);
    return info;
}

inline ConnectionConfig connection_config(Direction direction) {
    ConnectionConfig config;
    config.direction = direction;
    config.started = kLinkStart;
    config.seed = Seed{direction == Direction::outbound ? 5U : 6U};
    std::ranges::fill(config.ephemeral.writable(),
                      static_cast<std::uint8_t>(direction == Direction::outbound ? 7 : 8));
    return config;
}

inline HostConfig host_config(Direction direction, ProtocolTableConfig table) {
    return {.connection = connection_config(direction),
            .protocols = std::make_shared<ProtocolTable>(std::move(table)),
            .identify =
                std::make_shared<IdentifyInfo>(info_of(direction == Direction::outbound ? 1 : 2)),
            .remote = Multiaddr::parse("/ip4/9.9.9.9/tcp/999").value()};
}

/// What a socket and its peer do to one side.
struct Pipe {
    static constexpr std::size_t kBytes = 256 * 1024;
    Bytes bytes;
    std::size_t seen = 0;  ///< shown to the reader so far, of those it has not taken
    bool ended = false;
};

/// Runs anything with exchange(ByteExchange&) once over its pipes. True when bytes moved.
template <class Side>
bool step(Side& side, Instant now, Pipe& in, Pipe& out, std::size_t cut,
          std::optional<Instant>& wake) {
    const std::size_t before = out.bytes.size();
    const std::size_t seen_before = in.seen;
    const std::size_t shown = std::min(in.bytes.size(), in.seen + cut);
    ByteExchange exchange{.now = now,
                          .unread = ByteView(in.bytes).first(shown),
                          .input_ended = in.ended && shown == in.bytes.size(),
                          .output = &out.bytes,
                          .allowance = Pipe::kBytes - std::min(Pipe::kBytes, before),
                          .output_ended = false,
                          .wake_at = {}};
    const std::size_t allowance = exchange.allowance;
    side.exchange(exchange);
    CHECK(out.bytes.size() - before <= allowance);
    const std::size_t taken = shown - exchange.unread.size();
    in.bytes.erase(in.bytes.begin(), in.bytes.begin() + static_cast<long>(taken));
    in.seen = shown - taken;
    out.ended = out.ended || exchange.output_ended;
    wake = exchange.wake_at;
    return shown > seen_before || taken > 0 || out.bytes.size() > before;
}

struct Link {
    explicit Link(std::size_t cut_bytes = 1 << 20, ProtocolTableConfig left_table = table_config(),
                  ProtocolTableConfig right_table = table_config())
        : cut(cut_bytes),
          left(host_config(Direction::outbound, std::move(left_table)), identity(1)),
          right(host_config(Direction::inbound, std::move(right_table)), identity(2)) {}

    /// One turn of each; true when something happened.
    bool turn() {
        bool moved = step(left, now, to_left, to_right, cut, left_wake);
        moved = collect(left, left_events) || moved;
        moved = step(right, now, to_right, to_left, cut, right_wake) || moved;
        return collect(right, right_events) || moved;
    }
    /// Until nothing happens any more at this time.
    void run() {
        for (int quiet = 0; quiet < 3;) {
            quiet = turn() ? 0 : quiet + 1;
        }
    }
    void run_at(Instant time) {
        now = time;
        run();
    }
    /// Lets time pass, waking both sides when they want.
    void pass(Duration span) {
        const Instant end = now + span;
        run();
        for (int i = 0; i < 10'000; ++i) {
            Instant next = end;
            for (const auto& wake : {left_wake, right_wake}) {
                next = wake && *wake > now ? std::min(next, *wake) : next;
            }
            run_at(next);
            if (next == end) {
                return;
            }
        }
    }

    template <class E>
    static std::vector<E> take(std::vector<HostEvent>& events) {
        std::vector<E> out;
        std::erase_if(events, [&](HostEvent& event) {
            auto* const one = std::get_if<E>(&event);
            if (one != nullptr) {
                out.push_back(std::move(*one));
            }
            return one != nullptr;
        });
        return out;
    }

    Instant now = kLinkStart;
    std::size_t cut;
    Host left;
    Host right;
    Pipe to_left;
    Pipe to_right;
    std::vector<HostEvent> left_events;
    std::vector<HostEvent> right_events;
    std::optional<Instant> left_wake;
    std::optional<Instant> right_wake;

 private:
    static bool collect(Host& host, std::vector<HostEvent>& events) {
        auto more = host.take_events();
        for (HostEvent& event : more) {
            events.push_back(std::move(event));
        }
        return !more.empty();
    }
};

}  // namespace stipple::libp2p::test
