#include "primitives/block.hpp"

#include "crypto/hash.hpp"

namespace stipple {

ExtrinsicHash Extrinsic::hash() const {
    return ExtrinsicHash(crypto::blake2b_256(scale::encode(data)).bytes);
}

}  // namespace stipple
