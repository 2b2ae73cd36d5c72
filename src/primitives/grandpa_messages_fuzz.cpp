// Any bytes as GRANDPA messages: no crash, and what decodes encodes back to the same bytes.
#include "base/check.hpp"
#include "primitives/grandpa.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    const ByteView input(data, size);
    if (const auto message = grandpa::decode_gossip(input)) {
        CHECK(equal(scale::encode(*message), input));
    }
    if (const auto justification = grandpa::decode_justification(input)) {
        CHECK(grandpa::decode_justification(scale::encode(*justification)) == *justification);
    }
    if (const auto log = scale::decode<grandpa::ConsensusLog>(input)) {
        CHECK(equal(scale::encode(*log), input));
    }
    if (const auto header = scale::decode<Header>(input)) {
        (void)grandpa::find_change(*header);
    }
    return 0;
}
