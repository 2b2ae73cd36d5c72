#include "sim/toy/clockwork.hpp"

#include "crypto/hash.hpp"

#include <algorithm>

namespace stipple::sim::toy {
namespace {

babe::Randomness next_randomness(const babe::Randomness& randomness, EpochIndex epoch) {
    Bytes text = to_bytes(randomness);
    append_le(text, epoch.value);
    return babe::Randomness(crypto::blake2b_256(text).bytes);
}

template <class Message>
void deposit(std::vector<DigestItem>& digest, const EngineId& engine, const Message& message) {
    Bytes encoded;
    encode_to(encoded, message);
    digest.emplace_back(ConsensusDigest{engine, std::move(encoded)});
}

}  // namespace

bool is_noted(const Head& head, const Stall& stall) {
    return head.stall || std::ranges::all_of(stall.gone, [&](std::uint32_t each) {
               return std::ranges::find(head.gone, each) != head.gone.end();
           });
}

void turn_epoch(const Rules& rules, Slot slot, Head& head, std::vector<DigestItem>& digest) {
    EpochIndex epoch(0);
    if (head.number == 1) {
        head.genesis_slot = slot;
    } else {
        epoch = EpochIndex((slot - head.genesis_slot) / rules.epoch_length_slots);
        if (epoch == head.epoch) {
            return;
        }
        ++head.session;
    }
    head.epoch = epoch;
    head.randomness = next_randomness(head.randomness, epoch);
    const auto voters_before =
        rules.grandpa_authorities(head.session == 0 ? 0 : head.session - 1, head.gone);
    if (head.stall && head.stall->until != 0 && head.number > head.stall->until) {
        head.stall.reset();
    }
    const bool changing = head.stall && head.stall->until != 0;
    const bool forces = head.stall && !changing;
    const BlockNumber forced_delay = rules.change_delay + kForcedDelay;
    if (forces) {
        head.gone.insert(head.gone.end(), head.stall->gone.begin(), head.stall->gone.end());
        head.stall->until = head.number + forced_delay;
    }
    const std::uint64_t next = head.session + 1;
    deposit(digest, kBabeEngine,
            babe::ConsensusLog(
                babe::NextEpochData{rules.babe_authorities(next, head.gone), head.randomness}));
    if (rules.epoch_config(next) != rules.epoch_config(head.session)) {
        deposit(digest, kBabeEngine,
                babe::ConsensusLog(babe::NextConfigData{rules.epoch_config(next)}));
    }
    if (head.session == 0) {
        return;
    }
    auto voters = rules.grandpa_authorities(head.session, head.gone);
    if (forces) {
        deposit(digest, kGrandpaEngine,
                grandpa::ConsensusLog(grandpa::ForcedChange{head.stall->finalized,
                                                            {std::move(voters), forced_delay}}));
    } else if (!changing && voters != voters_before) {
        deposit(
            digest, kGrandpaEngine,
            grandpa::ConsensusLog(grandpa::ScheduledChange{std::move(voters), rules.change_delay}));
    }
    if (rules.beefy) {
        deposit(digest, kBeefyEngine,
                beefy::ConsensusLog(
                    beefy::AuthoritiesChange{rules.beefy_validators(head.session, head.gone)}));
    }
}

void add_to_history(const BlockHash& parent, Head& head, std::vector<DigestItem>& digest) {
    Bytes text = to_bytes(head.history.view());
    append(text, parent);
    head.history = beefy::MmrRoot(crypto::keccak_256(text).bytes);
    deposit(digest, kBeefyEngine, beefy::ConsensusLog(beefy::MmrRootLog{head.history}));
}

}  // namespace stipple::sim::toy
