#include "kit/extrinsic.hpp"

#include <bit>

namespace stipple::runtime::inline kit {

std::uint64_t Era::birth(std::uint64_t current) const {
    if (is_immortal()) {
        return 0;
    }
    return (std::max(current, phase) - phase) / period * period + phase;
}

std::uint64_t Era::death(std::uint64_t current) const {
    return is_immortal() ? UINT64_MAX : birth(current) + period;
}

void encode_to(Bytes& out, const Era& era) {
    if (era.is_immortal()) {
        out.push_back(0);
        return;
    }
    const std::uint64_t quantum = std::max<std::uint64_t>(era.period >> 12, 1);
    const auto log = static_cast<std::uint64_t>(std::countr_zero(era.period));
    const std::uint64_t low = std::min<std::uint64_t>(15, std::max<std::uint64_t>(1, log - 1));
    scale::encode_to(out, static_cast<std::uint16_t>(low | (era.phase / quantum) << 4));
}

void decode_from(scale::Decoder& in, Era& era) {
    era = {};
    const std::uint8_t first = in.u8();
    if (first == 0) {
        return;
    }
    const std::uint64_t encoded = first | static_cast<std::uint64_t>(in.u8()) << 8;
    const std::uint64_t period = std::uint64_t{2} << (encoded % 16);
    const std::uint64_t quantum = std::max<std::uint64_t>(period >> 12, 1);
    const std::uint64_t phase = (encoded >> 4) * quantum;
    if (period < 4 || phase >= period) {
        in.fail(scale::DecodeError::invalid_value);
        return;
    }
    era = {period, phase};
}

Bytes TypeInfo<Era>::describe(Registry& types) {
    // Names must outlive the list of cases, which only borrows them.
    std::vector<std::string> names{"Immortal"};
    for (unsigned i = 1; i < 256; ++i) {
        names.push_back("Mortal" + decimal(i));
    }
    const TypeId byte = types.id<std::uint8_t>();
    std::vector<CaseInfo> cases;
    for (std::size_t i = 0; i < names.size(); ++i) {
        cases.push_back({names[i], static_cast<std::uint8_t>(i),
                         i == 0 ? std::vector<FieldInfo>{} : std::vector<FieldInfo>{{"", byte}}});
    }
    return Registry::variant("sp_runtime::generic::era::Era", cases);
}

}  // namespace stipple::runtime::inline kit
