// Addresses: what decodes encodes to the same text.
#include "base/check.hpp"
#include "crypto/ss58.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    const std::string_view text = as_text({data, size});
    if (const auto bytes = crypto::base58_decode(text)) {
        CHECK(crypto::base58_encode(*bytes) == text);
    }
    if (const auto address = crypto::ss58_decode(text)) {
        CHECK(crypto::ss58_encode(address->payload, address->format) == text);
    }
    if (size <= 80) {
        CHECK(crypto::base58_decode(crypto::base58_encode({data, size})) ==
              to_bytes(ByteView(data, size)));
    }
    return 0;
}
