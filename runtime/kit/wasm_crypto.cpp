// The hashes that the shared primitives call, in a Wasm build.
#include "crypto/hash.hpp"
#include "kit/hashing.hpp"
#include "kit/host.hpp"

namespace stipple::crypto {

/// Names of runtime APIs only: at most one block.
Hash64 blake2b_64(ByteView data) {
    CHECK(data.size() <= 128);
    return Hash64::copy(ByteView(runtime::blake2b_one_block(data.data(), data.size(), 8)).first(8));
}

Hash256 blake2b_256(ByteView data) {
    return Hash256(runtime::host::blake2_256(data).bytes);
}

}  // namespace stipple::crypto
