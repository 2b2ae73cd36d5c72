// The numbers that validators are told of parachains, of which there are none yet: those of a relay
// chain that never changed its configuration.
#pragma once

#include "kit/types.hpp"

namespace stipple::runtime::config {

/// Sessions of which a dispute may still come.
inline constexpr SessionIndex kDisputePeriod = 6;
inline constexpr std::uint32_t kZerothDelayTrancheWidth = 0;
inline constexpr std::uint32_t kRelayVrfModuloSamples = 0;
inline constexpr std::uint32_t kDelayTranches = 1;
inline constexpr std::uint32_t kNoShowSlots = 1;
inline constexpr std::uint32_t kNeededApprovals = 0;
inline constexpr std::uint32_t kMinimumBackingVotes = 2;
inline constexpr std::uint32_t kMaxApprovalCoalesce = 1;

}  // namespace stipple::runtime::config
