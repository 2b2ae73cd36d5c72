// Ping: 32 random bytes and their echo, again and again on one substream.
//
//     dialer    32 bytes ->                      `PingOut`, one round every interval
//     accepter           <- the same 32 bytes    `PingIn`
//
// The time of a round is taken from its first byte out to its last byte in. `PingOut` never ends by
// itself; it fails with timed_out, wrong_echo, unexpected_data (an echo nobody asked for) or
// refused (the other side closed). `PingIn` ends with the other side's direction. Both hold 32
// bytes.
//
// Spec: sect-networking. libp2p: ping.
#pragma once

#include "base/prng.hpp"
#include "libp2p/byte_exchange.hpp"
#include "libp2p/substreams/limits.hpp"
#include "libp2p/substreams/step.hpp"

#include <array>
#include <utility>

namespace stipple::libp2p {

struct PingConfig {
    Duration interval = kPingInterval;
    Duration timeout = kPingTimeout;
};

class PingOut {
 public:
    /// The first round starts at `start`.
    PingOut(const PingConfig& config, Seed seed, Instant start)
        : config_(config), prng_(seed), next_at_(start) {}

    SubstreamStep exchange(ByteExchange& exchange);
    /// After `event`: the time of the round that just ended.
    std::optional<Duration> take_round_trip() { return std::exchange(round_trip_, std::nullopt); }
    SubstreamFailure failure() const { return failure_; }

 private:
    SubstreamStep fail(SubstreamFailure failure);
    void start_round();
    bool echo_matches(ByteExchange& exchange);

    PingConfig config_;
    Prng prng_;
    Instant next_at_;
    Instant sent_at_;
    bool in_round_ = false;
    std::array<std::uint8_t, kPingBytes> payload_{};
    std::size_t written_ = 0;
    std::size_t read_ = 0;
    std::optional<Duration> round_trip_;
    SubstreamFailure failure_ = SubstreamFailure::timed_out;
};

class PingIn {
 public:
    SubstreamStep exchange(ByteExchange& exchange);
    SubstreamFailure failure() const { return failure_; }

 private:
    std::array<std::uint8_t, kPingBytes> payload_{};
    std::size_t read_ = 0;
    std::size_t written_ = 0;
    SubstreamFailure failure_ = SubstreamFailure::truncated;
};

}  // namespace stipple::libp2p
