#include "crypto/blake2b.hpp"

#include <bit>
#include <cstring>
#include <utility>

namespace stipple::crypto::blake2b {

namespace {

static_assert(std::endian::native == std::endian::little, "words are read as they lie in memory");

using Words = std::array<std::uint64_t, 16>;

inline __attribute__((always_inline)) void mix(std::uint64_t& a, std::uint64_t& b, std::uint64_t& c,
                                               std::uint64_t& d, std::uint64_t x, std::uint64_t y) {
    a += b + x;
    d = std::rotr(d ^ a, 32);
    c += d;
    b = std::rotr(b ^ c, 24);
    a += b + y;
    d = std::rotr(d ^ a, 16);
    c += d;
    b = std::rotr(b ^ c, 63);
}

// The round is a template argument so that every message index is a constant.
template <std::size_t Round>
inline __attribute__((always_inline)) void run_round(Words& v, const Words& m) {
    constexpr const auto& s = kSigma[Round];
    mix(v[0], v[4], v[8], v[12], m[s[0]], m[s[1]]);
    mix(v[1], v[5], v[9], v[13], m[s[2]], m[s[3]]);
    mix(v[2], v[6], v[10], v[14], m[s[4]], m[s[5]]);
    mix(v[3], v[7], v[11], v[15], m[s[6]], m[s[7]]);
    mix(v[0], v[5], v[10], v[15], m[s[8]], m[s[9]]);
    mix(v[1], v[6], v[11], v[12], m[s[10]], m[s[11]]);
    mix(v[2], v[7], v[8], v[13], m[s[12]], m[s[13]]);
    mix(v[3], v[4], v[9], v[14], m[s[14]], m[s[15]]);
}

void compress(std::array<std::uint64_t, 8>& h, const std::uint8_t* block, std::uint64_t total,
              bool last) {
    Words m;
    std::memcpy(m.data(), block, kBlockBytes);
    Words v = {h[0],   h[1],   h[2],   h[3],   h[4],           h[5],   h[6], h[7],
               kIv[0], kIv[1], kIv[2], kIv[3], kIv[4] ^ total, kIv[5], 0,    kIv[7]};
    v[14] = last ? ~kIv[6] : kIv[6];
    [&]<std::size_t... Round>(std::index_sequence<Round...>) __attribute__((always_inline)) {
        (run_round<Round>(v, m), ...);
    }(std::make_index_sequence<kRounds>{});
    for (std::size_t i = 0; i < 8; ++i) {
        h[i] ^= v[i] ^ v[i + 8];
    }
}

}  // namespace

bool has_avx2() {
    static const bool found = __builtin_cpu_supports("avx2") != 0;
    return found;
}

bool has_avx512() {
    static const bool found = __builtin_cpu_supports("avx512f") != 0;
    return found;
}

void hash(ByteView data, MutableByteView out) {
    CHECK(!out.empty() && out.size() <= 64);
    std::array<std::uint64_t, 8> h = kIv;
    h[0] = first_word(out.size());
    const std::uint8_t* at = data.data();
    std::size_t left = data.size();
    std::uint64_t total = 0;
    while (left > kBlockBytes) {
        total += kBlockBytes;
        compress(h, at, total, false);
        at += kBlockBytes;
        left -= kBlockBytes;
    }
    // The last block is always there, also for an empty message, and is padded with zeros.
    std::array<std::uint8_t, kBlockBytes> padded{};
    if (left > 0 && left < kBlockBytes) {
        std::memcpy(padded.data(), at, left);
    }
    compress(h, left == kBlockBytes ? at : padded.data(), total + left, true);
    std::memcpy(out.data(), h.data(), out.size());
}

}  // namespace stipple::crypto::blake2b
