// Ethereum addresses of secp256k1 keys.
#pragma once

#include "kit/host.hpp"

namespace stipple::runtime {

/// The last 20 bytes of keccak-256 over both coordinates; empty when the bytes are no point.
Bytes ethereum_address(const crypto::EcdsaPublic& key);

}  // namespace stipple::runtime
