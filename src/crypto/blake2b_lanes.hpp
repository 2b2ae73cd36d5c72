// BLAKE2b states side by side, one in each 64-bit lane of the processor's wide registers. Messages
// of unequal length share the registers: a lane that finishes its message takes the next one at
// once. What mixes a block into all lanes is the caller's: blake2b_avx2.cpp, blake2b_avx512.cpp.
// The rounds stand in each of them: a function for all would lack the instructions to be inlined
// with.
#pragma once

#include "crypto/blake2b.hpp"

#include <cstring>

namespace stipple::crypto::blake2b {

/// One word of each message.
template <std::size_t kLanes>
struct alignas(8 * kLanes) LaneRow {
    std::array<std::uint64_t, kLanes> lane;
};

/// Chaining values, counters and last-block masks of the messages, word by word.
template <std::size_t kLanes>
struct Lanes {
    std::array<LaneRow<kLanes>, 8> h;
    LaneRow<kLanes> total;
    LaneRow<kLanes> last;
    std::array<const std::uint8_t*, kLanes> block;
};

/// Feeds the lanes from a list of messages.
template <std::size_t kLanes>
class LaneFeeder {
 public:
    LaneFeeder(std::span<const ByteView> inputs, std::span<Hash256> out)
        : inputs_(inputs), out_(out) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            padded_[lane].fill(0);
            take_next(lane);
        }
    }

    /// Messages in work; idle lanes mix zeros that nobody reads.
    std::size_t busy() const { return busy_; }

    /// `compress(Lanes<kLanes>&)` mixes a block into each lane.
    void step(const auto& compress) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            if (owner_[lane] != kIdle) {
                place_block(lane);
            }
        }
        compress(lanes_);
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            if (owner_[lane] != kIdle && lanes_.last.lane[lane] != 0) {
                finish(lane);
                take_next(lane);
            }
        }
    }

 private:
    static constexpr std::size_t kIdle = ~std::size_t{0};

    void place_block(std::size_t lane) {
        const ByteView input = inputs_[owner_[lane]];
        const std::size_t left = input.size() - offset_[lane];
        const bool last = left <= kBlockBytes;
        if (left >= kBlockBytes) {
            lanes_.block[lane] = input.data() + offset_[lane];
        } else {
            auto& padded = padded_[lane];
            if (left > 0) {
                std::memcpy(padded.data(), input.data() + offset_[lane], left);
            }
            std::memset(padded.data() + left, 0, kBlockBytes - left);
            lanes_.block[lane] = padded.data();
        }
        offset_[lane] += last ? left : kBlockBytes;
        lanes_.total.lane[lane] = offset_[lane];
        lanes_.last.lane[lane] = last ? ~std::uint64_t{0} : 0;
    }

    void finish(std::size_t lane) {
        std::array<std::uint64_t, 4> digest;
        for (std::size_t i = 0; i < digest.size(); ++i) {
            digest[i] = lanes_.h[i].lane[lane];
        }
        std::memcpy(out_[owner_[lane]].bytes.data(), digest.data(), Hash256::kSize);
        --busy_;
    }

    void take_next(std::size_t lane) {
        if (next_ == inputs_.size()) {
            owner_[lane] = kIdle;
            lanes_.block[lane] = padded_[lane].data();
            return;
        }
        owner_[lane] = next_++;
        offset_[lane] = 0;
        ++busy_;
        for (std::size_t i = 0; i < 8; ++i) {
            lanes_.h[i].lane[lane] = i == 0 ? first_word(Hash256::kSize) : kIv[i];
        }
    }

    Lanes<kLanes> lanes_{};
    std::array<std::array<std::uint8_t, kBlockBytes>, kLanes> padded_;
    std::span<const ByteView> inputs_;
    std::span<Hash256> out_;
    std::array<std::size_t, kLanes> owner_{};
    std::array<std::size_t, kLanes> offset_{};
    std::size_t next_ = 0;
    std::size_t busy_ = 0;
};

template <std::size_t kLanes>
void hash_in_lanes(std::span<const ByteView> inputs, std::span<Hash256> out, const auto& compress) {
    LaneFeeder<kLanes> feeder(inputs, out);
    while (feeder.busy() > 0) {
        feeder.step(compress);
    }
}

}  // namespace stipple::crypto::blake2b
