// Authors that seal two headers for one slot.
//
// Spec: defn-equivocation, sect-babe-equivocation. The second header of an author in a slot gives a
// proof, to be reported through BabeApi_generate_key_ownership_proof and
// BabeApi_submit_report_equivocation_unsigned_extrinsic; the block is imported all the same. Only
// verified headers come here, so what a peer can add is bounded by the authors' own misbehaviour,
// and by kEquivocationSlots and kEquivocationHeadersMax (drops the oldest slot). Not thread-safe.
#pragma once

#include "consensus/babe/header_verifier.hpp"

#include <map>

namespace stipple::babe {

/// As the runtime takes it: encode() is the first argument of the report.
struct EquivocationProof {
    crypto::Sr25519Public offender;
    Slot slot;
    Header first;
    Header second;
    friend bool operator==(const EquivocationProof&, const EquivocationProof&) = default;
    static auto fields(auto& self) {
        return std::tie(self.offender, self.slot, self.first, self.second);
    }
};

class EquivocationBook {
 public:
    /// Notes the header; a proof when its author had sealed another one for the slot. Headers of
    /// slots more than kEquivocationSlots behind `slot_now` are ignored.
    std::optional<EquivocationProof> note(const VerifiedHeader& block, Slot slot_now);
    std::size_t size() const { return count_; }

 private:
    std::map<Slot, std::map<crypto::Sr25519Public, Header>> slots_;
    std::size_t count_ = 0;
};

}  // namespace stipple::babe
