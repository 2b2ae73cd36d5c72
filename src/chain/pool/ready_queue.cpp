#include "chain/pool/ready_queue.hpp"

#include "base/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <limits>

namespace stipple::chain::pool {
namespace {
std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
    const std::uint64_t room = std::numeric_limits<std::uint64_t>::max() - a;
    return b > room ? std::numeric_limits<std::uint64_t>::max() : a + b;
}
}  // namespace

// ---- import ----

std::expected<std::vector<TransactionPtr>, PoolError> ReadyQueue::import(
    const TransactionPtr& transaction) {
    CHECK(!contains(transaction->hash));
    std::set<ExtrinsicHash> replaced;
    for (const Tag& tag : transaction->provides_tags) {
        if (const ExtrinsicHash* holder = provider(tag)) {
            replaced.insert(*holder);
        }
    }
    std::uint64_t old_priority = 0;
    for (const ExtrinsicHash& hash : replaced) {
        old_priority = saturating_add(old_priority, entries_.at(hash).transaction->priority);
    }
    if (!replaced.empty() && old_priority >= transaction->priority) {
        return std::unexpected(PoolError{.kind = PoolErrorKind::too_low_priority,
                                         .old_priority = old_priority,
                                         .new_priority = transaction->priority});
    }
    if (comes_before_itself(*transaction, replaced)) {
        return std::unexpected(PoolError{.kind = PoolErrorKind::cycle});
    }

    std::vector<TransactionPtr> removed;
    std::set<ExtrinsicHash> orphans;
    const std::set<Tag, ByteLess> kept(transaction->provides_tags.begin(),
                                       transaction->provides_tags.end());
    for (const ExtrinsicHash& hash : replaced) {
        removed.push_back(erase(hash));
        for (const Tag& tag : removed.back()->provides_tags) {
            const auto needing = required_.find(tag);
            if (!kept.contains(tag) && needing != required_.end()) {
                orphans.insert(needing->second.begin(), needing->second.end());
            }
        }
    }
    for (const ExtrinsicHash& hash : orphans) {
        for (TransactionPtr& gone : remove_subtree(hash)) {
            removed.push_back(std::move(gone));
        }
    }
    insert(transaction, ++insertions_);
    return removed;
}

// A cycle needs somebody in the queue who requires what the new one provides; then the way up from
// the new one's requirements must not meet such a one, nor one that is about to be replaced.
bool ReadyQueue::comes_before_itself(const Transaction& transaction,
                                     const std::set<ExtrinsicHash>& replaced) const {
    std::set<ExtrinsicHash> forbidden = replaced;
    for (const Tag& tag : transaction.provides_tags) {
        for (const Tag& required : transaction.requires_tags) {
            if (tag == required) {
                return true;
            }
        }
        if (const auto needing = required_.find(tag); needing != required_.end()) {
            forbidden.insert(needing->second.begin(), needing->second.end());
        }
    }
    if (forbidden.empty()) {
        return false;
    }
    std::set<ExtrinsicHash> seen;
    std::vector<const Transaction*> upward{&transaction};
    while (!upward.empty()) {
        const Transaction* current = upward.back();
        upward.pop_back();
        for (const Tag& tag : current->requires_tags) {
            const ExtrinsicHash* above = provider(tag);
            if (above == nullptr || !seen.insert(*above).second) {
                continue;
            }
            if (forbidden.contains(*above)) {
                return true;
            }
            upward.push_back(entries_.at(*above).transaction.get());
        }
    }
    return false;
}

void ReadyQueue::insert(const TransactionPtr& transaction, std::uint64_t insertion) {
    std::size_t awaiting = 0;
    for (const Tag& tag : transaction->requires_tags) {
        awaiting += static_cast<std::size_t>(provided_.contains(tag));
        required_[tag].insert(transaction->hash);
    }
    const auto placed =
        entries_.emplace(transaction->hash, Entry{transaction, insertion, awaiting}).first;
    by_insertion_.emplace(insertion, &placed->second);  // elements of the map stay where they are
    by_worth_.emplace(transaction->priority, insertion);
    bytes_ += transaction->bytes;
    for (const Tag& tag : transaction->provides_tags) {
        set_provider(tag, transaction->hash);
    }
}

TransactionPtr ReadyQueue::erase(const ExtrinsicHash& hash) {
    const auto found = entries_.find(hash);
    CHECK(found != entries_.end());
    by_insertion_.erase(found->second.insertion);
    const Entry entry = std::move(found->second);
    entries_.erase(found);
    by_worth_.erase({entry.transaction->priority, entry.insertion});
    bytes_ -= entry.transaction->bytes;
    for (const Tag& tag : entry.transaction->requires_tags) {
        const auto needing = required_.find(tag);
        needing->second.erase(hash);
        if (needing->second.empty()) {
            required_.erase(needing);
        }
    }
    for (const Tag& tag : entry.transaction->provides_tags) {
        clear_provider(tag);
    }
    return entry.transaction;
}

void ReadyQueue::set_provider(const Tag& tag, const ExtrinsicHash& hash) {
    CHECK(provided_.emplace(tag, hash).second);
    if (const auto needing = required_.find(tag); needing != required_.end()) {
        for (const ExtrinsicHash& dependent : needing->second) {
            ++entries_.at(dependent).awaiting;
        }
    }
}

void ReadyQueue::clear_provider(const Tag& tag) {
    CHECK(provided_.erase(tag) == 1);
    if (const auto needing = required_.find(tag); needing != required_.end()) {
        for (const ExtrinsicHash& dependent : needing->second) {
            Entry& entry = entries_.at(dependent);
            CHECK(entry.awaiting > 0);
            --entry.awaiting;
        }
    }
}

// ---- removal ----

std::vector<ExtrinsicHash> ReadyQueue::dependents(const Transaction& transaction) const {
    std::vector<ExtrinsicHash> found;
    for (const Tag& tag : transaction.provides_tags) {
        if (const auto needing = required_.find(tag); needing != required_.end()) {
            found.insert(found.end(), needing->second.begin(), needing->second.end());
        }
    }
    return found;
}

std::vector<TransactionPtr> ReadyQueue::remove_subtree(const ExtrinsicHash& hash) {
    std::vector<TransactionPtr> removed;
    std::deque<ExtrinsicHash> waiting{hash};
    while (!waiting.empty()) {
        const ExtrinsicHash current = waiting.front();
        waiting.pop_front();
        if (!contains(current)) {
            continue;
        }
        const TransactionPtr gone = erase(current);
        for (const ExtrinsicHash& dependent : dependents(*gone)) {
            waiting.push_back(dependent);
        }
        removed.push_back(gone);
    }
    return removed;
}

std::vector<TransactionPtr> ReadyQueue::prune_tag(const Tag& tag) {
    std::vector<TransactionPtr> removed;
    std::deque<Tag> waiting{tag};
    while (!waiting.empty()) {
        const Tag current = std::move(waiting.front());
        waiting.pop_front();
        const ExtrinsicHash* holder = provider(current);
        if (holder == nullptr) {
            continue;
        }
        const TransactionPtr gone = erase(ExtrinsicHash(*holder));
        for (const Tag& required : gone->requires_tags) {
            const ExtrinsicHash* earlier = provider(required);
            if (earlier != nullptr && dependents(*entries_.at(*earlier).transaction).empty()) {
                waiting.push_back(required);
            }
        }
        removed.push_back(gone);
    }
    return removed;
}

void ReadyQueue::update(const TransactionPtr& transaction) {
    const auto found = entries_.find(transaction->hash);
    CHECK(found != entries_.end());
    CHECK(found->second.transaction->provides_tags == transaction->provides_tags);
    const std::uint64_t insertion = found->second.insertion;
    erase(transaction->hash);
    insert(transaction, insertion);
}

// ---- questions ----

TransactionPtr ReadyQueue::find(const ExtrinsicHash& hash) const {
    const auto found = entries_.find(hash);
    return found == entries_.end() ? nullptr : found->second.transaction;
}

const ExtrinsicHash* ReadyQueue::provider(const Tag& tag) const {
    const auto found = provided_.find(tag);
    return found == provided_.end() ? nullptr : &found->second;
}

const ExtrinsicHash& ReadyQueue::worst() const {
    CHECK(!by_worth_.empty());
    return by_insertion_.at(by_worth_.begin()->second)->transaction->hash;
}

std::vector<TransactionPtr> ReadyQueue::all() const {
    std::vector<TransactionPtr> result;
    result.reserve(entries_.size());
    for (const auto& [insertion, entry] : by_insertion_) {
        result.push_back(entry->transaction);
    }
    return result;
}

std::string ReadyQueue::find_inconsistency() const {
    std::size_t bytes = 0;
    std::size_t provided = 0;
    std::size_t required = 0;
    for (const auto& [insertion, entry] : by_insertion_) {
        const ExtrinsicHash& hash = entry->transaction->hash;
        const auto found = entries_.find(hash);
        if (found == entries_.end() || found->second.insertion != insertion) {
            return "insertion order names an absent transaction";
        }
        const Transaction& transaction = *found->second.transaction;
        bytes += transaction.bytes;
        std::size_t awaiting = 0;
        for (const Tag& tag : transaction.requires_tags) {
            awaiting += static_cast<std::size_t>(provided_.contains(tag));
            const auto needing = required_.find(tag);
            if (needing == required_.end() || !needing->second.contains(hash)) {
                return "a required tag is not indexed";
            }
        }
        if (awaiting != found->second.awaiting) {
            return fmt::format("awaits {}, counted {}", awaiting, found->second.awaiting);
        }
        for (const Tag& tag : transaction.provides_tags) {
            const ExtrinsicHash* holder = provider(tag);
            if (holder == nullptr || *holder != hash) {
                return "a provided tag is not indexed";
            }
        }
        if (!by_worth_.contains({transaction.priority, insertion})) {
            return "not in the order of worth";
        }
        provided += transaction.provides_tags.size();
        required += transaction.requires_tags.size();
    }
    for (const auto& [tag, hashes] : required_) {
        required -= hashes.size();
    }
    if (bytes != bytes_ || provided != provided_.size() || required != 0 ||
        by_worth_.size() != entries_.size() || by_insertion_.size() != entries_.size()) {
        return "an index has more or fewer entries than the queue";
    }
    ReadyIterator walk = iterate();
    std::size_t reached = 0;
    while (walk.next() != nullptr) {
        ++reached;
    }
    return reached == size() ? "" : fmt::format("{} of {} can be reached", reached, size());
}

// ---- walking ----

ReadyIterator ReadyQueue::iterate() const {
    ReadyIterator walk;
    walk.nodes_.reserve(entries_.size());
    for (const auto& [insertion, entry] : by_insertion_) {
        walk.nodes_.push_back({entry->transaction, insertion, entry->awaiting, {}, false});
    }
    for (std::size_t i = 0; i < walk.nodes_.size(); ++i) {
        if (walk.nodes_[i].awaiting == 0) {
            walk.best_.emplace(walk.order_of(i), i);
            continue;
        }
        for (const Tag& tag : walk.nodes_[i].transaction->requires_tags) {
            if (const ExtrinsicHash* holder = provider(tag)) {
                const auto before =
                    std::ranges::lower_bound(walk.nodes_, entries_.at(*holder).insertion, {},
                                             &ReadyIterator::Node::insertion);
                before->dependents.push_back(i);
            }
        }
    }
    return walk;
}

ReadyOrder ReadyIterator::order_of(std::size_t index) const {
    const Node& node = nodes_[index];
    return {node.transaction->priority, node.transaction->valid_till, node.insertion};
}

TransactionPtr ReadyIterator::next() {
    while (!best_.empty()) {
        const std::size_t index = best_.begin()->second;
        best_.erase(best_.begin());
        if (nodes_[index].invalid) {
            continue;
        }
        for (const std::size_t dependent : nodes_[index].dependents) {
            if (--nodes_[dependent].awaiting == 0) {
                best_.emplace(order_of(dependent), dependent);
            }
        }
        taken_ = index;
        return nodes_[index].transaction;
    }
    return nullptr;
}

void ReadyIterator::report_invalid(const ExtrinsicHash& hash) {
    const auto is_it = [&](const Node& node) { return node.transaction->hash == hash; };
    const bool last = taken_ < nodes_.size() && is_it(nodes_[taken_]);
    const auto found = last ? nodes_.begin() + static_cast<std::ptrdiff_t>(taken_)
                            : std::ranges::find_if(nodes_, is_it);
    if (found != nodes_.end()) {
        for (const std::size_t dependent : found->dependents) {
            nodes_[dependent].invalid = true;
        }
    }
}

bool ReadyQueue::contains(const ExtrinsicHash& hash) const {
    return entries_.contains(hash);
}

}  // namespace stipple::chain::pool
