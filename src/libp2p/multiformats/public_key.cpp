#include "libp2p/multiformats/public_key.hpp"

#include "crypto/ecdsa.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/hash.hpp"
#include "libp2p/multiformats/protobuf.hpp"

namespace stipple::libp2p {

namespace {

constexpr std::uint32_t kKindField = 1;
constexpr std::uint32_t kDataField = 2;

bool has_length_of_kind(KeyKind kind, std::size_t size) {
    switch (kind) {
        case KeyKind::ed25519:
            return size == crypto::Ed25519Public::kSize;
        case KeyKind::secp256k1:
            return size == crypto::EcdsaPublic::kSize;
        case KeyKind::rsa:
        case KeyKind::ecdsa:
            return size > 0;
    }
    return false;
}

/// The INTEGER at the front of `der` as 32 big-endian bytes; absent when it is none or larger.
std::optional<std::array<std::uint8_t, 32>> take_der_integer(ByteView& der) {
    constexpr std::uint8_t kInteger = 0x02;
    if (der.size() < 2 || der[0] != kInteger || der[1] == 0 || der[1] > 33 ||
        der.size() < std::size_t{2} + der[1]) {
        return std::nullopt;
    }
    ByteView digits = der.subspan(2, der[1]);
    der = der.subspan(std::size_t{2} + der[1]);
    if (digits[0] >= 0x80) {
        return std::nullopt;  // negative
    }
    if (digits[0] == 0) {
        digits = digits.subspan(1);
    }
    std::array<std::uint8_t, 32> number{};
    if (digits.size() > number.size()) {
        return std::nullopt;
    }
    std::copy(digits.begin(), digits.end(),
              number.end() - static_cast<std::ptrdiff_t>(digits.size()));
    return number;
}

bool verify_secp256k1(ByteView key, ByteView message, ByteView der) {
    constexpr std::uint8_t kSequence = 0x30;
    if (der.size() < 2 || der[0] != kSequence || der[1] != der.size() - 2) {
        return false;
    }
    der = der.subspan(2);
    const auto r = take_der_integer(der);
    const auto s = take_der_integer(der);
    if (!r || !s || !der.empty()) {
        return false;
    }
    crypto::EcdsaSignature signature;
    std::copy(r->begin(), r->end(), signature.bytes.begin());
    std::copy(s->begin(), s->end(), signature.bytes.begin() + 32);
    const auto digest = crypto::sha2_256(message);
    const auto expected = crypto::EcdsaPublic::copy(key);
    // The crypto module recovers keys; DER does not say which of the four this one is.
    for (std::uint8_t v = 0; v < 4; ++v) {
        signature.bytes[64] = v;
        if (crypto::ecdsa_verify_prehashed(signature, digest, expected)) {
            return true;
        }
    }
    return false;
}

}  // namespace

PublicKey public_key(const crypto::Ed25519Public& key) {
    return {.kind = KeyKind::ed25519, .data = to_bytes(key.view())};
}

std::optional<crypto::Ed25519Public> ed25519_of(const PublicKey& key) {
    return key.kind == KeyKind::ed25519 ? crypto::Ed25519Public::from(key.data) : std::nullopt;
}

std::expected<PublicKey, PublicKeyError> decode_public_key(ByteView bytes) {
    if (bytes.size() > kPublicKeyBytesMax) {
        return std::unexpected(PublicKeyError::bad_length);
    }
    std::optional<std::uint64_t> kind;
    std::optional<ByteView> data;
    ProtobufReader reader(bytes);
    while (const auto field = reader.next()) {
        if (field->number == kKindField) {
            kind = reader.number(*field);
        } else if (field->number == kDataField) {
            data = reader.bytes(*field);
        }
    }
    if (reader.error() || !kind || !data) {
        return std::unexpected(PublicKeyError::malformed);
    }
    if (*kind > static_cast<std::uint64_t>(KeyKind::ecdsa)) {
        return std::unexpected(PublicKeyError::unknown_kind);
    }
    const auto known = static_cast<KeyKind>(*kind);
    if (!has_length_of_kind(known, data->size())) {
        return std::unexpected(PublicKeyError::bad_length);
    }
    return PublicKey{.kind = known, .data = to_bytes(*data)};
}

Bytes encode_public_key(const PublicKey& key) {
    ProtobufWriter writer;
    writer.number(kKindField, static_cast<std::uint64_t>(key.kind)).bytes(kDataField, key.data);
    return writer.take();
}

KeyVerdict verify_signature(const PublicKey& key, ByteView message, ByteView signature) {
    bool valid = false;
    if (const auto ed25519 = ed25519_of(key)) {
        const auto fixed = crypto::Ed25519Signature::from(signature);
        valid = fixed && crypto::ed25519_verify(*fixed, message, *ed25519);
    } else if (key.kind == KeyKind::secp256k1 && has_length_of_kind(key.kind, key.data.size())) {
        valid = verify_secp256k1(key.data, message, signature);
    } else {
        return KeyVerdict::unsupported_kind;
    }
    return valid ? KeyVerdict::valid : KeyVerdict::invalid;
}

}  // namespace stipple::libp2p
