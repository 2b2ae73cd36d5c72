// Any bytes as each message of peers: no crash, and what decodes is read back from its encoding.
#include "base/check.hpp"
#include "network/messages/beefy_request.hpp"
#include "network/messages/block_announce.hpp"
#include "network/messages/block_request.hpp"
#include "network/messages/light_request.hpp"
#include "network/messages/state_request.hpp"
#include "network/messages/transactions.hpp"
#include "network/messages/warp_request.hpp"

namespace {

template <class Decode>
void round_trip(stipple::ByteView input, Decode decode) {
    if (const auto message = decode(input)) {
        CHECK(decode(encode(*message)) == *message);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    using namespace stipple::network;
    const ByteView input(data, size);
    round_trip(input, decode_block_announce_handshake);
    round_trip(input, decode_block_announce);
    round_trip(input, decode_block_request);
    round_trip(input, decode_state_request);
    round_trip(input, decode_state_response);
    round_trip(input, decode_warp_request);
    round_trip(input, decode_warp_proof);
    round_trip(input, decode_light_request);
    round_trip(input, decode_beefy_proof_request);
    round_trip(input, decode_light_response);
    if (const auto response = decode_block_response(input)) {
        CHECK(decode_block_response(encode(*response)) == *response);
        for (const auto& block : response->blocks) {
            (void)decode_body(block.body);
        }
    }
    if (const auto transactions = decode_transactions_message(input)) {
        if (transactions->size() == 1) {
            CHECK(equal(encode_transaction_message(transactions->front()), input));
        }
    }
    return 0;
}
