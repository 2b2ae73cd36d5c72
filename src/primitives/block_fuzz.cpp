// A signed block that decodes encodes to the same bytes.
#include "base/check.hpp"
#include "primitives/block.hpp"
#include "primitives/inherents.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    const ByteView input(data, size);
    const auto block = scale::decode<SignedBlock>(input);
    if (block) {
        CHECK(equal(scale::encode(*block), input));
    }
    const auto inherents = scale::decode<InherentData>(input);
    if (inherents) {
        CHECK(scale::decode<InherentData>(scale::encode(*inherents))->values == inherents->values);
    }
    return 0;
}
