#include "consensus/grandpa/authority_set.hpp"

#include "base/check.hpp"
#include "consensus/grandpa/limits.hpp"

#include <algorithm>

namespace stipple::grandpa {
namespace {

constexpr std::string_view kSetKey = "grandpa/set";
constexpr std::string_view kPastKey = "grandpa/past/";

struct SetRow {
    AuthorityList authorities;
    AuthoritySetId id;
    std::vector<PendingChange> pending;
    static auto fields(auto& self) { return std::tie(self.authorities, self.id, self.pending); }
};

Bytes past_key(AuthoritySetId id) {
    Bytes key = to_bytes(kPastKey);
    append_be(key, id.value);
    return key;
}

void put_past(WriteBatch& rows, const AuthoritySet::PastSet& past) {
    rows.put(Column::consensus, past_key(past.id), scale::encode(past));
}

// The change a block signals.
std::optional<PendingChange> read_change(const Header& header, const BlockRef& block) {
    auto signal = find_change(header);
    if (!signal) {
        return std::nullopt;
    }
    PendingChange change;
    change.signaled_at = block;
    if (auto* forced = std::get_if<ForcedChange>(&*signal)) {
        change.forced = true;
        change.median_last_finalized = forced->median_last_finalized;
        change.next_authorities = std::move(forced->change.next_authorities);
        change.delay = forced->change.delay;
    } else {
        auto& scheduled = std::get<ScheduledChange>(*signal);
        change.next_authorities = std::move(scheduled.next_authorities);
        change.delay = scheduled.delay;
    }
    return change;
}

}  // namespace

bool is_valid(const AuthorityList& authorities) {
    return !authorities.empty() && std::none_of(authorities.begin(), authorities.end(),
                                                [](const Authority& a) { return a.weight == 0; });
}

std::optional<AuthoritySet> AuthoritySet::genesis(AuthorityList authorities) {
    if (!is_valid(authorities)) {
        return std::nullopt;
    }
    AuthoritySet set;
    set.authorities_ = std::move(authorities);
    return set;
}

Result<std::optional<AuthoritySet>> AuthoritySet::load(const StoreReader& store) {
    TRY_ASSIGN(const auto bytes, store.get(Column::consensus, as_bytes(kSetKey)));
    if (!bytes) {
        return std::nullopt;
    }
    auto row = scale::decode<SetRow>(*bytes);
    if (!row || !is_valid(row->authorities)) {
        return fail("column consensus: damaged row grandpa/set");
    }
    AuthoritySet set;
    set.authorities_ = std::move(row->authorities);
    set.id_ = row->id;
    set.pending_ = std::move(row->pending);
    const Bytes lower = to_bytes(kPastKey);
    const auto rows = store.iterate(Column::consensus, lower, *end_of_prefix(lower));
    for (rows->seek(lower); rows->valid(); rows->next()) {
        const auto past = scale::decode<PastSet>(rows->value());
        if (!past) {
            return fail("column consensus: damaged row " + to_hex(rows->key()));
        }
        set.past_.push_back(*past);
    }
    TRY(rows->status());
    return set;
}

WriteBatch AuthoritySet::rows() const {
    WriteBatch batch;
    batch.put(Column::consensus, to_bytes(kSetKey),
              scale::encode(SetRow{authorities_, id_, pending_}));
    return batch;
}

WriteBatch AuthoritySet::reset(AuthorityList authorities, AuthoritySetId set,
                               std::optional<std::vector<PastSet>> past) {
    CHECK(is_valid(authorities));
    authorities_ = std::move(authorities);
    id_ = set;
    pending_.clear();
    if (!past) {
        std::erase_if(past_, [set](const PastSet& each) { return each.id >= set; });
        return rows();
    }
    past_ = *std::move(past);
    WriteBatch batch = rows();
    const Bytes lower = to_bytes(kPastKey);
    batch.erase_range(Column::consensus, lower, *end_of_prefix(lower));
    for (const PastSet& each : past_) {
        put_past(batch, each);
    }
    return batch;
}

WriteBatch AuthoritySet::forget_above(BlockNumber number) {
    std::erase_if(pending_, [&](const auto& change) { return change.signaled_at.number > number; });
    return rows();
}

// Whether the change was signaled by the block or an ancestor. A signal below all that the tree
// knows was judged when its block became final: what is still pending lies on the final chain.
bool AuthoritySet::on_fork(const PendingChange& change, const BlockRef& block,
                           const BlockTree& tree) const {
    if (change.signaled_at == block) {
        return true;
    }
    if (change.signaled_at.number >= block.number || !tree.contains(block.hash)) {
        return false;
    }
    const auto at = tree.ancestor_at(block, change.signaled_at.number);
    return !at || at->hash == change.signaled_at.hash;
}

void AuthoritySet::apply(const PendingChange& change, BlockNumber last_block) {
    past_.push_back({id_, last_block});
    authorities_ = change.next_authorities;
    ++id_;
}

std::expected<ImportedBlock, ChangeError> AuthoritySet::on_block_imported(const BlockRef& block,
                                                                          const Header& header,
                                                                          const BlockTree& tree) {
    // The block itself may be unknown to the tree: forks are judged by its parent.
    const BlockRef parent{header.parent_hash, block.number - 1};
    const auto here = [&](const PendingChange& change) {
        return change.signaled_at == block || on_fork(change, parent, tree);
    };
    ImportedBlock outcome;
    auto pending = pending_;
    if (auto signaled = read_change(header, block)) {
        PendingChange change = *std::move(signaled);
        if (!is_valid(change.next_authorities)) {
            return std::unexpected(ChangeError::invalid_authorities);
        }
        const bool known = std::any_of(pending.begin(), pending.end(), [&](const auto& other) {
            return other.signaled_at == block;
        });
        const bool second_forced =
            change.forced && std::any_of(pending.begin(), pending.end(), [&](const auto& other) {
                return other.forced && on_fork(other, parent, tree);
            });
        if (second_forced) {
            return std::unexpected(ChangeError::several_forced_changes);
        }
        if (!known && pending.size() >= kPendingChangesMax) {
            return std::unexpected(ChangeError::too_many_changes);
        }
        if (!known) {
            pending.push_back(std::move(change));
        }
    }
    const auto forced = std::find_if(pending.begin(), pending.end(), [&](const auto& change) {
        return change.forced && change.effective_number() == block.number && here(change);
    });
    if (forced != pending.end()) {
        const bool unfinished = std::any_of(pending.begin(), pending.end(), [&](const auto& other) {
            return !other.forced && other.effective_number() <= forced->median_last_finalized &&
                   on_fork(other, forced->signaled_at == block ? parent : forced->signaled_at,
                           tree);
        });
        if (unfinished) {
            return std::unexpected(ChangeError::unfinished_change_below);
        }
        const PendingChange change = *forced;
        pending_.clear();  // a new set, new changes
        apply(change, change.median_last_finalized);
        outcome.set_changed = true;
        outcome.rows = rows();
        put_past(outcome.rows, past_.back());
        return outcome;
    }
    outcome.needs_justification =
        std::any_of(pending.begin(), pending.end(), [&](const auto& change) {
            return !change.forced && change.effective_number() == block.number && here(change);
        });
    if (pending != pending_) {
        pending_ = std::move(pending);
        outcome.rows = rows();
    }
    return outcome;
}

FinalizedBlock AuthoritySet::on_finalized(const BlockRef& finalized, const BlockTree& tree) {
    FinalizedBlock outcome;
    const auto before = pending_;
    // Changes of losing forks go.
    std::erase_if(pending_, [&](const PendingChange& change) {
        return !on_fork(change, finalized, tree) &&
               !(change.signaled_at.number > finalized.number &&
                 tree.is_equal_or_descendant(finalized, change.signaled_at.hash));
    });
    for (;;) {
        // The earliest signal first; its set must end before the next begins.
        const auto due = std::find_if(pending_.begin(), pending_.end(), [&](const auto& change) {
            return !change.forced && change.effective_number() <= finalized.number &&
                   on_fork(change, finalized, tree);
        });
        if (due == pending_.end()) {
            break;
        }
        const PendingChange change = *due;
        pending_.erase(due);
        std::erase_if(pending_, [&](const PendingChange& other) {
            return other.forced &&
                   (other.effective_number() <= finalized.number ||
                    !tree.is_equal_or_descendant(finalized, other.signaled_at.hash));
        });
        apply(change, finalized.number);
        outcome.set_changed = true;
        put_past(outcome.rows, past_.back());
    }
    if (outcome.set_changed || pending_ != before) {
        outcome.rows.append(rows());
    }
    return outcome;
}

std::optional<BlockNumber> AuthoritySet::vote_limit(const BlockRef& block,
                                                    const BlockTree& tree) const {
    std::optional<BlockNumber> limit;
    for (const PendingChange& change : pending_) {
        // Forks are asked about last: without finality many changes wait, and each block asks.
        const std::uint64_t effective = change.effective_number();
        if (!change.forced && effective <= block.number && (!limit || effective < *limit) &&
            on_fork(change, block, tree)) {
            limit = static_cast<BlockNumber>(effective);
        }
    }
    return limit;
}

bool AuthoritySet::needs_justification(const BlockRef& block, const BlockTree& tree) const {
    return std::any_of(pending_.begin(), pending_.end(), [&](const PendingChange& change) {
        return !change.forced && change.effective_number() == block.number &&
               on_fork(change, block, tree);
    });
}

}  // namespace stipple::grandpa
