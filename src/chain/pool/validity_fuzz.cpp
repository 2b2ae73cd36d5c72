// What decodes encodes to the same bytes again.
#include "base/check.hpp"
#include "chain/pool/validity.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const stipple::ByteView input(data, size);
    const auto validity = stipple::chain::pool::decode_validity(input);
    if (validity) {
        CHECK(stipple::equal(stipple::chain::pool::encode_validity(*validity), input));
    }
    return 0;
}
