#include "consensus/babe/header_verifier.hpp"

#include "base/result.hpp"
#include "consensus/babe/limits.hpp"

namespace stipple::babe {
namespace {

HeaderError from_digest_error(DigestError error) {
    switch (error) {
        case DigestError::no_pre_digest:
            return HeaderError::no_pre_digest;
        case DigestError::several_pre_digests:
            return HeaderError::several_pre_digests;
        case DigestError::several_epoch_data:
            return HeaderError::several_epoch_data;
        case DigestError::several_config_data:
            return HeaderError::several_config_data;
        case DigestError::unsealed:
            return HeaderError::unsealed;
        case DigestError::bad_seal:
            break;
    }
    return HeaderError::bad_seal;
}

bool kind_allowed(const PreDigest& digest, AllowedSlots allowed) {
    if (std::holds_alternative<SecondaryPlainPreDigest>(digest)) {
        return allowed == AllowedSlots::primary_and_secondary_plain;
    }
    if (std::holds_alternative<SecondaryVrfPreDigest>(digest)) {
        return allowed == AllowedSlots::primary_and_secondary_vrf;
    }
    return true;
}

std::expected<void, HeaderError> check_seal(const Header& header,
                                            const crypto::Sr25519Public& author) {
    const auto seal = find_seal(header);
    if (!seal) {
        return std::unexpected(from_digest_error(seal.error()));
    }
    const BlockHash signed_hash = header.without_seal().hash();
    if (!crypto::sr25519_verify(*seal, signed_hash, author)) {
        return std::unexpected(HeaderError::bad_signature);
    }
    return {};
}

// The right to the slot: a winning VRF for primary authors, the appointment for secondary ones.
std::expected<void, HeaderError> check_claim(const PreDigest& digest, const EpochView& epoch) {
    const Slot slot = slot_of(digest);
    const AuthorityIndex index = authority_index_of(digest);
    const Epoch& data = *epoch.data;
    std::optional<crypto::VrfInOut> in_out;
    if (const crypto::VrfSignature* vrf = vrf_of(digest)) {
        in_out = crypto::vrf_verify(vrf_transcript(data.randomness, slot, epoch.index), *vrf,
                                    data.authorities[index].id);
        if (!in_out) {
            return std::unexpected(HeaderError::bad_vrf);
        }
    }
    if (is_primary(digest)) {
        const uint128 threshold = primary_threshold(data.config.c, data.authorities, index);
        if (authoring_score(*in_out) >= threshold) {
            return std::unexpected(HeaderError::over_threshold);
        }
        return {};
    }
    // The field compares keys, not indexes: an authority listed twice may use either place.
    const auto appointed = secondary_author(data.randomness, slot, data.authorities.size());
    if (!appointed || data.authorities[*appointed].id != data.authorities[index].id) {
        return std::unexpected(HeaderError::not_the_appointed_author);
    }
    return {};
}

std::expected<std::shared_ptr<const Epoch>, HeaderError> check_announcements(
    const Header& header, const ParentContext& context) {
    auto found = find_announcements(header);
    if (!found) {
        return std::unexpected(from_digest_error(found.error()));
    }
    if (!found->epoch) {
        if (context.first_in_epoch) {
            return std::unexpected(HeaderError::missing_epoch_data);
        }
        if (found->config) {
            return std::unexpected(HeaderError::unexpected_config_data);
        }
        return nullptr;
    }
    if (!context.first_in_epoch) {
        return std::unexpected(HeaderError::unexpected_epoch_data);
    }
    Epoch next;
    next.index = context.epoch.index + 1;
    next.start = context.epoch.end();
    next.duration_slots = context.epoch.data->duration_slots;
    next.authorities = std::move(found->epoch->authorities);
    next.randomness = found->epoch->randomness;
    next.config = found->config ? found->config->config : context.epoch.data->config;
    return std::make_shared<const Epoch>(std::move(next));
}

}  // namespace

EpochView epoch_view(std::shared_ptr<const Epoch> epoch, Slot slot) {
    EpochView view{std::move(epoch), {}, {}};
    const Epoch& data = *view.data;
    CHECK(data.duration_slots > 0);
    const std::uint64_t skipped = slot > data.start ? (slot - data.start) / data.duration_slots : 0;
    view.index = data.index + skipped;
    view.start = data.start + skipped * data.duration_slots;
    return view;
}

const char* describe(HeaderError error) {
    switch (error) {
        case HeaderError::wrong_parent:
            return "not a child of the given parent";
        case HeaderError::no_pre_digest:
            return "no BABE pre-digest";
        case HeaderError::several_pre_digests:
            return "several BABE pre-digests";
        case HeaderError::slot_not_increasing:
            return "slot not after the parent's";
        case HeaderError::in_future:
            return "slot in the future";
        case HeaderError::unknown_author:
            return "authority index out of range";
        case HeaderError::slot_kind_not_allowed:
            return "secondary slots of this kind are not allowed";
        case HeaderError::unsealed:
            return "no seal";
        case HeaderError::bad_seal:
            return "the seal is not BABE's";
        case HeaderError::bad_signature:
            return "the seal is not the author's signature";
        case HeaderError::bad_vrf:
            return "the VRF proof does not hold";
        case HeaderError::over_threshold:
            return "primary claim over the threshold";
        case HeaderError::not_the_appointed_author:
            return "secondary claim by another than the appointed author";
        case HeaderError::several_epoch_data:
            return "several announcements of the next epoch";
        case HeaderError::several_config_data:
            return "several announcements of a configuration";
        case HeaderError::missing_epoch_data:
            return "opens an epoch without announcing the next";
        case HeaderError::unexpected_epoch_data:
            return "announces an epoch without opening one";
        case HeaderError::unexpected_config_data:
            return "announces a configuration without an epoch";
    }
    return "unknown";
}

std::expected<VerifiedHeader, HeaderError> verify_header(const Header& header,
                                                         const ParentContext& context,
                                                         Slot slot_now) {
    if (header.parent_hash != context.parent.hash || header.number == 0 ||
        header.number - 1 != context.parent.number) {
        return std::unexpected(HeaderError::wrong_parent);
    }
    const auto digest = find_pre_digest(header);
    if (!digest) {
        return std::unexpected(from_digest_error(digest.error()));
    }
    const Slot slot = slot_of(*digest);
    if (slot <= context.parent_slot) {
        return std::unexpected(HeaderError::slot_not_increasing);
    }
    if (slot > slot_now + kFutureSlotsAllowed) {
        return std::unexpected(HeaderError::in_future);
    }
    const Epoch& epoch = *context.epoch.data;
    const AuthorityIndex index = authority_index_of(*digest);
    if (index >= epoch.authorities.size()) {
        return std::unexpected(HeaderError::unknown_author);
    }
    if (!kind_allowed(*digest, epoch.config.allowed_slots)) {
        return std::unexpected(HeaderError::slot_kind_not_allowed);
    }
    TRY(check_seal(header, epoch.authorities[index].id));
    TRY(check_claim(*digest, context.epoch));
    TRY_ASSIGN(auto next_epoch, check_announcements(header, context));

    VerifiedHeader verified;
    verified.header_ = header;
    verified.hash_ = header.hash();
    verified.slot_ = slot;
    verified.primary_ = is_primary(*digest);
    verified.author_ = epoch.authorities[index].id;
    verified.epoch_ = context.epoch.index;
    verified.weight_ = context.parent_weight + (verified.primary_ ? 1 : 0);
    verified.next_epoch_ = std::move(next_epoch);
    if (header.number == 1) {
        verified.genesis_epoch_ = context.epoch.data;
    }
    return verified;
}

}  // namespace stipple::babe
