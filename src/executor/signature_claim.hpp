// The key under which a verdict on a signature is kept in a SignatureCachePort.
//
// Whoever verifies before execution (transaction pool, batch before import) stores its verdicts
// under the same claim that the host functions look up.
#pragma once

#include "crypto/types.hpp"

namespace stipple::executor {

enum class SignatureScheme : std::uint8_t { ed25519 = 0, sr25519 = 1, ecdsa = 2 };

/// BLAKE2b-256 of scheme ‖ public key ‖ signature ‖ message. Rules: ed25519 ZIP-215; sr25519
/// strict (marker bit required); ecdsa over the BLAKE2b-256 of the message, overflow refused.
crypto::Hash256 signature_claim(SignatureScheme scheme, ByteView public_key, ByteView signature,
                                ByteView message);

}  // namespace stipple::executor
