// The ready and the future queue together: what moves between them when tags come and go.
//
//            missing tags                          all tags there
//   import ───────────────▶ future ── satisfied ──▶ ready ── taken by authoring, pruned by blocks
//                             ▲  ▲                    │
//                             │  └── full: oldest     ├── usurped by a higher priority
//                             └───────────────────────┘ lost a tag after a new verdict
//
// Tags of the last kPrunedTagBlocks blocks count as provided, since a transaction may have been
// validated just before the block that includes its predecessor.
#pragma once

#include "chain/pool/future_queue.hpp"
#include "chain/pool/ready_queue.hpp"

#include <array>

namespace stipple::chain::pool {

struct QueueLimit {
    std::size_t count = 0;
    std::size_t bytes = 0;
};

struct Usurped {
    TransactionPtr transaction;
    ExtrinsicHash by;
};
/// What an import or a pruned tag set off.
struct QueueChanges {
    bool ready = false;                    ///< the imported one is in the ready queue
    std::vector<TransactionPtr> promoted;  ///< from future to ready
    std::vector<TransactionPtr> failed;    ///< left the future queue for good
    std::vector<Usurped> usurped;          ///< left the ready queue, or lost on promotion
    std::vector<TransactionPtr> pruned;    ///< left since the chain provides their tags now
};

class Queues {
 public:
    /// Errors: already_imported, too_low_priority, cycle.
    std::expected<QueueChanges, PoolError> import(const TransactionPtr& transaction);
    /// Begins the tags of a new block: forgets those of the block before the last.
    void start_block();
    /// The chain provides these tags since the block just started.
    QueueChanges prune_tags(const std::vector<Tag>& tags);
    /// After a retraction, tags of old blocks prove nothing.
    void forget_pruned_tags();
    /// Takes the transaction out with all that depend on it (ready) or alone (future).
    std::vector<TransactionPtr> remove(const ExtrinsicHash& hash);
    /// Puts a new verdict in place. What lost a tag by it goes through import again.
    QueueChanges update(const TransactionPtr& transaction);
    /// Drops the worst until both limits hold.
    std::vector<TransactionPtr> enforce(const QueueLimit& ready, const QueueLimit& future);
    /// Takes out those whose verdict held for blocks below `block` only, with what depends on them.
    std::vector<TransactionPtr> remove_expired(std::uint64_t block);

    bool contains(const ExtrinsicHash& hash) const {
        return ready_.contains(hash) || future_.contains(hash);
    }
    TransactionPtr find(const ExtrinsicHash& hash) const;
    const ReadyQueue& ready() const { return ready_; }
    const FutureQueue& future() const { return future_; }
    std::string find_inconsistency() const;

 private:
    FutureQueue::Tags missing_tags(const Transaction& transaction) const;
    void import_ready(const TransactionPtr& first, bool first_is_promotion, QueueChanges& changes);
    bool promote(const TransactionPtr& transaction, QueueChanges& changes);

    ReadyQueue ready_;
    FutureQueue future_;
    std::array<std::set<Tag, ByteLess>, 2> pruned_tags_;  // of this block and the one before
};

}  // namespace stipple::chain::pool
