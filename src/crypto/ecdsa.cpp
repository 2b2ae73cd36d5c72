#include "crypto/ecdsa.hpp"

#include "base/result.hpp"
#include "crypto/hash.hpp"

#include <secp256k1.h>
#include <secp256k1_recovery.h>

namespace stipple::crypto {

namespace {

/// The library's shared context: good for everything here, since 0.2 also for signing.
const secp256k1_context* context() {
    static const secp256k1_context* made = [] {
        auto* fresh = secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
        CHECK(fresh != nullptr);
        return fresh;
    }();
    return made;
}

constexpr std::array<std::uint8_t, 32> kOrder = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
    0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};

/// Takes the group's order off a big-endian number that reaches it. Once is enough: 2n > 2^256.
void reduce(MutableByteView number) {
    if (compare(number, kOrder) < 0) {
        return;
    }
    int borrow = 0;
    for (std::size_t i = kOrder.size(); i-- > 0;) {
        const int difference = int{number[i]} - int{kOrder[i]} - borrow;
        borrow = difference < 0 ? 1 : 0;
        number[i] = static_cast<std::uint8_t>(difference & 0xff);
    }
}

std::expected<secp256k1_pubkey, EcdsaRecoverError> recover(const EcdsaSignature& signature,
                                                           const Hash256& digest,
                                                           Overflow overflow) {
    constexpr std::uint8_t kEthereumOffset = 27;
    std::uint8_t v = signature.bytes[64];
    v = v >= kEthereumOffset ? static_cast<std::uint8_t>(v - kEthereumOffset) : v;
    if (v > 3) {
        return std::unexpected(EcdsaRecoverError::bad_v);
    }
    std::array<std::uint8_t, 64> compact;
    std::copy_n(signature.bytes.begin(), compact.size(), compact.begin());
    if (overflow == Overflow::accept) {
        reduce(MutableByteView(compact).first(32));
        reduce(MutableByteView(compact).last(32));
    }
    secp256k1_ecdsa_recoverable_signature parsed;
    if (secp256k1_ecdsa_recoverable_signature_parse_compact(context(), &parsed, compact.data(),
                                                            v) == 0) {
        return std::unexpected(EcdsaRecoverError::bad_rs);
    }
    secp256k1_pubkey key;
    if (secp256k1_ecdsa_recover(context(), &key, &parsed, digest.bytes.data()) == 0) {
        return std::unexpected(EcdsaRecoverError::bad_signature);
    }
    return key;
}

template <std::size_t N>
std::array<std::uint8_t, N> serialize(const secp256k1_pubkey& key, unsigned int flags) {
    std::array<std::uint8_t, N> bytes;
    std::size_t length = N;
    CHECK(secp256k1_ec_pubkey_serialize(context(), bytes.data(), &length, &key, flags) == 1);
    CHECK(length == N);
    return bytes;
}

}  // namespace

std::optional<EcdsaKeypair> EcdsaKeypair::from_seed(const Secret<32>& seed) {
    secp256k1_pubkey key;
    if (secp256k1_ec_pubkey_create(context(), &key, seed.view().data()) == 0) {
        return std::nullopt;
    }
    return EcdsaKeypair{seed, EcdsaPublic(serialize<33>(key, SECP256K1_EC_COMPRESSED))};
}

EcdsaSignature EcdsaKeypair::sign_prehashed(const Hash256& digest) const {
    secp256k1_ecdsa_recoverable_signature made;
    // RFC 6979 nonces: the same message always gives the same signature.
    CHECK(secp256k1_ecdsa_sign_recoverable(context(), &made, digest.bytes.data(),
                                           secret.view().data(), nullptr, nullptr) == 1);
    EcdsaSignature signature;
    int v = 0;
    CHECK(secp256k1_ecdsa_recoverable_signature_serialize_compact(context(), signature.bytes.data(),
                                                                  &v, &made) == 1);
    signature.bytes[64] = static_cast<std::uint8_t>(v);
    return signature;
}

EcdsaSignature EcdsaKeypair::sign(ByteView message) const {
    return sign_prehashed(blake2b_256(message));
}

std::expected<std::array<std::uint8_t, 64>, EcdsaRecoverError> ecdsa_recover(
    const EcdsaSignature& signature, const Hash256& digest, Overflow overflow) {
    TRY_ASSIGN(const auto key, recover(signature, digest, overflow));
    const auto full = serialize<65>(key, SECP256K1_EC_UNCOMPRESSED);
    std::array<std::uint8_t, 64> coordinates;
    std::copy_n(full.begin() + 1, coordinates.size(), coordinates.begin());
    return coordinates;
}

std::expected<EcdsaPublic, EcdsaRecoverError> ecdsa_recover_compressed(
    const EcdsaSignature& signature, const Hash256& digest, Overflow overflow) {
    TRY_ASSIGN(const auto key, recover(signature, digest, overflow));
    return EcdsaPublic(serialize<33>(key, SECP256K1_EC_COMPRESSED));
}

bool ecdsa_verify_prehashed(const EcdsaSignature& signature, const Hash256& digest,
                            const EcdsaPublic& key, Overflow overflow) {
    // Verification here takes the recovery byte as it is: 27 and up belongs to the recovery calls.
    if (signature.bytes[64] > 3) {
        return false;
    }
    const auto recovered = ecdsa_recover_compressed(signature, digest, overflow);
    return recovered && *recovered == key;
}

bool ecdsa_verify(const EcdsaSignature& signature, ByteView message, const EcdsaPublic& key,
                  Overflow overflow) {
    return ecdsa_verify_prehashed(signature, blake2b_256(message), key, overflow);
}

}  // namespace stipple::crypto
