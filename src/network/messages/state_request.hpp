// Requests for the state after a block, `state/2`: for those who have its header and not its state.
//
//     request  {block 1, start* 2, no_proof 3}
//     response {entries* 1: {state_root 1, entries* 2: {key 1, value 2}, complete 3}, proof 2}
//
// `start` is where the last answer ended: nothing, a key of the main trie, or the full key of a
// child trie's root (`:child_storage:default:` ‖ id) and a key in that child trie. With proofs, an
// answer is a compact proof (SCALE Vec<Vec<u8>>) of a stretch of the trie; it needs no trust.
//
// Spec: sect-msg-state-request. Deviation: the text's request is a bare hash (protocols.md §19).
#pragma once

#include "network/messages/limits.hpp"
#include "network/messages/message_error.hpp"
#include "primitives/ids.hpp"

namespace stipple::network {

struct StateRequest {
    BlockHash block;
    std::vector<Bytes> start;  ///< at most kStateStartKeysMax
    bool no_proof = false;
    friend auto operator<=>(const StateRequest&, const StateRequest&) = default;
};
Bytes encode(const StateRequest& request);
Decoded<StateRequest> decode_state_request(ByteView bytes);

struct StateEntry {
    Bytes key;
    Bytes value;
    friend bool operator==(const StateEntry&, const StateEntry&) = default;
};
/// A stretch of one trie.
struct StateEntries {
    Bytes trie_root;  ///< of a child trie; empty: the main trie
    std::vector<StateEntry> entries;
    bool complete = false;  ///< no keys follow in this trie
    friend bool operator==(const StateEntries&, const StateEntries&) = default;
};
struct StateResponse {
    std::vector<StateEntries> tries;  ///< for requests with no_proof
    Bytes proof;                      ///< for the others: an encoded compact proof
    friend bool operator==(const StateResponse&, const StateResponse&) = default;
};
Bytes encode(const StateResponse& response);
/// At most kResponseBytesMax.
Decoded<StateResponse> decode_state_response(ByteView bytes);

}  // namespace stipple::network
