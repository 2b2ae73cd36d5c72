#include "pallets/grandpa/grandpa.hpp"

#include "pallets/system/system.hpp"

namespace stipple::runtime {

namespace {
/// sp_consensus_grandpa::app::Public, which the C++ side keeps as a plain ed25519 key.
struct GrandpaPublic {
    std::array<std::uint8_t, 32> bytes;
    static auto fields(auto& self) { return std::tie(self.bytes); }
    static constexpr TypeName kType{"sp_consensus_grandpa::app::Public", {""}};
};

void announce(const grandpa::ConsensusLog& log) {
    System::deposit_log(ConsensusDigest{kGrandpaEngine, scale::encode(log)});
}
}  // namespace

DispatchResult Grandpa::note_stalled(const Origin& origin, BlockNumber delay,
                                     BlockNumber best_finalized_block_number) {
    TRY(ensure_root(origin));
    stalled.set({delay, best_finalized_block_number});
    return {};
}

DispatchResult Grandpa::schedule_change(const grandpa::AuthorityList& next, BlockNumber delay,
                                        std::optional<BlockNumber> forced) {
    if (pending_change.exists()) {
        return fail(kChangePending);
    }
    const BlockNumber now = System::number.get();
    if (forced) {
        if (next_forced.get().value_or(0) > now) {
            return fail(kTooSoon);
        }
        // Twice the delay, so that the change has been applied before another one.
        next_forced.set(saturating_add(now, saturating_mul(delay, 2U)));
    }
    pending_change.set({now, delay, {next}, forced});
    return {};
}

void Grandpa::on_finalize(BlockNumber number) {
    const auto pending = pending_change.get();
    if (!pending) {
        return;
    }
    if (number == pending->scheduled_at) {
        const grandpa::ScheduledChange change{pending->next_authorities.items, pending->delay};
        if (pending->forced) {
            announce(grandpa::ForcedChange{*pending->forced, change});
        } else {
            announce(change);
        }
    }
    if (number == pending->scheduled_at + pending->delay) {
        authorities.set(pending->next_authorities);
        deposit(kNewAuthorities, pending->next_authorities.items);
        pending_change.clear();
    }
}

void Grandpa::on_new_session(bool changed, const grandpa::AuthorityList& next,
                             SessionIndex session) {
    std::uint64_t set = current_set_id.get();
    if (changed || stalled.exists()) {
        const auto forced = stalled.take();
        const auto scheduled =
            forced ? schedule_change(next, std::get<0>(*forced), std::get<1>(*forced))
                   : schedule_change(next, 0, std::nullopt);
        if (scheduled) {
            current_set_id.set(++set);
            if (set >= kMaxSetIdSessionEntries) {
                set_id_session.remove(set - kMaxSetIdSessionEntries);
            }
        }
    }
    set_id_session.insert(set, session);
}

void Grandpa::set_genesis_authorities(const grandpa::AuthorityList& list) {
    authorities.set({list});
}

void Grandpa::genesis(GenesisReader&) {
    current_set_id.set(0);
    set_id_session.insert(0, 0);
}

}  // namespace stipple::runtime

namespace stipple::runtime::inline kit {

Bytes TypeInfo<grandpa::Authority>::describe(Registry& types) {
    return Registry::tuple({types.id<GrandpaPublic>(), types.id<std::uint64_t>()});
}

}  // namespace stipple::runtime::inline kit
