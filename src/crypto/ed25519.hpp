// ed25519: GRANDPA votes, node identities, accounts.
//
// Signing: RFC 8032. Verification: ZIP-215 (non-canonical points accepted, cofactored equation),
// which is what the network agrees on; another rule could fork the chain.
#pragma once

#include "crypto/secret.hpp"
#include "crypto/types.hpp"

#include <memory>
#include <span>

struct StippleBridgeEd25519Key;

namespace stipple::crypto {

/// Copies share the secret half; the last one wipes it.
class Ed25519Keypair {
 public:
    Ed25519Public public_key;
    static Ed25519Keypair from_seed(const Secret<32>& seed);
    /// REQUIRES a pair that from_seed made.
    Ed25519Signature sign(ByteView message) const;

 private:
    std::shared_ptr<StippleBridgeEd25519Key> key_;
};

bool ed25519_verify(const Ed25519Signature&, ByteView message, const Ed25519Public&);

struct Ed25519Claim {
    Ed25519Signature signature;
    Ed25519Public public_key;
    ByteView message;
};
/// True when every claim holds; verdicts equal one-by-one verification. Empty is true.
bool ed25519_verify_batch(std::span<const Ed25519Claim> claims);

}  // namespace stipple::crypto
