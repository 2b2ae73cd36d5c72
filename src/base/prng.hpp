// A small deterministic generator: the same seed gives the same numbers on every machine.
//
// splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014). Not for
// keys or nonces; those come from the operating system through `io/` or the bridge.
#pragma once

#include "base/bytes.hpp"
#include "base/uint128.hpp"

#include <cstdint>

namespace stipple {

struct Seed {
    std::uint64_t value{};
};

class Prng {
 public:
    explicit Prng(Seed seed) : state_(seed.value) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15ULL;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    /// Uniform enough in [0, bound); REQUIRES bound > 0.
    std::uint64_t below(std::uint64_t bound) {
        return static_cast<std::uint64_t>((static_cast<uint128>(next()) * bound) >> 64);
    }
    bool chance(std::uint64_t numerator, std::uint64_t denominator) {
        return below(denominator) < numerator;
    }
    /// Whole little-endian words, the tail cut.
    Bytes bytes(std::size_t count) {
        Bytes out;
        out.reserve(count + 8);
        while (out.size() < count) {
            append_le(out, next());
        }
        out.resize(count);
        return out;
    }
    Seed fork() { return Seed{next()}; }

 private:
    std::uint64_t state_;
};

}  // namespace stipple
