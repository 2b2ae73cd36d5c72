#include "consensus/babe/slot_claim.hpp"

namespace stipple::babe {
namespace {

bool holds(const ClaimKeys& own, const crypto::Sr25519Public& id) {
    return std::find(own.keys.begin(), own.keys.end(), id) != own.keys.end();
}

std::optional<SlotClaim> claim_primary(const EpochView& epoch, Slot slot, const ClaimKeys& own) {
    const Epoch& data = *epoch.data;
    const auto transcript = vrf_transcript(data.randomness, slot, epoch.index);
    for (std::size_t i = 0; i < data.authorities.size(); ++i) {
        const crypto::Sr25519Public& id = data.authorities[i].id;
        if (!holds(own, id)) {
            continue;
        }
        const auto index = static_cast<AuthorityIndex>(i);
        const auto drawn = own.vrf_in_out(id, transcript);
        if (!drawn ||
            authoring_score(*drawn) >= primary_threshold(data.config.c, data.authorities, index)) {
            continue;
        }
        if (const auto vrf = own.vrf_sign(id, transcript)) {
            return SlotClaim{PrimaryPreDigest{index, slot, *vrf}, id};
        }
    }
    return std::nullopt;
}

std::optional<SlotClaim> claim_secondary(const EpochView& epoch, Slot slot, const ClaimKeys& own) {
    const Epoch& data = *epoch.data;
    const auto appointed = secondary_author(data.randomness, slot, data.authorities.size());
    if (!appointed || !holds(own, data.authorities[*appointed].id)) {
        return std::nullopt;
    }
    const crypto::Sr25519Public& id = data.authorities[*appointed].id;
    if (data.config.allowed_slots == AllowedSlots::primary_and_secondary_plain) {
        return SlotClaim{SecondaryPlainPreDigest{*appointed, slot}, id};
    }
    const auto vrf = own.vrf_sign(id, vrf_transcript(data.randomness, slot, epoch.index));
    if (!vrf) {
        return std::nullopt;
    }
    return SlotClaim{SecondaryVrfPreDigest{*appointed, slot, *vrf}, id};
}

}  // namespace

std::optional<SlotClaim> claim_slot(const EpochView& epoch, Slot slot, const ClaimKeys& own) {
    if (auto primary = claim_primary(epoch, slot, own)) {
        return primary;
    }
    if (epoch.data->config.allowed_slots == AllowedSlots::primary) {
        return std::nullopt;
    }
    return claim_secondary(epoch, slot, own);
}

}  // namespace stipple::babe
