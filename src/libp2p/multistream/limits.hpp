// Every bound of this folder, with its reason.
#pragma once

#include <cstddef>

namespace stipple::libp2p::multistream {

/// Bytes of one message with its newline. Protocol names here have at most some 120 (a genesis
/// hash, a fork id and a name); other implementations stop at 16383.
inline constexpr std::size_t kMessageBytesMax = 1024;

/// Proposals a listener refuses before it gives up. Nodes propose a name and a few older ones.
inline constexpr std::size_t kProposalsMax = 32;

}  // namespace stipple::libp2p::multistream
