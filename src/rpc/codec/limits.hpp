// Bounds of the JSON-RPC codec.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stipple::rpc {

/// Nesting of JSON values, as deep as the field's parsers go.
inline constexpr unsigned kJsonDepthMax = 128;
/// One answer, single or batch (`--rpc-max-response-size`).
inline constexpr std::size_t kAnswerBytesMaxDefault = 15 * 1024 * 1024;
/// White space before a request; more is not JSON-RPC.
inline constexpr std::size_t kLeadingSpaceMax = 128;

}  // namespace stipple::rpc
