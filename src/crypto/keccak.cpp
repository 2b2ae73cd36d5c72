#include "crypto/keccak.hpp"

#include "base/check.hpp"

#include <array>
#include <bit>

namespace stipple::crypto {

namespace {

constexpr std::size_t kStateBytes = 200;
using State = std::array<std::uint64_t, 25>;

constexpr std::array<std::uint64_t, 24> kRoundConstants = {
    0x0000000000000001ULL, 0x0000000000008082ULL, 0x800000000000808aULL, 0x8000000080008000ULL,
    0x000000000000808bULL, 0x0000000080000001ULL, 0x8000000080008081ULL, 0x8000000000008009ULL,
    0x000000000000008aULL, 0x0000000000000088ULL, 0x0000000080008009ULL, 0x000000008000000aULL,
    0x000000008000808bULL, 0x800000000000008bULL, 0x8000000000008089ULL, 0x8000000000008003ULL,
    0x8000000000008002ULL, 0x8000000000000080ULL, 0x000000000000800aULL, 0x800000008000000aULL,
    0x8000000080008081ULL, 0x8000000000008080ULL, 0x0000000080000001ULL, 0x8000000080008008ULL};

/// Rotation and destination of each lane on the walk of rho and pi, starting at lane 1.
constexpr std::array<int, 24> kRotation = {1,  3,  6,  10, 15, 21, 28, 36, 45, 55, 2,  14,
                                           27, 41, 56, 8,  25, 43, 62, 18, 39, 61, 20, 44};
constexpr std::array<std::size_t, 24> kWalk = {10, 7,  11, 17, 18, 3, 5,  16, 8,  21, 24, 4,
                                               15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,  1};

void permute(State& a) {
    for (const std::uint64_t constant : kRoundConstants) {
        std::array<std::uint64_t, 5> column;
        for (std::size_t x = 0; x < 5; ++x) {
            column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
        }
        for (std::size_t x = 0; x < 5; ++x) {
            const std::uint64_t d = column[(x + 4) % 5] ^ std::rotl(column[(x + 1) % 5], 1);
            for (std::size_t y = 0; y < 25; y += 5) {
                a[x + y] ^= d;
            }
        }
        std::uint64_t carried = a[1];
        for (std::size_t i = 0; i < kWalk.size(); ++i) {
            const std::uint64_t next = a[kWalk[i]];
            a[kWalk[i]] = std::rotl(carried, kRotation[i]);
            carried = next;
        }
        for (std::size_t y = 0; y < 25; y += 5) {
            const std::array<std::uint64_t, 5> row = {a[y], a[y + 1], a[y + 2], a[y + 3], a[y + 4]};
            for (std::size_t x = 0; x < 5; ++x) {
                a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
            }
        }
        a[0] ^= constant;
    }
}

void absorb(State& state, ByteView block) {
    for (std::size_t i = 0; i < block.size() / 8; ++i) {
        state[i] ^= load_le<std::uint64_t>(block.subspan(8 * i, 8));
    }
    permute(state);
}

}  // namespace

void keccak(ByteView data, MutableByteView out) {
    CHECK(out.size() == 32 || out.size() == 64);
    const std::size_t rate = kStateBytes - 2 * out.size();
    State state{};
    while (data.size() >= rate) {
        absorb(state, data.first(rate));
        data = data.subspan(rate);
    }
    std::array<std::uint8_t, kStateBytes> padded{};
    std::copy(data.begin(), data.end(), padded.begin());
    padded[data.size()] ^= 0x01;
    padded[rate - 1] ^= 0x80;
    absorb(state, ByteView(padded).first(rate));
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = static_cast<std::uint8_t>(state[i / 8] >> (8 * (i % 8)));
    }
}

}  // namespace stipple::crypto
