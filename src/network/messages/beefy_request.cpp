#include "network/messages/beefy_request.hpp"

#include "scale/codec.hpp"

namespace stipple::network {

Bytes encode(const BeefyProofRequest& request) {
    return scale::encode(request.block);
}

Decoded<BeefyProofRequest> decode_beefy_proof_request(ByteView bytes) {
    const auto block = scale::decode<BlockNumber>(bytes);
    if (!block) {
        return std::unexpected(MessageError::bad_scale);
    }
    return BeefyProofRequest{*block};
}

}  // namespace stipple::network
