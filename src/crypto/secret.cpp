#include "crypto/secret.hpp"

#include <openssl/crypto.h>

namespace stipple::crypto {

void wipe(MutableByteView memory) {
    OPENSSL_cleanse(memory.data(), memory.size());
}

}  // namespace stipple::crypto
