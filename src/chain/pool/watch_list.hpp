// Who is watched, and in which blocks watched transactions stand until those are finalised.
//
// Both are bounded: further watches are refused, and the transactions of the oldest block get
// `finalityTimeout`, as in the field, when more than kFinalityWatchBlocksMax blocks wait.
#pragma once

#include "chain/pool/transaction.hpp"

#include <map>
#include <set>
#include <vector>

namespace stipple::chain::pool {

class WatchList {
 public:
    struct Notice {
        ExtrinsicHash hash;
        TransactionStatus status;
    };

    /// False when as many as may be are watched already.
    bool watch(const ExtrinsicHash& hash);
    void unwatch(const ExtrinsicHash& hash);
    bool is_watched(const ExtrinsicHash& hash) const { return watched_.contains(hash); }
    std::size_t size() const { return watched_.size(); }

    /// Notes a watched transaction's place in a block; what timed out for it comes in `notices`.
    void note_in_block(const ExtrinsicHash& hash, const BlockHash& block, std::uint32_t index,
                       std::vector<Notice>& notices);
    void note_retracted(const BlockHash& block, std::vector<Notice>& notices);
    void note_finalized(const BlockHash& block, std::vector<Notice>& notices);
    std::size_t waiting_blocks() const { return blocks_.size(); }

 private:
    struct Place {
        ExtrinsicHash hash;
        std::uint32_t index = 0;
    };
    struct BlockEntry {
        std::uint64_t order = 0;
        std::vector<Place> places;
    };
    /// Takes the block out; statuses of `kind` for those still watched.
    void close(const BlockHash& block, StatusKind kind, std::vector<Notice>& notices);

    std::set<ExtrinsicHash> watched_;
    std::map<BlockHash, BlockEntry> blocks_;
    std::map<std::uint64_t, BlockHash> by_order_;
    std::uint64_t orders_ = 0;
};

}  // namespace stipple::chain::pool
