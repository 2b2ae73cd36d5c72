// May this node author a slot, and by which right?
//
// Spec: algo-block-production-lottery, defn-babe-secondary-slots. For each own key in the epoch's
// authorities: a primary claim when its VRF wins, else, where the configuration allows, the
// secondary claim if the slot's appointed author is ours. Nothing is signed here but the VRF, whose
// result is a fixed function of key and slot; the seal goes through the signing journal.
#pragma once

#include "consensus/babe/header_verifier.hpp"

#include <functional>

namespace stipple::babe {

/// The own BABE keys, as the keystore lends them; calls may give absent for a key that is gone.
struct ClaimKeys {
    std::vector<crypto::Sr25519Public> keys;
    std::function<std::optional<crypto::VrfInOut>(const crypto::Sr25519Public&,
                                                  const crypto::VrfTranscript&)>
        vrf_in_out;
    std::function<std::optional<crypto::VrfSignature>(const crypto::Sr25519Public&,
                                                      const crypto::VrfTranscript&)>
        vrf_sign;
};

struct SlotClaim {
    PreDigest pre_digest;
    crypto::Sr25519Public author;
};

/// Absent when the slot is not ours. `epoch` is the view of this slot (EpochTree::context).
std::optional<SlotClaim> claim_slot(const EpochView& epoch, Slot slot, const ClaimKeys& own);

}  // namespace stipple::babe
