// Where a key has its place in the small tables of a call: those of storage_buffer.hpp and
// hash_cache.hpp.
#pragma once

#include "kit/types.hpp"

#include <cstring>

namespace stipple::runtime::inline kit {

/// Of at least eight bytes: those in the middle and at the end, which differ among the entries of a
/// map and among items. The upper bits are the better ones.
inline std::uint64_t mix_of(ByteView key) {
    std::uint64_t middle = 0;
    std::uint64_t back = 0;
    std::memcpy(&middle, key.data() + key.size() / 2 - 4, 8);
    std::memcpy(&back, key.data() + key.size() - 8, 8);
    return (middle ^ back * 3) * 0x9e3779b97f4a7c15ULL;
}

}  // namespace stipple::runtime::inline kit
