// Bytes that stay where they are until the arena goes: many small pieces, few allocations.
//
// Bounded by what is put in, plus one chunk. Nothing is given back before the arena ends.
#pragma once

#include "base/bytes.hpp"

#include <memory>
#include <vector>

namespace stipple::state {

class ByteArena {
 public:
    std::uint8_t* take(std::size_t size) {
        if (left_ < size) {
            if (size > kChunkBytesMax / 4) {  // gets its own, and the present chunk goes on
                return add_chunk(size);
            }
            left_ = next_chunk_;
            next_chunk_ = std::min(2 * next_chunk_, kChunkBytesMax);
            at_ = add_chunk(left_);
        }
        std::uint8_t* const taken = at_;
        at_ += size;
        left_ -= size;
        return taken;
    }
    ByteView keep(ByteView bytes) {
        if (bytes.empty()) {
            return {};
        }
        std::uint8_t* const to = take(bytes.size());
        std::memcpy(to, bytes.data(), bytes.size());
        return {to, bytes.size()};
    }

 private:
    /// Below the size from which the C library merges all its free lists when a block comes back.
    static constexpr std::size_t kChunkBytesMax = 32 * 1024;

    std::uint8_t* add_chunk(std::size_t size) {
        chunks_.push_back(std::make_unique_for_overwrite<std::uint8_t[]>(size));
        return chunks_.back().get();
    }

    std::vector<std::unique_ptr<std::uint8_t[]>> chunks_;
    std::uint8_t* at_ = nullptr;
    std::size_t left_ = 0;
    std::size_t next_chunk_ = 4096;
};

}  // namespace stipple::state
