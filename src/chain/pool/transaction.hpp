// A transaction in the pool, and what becomes of it.
#pragma once

#include "chain/pool/validity.hpp"

#include <memory>
#include <string>
#include <vector>

namespace stipple::chain::pool {

/// Immutable once validated; shared between the queues, authoring and the network.
struct Transaction {
    ExtrinsicHash hash;
    std::shared_ptr<const Extrinsic> extrinsic;
    std::size_t bytes = 0;  ///< encoded, length prefix included
    Source source = Source::external;
    std::uint64_t priority = 0;
    std::uint64_t valid_till = 0;  ///< last block number this verdict holds for
    std::vector<Tag> requires_tags;
    std::vector<Tag> provides_tags;
    bool propagate = true;
};
using TransactionPtr = std::shared_ptr<const Transaction>;

/// In the order a transaction may live through them. The names clients see are camel case.
enum class StatusKind : std::uint8_t {
    future,            ///< waits for tags
    ready,             ///< may go into a block
    broadcast,         ///< told to peers
    in_block,          ///< in a block of the best chain
    retracted,         ///< that block left the best chain
    finality_timeout,  ///< the block was not finalised in time; last
    finalized,         ///< last
    usurped,           ///< replaced by another with the same tag; last
    dropped,           ///< the pool was full; last
    invalid,           ///< no longer valid; last
};
/// "inBlock", "finalityTimeout" and so on.
const char* status_name(StatusKind kind);
/// Nothing follows after it.
bool is_last(StatusKind kind);

struct TransactionStatus {
    StatusKind kind = StatusKind::future;
    BlockHash block{};                 ///< in_block, retracted, finality_timeout, finalized
    std::uint32_t index = 0;           ///< position in that block: in_block, finalized
    ExtrinsicHash usurper{};           ///< usurped
    std::vector<std::string> peers{};  ///< broadcast
    friend bool operator==(const TransactionStatus&, const TransactionStatus&) = default;
};

}  // namespace stipple::chain::pool
