// For tests: two connections back to back over two bounded pipes, cut anywhere.
#pragma once

#include "base/check.hpp"
#include "libp2p/connection/connection.hpp"

#include <algorithm>

namespace stipple::libp2p {

constexpr Instant kWireStart{std::chrono::seconds(1000)};

struct WireConfig {
    bool websocket = false;
    /// At most so many more bytes are shown to a side at once.
    std::size_t cut = 1'000'000;
    std::optional<PeerId> expected = std::nullopt;
};

struct Wire {
    static constexpr std::size_t kPipeBytes = 256 * 1024;

    explicit Wire(const WireConfig& wire)
        : cut(wire.cut),
          dialer(config(wire, Direction::outbound), identity(1), names()),
          listener(config(wire, Direction::inbound), identity(2), names()) {}

    static const noise::LocalIdentity& identity(std::uint8_t which) {
        static const noise::LocalIdentity kBoth[] = {make_identity(1), make_identity(2)};
        return kBoth[which - 1];
    }
    PeerId dialer_id() const { return identity(1).peer(); }
    PeerId listener_id() const { return identity(2).peer(); }

    void step_dialer() {
        dialer_wake = step(dialer, to_dialer, seen_by_dialer, dialer_input_ended, to_listener);
        take(dialer, dialer_events);
    }
    void step_listener() {
        step(listener, to_listener, seen_by_listener, listener_input_ended, to_dialer);
        take(listener, listener_events);
    }
    /// Until nothing moves any more.
    void run() {
        for (int quiet = 0; quiet < 3;) {
            const auto before = progress;
            step_dialer();
            step_listener();
            const bool more = seen_by_dialer < to_dialer.size() ||
                              seen_by_listener < to_listener.size() || before != progress;
            quiet = more ? 0 : quiet + 1;
        }
    }

    Instant now = kWireStart;
    std::size_t cut;
    Connection dialer;
    Connection listener;
    Bytes to_dialer;
    Bytes to_listener;
    std::size_t seen_by_dialer = 0;
    std::size_t seen_by_listener = 0;
    bool dialer_input_ended = false;
    bool listener_input_ended = false;
    std::optional<Instant> dialer_wake;
    std::vector<ConnectionEvent> dialer_events;
    std::vector<ConnectionEvent> listener_events;
    std::uint64_t progress = 0;  ///< bytes and events that moved

 private:
    static noise::LocalIdentity make_identity(std::uint8_t which) {
        std::array<std::uint8_t, 32> seed{};
        seed.fill(which);
        const auto keys = crypto::Ed25519Keypair::from_seed(crypto::Secret<32>(seed));
        seed.fill(static_cast<std::uint8_t>(which + 100));
        return {keys, crypto::Secret<32>(seed)};
    }
    static std::shared_ptr<const ProtocolNames> names() {
        return std::make_shared<ProtocolNames>(ProtocolNames{"/echo/1", "/other/1"});
    }
    static ConnectionConfig config(const WireConfig& wire, Direction direction) {
        ConnectionConfig config;
        config.direction = direction;
        config.started = kWireStart;
        config.websocket = wire.websocket;
        config.websocket_host = "localhost:30333";
        config.seed = Seed{direction == Direction::outbound ? 5U : 6U};
        std::ranges::fill(config.ephemeral.writable(),
                          static_cast<std::uint8_t>(direction == Direction::outbound ? 7 : 8));
        if (direction == Direction::outbound) {
            config.expected_peer = wire.expected;
        }
        return config;
    }
    std::optional<Instant> step(Connection& connection, Bytes& input, std::size_t& seen,
                                bool input_ended, Bytes& output) {
        seen = std::min(input.size(), seen + cut);
        const std::size_t before = output.size();
        ByteExchange exchange{.now = now,
                              .unread = ByteView(input).first(seen),
                              .input_ended = input_ended && seen == input.size(),
                              .output = &output,
                              .allowance = kPipeBytes - std::min(kPipeBytes, before),
                              .output_ended = false,
                              .wake_at = {}};
        const std::size_t allowance = exchange.allowance;
        connection.exchange(exchange);
        CHECK(output.size() - before <= allowance);
        const std::size_t taken = seen - exchange.unread.size();
        input.erase(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(taken));
        seen -= taken;
        progress += taken + output.size() - before;
        return exchange.wake_at;
    }
    void take(Connection& connection, std::vector<ConnectionEvent>& events) {
        for (ConnectionEvent& event : connection.take_events()) {
            events.push_back(std::move(event));
            ++progress;
        }
    }
};

}  // namespace stipple::libp2p
