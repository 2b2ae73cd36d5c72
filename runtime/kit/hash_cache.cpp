#include "kit/hash_cache.hpp"

#include "kit/key_mix.hpp"

#include <cstring>

namespace stipple::runtime::inline kit::hash_cache {

namespace {
constexpr std::uint32_t kHashesLog = 3;

struct Hashed {
    std::uint8_t bytes;  ///< 0: none
    std::uint8_t data[kHashedBytesMax];
    std::array<std::uint8_t, 16> hash;
};
Hashed hashes[1U << kHashesLog];

bool may_keep(ByteView data) {
    return data.size() >= 8 && data.size() <= kHashedBytesMax;
}
Hashed& place_of(ByteView data) {
    return hashes[mix_of(data) >> (64 - kHashesLog)];
}
}  // namespace

const std::array<std::uint8_t, 16>* find(ByteView data) {
    if (!may_keep(data)) {
        return nullptr;
    }
    const Hashed& known = place_of(data);
    const bool same =
        known.bytes == data.size() && std::memcmp(known.data, data.data(), data.size()) == 0;
    return same ? &known.hash : nullptr;
}

void put(ByteView data, const std::array<std::uint8_t, 16>& hash) {
    if (may_keep(data)) {
        Hashed& place = place_of(data);
        place.bytes = static_cast<std::uint8_t>(data.size());
        std::memcpy(place.data, data.data(), data.size());
        place.hash = hash;
    }
}

}  // namespace stipple::runtime::inline kit::hash_cache
