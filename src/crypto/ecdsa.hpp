// ECDSA over secp256k1 with public key recovery: accounts, BEEFY, Ethereum-style proofs in
// runtimes.
#pragma once

#include "crypto/secret.hpp"
#include "crypto/types.hpp"

#include <expected>

namespace stipple::crypto {

/// SCALE indexes of the host API: 0 BadRS, 1 BadV, 2 BadSignature.
enum class EcdsaRecoverError : std::uint8_t { bad_rs = 0, bad_v = 1, bad_signature = 2 };
enum class Overflow : std::uint8_t {
    accept,
    refuse
};  ///< of r and s (host function versions 1 / 2)

struct EcdsaKeypair {
    Secret<32> secret;
    EcdsaPublic public_key;
    /// Absent when the seed is not a valid scalar.
    static std::optional<EcdsaKeypair> from_seed(const Secret<32>& seed);
    EcdsaSignature sign_prehashed(const Hash256& digest) const;
    /// BLAKE2b-256 of the message first.
    EcdsaSignature sign(ByteView message) const;
};

/// x ‖ y, 64 bytes.
std::expected<std::array<std::uint8_t, 64>, EcdsaRecoverError> ecdsa_recover(const EcdsaSignature&,
                                                                             const Hash256& digest,
                                                                             Overflow);
std::expected<EcdsaPublic, EcdsaRecoverError> ecdsa_recover_compressed(const EcdsaSignature&,
                                                                       const Hash256& digest,
                                                                       Overflow);
bool ecdsa_verify_prehashed(const EcdsaSignature&, const Hash256& digest, const EcdsaPublic&,
                            Overflow = Overflow::refuse);
/// BLAKE2b-256 of the message first.
bool ecdsa_verify(const EcdsaSignature&, ByteView message, const EcdsaPublic&,
                  Overflow = Overflow::refuse);

}  // namespace stipple::crypto
