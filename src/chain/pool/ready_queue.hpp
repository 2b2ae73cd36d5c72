// Transactions that may go into a block now, as a graph of tags.
//
// Each tag is provided by at most one transaction here. A transaction awaits those of its required
// tags that another one in the queue provides (the rest is satisfied by the chain already), and
// comes after those providers:
//
//     provides a          requires a           requires b
//     ┌────┐   tag a      provides b   tag b   ┌────┐
//     │ T1 │ ───────────▶ ┌────┐ ────────────▶ │ T3 │       awaits: T1 0, T2 1, T3 1
//     └────┘              │ T2 │               └────┘
//                         └────┘
// Among those that await nothing, the better is the one with the higher priority, then the one that
// expires sooner, then the one that came first. The number of awaited tags follows from the tags
// alone, so it stays right when a provider is removed and comes back after a retraction.
#pragma once

#include "chain/pool/errors.hpp"
#include "chain/pool/transaction.hpp"

#include <map>
#include <set>
#include <unordered_map>

namespace stipple::chain::pool {

/// Sorts the better transaction first.
struct ReadyOrder {
    std::uint64_t priority = 0;
    std::uint64_t valid_till = 0;
    std::uint64_t insertion = 0;
    friend bool operator<(const ReadyOrder& a, const ReadyOrder& b) {
        if (a.priority != b.priority) {
            return a.priority > b.priority;
        }
        if (a.valid_till != b.valid_till) {
            return a.valid_till < b.valid_till;
        }
        return a.insertion < b.insertion;
    }
};

/// A copy of the queue that authoring walks, on any thread: best first, never a transaction before
/// those it depends on.
class ReadyIterator {
 public:
    /// The next one, null at the end.
    TransactionPtr next();
    /// A transaction taken, mostly the last, proved invalid: skips everything that depends on it.
    void report_invalid(const ExtrinsicHash& hash);
    std::size_t size() const { return nodes_.size(); }

 private:
    friend class ReadyQueue;
    struct Node {
        TransactionPtr transaction;
        std::uint64_t insertion = 0;
        std::size_t awaiting = 0;
        std::vector<std::size_t> dependents;
        bool invalid = false;
    };
    ReadyOrder order_of(std::size_t index) const;
    std::vector<Node> nodes_;  ///< by insertion
    std::size_t taken_ = 0;    ///< index of the last one given
    std::set<std::pair<ReadyOrder, std::size_t>> best_;
};

class ReadyQueue {
 public:
    ReadyQueue() = default;
    ReadyQueue(const ReadyQueue&) = delete;  // by_insertion_ points into entries_
    ReadyQueue& operator=(const ReadyQueue&) = delete;
    ReadyQueue(ReadyQueue&&) = default;
    ReadyQueue& operator=(ReadyQueue&&) = default;

    /// Those it replaced, with all that depended on tags now lost; the first are the direct ones.
    /// Errors: too_low_priority, cycle. REQUIRES that it is not in the queue.
    std::expected<std::vector<TransactionPtr>, PoolError> import(const TransactionPtr& transaction);
    /// Removes it and everything that depends on it; empty when it is not here.
    std::vector<TransactionPtr> remove_subtree(const ExtrinsicHash& hash);
    /// The chain now provides the tag: removes its provider, and earlier ones nothing else depends
    /// on.
    std::vector<TransactionPtr> prune_tag(const Tag& tag);
    /// Puts a new verdict in place of the old one. REQUIRES the same hash and provided tags, and
    /// required tags among the old ones.
    void update(const TransactionPtr& transaction);

    bool contains(const ExtrinsicHash& hash) const;
    TransactionPtr find(const ExtrinsicHash& hash) const;
    /// Who provides a tag, null when nobody.
    const ExtrinsicHash* provider(const Tag& tag) const;
    /// Lowest priority, the oldest among equals. REQUIRES a non-empty queue.
    const ExtrinsicHash& worst() const;
    /// In order of insertion.
    std::vector<TransactionPtr> all() const;
    ReadyIterator iterate() const;
    std::size_t size() const { return entries_.size(); }
    std::size_t bytes() const { return bytes_; }
    /// What contradicts the description above, empty when nothing (tests and fuzzers ask).
    std::string find_inconsistency() const;

 private:
    struct Entry {
        TransactionPtr transaction;
        std::uint64_t insertion = 0;
        std::size_t awaiting = 0;
    };
    void insert(const TransactionPtr& transaction, std::uint64_t insertion);
    TransactionPtr erase(const ExtrinsicHash& hash);
    void set_provider(const Tag& tag, const ExtrinsicHash& hash);
    void clear_provider(const Tag& tag);
    bool comes_before_itself(const Transaction& transaction,
                             const std::set<ExtrinsicHash>& replaced) const;
    std::vector<ExtrinsicHash> dependents(const Transaction& transaction) const;

    std::unordered_map<ExtrinsicHash, Entry> entries_;  // looked up only, never walked
    std::map<Tag, ExtrinsicHash, ByteLess> provided_;
    std::map<Tag, std::set<ExtrinsicHash>, ByteLess> required_;
    std::map<std::uint64_t, const Entry*> by_insertion_;
    std::set<std::pair<std::uint64_t, std::uint64_t>> by_worth_;  // priority, insertion
    std::uint64_t insertions_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace stipple::chain::pool
