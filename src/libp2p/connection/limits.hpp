// Every bound of this folder, with its reason.
#pragma once

#include "base/time.hpp"

#include <cstddef>

namespace stipple::libp2p {

/// From the first byte to a multiplexed connection, unless the configuration says otherwise; the
/// Rust nodes give it the same.
constexpr Duration kConnectionHandshakeTime = std::chrono::seconds(10);
/// To agree on a substream's protocol.
constexpr Duration kNegotiationTime = std::chrono::seconds(10);
/// Events that wait to be taken; beyond it nothing more is read.
constexpr std::size_t kConnectionEventsMax = 1024;
/// Substreams whose protocol is not agreed, of each direction; more are reset or refused.
constexpr std::size_t kNegotiationsMax = 128;

}  // namespace stipple::libp2p
