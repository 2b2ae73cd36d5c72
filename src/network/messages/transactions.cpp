#include "network/messages/transactions.hpp"

namespace stipple::network {

Bytes encode_transaction_message(const Extrinsic& transaction) {
    Bytes out;
    scale::encode_compact(out, 1);
    scale::encode_byte_string(out, transaction.data);
    return out;
}

Decoded<std::vector<Extrinsic>> decode_transactions_message(ByteView bytes) {
    if (bytes.size() > kTransactionsBytesMax) {
        return std::unexpected(MessageError::over_limit);
    }
    scale::Decoder in(bytes);
    const std::size_t count = in.length(1, kTransactionsPerMessageMax);
    if (in.error() == scale::DecodeError::length_over_limit) {
        return std::unexpected(MessageError::over_limit);
    }
    std::vector<Extrinsic> transactions;
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        transactions.push_back({to_bytes(in.byte_string())});
    }
    if (!in.finish()) {
        return std::unexpected(MessageError::bad_scale);
    }
    return transactions;
}

}  // namespace stipple::network
