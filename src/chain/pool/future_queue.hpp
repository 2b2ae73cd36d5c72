// Transactions that require tags nobody provides yet: nonces with a gap before them.
//
// Bounded by the caller, which drops the oldest. Several may provide the same tag here; which one
// stays is decided when they become ready.
#pragma once

#include "chain/pool/transaction.hpp"

#include <map>
#include <set>
#include <unordered_map>

namespace stipple::chain::pool {

class FutureQueue {
 public:
    using Tags = std::set<Tag, ByteLess>;

    /// REQUIRES that it is not here and that `missing` is not empty.
    void import(const TransactionPtr& transaction, Tags missing);
    /// The tag is provided now: takes out those that miss nothing any more, oldest first.
    std::vector<TransactionPtr> satisfy(const Tag& tag);
    /// Takes out those that provide the tag: the chain has it already.
    std::vector<TransactionPtr> prune_tag(const Tag& tag);
    TransactionPtr remove(const ExtrinsicHash& hash);

    bool contains(const ExtrinsicHash& hash) const;
    TransactionPtr find(const ExtrinsicHash& hash) const;
    /// REQUIRES a non-empty queue.
    const ExtrinsicHash& oldest() const { return by_insertion_.begin()->second; }
    /// In order of insertion.
    std::vector<TransactionPtr> all() const;
    std::size_t size() const { return entries_.size(); }
    std::size_t bytes() const { return bytes_; }
    std::string find_inconsistency() const;

 private:
    struct Entry {
        TransactionPtr transaction;
        Tags missing;
        std::uint64_t insertion = 0;
    };
    using TagIndex = std::map<Tag, std::map<std::uint64_t, ExtrinsicHash>, ByteLess>;

    std::unordered_map<ExtrinsicHash, Entry> entries_;  // looked up only, never walked
    TagIndex wanted_;                                   // missing tag -> who, by insertion
    TagIndex provided_;                                 // provided tag -> who, by insertion
    std::map<std::uint64_t, ExtrinsicHash> by_insertion_;
    std::uint64_t insertions_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace stipple::chain::pool
