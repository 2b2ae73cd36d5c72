// A proof of finality from stored justifications: a pure function for any worker.
//
//     begin ─▶ last block of its set + justification ─▶ last block of the next set … ─▶ newest
//                                                                                    justified
//                                                                                    block
//
// A set that came about by a forced change has no such justification: the chain of trust is broken
// there and the proof ends before it. Spec: sect-msg-warp-sync. Bounds: `bytes_max`; a proof that
// does not fit is not finished, and the peer asks on from its last block.
#pragma once

#include "network/messages/warp_request.hpp"
#include "network/requests/block_answer.hpp"

namespace stipple::network::requests {

/// How a job reads the finalised chain.
struct WarpReader {
    /// Number of a block of the finalised chain; absent for all others.
    std::function<std::optional<BlockNumber>(const BlockHash&)> finalized_number;
    /// The first block above this one that was the last of its authority set.
    std::function<std::optional<BlockNumber>(BlockNumber)> set_end_after;
    std::function<std::optional<Header>(BlockNumber)> finalized_header;
    /// Encoded GRANDPA justification of a finalised block.
    std::function<std::optional<Bytes>(BlockNumber)> justification;
    /// The newest finalised block with a justification, and that.
    std::function<std::optional<std::pair<BlockNumber, Bytes>>()> newest_justification;
};

enum class WarpAnswerError : std::uint8_t {
    begin_not_finalized,  ///< unknown, on a fork, or not final yet
    missing_data,         ///< a header or justification of the past is not here (any more)
};
/// An encoded WarpProof.
std::expected<Answer, WarpAnswerError> answer_warp(const BlockHash& begin, const WarpReader& chain,
                                                   std::size_t bytes_max = kWarpProofBytesMax);

}  // namespace stipple::network::requests
