#include "chain/pool/queues.hpp"

#include "chain/pool/limits.hpp"

#include <deque>

namespace stipple::chain::pool {

static_assert(kPrunedTagBlocks == 2, "the two sets of pruned_tags_");

FutureQueue::Tags Queues::missing_tags(const Transaction& transaction) const {
    FutureQueue::Tags missing;
    for (const Tag& tag : transaction.requires_tags) {
        if (ready_.provider(tag) == nullptr && !pruned_tags_[0].contains(tag) &&
            !pruned_tags_[1].contains(tag)) {
            missing.insert(tag);
        }
    }
    return missing;
}

std::expected<QueueChanges, PoolError> Queues::import(const TransactionPtr& transaction) {
    if (contains(transaction->hash)) {
        return std::unexpected(PoolError{.kind = PoolErrorKind::already_imported});
    }
    QueueChanges changes;
    if (auto missing = missing_tags(*transaction); !missing.empty()) {
        future_.import(transaction, std::move(missing));
        return changes;
    }
    auto replaced = ready_.import(transaction);
    if (!replaced) {
        return std::unexpected(replaced.error());
    }
    for (TransactionPtr& gone : *replaced) {
        changes.usurped.push_back({std::move(gone), transaction->hash});
    }
    changes.ready = true;
    import_ready(transaction, false, changes);
    return changes;
}

// Moves what `first` makes ready, and what that makes ready, in order of arrival.
void Queues::import_ready(const TransactionPtr& first, bool first_is_promotion,
                          QueueChanges& changes) {
    std::deque<TransactionPtr> waiting{first};
    bool promotion = first_is_promotion;
    while (!waiting.empty()) {
        const TransactionPtr current = waiting.front();
        waiting.pop_front();
        const bool arrived = !promotion || promote(current, changes);
        promotion = true;
        if (!arrived) {
            continue;
        }
        for (const Tag& tag : current->provides_tags) {
            for (TransactionPtr& complete : future_.satisfy(tag)) {
                waiting.push_back(std::move(complete));
            }
        }
    }
    // A promotion may have replaced an earlier one of the same turn.
    std::erase_if(changes.promoted, [this](const TransactionPtr& transaction) {
        return !ready_.contains(transaction->hash);
    });
}

bool Queues::promote(const TransactionPtr& transaction, QueueChanges& changes) {
    // What it waited for may have gone again within the same turn.
    if (auto missing = missing_tags(*transaction); !missing.empty()) {
        future_.import(transaction, std::move(missing));
        return false;
    }
    auto replaced = ready_.import(transaction);
    if (!replaced) {
        if (replaced.error().kind == PoolErrorKind::too_low_priority) {
            ExtrinsicHash holder{};
            for (const Tag& tag : transaction->provides_tags) {
                if (const ExtrinsicHash* found = ready_.provider(tag)) {
                    holder = *found;
                }
            }
            changes.usurped.push_back({transaction, holder});
        } else {
            changes.failed.push_back(transaction);
        }
        return false;
    }
    for (TransactionPtr& gone : *replaced) {
        changes.usurped.push_back({std::move(gone), transaction->hash});
    }
    changes.promoted.push_back(transaction);
    return true;
}

void Queues::start_block() {
    pruned_tags_[1] = std::move(pruned_tags_[0]);
    pruned_tags_[0].clear();
}

void Queues::forget_pruned_tags() {
    pruned_tags_ = {};
}

QueueChanges Queues::prune_tags(const std::vector<Tag>& tags) {
    QueueChanges changes;
    for (const Tag& tag : tags) {
        for (TransactionPtr& gone : future_.prune_tag(tag)) {
            changes.failed.push_back(std::move(gone));
        }
    }
    std::vector<TransactionPtr> complete;
    for (const Tag& tag : tags) {
        for (TransactionPtr& gone : ready_.prune_tag(tag)) {
            changes.pruned.push_back(std::move(gone));
        }
        pruned_tags_[0].insert(tag);
        for (TransactionPtr& one : future_.satisfy(tag)) {
            complete.push_back(std::move(one));
        }
    }
    for (const TransactionPtr& one : complete) {
        import_ready(one, true, changes);
    }
    return changes;
}

std::vector<TransactionPtr> Queues::remove(const ExtrinsicHash& hash) {
    std::vector<TransactionPtr> removed = ready_.remove_subtree(hash);
    if (TransactionPtr gone = future_.remove(hash)) {
        removed.push_back(std::move(gone));
    }
    return removed;
}

QueueChanges Queues::update(const TransactionPtr& transaction) {
    QueueChanges changes;
    const TransactionPtr old = ready_.find(transaction->hash);
    if (old == nullptr) {
        return changes;
    }
    const std::set<Tag, ByteLess> old_requires(old->requires_tags.begin(),
                                               old->requires_tags.end());
    bool fits = old->provides_tags == transaction->provides_tags;
    for (const Tag& tag : transaction->requires_tags) {
        fits = fits && old_requires.contains(tag);
    }
    if (fits) {
        ready_.update(transaction);
        return changes;
    }
    std::vector<TransactionPtr> again = ready_.remove_subtree(transaction->hash);
    again.front() = transaction;
    for (const TransactionPtr& one : again) {
        auto outcome = import(one);
        if (!outcome) {
            changes.failed.push_back(one);
            continue;
        }
        for (Usurped& gone : outcome->usurped) {
            changes.usurped.push_back(std::move(gone));
        }
        for (TransactionPtr& gone : outcome->failed) {
            changes.failed.push_back(std::move(gone));
        }
        for (TransactionPtr& come : outcome->promoted) {
            changes.promoted.push_back(std::move(come));
        }
    }
    return changes;
}

std::vector<TransactionPtr> Queues::enforce(const QueueLimit& ready, const QueueLimit& future) {
    std::vector<TransactionPtr> removed;
    while (ready_.size() > ready.count || ready_.bytes() > ready.bytes) {
        const ExtrinsicHash worst = ready_.worst();
        for (TransactionPtr& gone : ready_.remove_subtree(worst)) {
            removed.push_back(std::move(gone));
        }
    }
    while (future_.size() > future.count || future_.bytes() > future.bytes) {
        const ExtrinsicHash oldest = future_.oldest();
        removed.push_back(future_.remove(oldest));
    }
    return removed;
}

std::vector<TransactionPtr> Queues::remove_expired(std::uint64_t block) {
    std::vector<TransactionPtr> removed;
    for (const auto& all : {ready_.all(), future_.all()}) {
        for (const TransactionPtr& transaction : all) {
            if (transaction->valid_till <= block) {
                for (TransactionPtr& gone : remove(transaction->hash)) {
                    removed.push_back(std::move(gone));
                }
            }
        }
    }
    return removed;
}

TransactionPtr Queues::find(const ExtrinsicHash& hash) const {
    TransactionPtr found = ready_.find(hash);
    return found != nullptr ? found : future_.find(hash);
}

std::string Queues::find_inconsistency() const {
    if (std::string wrong = ready_.find_inconsistency(); !wrong.empty()) {
        return wrong;
    }
    if (std::string wrong = future_.find_inconsistency(); !wrong.empty()) {
        return wrong;
    }
    for (const TransactionPtr& waiting : future_.all()) {
        if (ready_.contains(waiting->hash)) {
            return "a transaction stands in both queues";
        }
    }
    return "";
}

}  // namespace stipple::chain::pool
