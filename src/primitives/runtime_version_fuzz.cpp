// Any bytes either are a runtime version or not; one with all fields decodes to itself.
#include "base/check.hpp"
#include "primitives/runtime_version.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    const auto version = scale::decode<RuntimeVersion>(ByteView(data, size));
    if (version && version->api_version("Core").value_or(0) >= 4) {
        CHECK(scale::decode<RuntimeVersion>(scale::encode(*version)) == *version);
    }
    return 0;
}
