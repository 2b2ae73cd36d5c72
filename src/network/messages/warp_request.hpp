// Requests for finality, `sync/warp`: from a block both trust to the newest finalised one, in steps
// of one authority set each.
//
//     request   hash of the block to begin at                                        32 bytes
//     response  Vec<{header, justification}> ‖ is_finished                           SCALE
//
// A fragment's header is the last block an authority set finalised; it names the next set, and its
// justification is signed by the set before. The last fragment of a finished proof may instead be
// the newest justified block.
//
// Spec: sect-msg-warp-sync, sect-sync-warp. Bounds: kWarpProofBytesMax bytes hold some 260 sets of
// 300 voters; we accept what one response may carry.
#pragma once

#include "network/messages/limits.hpp"
#include "network/messages/message_error.hpp"
#include "primitives/grandpa.hpp"

namespace stipple::network {

struct WarpRequest {
    BlockHash begin;
    friend auto operator<=>(const WarpRequest&, const WarpRequest&) = default;
};
Bytes encode(const WarpRequest& request);
Decoded<WarpRequest> decode_warp_request(ByteView bytes);

struct WarpFragment {
    Header header;
    grandpa::GrandpaJustification justification;
    friend bool operator==(const WarpFragment&, const WarpFragment&) = default;
    static auto fields(auto& self) { return std::tie(self.header, self.justification); }
};
struct WarpProof {
    std::vector<WarpFragment> fragments;
    bool is_finished = false;
    friend bool operator==(const WarpProof&, const WarpProof&) = default;
    static auto fields(auto& self) { return std::tie(self.fragments, self.is_finished); }
};
Bytes encode(const WarpProof& proof);
/// At most kResponseBytesMax; trailing bytes are an error.
Decoded<WarpProof> decode_warp_proof(ByteView bytes);

}  // namespace stipple::network
