// Key, signature and hash types. No code: everything above may include it.
#pragma once

#include "base/strong.hpp"

namespace stipple::crypto {

struct Hash256Tag;
struct Hash128Tag;
struct Hash64Tag;
struct Hash512Tag;
using Hash64 = FixedBytes<8, Hash64Tag>;
using Hash128 = FixedBytes<16, Hash128Tag>;
using Hash256 = FixedBytes<32, Hash256Tag>;
using Hash512 = FixedBytes<64, Hash512Tag>;

struct Ed25519Tag;
struct Sr25519Tag;
struct EcdsaTag;
using Ed25519Public = FixedBytes<32, Ed25519Tag>;
using Ed25519Signature = FixedBytes<64, Ed25519Tag>;
using Sr25519Public = FixedBytes<32, Sr25519Tag>;
using Sr25519Signature = FixedBytes<64, Sr25519Tag>;
/// secp256k1, compressed.
using EcdsaPublic = FixedBytes<33, EcdsaTag>;
/// r ‖ s ‖ v.
using EcdsaSignature = FixedBytes<65, EcdsaTag>;

struct VrfPreOutputTag;
struct VrfProofTag;
/// schnorrkel: compressed Ristretto point.
using VrfPreOutput = FixedBytes<32, VrfPreOutputTag>;
/// schnorrkel: challenge 32 ‖ response 32.
using VrfProof = FixedBytes<64, VrfProofTag>;

}  // namespace stipple::crypto
