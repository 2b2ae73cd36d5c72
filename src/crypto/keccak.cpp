#include "crypto/keccak.hpp"

#include "base/check.hpp"

#include <array>
#include <bit>
#include <utility>

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

/// One step of rho and pi.
template <std::size_t Step>
inline __attribute__((always_inline)) void turn(const State& a, State& b) {
    constexpr std::size_t from = Step == 0 ? 1 : kWalk[Step - 1];
    b[kWalk[Step]] = std::rotl(a[from], kRotation[Step]);
}

void permute(State& state) {
    State a = state;
    State b;
    for (const std::uint64_t constant : kRoundConstants) {
        const std::uint64_t c0 = a[0] ^ a[5] ^ a[10] ^ a[15] ^ a[20];
        const std::uint64_t c1 = a[1] ^ a[6] ^ a[11] ^ a[16] ^ a[21];
        const std::uint64_t c2 = a[2] ^ a[7] ^ a[12] ^ a[17] ^ a[22];
        const std::uint64_t c3 = a[3] ^ a[8] ^ a[13] ^ a[18] ^ a[23];
        const std::uint64_t c4 = a[4] ^ a[9] ^ a[14] ^ a[19] ^ a[24];
        const std::array<std::uint64_t, 5> d = {c4 ^ std::rotl(c1, 1), c0 ^ std::rotl(c2, 1),
                                                c1 ^ std::rotl(c3, 1), c2 ^ std::rotl(c4, 1),
                                                c3 ^ std::rotl(c0, 1)};
#pragma GCC unroll 25
        for (std::size_t i = 0; i < 25; ++i) {
            a[i] ^= d[i % 5];
        }
        b[0] = a[0];
        [&]<std::size_t... Step>(std::index_sequence<Step...>) __attribute__((always_inline)) {
            (turn<Step>(a, b), ...);
        }(std::make_index_sequence<kWalk.size()>{});
#pragma GCC unroll 5
        for (std::size_t y = 0; y < 25; y += 5) {
            a[y] = b[y] ^ (~b[y + 1] & b[y + 2]);
            a[y + 1] = b[y + 1] ^ (~b[y + 2] & b[y + 3]);
            a[y + 2] = b[y + 2] ^ (~b[y + 3] & b[y + 4]);
            a[y + 3] = b[y + 3] ^ (~b[y + 4] & b[y]);
            a[y + 4] = b[y + 4] ^ (~b[y] & b[y + 1]);
        }
        a[0] ^= constant;
    }
    state = a;
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
