#include "consensus/beefy/history.hpp"

#include <algorithm>

namespace stipple::beefy {
namespace {

/// The set that signs at this block: by its state, else by the newest change at or below it.
Result<std::optional<ValidatorSet>> set_at(const FinalizedChain& chain, BlockNumber block) {
    for (BlockNumber at = block;; --at) {
        if (auto set = chain.validator_set(at)) {
            return set;
        }
        TRY_ASSIGN(const auto header, chain.header(at));
        if (!header) {
            return std::nullopt;
        }
        if (auto set = find_authorities_change(*header)) {
            return set;
        }
        if (at == 0) {
            return std::nullopt;
        }
    }
}

/// Sessions that begin above `low`, up to `high`; none when a header is missing.
Result<std::optional<std::vector<Session>>> sessions_between(const FinalizedChain& chain,
                                                             BlockNumber low, BlockNumber high) {
    std::vector<Session> sessions;
    for (BlockNumber at = high; at > low; --at) {
        TRY_ASSIGN(const auto header, chain.header(at));
        if (!header) {
            return std::nullopt;
        }
        if (auto set = find_authorities_change(*header)) {
            sessions.push_back({at, *std::move(set), false, {}});
        }
    }
    std::ranges::reverse(sessions);
    return sessions;
}

/// From scratch.
Result<std::optional<VoterState>> walk_back(const FinalizedChain& chain, BlockNumber pallet_genesis,
                                            BlockNumber best_grandpa) {
    VoterState state;
    state.pallet_genesis = pallet_genesis;
    for (BlockNumber at = best_grandpa;; --at) {
        TRY_ASSIGN(const bool proven, chain.has_proof(at));
        if (proven || at == pallet_genesis) {
            if (!proven || state.sessions.empty()) {
                TRY_ASSIGN(auto set, set_at(chain, at));
                if (!set) {
                    return std::nullopt;
                }
                state.sessions.push_back({at, *std::move(set), false, {}});
                if (proven) {
                    state.sessions.back().mandatory_done = true;
                    state.sessions.back().best_done = at;
                }
            }
            state.best_beefy = proven ? at : 0;
            break;
        }
        TRY_ASSIGN(const auto header, chain.header(at));
        if (!header || at == 0) {
            return std::nullopt;
        }
        if (auto set = find_authorities_change(*header)) {
            state.sessions.push_back({at, *std::move(set), false, {}});
        }
    }
    std::ranges::reverse(state.sessions);
    return state;
}

}  // namespace

Result<std::optional<VoterState>> find_beginning(const FinalizedChain& chain,
                                                 std::optional<VoterState> stored,
                                                 BlockNumber pallet_genesis,
                                                 BlockNumber best_grandpa) {
    if (!stored || stored->pallet_genesis != pallet_genesis || stored->sessions.empty() ||
        stored->best_beefy > best_grandpa) {
        return walk_back(chain, pallet_genesis, best_grandpa);
    }
    const BlockNumber known = std::max(stored->best_beefy, stored->sessions.back().start);
    TRY_ASSIGN(auto missed, sessions_between(chain, known, best_grandpa));
    if (!missed) {
        return std::nullopt;
    }
    for (Session& session : *missed) {
        stored->sessions.push_back(std::move(session));
        // As after every new session: those that are done make room.
        if (stored->sessions.size() > 1) {
            std::erase_if(stored->sessions, [](const Session& one) { return one.mandatory_done; });
        }
    }
    return stored;
}

}  // namespace stipple::beefy
