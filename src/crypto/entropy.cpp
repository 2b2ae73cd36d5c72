#include "crypto/entropy.hpp"

#include "stipple_bridge_crypto.h"

namespace stipple::crypto {

Result<Secret<32>> fresh_seed() {
    Secret<32> seed;
    if (stipple_bridge_random(seed.writable().data(), seed.writable().size()) == 0) {
        return fail("the operating system gives no random bytes (getrandom)");
    }
    return seed;
}

}  // namespace stipple::crypto
