// Secret URIs: no text crashes the parser, and a key found once is found again.
#include "base/check.hpp"
#include "crypto/suri.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    const std::string_view text = as_text({data, size});
    const auto sr = crypto::sr25519_from_suri(text);
    if (sr) {
        CHECK(crypto::sr25519_from_suri(text)->public_key == sr->public_key);
    } else {
        CHECK(crypto::describe(sr.error()) != nullptr);
    }
    const auto ed = crypto::ed25519_from_suri(text);
    CHECK(!ed || crypto::ed25519_from_suri(text)->public_key == ed->public_key);
    const auto ec = crypto::ecdsa_from_suri(text);
    // The two other schemes agree on what is a path and what is not.
    CHECK(sr || (!ed && !ec));
    return 0;
}
