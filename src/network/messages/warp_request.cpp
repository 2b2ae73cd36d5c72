#include "network/messages/warp_request.hpp"

namespace stipple::network {

Bytes encode(const WarpRequest& request) {
    return to_bytes(request.begin.view());
}

Decoded<WarpRequest> decode_warp_request(ByteView bytes) {
    if (bytes.size() > kWarpRequestBytes) {
        return std::unexpected(MessageError::over_limit);
    }
    const auto begin = BlockHash::from(bytes);
    if (!begin) {
        return std::unexpected(MessageError::bad_scale);
    }
    return WarpRequest{*begin};
}

Bytes encode(const WarpProof& proof) {
    return scale::encode(proof);
}

Decoded<WarpProof> decode_warp_proof(ByteView bytes) {
    if (bytes.size() > kResponseBytesMax) {
        return std::unexpected(MessageError::over_limit);
    }
    auto proof = scale::decode<WarpProof>(bytes);
    if (!proof) {
        return std::unexpected(MessageError::bad_scale);
    }
    return std::move(*proof);
}

}  // namespace stipple::network
