// Is this header one that BABE allows as a child of that parent?
//
// Spec: algo-verify-slot-winner, sect-verifying-authorship, defn-babe-seal. The check is pure: what
// it needs of the chain comes in a ParentContext (EpochTree::context), the clock as an argument. It
// proves the author's right to the slot and its signature, and that the first block of an epoch,
// and no other, announces the next one. It says nothing about the body.
#pragma once

#include "base/time.hpp"
#include "consensus/babe/lottery.hpp"

#include <memory>

namespace stipple::babe {

/// An epoch as a given slot sees it: when whole epochs passed without a block, its announced data
/// serve a later index and start.
struct EpochView {
    std::shared_ptr<const Epoch> data;
    EpochIndex index;
    Slot start;
    Slot end() const { return start + data->duration_slots; }
};
/// The view of `epoch` for a slot at or after its start.
EpochView epoch_view(std::shared_ptr<const Epoch> epoch, Slot slot);

/// What the chain says about a child of `parent` at one slot.
struct ParentContext {
    BlockRef parent;
    Slot parent_slot;
    std::uint64_t parent_weight = 0;  ///< primary slots from genesis to the parent
    EpochView epoch;                  ///< the epoch of the child
    bool first_in_epoch = false;      ///< the child opens its epoch
};

enum class HeaderError : std::uint8_t {
    wrong_parent,              ///< the context is another parent's, or the number is not one more
    no_pre_digest,             ///< no readable BABE pre-digest
    several_pre_digests,       ///< more than one
    slot_not_increasing,       ///< not after the parent's slot
    in_future,                 ///< after the present slot and the drift allowed: try again later
    unknown_author,            ///< authority index out of range
    slot_kind_not_allowed,     ///< the epoch's configuration has no such secondary slots
    unsealed,                  ///< the last digest item is no seal
    bad_seal,                  ///< not a BABE seal
    bad_signature,             ///< the seal is not the author's signature of the header
    bad_vrf,                   ///< the VRF proof does not hold
    over_threshold,            ///< a primary claim that lost the lottery
    not_the_appointed_author,  ///< a secondary claim by another authority
    several_epoch_data,        ///< more than one NextEpochData
    several_config_data,       ///< more than one NextConfigData
    missing_epoch_data,        ///< opens an epoch without announcing the next
    unexpected_epoch_data,     ///< announces an epoch without opening one
    unexpected_config_data,    ///< a configuration without an epoch
};
const char* describe(HeaderError error);

/// A header that passed verify_header; nothing else makes one.
class VerifiedHeader {
 public:
    const Header& header() const { return header_; }
    const BlockHash& hash() const { return hash_; }
    Slot slot() const { return slot_; }
    bool primary() const { return primary_; }
    const crypto::Sr25519Public& author() const { return author_; }
    EpochIndex epoch() const { return epoch_; }
    /// Primary slots since genesis, this block included: the weight for fork choice.
    std::uint64_t weight() const { return weight_; }
    /// The epoch this block announces, null for most blocks.
    const std::shared_ptr<const Epoch>& next_epoch() const { return next_epoch_; }
    /// Epoch 0 as block 1 fixes it (it starts at this block's slot), null for other blocks.
    const std::shared_ptr<const Epoch>& genesis_epoch() const { return genesis_epoch_; }

 private:
    VerifiedHeader() = default;
    friend std::expected<VerifiedHeader, HeaderError> verify_header(const Header& header,
                                                                    const ParentContext& context,
                                                                    Slot slot_now);
    Header header_;
    BlockHash hash_;
    Slot slot_;
    bool primary_ = false;
    crypto::Sr25519Public author_;
    EpochIndex epoch_;
    std::uint64_t weight_ = 0;
    std::shared_ptr<const Epoch> next_epoch_;
    std::shared_ptr<const Epoch> genesis_epoch_;
};

/// Checks in the order of HeaderError; `slot_now` is slot_at(clock).
std::expected<VerifiedHeader, HeaderError> verify_header(const Header& header,
                                                         const ParentContext& context,
                                                         Slot slot_now);

/// REQUIRES slot_duration_ms > 0.
inline Slot slot_at(UnixMillis now, std::uint64_t slot_duration_ms) {
    return Slot(now.value / slot_duration_ms);
}
inline UnixMillis start_of_slot(Slot slot, std::uint64_t slot_duration_ms) {
    return UnixMillis{slot.value * slot_duration_ms};
}

}  // namespace stipple::babe
