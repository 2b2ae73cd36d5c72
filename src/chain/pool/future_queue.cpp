#include "chain/pool/future_queue.hpp"

#include "base/check.hpp"

namespace stipple::chain::pool {
namespace {
template <class Index>
void drop(Index& index, const Tag& tag, std::uint64_t insertion) {
    if (const auto found = index.find(tag); found != index.end()) {
        found->second.erase(insertion);
        if (found->second.empty()) {
            index.erase(found);
        }
    }
}
}  // namespace

void FutureQueue::import(const TransactionPtr& transaction, Tags missing) {
    CHECK(!contains(transaction->hash));
    CHECK(!missing.empty());
    const std::uint64_t insertion = ++insertions_;
    for (const Tag& tag : missing) {
        wanted_[tag].emplace(insertion, transaction->hash);
    }
    for (const Tag& tag : transaction->provides_tags) {
        provided_[tag].emplace(insertion, transaction->hash);
    }
    by_insertion_.emplace(insertion, transaction->hash);
    bytes_ += transaction->bytes;
    entries_.emplace(transaction->hash, Entry{transaction, std::move(missing), insertion});
}

std::vector<TransactionPtr> FutureQueue::satisfy(const Tag& tag) {
    std::vector<TransactionPtr> complete;
    const auto found = wanted_.find(tag);
    if (found == wanted_.end()) {
        return complete;
    }
    const auto waiting = std::move(found->second);
    wanted_.erase(found);
    for (const auto& [insertion, hash] : waiting) {
        Entry& entry = entries_.at(hash);
        entry.missing.erase(tag);
        if (entry.missing.empty()) {
            complete.push_back(remove(hash));
        }
    }
    return complete;
}

std::vector<TransactionPtr> FutureQueue::prune_tag(const Tag& tag) {
    std::vector<TransactionPtr> removed;
    const auto found = provided_.find(tag);
    if (found == provided_.end()) {
        return removed;
    }
    const auto providing = found->second;
    for (const auto& [insertion, hash] : providing) {
        removed.push_back(remove(hash));
    }
    return removed;
}

TransactionPtr FutureQueue::remove(const ExtrinsicHash& hash) {
    const auto found = entries_.find(hash);
    if (found == entries_.end()) {
        return nullptr;
    }
    const Entry entry = std::move(found->second);
    entries_.erase(found);
    for (const Tag& tag : entry.missing) {
        drop(wanted_, tag, entry.insertion);
    }
    for (const Tag& tag : entry.transaction->provides_tags) {
        drop(provided_, tag, entry.insertion);
    }
    by_insertion_.erase(entry.insertion);
    bytes_ -= entry.transaction->bytes;
    return entry.transaction;
}

TransactionPtr FutureQueue::find(const ExtrinsicHash& hash) const {
    const auto found = entries_.find(hash);
    return found == entries_.end() ? nullptr : found->second.transaction;
}

std::vector<TransactionPtr> FutureQueue::all() const {
    std::vector<TransactionPtr> result;
    result.reserve(entries_.size());
    for (const auto& [insertion, hash] : by_insertion_) {
        result.push_back(entries_.at(hash).transaction);
    }
    return result;
}

std::string FutureQueue::find_inconsistency() const {
    std::size_t bytes = 0;
    std::size_t wanted = 0;
    std::size_t provided = 0;
    for (const auto& [insertion, hash] : by_insertion_) {
        const auto found = entries_.find(hash);
        if (found == entries_.end()) {
            return "future: insertion order names an absent transaction";
        }
        const Entry& entry = found->second;
        if (entry.missing.empty()) {
            return "future: misses nothing";
        }
        bytes += entry.transaction->bytes;
        wanted += entry.missing.size();
        provided += entry.transaction->provides_tags.size();
        for (const Tag& tag : entry.missing) {
            const auto waiting = wanted_.find(tag);
            if (waiting == wanted_.end() || !waiting->second.contains(insertion)) {
                return "future: a missing tag is not indexed";
            }
        }
    }
    for (const auto& [tag, waiting] : wanted_) {
        wanted -= waiting.size();
    }
    for (const auto& [tag, providing] : provided_) {
        provided -= providing.size();
    }
    const bool same =
        bytes == bytes_ && wanted == 0 && provided == 0 && by_insertion_.size() == entries_.size();
    return same ? "" : "future: an index has more or fewer entries than the queue";
}

bool FutureQueue::contains(const ExtrinsicHash& hash) const {
    return entries_.contains(hash);
}

}  // namespace stipple::chain::pool
