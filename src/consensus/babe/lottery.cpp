#include "consensus/babe/lottery.hpp"

#include "crypto/hash.hpp"

#include <cmath>

namespace stipple::babe {
namespace {

constexpr std::string_view kScoreContext = "substrate-babe-vrf";
constexpr int kThresholdBits = 128;
constexpr int kMantissaBits = 53;

// A double in [0, 1) is mantissa * 2^exponent exactly; shifting the mantissa scales it exactly.
uint128 scale_exactly(double p) {
    if (!(p > 0.0)) {
        return 0;
    }
    if (p >= 1.0) {
        return ~uint128{0};
    }
    int exponent = 0;
    const double fraction = std::frexp(p, &exponent);  // p = fraction * 2^exponent, 0.5 <= f < 1
    const auto mantissa = static_cast<uint128>(std::ldexp(fraction, kMantissaBits));
    const int shift = kThresholdBits + exponent - kMantissaBits;
    if (shift >= 0) {
        return mantissa << shift;
    }
    return -shift < kThresholdBits ? mantissa >> -shift : 0;
}

}  // namespace

crypto::VrfTranscript vrf_transcript(const Randomness& randomness, Slot slot, EpochIndex epoch) {
    crypto::VrfTranscript transcript;
    transcript.label = "BABE";
    transcript.append_u64("slot number", slot.value);
    transcript.append_u64("current epoch", epoch.value);
    transcript.append("chain randomness", randomness);
    return transcript;
}

uint128 primary_threshold(const SlotShare& c, std::span<const Authority> authorities,
                          AuthorityIndex index) {
    if (c.denominator == 0 || index >= authorities.size()) {
        return 0;
    }
    std::uint64_t total = 0;
    for (const Authority& authority : authorities) {
        total += authority.weight;
    }
    // The steps and their order are the field's: any other could round differently.
    const double share = static_cast<double>(c.numerator) / static_cast<double>(c.denominator);
    const double theta =
        static_cast<double>(authorities[index].weight) / static_cast<double>(total);
    return scale_exactly(1.0 - std::pow(1.0 - share, theta));
}

uint128 authoring_score(const crypto::VrfInOut& in_out) {
    std::array<std::uint8_t, 16> drawn{};
    in_out.make_bytes(kScoreContext, drawn);
    return load_le<uint128>(drawn);
}

std::optional<AuthorityIndex> secondary_author(const Randomness& randomness, Slot slot,
                                               std::size_t authority_count) {
    if (authority_count == 0) {
        return std::nullopt;
    }
    Bytes message = to_bytes(randomness.view());
    append_le(message, slot.value);
    const crypto::Hash256 hash = crypto::blake2b_256(message);
    std::uint64_t rest = 0;  // long division, most significant byte first
    for (const std::uint8_t byte : hash.bytes) {
        rest = (rest * 256 + byte) % authority_count;
    }
    return static_cast<AuthorityIndex>(rest);
}

}  // namespace stipple::babe
