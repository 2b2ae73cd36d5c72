// Who may author a slot: the VRF lottery of primary authors and the appointed secondary ones.
//
// Spec: algo-block-production-lottery, defn-winning-threshold, defn-babe-secondary-slots. A primary
// author wins when the first 16 bytes drawn from its VRF, as a little-endian number, lie below its
// threshold. All functions are pure.
#pragma once

#include "base/uint128.hpp"
#include "crypto/sr25519.hpp"
#include "primitives/babe.hpp"

#include <span>

namespace stipple::babe {

/// What an author's VRF signs: slot, epoch index and randomness of the epoch.
crypto::VrfTranscript vrf_transcript(const Randomness& randomness, Slot slot, EpochIndex epoch);

/// floor(2^128 * (1 - (1 - c)^(w / sum of w))): the power in doubles, as the field computes it (its
/// libm and ours are the same), the scaling exact. Zero for an index out of range or a zero
/// denominator; the largest value when the share is one.
uint128 primary_threshold(const SlotShare& c, std::span<const Authority> authorities,
                          AuthorityIndex index);

/// The number a primary author draws.
uint128 authoring_score(const crypto::VrfInOut& in_out);

/// The appointed author of a slot: blake2-256(randomness ++ slot) as a big-endian number modulo
/// the count of authorities (one development branch of the field says little-endian; live chains
/// do not). Absent for an empty list.
std::optional<AuthorityIndex> secondary_author(const Randomness& randomness, Slot slot,
                                               std::size_t authority_count);

}  // namespace stipple::babe
