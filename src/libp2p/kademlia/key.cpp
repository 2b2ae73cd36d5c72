#include "libp2p/kademlia/key.hpp"

#include "crypto/hash.hpp"

#include <bit>

namespace stipple::libp2p::kademlia {

Key key_of(ByteView preimage) {
    return Key(crypto::sha2_256(preimage).bytes);
}

Distance distance(const Key& a, const Key& b) {
    Distance result;
    for (std::size_t i = 0; i < Key::kSize; ++i) {
        result.bytes[i] = a.bytes[i] ^ b.bytes[i];
    }
    return result;
}

std::optional<std::size_t> bucket_of(const Distance& distance) {
    for (std::size_t i = 0; i < Distance::kSize; ++i) {
        if (const std::uint8_t byte = distance.bytes[i]; byte != 0) {
            const auto highest = static_cast<std::size_t>(std::bit_width(byte)) - 1;
            return (Distance::kSize - 1 - i) * 8 + highest;
        }
    }
    return std::nullopt;
}

}  // namespace stipple::libp2p::kademlia
