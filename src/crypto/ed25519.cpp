#include "crypto/ed25519.hpp"

#include "crypto/repeatable.hpp"
#include "stipple_bridge_crypto.h"

#include <vector>

namespace stipple::crypto {

namespace {

StippleBridgeClaim to_bridge(const Ed25519Signature& signature, ByteView message,
                             const Ed25519Public& key) {
    return {signature.bytes.data(), key.bytes.data(), message.data(), message.size()};
}

}  // namespace

Ed25519Keypair Ed25519Keypair::from_seed(const Secret<32>& seed) {
    Ed25519Keypair pair;
    pair.key_ = {stipple_bridge_ed25519_key(seed.view().data(), pair.public_key.bytes.data()),
                 stipple_bridge_ed25519_forget};
    CHECK(pair.key_ != nullptr);
    return pair;
}

Ed25519Signature Ed25519Keypair::sign(ByteView message) const {
    Ed25519Signature signature;
    CHECK(key_ != nullptr);
    CHECK(stipple_bridge_ed25519_sign(key_.get(), message.data(), message.size(),
                                      signature.bytes.data()) == 1);
    if (Repeatable* const memory = Repeatable::here()) {
        memory->insert(Repeatable::claim(kEd25519Scheme, public_key, message, signature), true);
    }
    return signature;
}

bool ed25519_verify(const Ed25519Signature& signature, ByteView message, const Ed25519Public& key) {
    return verify_once(kEd25519Scheme, key, message, signature, [&] {
        const StippleBridgeClaim claim = to_bridge(signature, message, key);
        return stipple_bridge_ed25519_verify(&claim) == 1;
    });
}

bool ed25519_verify_batch(std::span<const Ed25519Claim> claims) {
    if (claims.size() == 1 || Repeatable::here() != nullptr) {
        return std::ranges::all_of(claims, [](const Ed25519Claim& claim) {
            return ed25519_verify(claim.signature, claim.message, claim.public_key);
        });
    }
    std::vector<StippleBridgeClaim> rows;
    rows.reserve(claims.size());
    for (const Ed25519Claim& claim : claims) {
        rows.push_back(to_bridge(claim.signature, claim.message, claim.public_key));
    }
    return stipple_bridge_ed25519_verify_batch(rows.data(), rows.size()) == 1;
}

}  // namespace stipple::crypto
