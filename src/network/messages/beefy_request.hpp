// Requests for the BEEFY finality proof of a block, `beefy/justifications/1`.
//
//     request   number of the block, u32                    4 bytes
//     response  the encoded finality proof
//
// Spec: none; protocols.md section 8.
#pragma once

#include "network/messages/message_error.hpp"
#include "primitives/ids.hpp"

namespace stipple::network {

struct BeefyProofRequest {
    BlockNumber block = 0;
    friend auto operator<=>(const BeefyProofRequest&, const BeefyProofRequest&) = default;
};
Bytes encode(const BeefyProofRequest& request);
/// Whole input.
Decoded<BeefyProofRequest> decode_beefy_proof_request(ByteView bytes);

}  // namespace stipple::network
