// What a protocol on a substream reports each time it was given bytes, and how it fails.
//
// A substream carries one protocol between two sides. Each side is one small machine:
//
//     SubstreamStep exchange(ByteExchange&);
//
// takes what arrived, appends what it may, and sets `wake_at` when it wants time to pass. After
// `event` its owner takes the event and calls again at once; after `finished` or `failed` the owner
// lets the substream go (resets it unless both directions have ended) and calls no more.
//
// Spec: sect-networking.
#pragma once

#include <cstdint>

namespace stipple::libp2p {

enum class SubstreamStep : std::uint8_t {
    waiting,   ///< needs bytes, allowance, time, or a decision from above
    event,     ///< something can be taken
    finished,  ///< this side has nothing left to do
    failed,    ///< the machine's failure() tells why
};

enum class SubstreamFailure : std::uint8_t {
    refused,          ///< closed before the first byte of an answer
    truncated,        ///< ended inside a message
    bad_length,       ///< a length prefix that is no number
    too_long,         ///< a message longer than the protocol allows
    timed_out,        ///< its time was over
    stalled,          ///< the peer does not read what we send
    unexpected_data,  ///< bytes where the protocol has none
    wrong_echo,       ///< a ping came back changed
    malformed,        ///< a message that does not decode
};

}  // namespace stipple::libp2p
