// The answer to a request for blocks, read from the chain: a pure function for any worker.
//
// Spec: sect-msg-block-request. Blocks are added until the number asked for, kBlocksPerResponseMax
// or the byte bound is reached; the first block is given whatever its size, unless no peer would
// accept it. A block without the body that was asked for ends the run. Going up, the run follows
// the best chain and ends where that does not continue the block before.
#pragma once

#include "network/messages/block_request.hpp"

#include <functional>

namespace stipple::network::requests {

/// How a job reads the chain. Absent: not there (unknown, pruned, or unreadable).
struct BlockReader {
    std::function<std::optional<BlockHash>(BlockNumber)> canonical_hash;
    std::function<std::optional<Header>(const BlockHash&)> header;
    std::function<std::optional<Body>(const BlockHash&)> body;
    std::function<std::optional<Justifications>(const BlockHash&)> justifications;
};

struct Answer {
    Bytes response;
    /// False when it says nothing (unknown start): asking again is no fault then.
    bool has_data = true;
};

Answer answer_blocks(const BlockRequest& request, const BlockReader& chain,
                     std::size_t bytes_target = kBlockResponseBytesTarget);

}  // namespace stipple::network::requests
