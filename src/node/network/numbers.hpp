// What operators see of the network thread: counts since the start, and how much there is now.
// Plain values; whoever has a copy shows them (node/network_metrics.hpp). Buckets are those of the
// field's dashboards.
#pragma once

#include "base/time.hpp"
#include "network/messages/protocols.hpp"

#include <array>
#include <map>
#include <span>

namespace stipple::node {

/// How often values fell under each bound: what a Prometheus histogram shows. Each bound is
/// `factor` times the one before.
class Spread {
 public:
    static constexpr std::size_t kBoundsMax = 16;
    /// REQUIRES bounds <= kBoundsMax.
    Spread(double first, double factor, std::size_t bounds);
    void observe(double value);
    std::span<const double> bounds() const { return {bounds_.data(), size_}; }
    /// One more than bounds: the last is of values above all of them.
    std::span<const std::uint64_t> counts() const { return {counts_.data(), size_ + 1}; }
    double sum() const { return sum_; }

 private:
    std::size_t size_;
    std::array<double, kBoundsMax> bounds_{};
    std::array<std::uint64_t, kBoundsMax + 1> counts_{};
    double sum_ = 0;
};

/// What spreads of times are in.
inline double in_seconds(Duration span) {
    return std::chrono::duration<double>(span).count();
}

/// Why a request came to nothing, as the labels of metrics say it.
enum class RequestEnd : std::uint8_t { timeout, refused, unsupported, io, closed, busy };
inline constexpr std::size_t kRequestEnds = 6;
const char* describe(RequestEnd end);

/// Of one protocol, since the start.
struct ProtocolNumbers {
    // notifications
    std::uint64_t streams_opened = 0;  ///< both directions stand
    std::uint64_t streams_closed = 0;
    Spread sent{64, 4, 8};  ///< bytes
    Spread received{64, 4, 8};
    // requests; times in seconds
    Spread answered{0.001, 2, 16};                     ///< from a peer's request to our answer
    Spread asked{0.001, 2, 16};                        ///< from our request to its answer
    std::uint64_t bytes_answered = 0;                  ///< of our answers
    std::uint64_t bytes_asked = 0;                     ///< of answers to us
    std::uint64_t refused = 0;                         ///< peers' requests that had no answer
    std::array<std::uint64_t, kRequestEnds> failed{};  ///< of ours, by RequestEnd
};

struct NetworkNumbers {
    // since the start
    std::uint64_t incoming = 0;       ///< connections that got a place
    std::uint64_t opened_in = 0;      ///< connections whose peer proved who it is
    std::uint64_t opened_out = 0;     ///< the same of those we dialled
    std::uint64_t closed_in = 0;      ///< of those
    std::uint64_t closed_out = 0;     ///< of those
    std::uint64_t shakes_failed = 0;  ///< inbound connections that ended before that
    std::uint64_t peers_opened = 0;   ///< peers whose first connection proved who they are
    std::uint64_t peers_closed = 0;   ///< peers whose last connection ended
    std::uint64_t dials_failed = 0;   ///< connections that never came to be
    std::uint64_t bytes_in = 0;       ///< of sockets, encrypted
    std::uint64_t bytes_out = 0;
    std::uint64_t walks = 0;  ///< of the hash table's upkeep
    std::array<ProtocolNumbers, std::size(network::kProtocols)> protocols{};
    // now
    std::size_t pending = 0;  ///< connections nobody has proved himself on
    std::size_t slots = 0;
    std::size_t known_peers = 0;
    std::size_t banned_peers = 0;
    std::size_t addresses = 0;  ///< that we listen on or are reached at
    std::size_t records = 0;
    std::size_t record_bytes = 0;
    std::map<std::size_t, std::size_t> contacts;  ///< of the hash table, by bucket

    ProtocolNumbers& of(network::Protocol protocol) {
        return protocols[static_cast<std::size_t>(protocol)];
    }
    const ProtocolNumbers& of(network::Protocol protocol) const {
        return protocols[static_cast<std::size_t>(protocol)];
    }
};

}  // namespace stipple::node
