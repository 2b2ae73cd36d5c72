#include "primitives/beefy.hpp"

#include "crypto/hash.hpp"
#include "primitives/alternatives.hpp"

#include <algorithm>

namespace stipple::beefy {
namespace {

constexpr std::uint8_t kFirstLog = 1;
constexpr std::uint8_t kProofVersion1 = 1;
constexpr std::size_t kSignatureBytes = 65;
constexpr std::size_t kBits = 8;

template <class Log>
std::optional<Log> find_log(const Header& header) {
    for (const DigestItem& item : header.digest) {
        const auto* consensus = std::get_if<ConsensusDigest>(&item);
        if (consensus == nullptr || consensus->engine != kBeefyEngine) {
            continue;
        }
        auto log = scale::decode_prefix<ConsensusLog>(consensus->data);
        if (auto* wanted = log ? std::get_if<Log>(&*log) : nullptr) {
            return std::move(*wanted);
        }
    }
    return std::nullopt;
}

std::size_t bitfield_bytes(std::size_t validators) {
    return validators / kBits + 1;
}

std::uint8_t bit_of(std::size_t validator) {
    return static_cast<std::uint8_t>(0x80U >> (validator % kBits));
}

}  // namespace

using scale::decode_from;
using scale::encode_to;

void encode_to(Bytes& out, const ConsensusLog& log) {
    out.push_back(static_cast<std::uint8_t>(log.index() + kFirstLog));
    std::visit([&](const auto& kind) { scale::encode_to(out, kind); }, log);
}

void decode_from(scale::Decoder& in, ConsensusLog& log) {
    const std::uint8_t index = in.u8();
    if (index < kFirstLog) {
        in.fail(scale::DecodeError::bad_variant);
        return;
    }
    decode_alternative(in, index - kFirstLog, log);
}

std::optional<ValidatorSet> find_authorities_change(const Header& header) {
    auto log = find_log<AuthoritiesChange>(header);
    return log ? std::optional(std::move(log->set)) : std::nullopt;
}

std::optional<MmrRoot> find_mmr_root(const Header& header) {
    const auto log = find_log<MmrRootLog>(header);
    return log ? std::optional(log->root) : std::nullopt;
}

Payload Payload::of(const MmrRoot& root) {
    return {{{kMmrRootPayload, to_bytes(root.view())}}};
}

crypto::Hash256 signed_digest(const Commitment& commitment) {
    return crypto::keccak_256(scale::encode(commitment));
}

std::size_t SignedCommitment::signature_count() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        signatures, [](const auto& signature) { return signature.has_value(); }));
}

void encode_to(Bytes& out, const SignedCommitment& value) {
    Bytes bits(bitfield_bytes(value.signatures.size()));
    for (std::size_t i = 0; i < value.signatures.size(); ++i) {
        if (value.signatures[i]) {
            bits[i / kBits] |= bit_of(i);
        }
    }
    scale::encode_to(out, value.commitment);
    scale::encode_to(out, bits);
    scale::encode_to(out, static_cast<std::uint32_t>(value.signatures.size()));
    scale::encode_compact(out, value.signature_count());
    for (const auto& signature : value.signatures) {
        if (signature) {
            scale::encode_to(out, *signature);
        }
    }
}

void decode_from(scale::Decoder& in, SignedCommitment& value) {
    scale::decode_from(in, value.commitment);
    const ByteView bits = in.byte_string(bitfield_bytes(kValidatorsMax));
    const std::size_t validators = in.u32();
    const std::size_t count = in.length(kSignatureBytes, kValidatorsMax);
    if (!in.ok()) {
        return;
    }
    if (validators > kValidatorsMax || bits.size() != bitfield_bytes(validators)) {
        in.fail(scale::DecodeError::invalid_value);
        return;
    }
    value.signatures.assign(validators, std::nullopt);
    std::size_t read = 0;
    for (std::size_t i = 0; i < bits.size() * kBits; ++i) {
        if ((bits[i / kBits] & bit_of(i)) == 0) {
            continue;
        }
        if (i >= validators || read == count) {
            in.fail(scale::DecodeError::invalid_value);
            return;
        }
        scale::decode_from(in, value.signatures[i].emplace());
        ++read;
    }
    if (read != count) {
        in.fail(scale::DecodeError::invalid_value);
    }
}

void encode_to(Bytes& out, const FinalityProof& proof) {
    out.push_back(kProofVersion1);
    encode_to(out, proof.signed_commitment);
}

void decode_from(scale::Decoder& in, FinalityProof& proof) {
    if (in.u8() != kProofVersion1) {
        in.fail(scale::DecodeError::bad_variant);
        return;
    }
    decode_from(in, proof.signed_commitment);
}

std::expected<FinalityProof, scale::DecodeError> decode_finality_proof(ByteView data) {
    return scale::decode<FinalityProof>(data);
}

void encode_to(Bytes& out, const GossipMessage& message) {
    out.push_back(static_cast<std::uint8_t>(message.index()));
    std::visit([&](const auto& kind) { encode_to(out, kind); }, message);
}

void decode_from(scale::Decoder& in, GossipMessage& message) {
    decode_alternative(in, in.u8(), message);
}

std::expected<GossipMessage, scale::DecodeError> decode_gossip(ByteView notification) {
    if (notification.size() > kGossipBytesMax) {
        return std::unexpected(scale::DecodeError::length_over_limit);
    }
    return scale::decode<GossipMessage>(notification);
}

}  // namespace stipple::beefy
