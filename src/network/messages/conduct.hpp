// What a peer did, and what that is worth: the vocabulary in which the machines of network/ speak
// of peers to whoever keeps reputations.
//
// Weights are those of the field (an i32 scale; a peer below about -1.5e9 is refused, and scores
// decay towards zero within minutes), so that honest slips cost little and lies end a connection.
//
// Spec: sect-networking (reputation is left to implementations).
#pragma once

#include "base/peer.hpp"

#include <cstdint>
#include <limits>

namespace stipple::network {

enum class Conduct : std::uint8_t {
    good_transaction,        ///< a transaction we did not know, valid
    any_transaction,         ///< paid in advance, refunded when the transaction is not bad
    any_transaction_refund,  ///< it was known or could not be judged
    bad_transaction,         ///< the pool refuses it
    bad_message,             ///< a message that does not decode
    bad_response,            ///< an answer without what was asked for
    not_requested,           ///< blocks other than asked for, or out of order
    no_block,                ///< cannot give a block it said to have
    bad_header,              ///< announced a header that does not verify
    bad_block,               ///< sent a block that does not verify
    bad_justification,
    bad_warp_proof,
    bad_state,         ///< a state answer whose proof does not hold
    genesis_mismatch,  ///< another chain
    other_fork,        ///< its finalised chain is not ours
    timeout,           ///< did not answer in time
    refused,           ///< closed the substream instead of answering
    same_request,      ///< the same question again and again
    same_small_request,
    too_many_requests,
    spam,  ///< more announcements than may wait
    // BEEFY, with the field's weights: races make honest peers late or early now and then.
    past_vote,
    future_vote,
    unknown_voter,
    bad_vote,
    bad_finality_proof,
    refused_proof,
};
/// The change of reputation.
std::int32_t weight(Conduct conduct);
/// For logs and metrics: lower case words joined by underscores.
const char* describe(Conduct conduct);

/// For whoever keeps reputations; `disconnect` asks for the connection to end at once.
struct ReportPeer {
    PeerKey peer;
    Conduct conduct = Conduct::bad_message;
    bool disconnect = false;
    friend bool operator==(const ReportPeer&, const ReportPeer&) = default;
};

}  // namespace stipple::network
