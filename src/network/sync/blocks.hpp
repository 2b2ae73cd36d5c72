// A block as it came from a peer: decoded, its hash computed, nothing else checked.
//
// Spec: sect-msg-block-request. Bounds: those of network/messages.
#pragma once

#include "base/peer.hpp"
#include "network/messages/block_request.hpp"
#include "network/messages/conduct.hpp"

namespace stipple::network::sync {

struct DownloadedBlock {
    BlockHash hash;  ///< of the header, computed here
    Header header;
    std::optional<Body> body;
    std::optional<Justifications> justifications;
    std::optional<PeerKey> from;
    std::size_t bytes = 0;  ///< encoded, for bounds

    BlockRef ref() const { return {hash, header.number}; }
    friend bool operator==(const DownloadedBlock&, const DownloadedBlock&) = default;
};

/// What is wrong with an answer as an answer; whether its blocks are good is another question.
enum class AnswerError : std::uint8_t {
    malformed,        ///< it, or a header, body or justification in it, does not decode
    missing_header,   ///< a block without the header that was asked for
    wrong_hash,       ///< a header that does not hash to what the sender calls it
    wrong_start,      ///< the first block is not the one asked for
    not_linked,       ///< neighbours that are not parent and child
    too_many_blocks,  ///< more than asked for
};

/// A lie ends the connection (Conduct::not_requested); a gap may be honest.
Conduct conduct_of(AnswerError error);

/// Reads the answer to `request`, which asks for headers: a run of linked blocks from the start
/// asked for, in the order asked for, possibly shorter, possibly empty. A body that is empty on the
/// wire is absent, unless the header commits to an empty one.
std::expected<std::vector<DownloadedBlock>, AnswerError> read_blocks(const BlockRequest& request,
                                                                     ByteView answer);

/// The justifications in an answer to a request for just those of one block; empty when the peer
/// has none.
std::expected<Justifications, AnswerError> read_justifications(const BlockHash& block,
                                                               ByteView answer);

}  // namespace stipple::network::sync
