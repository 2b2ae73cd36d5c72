// A transaction on its way from pool to pool.
//
// The message is a list for the sake of old peers, and holds exactly one extrinsic since RFC-56:
// 04 ‖ length ‖ bytes.
//
// Spec: sect-msg-transactions. RFC-0056.
#pragma once

#include "network/messages/limits.hpp"
#include "network/messages/message_error.hpp"
#include "primitives/block.hpp"

namespace stipple::network {

Bytes encode_transaction_message(const Extrinsic& transaction);
/// Old peers may send several, at most kTransactionsPerMessageMax; an empty list is no error.
Decoded<std::vector<Extrinsic>> decode_transactions_message(ByteView bytes);

/// Above one only from peers older than RFC-56, which send what they gathered in three seconds.
inline constexpr std::size_t kTransactionsPerMessageMax = 8192;

}  // namespace stipple::network
