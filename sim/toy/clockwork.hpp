// How the toy chain keeps time: slots, epochs and sessions, and what the first block of an epoch
// says of them in its digest.
//
// Spec: defn-epoch-slot, defn-consensus-message-babe, defn-consensus-message-grandpa. As
// `pallet-babe`, `pallet-session` and `pallet-grandpa` do together; a stall that was noted forces
// the voters of the next session into office.
#pragma once

#include "primitives/block.hpp"
#include "sim/toy/rules.hpp"

namespace stipple::sim::toy {

/// Blocks between the signal of a forced change and the block that enacts it, beyond those of any
/// change. As operators are told to choose it: longer than forks live. Two forks with a change of
/// their own, both enacted, part those who saw the one first from those who saw the other.
inline constexpr BlockNumber kForcedDelay = 12;

/// Finality stands still at this block, because these validators are gone.
struct Stall {
    BlockNumber finalized = 0;
    std::vector<std::uint32_t> gone;
    /// The block that enacts the change, once it is signaled: until then there is no other change,
    /// as `pallet-grandpa` has it. Those who enact it forget what was signaled meanwhile.
    BlockNumber until = 0;
    static auto fields(auto& self) { return std::tie(self.finalized, self.gone, self.until); }
};

/// The chain's clockwork, kept in its state.
struct Head {
    BlockNumber number = 0;
    Slot genesis_slot;  ///< of block 1
    EpochIndex epoch;
    std::uint64_t session = 0;    ///< epochs that had blocks
    babe::Randomness randomness;  ///< of the next epoch
    std::uint64_t timestamp = 0;
    beefy::MmrRoot history;           ///< a hash over all blocks, in the place of a range's root
    std::vector<std::uint32_t> gone;  ///< validators who serve no more
    /// Gone, too, from the next session on; finality stands still at this block until the change.
    std::optional<Stall> stall;
    static auto fields(auto& self) {
        return std::tie(self.number, self.genesis_slot, self.epoch, self.session, self.randomness,
                        self.timestamp, self.history, self.gone, self.stall);
    }
};

/// It waits for the next session, or all whom it names are gone already.
bool is_noted(const Head& head, const Stall& stall);
/// Opens a session with the first block of an epoch; nothing with the others.
void turn_epoch(const Rules& rules, Slot slot, Head& head, std::vector<DigestItem>& digest);
/// The hash over all blocks goes on by the parent.
void add_to_history(const BlockHash& parent, Head& head, std::vector<DigestItem>& digest);

}  // namespace stipple::sim::toy
