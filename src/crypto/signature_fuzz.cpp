// Signature verification of bytes from anywhere: 65 bytes signature, 33 bytes key, the rest
// message. Batches must agree with one-by-one verification.
#include "base/check.hpp"
#include "crypto/ecdsa.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/hash.hpp"
#include "crypto/sr25519.hpp"

namespace {

using namespace stipple;

constexpr std::size_t kSignatureBytes = 65;
constexpr std::size_t kKeyBytes = 33;

template <class Fixed>
Fixed start_of(ByteView bytes) {
    return Fixed::copy(bytes.first(Fixed::kSize));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace crypto;
    if (size < kSignatureBytes + kKeyBytes) {
        return 0;
    }
    const ByteView input(data, size);
    const ByteView signature = input.first(kSignatureBytes);
    const ByteView key = input.subspan(kSignatureBytes, kKeyBytes);
    const ByteView message = input.subspan(kSignatureBytes + kKeyBytes);

    const Ed25519Claim ed{start_of<Ed25519Signature>(signature), start_of<Ed25519Public>(key),
                          message};
    const bool ed_verdict = ed25519_verify(ed.signature, message, ed.public_key);
    const Ed25519Claim twice[2] = {ed, ed};
    CHECK(ed25519_verify_batch(twice) == ed_verdict);

    const Sr25519Claim sr{start_of<Sr25519Signature>(signature), start_of<Sr25519Public>(key),
                          message};
    const bool sr_verdict = sr25519_verify(sr.signature, message, sr.public_key);
    const Sr25519Claim sr_twice[2] = {sr, sr};
    CHECK(sr25519_verify_batch(sr_twice) == sr_verdict);
    CHECK(!sr_verdict || sr25519_verify_deprecated(sr.signature, message, sr.public_key));

    const auto ec = start_of<EcdsaSignature>(signature);
    const auto recovered = ecdsa_recover_compressed(ec, blake2b_256(message), Overflow::refuse);
    if (recovered) {
        CHECK(ec.bytes[64] > 3 || ecdsa_verify(ec, message, *recovered));
        CHECK(ecdsa_recover_compressed(ec, blake2b_256(message), Overflow::accept) == recovered);
    }
    static_cast<void>(ecdsa_verify(ec, message, start_of<EcdsaPublic>(key), Overflow::accept));
    return 0;
}
