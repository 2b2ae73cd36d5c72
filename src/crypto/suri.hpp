// Secret URIs: `phrase//hard/soft///password`, a 0x-seed, or the development phrase when empty.
//
// BIP-39 words (English) → entropy → PBKDF2-HMAC-SHA512 over the entropy (the substrate-bip39 way,
// not over the words) → 32-byte mini secret; then junctions. protocols.md section 2 has the
// derivations.
#pragma once

#include "crypto/ecdsa.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/sr25519.hpp"

#include <expected>
#include <string_view>

namespace stipple::crypto {

enum class SuriError : std::uint8_t {
    bad_format,         ///< not phrase, seed or path
    bad_phrase,         ///< word count, unknown word or checksum
    bad_seed,           ///< hex of another length than 32 bytes, or not a scalar (ECDSA)
    soft_not_supported  ///< a soft junction with ed25519 or ECDSA
};
const char* describe(SuriError error);

/// A non-empty `password` wins over the one in the URI, as in the Rust node. At most 4096
/// characters.
std::expected<Sr25519Keypair, SuriError> sr25519_from_suri(std::string_view suri,
                                                           std::string_view password = {});
std::expected<Ed25519Keypair, SuriError> ed25519_from_suri(std::string_view suri,
                                                           std::string_view password = {});
std::expected<EcdsaKeypair, SuriError> ecdsa_from_suri(std::string_view suri,
                                                       std::string_view password = {});

/// Words of 16 (12 words) to 32 (24 words) bytes of entropy, a multiple of 4 bytes.
std::string mnemonic_from_entropy(ByteView entropy);
std::expected<Secret<32>, SuriError> mini_secret_from_mnemonic(std::string_view phrase,
                                                               std::string_view password);

}  // namespace stipple::crypto
