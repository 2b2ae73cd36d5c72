// Every bound of this folder, with its reason.
#pragma once

#include <cstddef>

namespace stipple::libp2p::websocket {

/// Request or response of the upgrade: proxies add some headers, cookies have no place here.
constexpr std::size_t kHeadBytesMax = 8 * 1024;
/// Unmasked bytes that the layer above has not taken; beyond it nothing more is read.
constexpr std::size_t kIncomingBytesMax = 256 * 1024;
/// Pongs that wait to be sent; beyond it nothing more is read.
constexpr std::size_t kControlBytesMax = 4 * 1024;
/// Payload of a frame we send: what one turn of a connection writes, at most.
constexpr std::size_t kFramePayloadMax = 256 * 1024;
/// Payload of a control frame; set by the specification.
constexpr std::size_t kControlPayloadMax = 125;

}  // namespace stipple::libp2p::websocket
