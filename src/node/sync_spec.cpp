#include "node/sync_spec.hpp"

#include "chain/spec/chain_spec.hpp"
#include "chain/spec/genesis.hpp"
#include "consensus/babe/epoch_tree.hpp"
#include "consensus/grandpa/authority_set.hpp"
#include "node/block_pipeline.hpp"

namespace stipple::node {
namespace {

template <class T>
using Made = std::expected<T, std::string>;

std::unexpected<std::string> give_up(std::string why) {
    return std::unexpected(std::move(why));
}

Made<Header> header_of(const chain::Chain& chain, const BlockHash& hash) {
    auto header = chain.header(hash);
    if (!header || !*header) {
        return give_up("the header of " + hash.hex() + " is not here");
    }
    return **std::move(header);
}

Made<babe::Epoch> epoch_at(const chain::Chain& chain, const BlockHash& at, const char* method) {
    const auto answer = call_runtime(chain, at, method, {});
    if (!answer) {
        return give_up(answer.error().message());
    }
    auto epoch = scale::decode<babe::Epoch>(*answer);
    if (!epoch) {
        return give_up(std::string(method) + ": unreadable epoch");
    }
    return *std::move(epoch);
}

bool announces_epoch(const Header& header) {
    return std::ranges::any_of(header.digest, [](const DigestItem& item) {
        const auto* consensus = std::get_if<ConsensusDigest>(&item);
        if (consensus == nullptr || consensus->engine != kBabeEngine) {
            return false;
        }
        const auto log = scale::decode<babe::ConsensusLog>(consensus->data);
        return log && std::holds_alternative<babe::NextEpochData>(*log);
    });
}

/// The nearest block at or below this one that announced an epoch; block 1 is the lowest.
Made<BlockRef> announcer(const chain::Chain& chain, Header from) {
    while (from.number > 1 && !announces_epoch(from)) {
        TRY_ASSIGN(from, header_of(chain, from.parent_hash));
    }
    return from.ref();
}

Made<chain::EpochChanges> epoch_changes(const chain::Chain& chain, const Header& finalized) {
    using Span = chain::OneOrTwo<chain::EpochSpan>;
    using Epochs = chain::OneOrTwo<babe::Epoch>;
    const auto span = [](const babe::Epoch& epoch) {
        return chain::EpochSpan{epoch.start, epoch.end()};
    };
    const BlockHash at = finalized.hash();
    TRY_ASSIGN(const auto current, epoch_at(chain, at, "BabeApi_current_epoch"));
    TRY_ASSIGN(const auto next, epoch_at(chain, at, "BabeApi_next_epoch"));
    TRY_ASSIGN(const BlockRef told_next, announcer(chain, finalized));
    chain::EpochChanges changes;
    changes.tree.best_finalized = finalized.number;
    if (told_next.number <= 1) {
        changes.tree.roots = {
            {told_next.hash, told_next.number, Span{span(current), span(next)}, {}}};
        changes.epochs.emplace(std::pair(told_next.hash, told_next.number), Epochs{current, next});
        return changes;
    }
    TRY_ASSIGN(const Header opening, header_of(chain, told_next.hash));
    TRY_ASSIGN(const Header before, header_of(chain, opening.parent_hash));
    TRY_ASSIGN(const BlockRef told_current, announcer(chain, before));
    Epochs first{std::nullopt, current};
    if (told_current.number <= 1) {
        if (auto earliest = epoch_at(chain, told_current.hash, "BabeApi_current_epoch")) {
            first.first = *std::move(earliest);
        }
    }
    Span first_span{std::nullopt, span(current)};
    if (first.first) {
        first_span.first = span(*first.first);
    }
    changes.tree.roots = {
        {told_current.hash,
         told_current.number,
         first_span,
         {{told_next.hash, told_next.number, Span{std::nullopt, span(next)}, {}}}}};
    changes.epochs.emplace(std::pair(told_current.hash, told_current.number), std::move(first));
    changes.epochs.emplace(std::pair(told_next.hash, told_next.number), Epochs{std::nullopt, next});
    return changes;
}

using SetNode = chain::ForkNode<chain::PendingSetChange>;

void insert_change(const chain::Chain& chain, std::vector<SetNode>& nodes,
                   const chain::PendingSetChange& change) {
    std::vector<SetNode>* level = &nodes;
    for (bool deeper = true; deeper;) {
        deeper = false;
        for (SetNode& node : *level) {
            if (chain.is_descendant(node.hash, change.hash)) {
                level = &node.children;
                deeper = true;
                break;
            }
        }
    }
    level->push_back({change.hash, change.number, change, {}});
}

chain::StoredAuthoritySet stored_set(const chain::Chain& chain, const grandpa::AuthoritySet& set,
                                     BlockNumber finalized) {
    chain::StoredAuthoritySet stored;
    stored.authorities = set.authorities();
    stored.id = set.id();
    stored.scheduled.best_finalized = finalized;
    for (const auto& pending : set.pending()) {
        chain::PendingSetChange change{pending.next_authorities,
                                       pending.delay,
                                       pending.signaled_at.number,
                                       pending.signaled_at.hash,
                                       {}};
        if (pending.forced) {
            change.forced_median = pending.median_last_finalized;
            stored.forced.push_back(std::move(change));
        } else {
            insert_change(chain, stored.scheduled.roots, change);
        }
    }
    for (const auto& past : set.past_sets()) {
        stored.ended.emplace_back(past.id, past.last_block);
    }
    return stored;
}

}  // namespace

std::expected<chain::LightSyncState, std::string> make_light_sync_state(
    const chain::Chain& chain, const StoreReader& database) {
    const BlockRef finalized = chain.heads().finalized;
    if (finalized.number == 0) {
        return give_up("nothing but genesis is final yet");
    }
    chain::LightSyncState state;
    TRY_ASSIGN(state.finalized, header_of(chain, finalized.hash));
    TRY_ASSIGN(state.epochs, epoch_changes(chain, state.finalized));
    const auto tree = babe::EpochTree::load(database);
    const auto weight = tree && *tree ? (*tree)->weight(finalized.hash) : std::nullopt;
    if (!weight) {
        return give_up("Failed to load the block weight for block " + finalized.hash.hex());
    }
    state.weight = static_cast<std::uint32_t>(*weight);
    const auto set = grandpa::AuthoritySet::load(database);
    if (!set || !*set) {
        return give_up("the GRANDPA authority set is not readable");
    }
    state.authorities = stored_set(chain, **set, finalized.number);
    return state;
}

std::expected<std::string, std::string> make_sync_spec(const chain::Chain& chain,
                                                       const StoreReader& database,
                                                       executor::Executor& executor) {
    TRY_ASSIGN(const auto state, make_light_sync_state(chain, database));
    chain::ChainSpec spec = chain.spec();
    spec.light_sync_state = chain::to_json(state);
    const auto genesis = chain::genesis_storage(spec, executor);
    if (!genesis) {
        return give_up(genesis.error().message());
    }
    return chain::raw_chain_spec_json(spec, *genesis);
}

}  // namespace stipple::node
