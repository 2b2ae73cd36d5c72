// Requests of light clients, `light/2`: a runtime call or storage reads at a block, answered by
// trie nodes that prove the answer.
//
//     request   oneof: call 1 {block 2, method 3, data 4}; read 2 {block 2, keys* 3};
//                      child read 4 {block 2, storage key 3, keys* 6}
//     response  oneof: call 1 {proof 2}; read 2 {proof 2} (also for child reads)
//
// The proof is SCALE Vec<Vec<u8>> of the nodes met on the way; a response without it says that the
// node cannot answer (the block is unknown or its state pruned).
//
// Spec: sect-light-msg.
#pragma once

#include "network/messages/limits.hpp"
#include "network/messages/message_error.hpp"
#include "primitives/ids.hpp"

#include <string>
#include <variant>

namespace stipple::network {

struct LightCallRequest {
    BlockHash block;
    std::string method;
    Bytes data;
    friend auto operator<=>(const LightCallRequest&, const LightCallRequest&) = default;
};
struct LightReadRequest {
    BlockHash block;
    /// Reads of a child trie: its id, without the `:child_storage:default:` in front.
    std::optional<Bytes> child;
    std::vector<Bytes> keys;  ///< at most kLightKeysMax
    friend auto operator<=>(const LightReadRequest&, const LightReadRequest&) = default;
};
using LightRequest = std::variant<LightCallRequest, LightReadRequest>;
Bytes encode(const LightRequest& request);
Decoded<LightRequest> decode_light_request(ByteView bytes);

struct LightResponse {
    bool is_call = false;
    std::optional<Bytes> proof;  ///< encoded storage proof
    friend bool operator==(const LightResponse&, const LightResponse&) = default;
};
Bytes encode(const LightResponse& response);
Decoded<LightResponse> decode_light_response(ByteView bytes);

}  // namespace stipple::network
