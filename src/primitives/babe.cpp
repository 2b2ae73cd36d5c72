#include "primitives/babe.hpp"

namespace stipple::babe {
namespace {

// Enum indexes on the wire; 0 is unused in both.
constexpr std::uint8_t kPrimary = 1;
constexpr std::uint8_t kSecondaryPlain = 2;
constexpr std::uint8_t kSecondaryVrf = 3;
constexpr std::uint8_t kNextEpochData = 1;
constexpr std::uint8_t kOnDisabled = 2;
constexpr std::uint8_t kNextConfigData = 3;
constexpr std::uint8_t kConfigVersion1 = 1;

template <class WithVrf>
void encode_with_vrf(Bytes& out, std::uint8_t index, const WithVrf& digest) {
    out.push_back(index);
    scale::encode_to(out, digest.authority_index);
    scale::encode_to(out, digest.slot);
    scale::encode_to(out, digest.vrf.pre_output);
    scale::encode_to(out, digest.vrf.proof);
}

template <class WithVrf>
WithVrf decode_with_vrf(scale::Decoder& in) {
    WithVrf digest;
    digest.authority_index = in.u32();
    scale::decode_from(in, digest.slot);
    scale::decode_from(in, digest.vrf.pre_output);
    scale::decode_from(in, digest.vrf.proof);
    return digest;
}

// Items of our engine that read as T; the field skips the others.
template <class T, class Item>
std::optional<T> read_item(const DigestItem& item) {
    const auto* typed = std::get_if<Item>(&item);
    if (typed == nullptr || typed->engine != kBabeEngine) {
        return std::nullopt;
    }
    auto value = scale::decode_prefix<T>(typed->data);
    return value ? std::optional<T>(*std::move(value)) : std::nullopt;
}

}  // namespace

Slot slot_of(const PreDigest& digest) {
    return std::visit([](const auto& kind) { return kind.slot; }, digest);
}

AuthorityIndex authority_index_of(const PreDigest& digest) {
    return std::visit([](const auto& kind) { return kind.authority_index; }, digest);
}

const crypto::VrfSignature* vrf_of(const PreDigest& digest) {
    if (const auto* primary = std::get_if<PrimaryPreDigest>(&digest)) {
        return &primary->vrf;
    }
    const auto* secondary = std::get_if<SecondaryVrfPreDigest>(&digest);
    return secondary != nullptr ? &secondary->vrf : nullptr;
}

bool is_primary(const PreDigest& digest) {
    return std::holds_alternative<PrimaryPreDigest>(digest);
}

void encode_to(Bytes& out, const PreDigest& digest) {
    if (const auto* primary = std::get_if<PrimaryPreDigest>(&digest)) {
        encode_with_vrf(out, kPrimary, *primary);
    } else if (const auto* with_vrf = std::get_if<SecondaryVrfPreDigest>(&digest)) {
        encode_with_vrf(out, kSecondaryVrf, *with_vrf);
    } else {
        const auto& plain = std::get<SecondaryPlainPreDigest>(digest);
        out.push_back(kSecondaryPlain);
        scale::encode_to(out, plain.authority_index);
        scale::encode_to(out, plain.slot);
    }
}

void decode_from(scale::Decoder& in, PreDigest& digest) {
    switch (in.u8()) {
        case kPrimary:
            digest = decode_with_vrf<PrimaryPreDigest>(in);
            break;
        case kSecondaryVrf:
            digest = decode_with_vrf<SecondaryVrfPreDigest>(in);
            break;
        case kSecondaryPlain: {
            SecondaryPlainPreDigest plain;
            plain.authority_index = in.u32();
            scale::decode_from(in, plain.slot);
            digest = plain;
            break;
        }
        default:
            in.fail(scale::DecodeError::bad_variant);
    }
}

void encode_to(Bytes& out, AllowedSlots slots) {
    out.push_back(static_cast<std::uint8_t>(slots));
}

void decode_from(scale::Decoder& in, AllowedSlots& slots) {
    const std::uint8_t index = in.u8();
    if (index > static_cast<std::uint8_t>(AllowedSlots::primary_and_secondary_vrf)) {
        in.fail(scale::DecodeError::bad_variant);
        return;
    }
    slots = static_cast<AllowedSlots>(index);
}

void encode_to(Bytes& out, const ConsensusLog& log) {
    if (const auto* epoch = std::get_if<NextEpochData>(&log)) {
        out.push_back(kNextEpochData);
        scale::encode_to(out, *epoch);
    } else if (const auto* disabled = std::get_if<OnDisabled>(&log)) {
        out.push_back(kOnDisabled);
        scale::encode_to(out, *disabled);
    } else {
        out.push_back(kNextConfigData);
        out.push_back(kConfigVersion1);
        scale::encode_to(out, std::get<NextConfigData>(log).config);
    }
}

void decode_from(scale::Decoder& in, ConsensusLog& log) {
    switch (in.u8()) {
        case kNextEpochData: {
            NextEpochData epoch;
            scale::decode_from(in, epoch);
            log = std::move(epoch);
            break;
        }
        case kOnDisabled: {
            OnDisabled disabled;
            scale::decode_from(in, disabled);
            log = disabled;
            break;
        }
        case kNextConfigData: {
            NextConfigData next;
            if (in.u8() != kConfigVersion1) {
                in.fail(scale::DecodeError::bad_variant);
            }
            scale::decode_from(in, next.config);
            log = next;
            break;
        }
        default:
            in.fail(scale::DecodeError::bad_variant);
    }
}

std::expected<Configuration, scale::DecodeError> decode_configuration(ByteView answer,
                                                                      std::uint32_t api_version) {
    scale::Decoder in(answer);
    Configuration config;
    scale::decode_from(in, config.slot_duration_ms);
    scale::decode_from(in, config.epoch_length_slots);
    scale::decode_from(in, config.c);
    scale::decode_from(in, config.authorities);
    scale::decode_from(in, config.randomness);
    if (api_version >= 2) {
        decode_from(in, config.allowed_slots);
    } else {
        config.allowed_slots =
            in.boolean() ? AllowedSlots::primary_and_secondary_plain : AllowedSlots::primary;
    }
    if (!in.ok()) {
        return std::unexpected(in.error());
    }
    const bool weightless = std::any_of(config.authorities.begin(), config.authorities.end(),
                                        [](const Authority& a) { return a.weight == 0; });
    if (config.slot_duration_ms == 0 || config.epoch_length_slots == 0 ||
        config.c.denominator == 0 || config.authorities.empty() || weightless) {
        return std::unexpected(scale::DecodeError::invalid_value);
    }
    return config;
}

std::expected<PreDigest, DigestError> find_pre_digest(const Header& header) {
    std::optional<PreDigest> found;
    for (const DigestItem& item : header.digest) {
        if (auto digest = read_item<PreDigest, PreRuntimeDigest>(item)) {
            if (found) {
                return std::unexpected(DigestError::several_pre_digests);
            }
            found = std::move(digest);
        }
    }
    if (!found) {
        return std::unexpected(DigestError::no_pre_digest);
    }
    return *found;
}

std::expected<Announcements, DigestError> find_announcements(const Header& header) {
    Announcements found;
    for (const DigestItem& item : header.digest) {
        auto log = read_item<ConsensusLog, ConsensusDigest>(item);
        if (!log) {
            continue;
        }
        if (auto* epoch = std::get_if<NextEpochData>(&*log)) {
            if (found.epoch) {
                return std::unexpected(DigestError::several_epoch_data);
            }
            found.epoch = std::move(*epoch);
        } else if (auto* config = std::get_if<NextConfigData>(&*log)) {
            if (found.config) {
                return std::unexpected(DigestError::several_config_data);
            }
            found.config = *config;
        }
    }
    return found;
}

std::expected<crypto::Sr25519Signature, DigestError> find_seal(const Header& header) {
    const SealDigest* seal = header.seal();
    if (seal == nullptr) {
        return std::unexpected(DigestError::unsealed);
    }
    if (seal->engine != kBabeEngine || seal->data.size() < crypto::Sr25519Signature::kSize) {
        return std::unexpected(DigestError::bad_seal);
    }
    return crypto::Sr25519Signature::copy(
        ByteView(seal->data).first(crypto::Sr25519Signature::kSize));
}

DigestItem pre_digest_item(const PreDigest& digest) {
    Bytes data;
    encode_to(data, digest);
    return PreRuntimeDigest{kBabeEngine, std::move(data)};
}

DigestItem seal_item(const crypto::Sr25519Signature& signature) {
    return SealDigest{kBabeEngine, to_bytes(signature.view())};
}

}  // namespace stipple::babe
