// Randomness for new keys, from the operating system.
#pragma once

#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace stipple::crypto {

/// 32 unpredictable bytes. Fails only when the operating system has none to give.
Result<Secret<32>> fresh_seed();

}  // namespace stipple::crypto
