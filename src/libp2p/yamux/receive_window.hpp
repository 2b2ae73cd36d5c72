// How much a peer may still send on one stream, and when it is allowed more.
//
// The window starts at 256 KiB. Once half of it has been used and taken by the reader, the peer
// gets back what was taken. If that half was used up within two round trips, the window limits the
// peer's speed: it doubles, as far as the stream's maximum and what the connection has spare
// permit. It never shrinks before the stream ends.
//
// Spec: libp2p: yamux (window updates)
#pragma once

#include "libp2p/yamux/limits.hpp"

#include <algorithm>
#include <optional>

namespace stipple::libp2p::yamux {

class ReceiveWindow {
 public:
    explicit ReceiveWindow(Instant now) : granted_at_(now) {}

    /// False when the peer sends more than it may.
    [[nodiscard]] bool receive(std::uint32_t bytes) {
        if (bytes > credit_) {
            return false;
        }
        credit_ -= bytes;
        return true;
    }

    /// What to grant now that only `unread` bytes still wait for the reader; 0 while it is not
    /// worth a frame. Growth is taken from `spare`.
    std::uint32_t grant(Instant now, std::size_t unread, std::optional<Duration> round_trip,
                        std::uint64_t& spare) {
        const auto used = [&] {
            const std::uint64_t held = std::uint64_t{credit_} + unread;
            return held >= limit_ ? 0U : static_cast<std::uint32_t>(limit_ - held);
        };
        if (used() < limit_ / 2) {
            return 0;
        }
        if (round_trip && now - granted_at_ < *round_trip * 2) {
            const std::uint64_t growth =
                std::min<std::uint64_t>({limit_, kStreamWindowMax - limit_, spare});
            limit_ += static_cast<std::uint32_t>(growth);
            spare -= growth;
        }
        const std::uint32_t more = used();
        credit_ += more;
        granted_at_ = now;
        return more;
    }

    /// What this window took from the connection's spare bytes; given back when the stream ends.
    std::uint64_t growth() const { return limit_ - kInitialWindow; }
    std::uint32_t limit() const { return limit_; }

 private:
    std::uint32_t limit_ = kInitialWindow;
    std::uint32_t credit_ = kInitialWindow;  ///< what the peer may still send
    Instant granted_at_;
};

}  // namespace stipple::libp2p::yamux
