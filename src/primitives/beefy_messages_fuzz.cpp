// Any bytes as BEEFY messages: no crash, and what decodes encodes back to the same bytes.
#include "base/check.hpp"
#include "primitives/beefy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    const ByteView input(data, size);
    if (const auto message = beefy::decode_gossip(input)) {
        CHECK(equal(scale::encode(*message), input));
    }
    if (const auto proof = beefy::decode_finality_proof(input)) {
        CHECK(equal(scale::encode(*proof), input));
    }
    if (const auto log = scale::decode<beefy::ConsensusLog>(input)) {
        CHECK(equal(scale::encode(*log), input));
    }
    if (const auto proof = scale::decode<beefy::DoubleVotingProof>(input)) {
        CHECK(equal(scale::encode(*proof), input));
    }
    if (const auto header = scale::decode<Header>(input)) {
        (void)beefy::find_authorities_change(*header);
        (void)beefy::find_mmr_root(*header);
    }
    return 0;
}
