// Whatever decodes encodes to the same bytes (for types with one encoding), and memory stays in
// proportion to the input.
#include "scale/codec.hpp"

namespace stipple::scale {
namespace {

template <class T>
void check_round_trip(ByteView input) {
    const auto value = decode<T>(input);
    if (value) {
        CHECK(equal(encode(*value), input));
    }
}

}  // namespace
}  // namespace stipple::scale

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    using namespace stipple::scale;
    const ByteView input(data, size);
    check_round_trip<Compact<uint128>>(input);
    check_round_trip<Compact<std::uint32_t>>(input);
    check_round_trip<std::vector<Bytes>>(input);
    check_round_trip<std::vector<std::optional<std::pair<std::uint16_t, std::string>>>>(input);
    check_round_trip<std::tuple<bool, std::vector<std::array<std::uint8_t, 3>>>>(input);
    const auto bits = decode<BitVec>(input);
    if (bits) {
        CHECK(decode<BitVec>(encode(*bits)) == bits);  // unused bits may differ in the input
    }
    const auto map = decode<std::map<std::uint8_t, Bytes>>(input);
    if (map) {
        CHECK((decode<std::map<std::uint8_t, Bytes>>(encode(*map)) == map));
    }
    return 0;
}
