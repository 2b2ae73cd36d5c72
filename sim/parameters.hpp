// What a run is made of: what the caller asks for, and what the seed draws beside it.
#pragma once

#include "sim/network.hpp"
#include "sim/node.hpp"
#include "sim/toy/rules.hpp"

namespace stipple::sim {

enum class RuntimeKind : std::uint8_t {
    none,  ///< voters alone (vote_world.hpp)
    toy,
    wasm
};
enum class FaultLevel : std::uint8_t {
    none,   ///< messages take their time, nothing else
    light,  ///< connections break, up to a third of the nodes less one is down at a time
    heavy,  ///< partitions, any number of crashes, clocks, slow disks, lost and doubled messages
};
const char* describe(RuntimeKind kind);
const char* describe(FaultLevel level);

struct Parameters {
    Seed seed;
    std::size_t nodes = 7;
    BlockNumber blocks = 200;  ///< finalised by every honest node at the end
    RuntimeKind runtime = RuntimeKind::toy;
    FaultLevel faults = FaultLevel::light;
    /// Instead of the 3 or 6 seconds that the seed draws; toy runtime only.
    std::optional<std::chrono::milliseconds> slot = std::nullopt;
    bool transactions = true;
    bool beefy = false;      ///< BEEFY voters, too
    bool stall = false;      ///< too many validators leave for good: a forced change must help
    bool byzantine = false;  ///< as many validators lie as each authority set tolerates
};

/// Slots in which, once faults have stopped, every honest node finalises all that any had as best
/// when they stopped. Reconnecting takes 3 of them, a fetch or catch-up that failed is tried again
/// after 8, and rounds of GRANDPA that stalled take a few more.
inline constexpr std::uint64_t kSettleSlots = 40;

/// The same for BEEFY, which begins when finality has caught up: a proof that everybody has missed
/// is asked for again after 12 seconds, a vote told again after a minute, and the way back to the
/// newest block goes over one proof per session.
inline constexpr std::uint64_t kBeefySettleSlots = 120;

/// Weather and pace for a level: while faults go on, and after.
Weather weather_of(FaultLevel level, Prng& prng);
Weather calm_weather();
Pace pace_of(FaultLevel level, Prng& prng);
/// The toy chain of a seed, with these validators.
toy::Rules draw_rules(std::vector<toy::Validator> validators, Prng& prng);
/// Byzantine validators that each set of the chain tolerates.
std::size_t tolerated(const toy::Rules& rules);
/// Slots between blocks, at most, on average.
std::uint64_t slots_per_block(const toy::Rules& rules);
/// Slots of the chain for so many blocks that they last as long as with slots of kSlotMin: what
/// nodes wait for takes its time however short slots are.
std::uint64_t slots_for(std::uint64_t blocks, const toy::Rules& rules);
inline constexpr std::chrono::milliseconds kSlotMin{3000};

}  // namespace stipple::sim
