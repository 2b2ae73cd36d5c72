// Any bytes as BABE digest items and configurations: no crash, and what decodes encodes back.
#include "base/check.hpp"
#include "primitives/babe.hpp"

namespace {

template <class T>
void round_trip(stipple::ByteView input) {
    if (const auto value = stipple::scale::decode<T>(input)) {
        CHECK(stipple::scale::decode<T>(stipple::scale::encode(*value)) == *value);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    const ByteView input(data, size);
    round_trip<babe::PreDigest>(input);
    round_trip<babe::ConsensusLog>(input);
    round_trip<babe::Epoch>(input);
    for (const std::uint32_t version : {1u, 2u}) {
        if (const auto config = babe::decode_configuration(input, version)) {
            CHECK(config->epoch_length_slots > 0);
        }
    }
    if (const auto header = scale::decode<Header>(input)) {
        (void)babe::find_pre_digest(*header);
        (void)babe::find_announcements(*header);
        (void)babe::find_seal(*header);
    }
    return 0;
}
