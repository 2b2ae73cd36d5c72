// A header that decodes encodes to the same bytes, so its hash is that of what the peer sent.
#include "base/check.hpp"
#include "primitives/header.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    const ByteView input(data, size);
    const auto header = scale::decode<Header>(input);
    if (header) {
        CHECK(equal(scale::encode(*header), input));
        CHECK(header->without_seal().digest.size() + (header->seal() != nullptr ? 1 : 0) ==
              header->digest.size());
    }
    return 0;
}
