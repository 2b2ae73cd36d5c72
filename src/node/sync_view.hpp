// How far sync is, for threads that only look: JSON-RPC and metrics. The runner writes it about
// once a second.
#pragma once

#include "primitives/ids.hpp"

#include <atomic>

namespace stipple::node {

struct SyncView {
    std::atomic<bool> is_major{false};
    std::atomic<std::uint32_t> peers{0};
    std::atomic<BlockNumber> highest_seen{0};  ///< best block any peer has told; 0: none
};

}  // namespace stipple::node
