// Module `crypto`, verification and recovery.
//
// Spec: sect-crypto-api; host-api.md section 3. Verdicts found in the signature cache are taken as
// they are: the cache holds verdicts of the same rules only (signature_claim.hpp).
#include "crypto/ecdsa.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/hash.hpp"
#include "crypto/sr25519.hpp"
#include "executor/host_table.hpp"
#include "executor/signature_claim.hpp"

namespace stipple::executor {

crypto::Hash256 signature_claim(SignatureScheme scheme, ByteView public_key, ByteView signature,
                                ByteView message) {
    Bytes claim;
    claim.reserve(1 + public_key.size() + signature.size() + message.size());
    claim.push_back(static_cast<std::uint8_t>(scheme));
    append(claim, public_key);
    append(claim, signature);
    append(claim, message);
    return crypto::blake2b_256(claim);
}

namespace {

template <std::size_t N>
using Fixed = std::span<const std::uint8_t, N>;

/// The verdict of `verify`, or the one kept for the same claim.
template <class Verify>
bool cached_verdict(HostCall& call, SignatureScheme scheme, ByteView public_key, ByteView signature,
                    ByteView message, Verify verify) {
    SignatureCachePort* cache = call.context.signatures;
    if (cache == nullptr) {
        return verify();
    }
    const auto claim = signature_claim(scheme, public_key, signature, message);
    if (const auto known = cache->find(claim)) {
        return *known;
    }
    const bool valid = verify();
    cache->insert(claim, valid);
    return valid;
}

bool ed25519_verify(HostCall& call, Fixed<64> signature, ByteView message, Fixed<32> key) {
    return cached_verdict(call, SignatureScheme::ed25519, key, signature, message, [&] {
        return crypto::ed25519_verify(crypto::Ed25519Signature::copy(signature), message,
                                      crypto::Ed25519Public::copy(key));
    });
}
bool sr25519_verify_v1(HostCall&, Fixed<64> signature, ByteView message, Fixed<32> key) {
    return crypto::sr25519_verify_deprecated(crypto::Sr25519Signature::copy(signature), message,
                                             crypto::Sr25519Public::copy(key));
}
bool sr25519_verify_v2(HostCall& call, Fixed<64> signature, ByteView message, Fixed<32> key) {
    return cached_verdict(call, SignatureScheme::sr25519, key, signature, message, [&] {
        return crypto::sr25519_verify(crypto::Sr25519Signature::copy(signature), message,
                                      crypto::Sr25519Public::copy(key));
    });
}
bool ecdsa_verify_v1(HostCall&, Fixed<65> signature, ByteView message, Fixed<33> key) {
    return crypto::ecdsa_verify(crypto::EcdsaSignature::copy(signature), message,
                                crypto::EcdsaPublic::copy(key), crypto::Overflow::accept);
}
bool ecdsa_verify_v2(HostCall& call, Fixed<65> signature, ByteView message, Fixed<33> key) {
    return cached_verdict(call, SignatureScheme::ecdsa, key, signature, message, [&] {
        return crypto::ecdsa_verify(crypto::EcdsaSignature::copy(signature), message,
                                    crypto::EcdsaPublic::copy(key), crypto::Overflow::refuse);
    });
}
bool ecdsa_verify_prehashed(HostCall&, Fixed<65> signature, Fixed<32> digest, Fixed<33> key) {
    return crypto::ecdsa_verify_prehashed(crypto::EcdsaSignature::copy(signature),
                                          crypto::Hash256::copy(digest),
                                          crypto::EcdsaPublic::copy(key), crypto::Overflow::refuse);
}

// Batches of old runtimes: verified at once, the batch remembers whether all were valid.
bool into_batch(HostCall& call, bool valid) {
    if (call.batch) {
        *call.batch = *call.batch && valid;
    }
    return valid;
}
bool ed25519_batch_verify(HostCall& call, Fixed<64> signature, ByteView message, Fixed<32> key) {
    return into_batch(call, ed25519_verify(call, signature, message, key));
}
bool sr25519_batch_verify(HostCall& call, Fixed<64> signature, ByteView message, Fixed<32> key) {
    return into_batch(call, sr25519_verify_v2(call, signature, message, key));
}
bool ecdsa_batch_verify(HostCall& call, Fixed<65> signature, ByteView message, Fixed<33> key) {
    return into_batch(call, ecdsa_verify_v2(call, signature, message, key));
}
void start_batch_verify(HostCall& call) {
    if (call.batch) {
        call.trap("a signature batch is already open");
        return;
    }
    call.batch = true;
}
bool finish_batch_verify(HostCall& call) {
    if (!call.batch) {
        call.trap("no signature batch is open");
        return false;
    }
    const bool valid = *call.batch;
    call.batch.reset();
    return valid;
}

/// SCALE Result<[u8; N], EcdsaVerifyError>.
GuestBytes give_recovered(HostCall& call, const auto& recovered) {
    Bytes out;
    if (recovered) {
        out.push_back(0);
        append(out, *recovered);
    } else {
        out = {1, static_cast<std::uint8_t>(recovered.error())};
    }
    return call.give(out);
}
std::int32_t write_recovered(const auto& recovered, MutableByteView out) {
    if (!recovered) {
        return -1 - static_cast<std::int32_t>(recovered.error());
    }
    const ByteView bytes = *recovered;
    std::ranges::copy(bytes, out.begin());
    return 0;
}
auto recover(Fixed<65> signature, Fixed<32> digest, crypto::Overflow overflow) {
    return crypto::ecdsa_recover(crypto::EcdsaSignature::copy(signature),
                                 crypto::Hash256::copy(digest), overflow);
}
auto recover_compressed(Fixed<65> signature, Fixed<32> digest, crypto::Overflow overflow) {
    return crypto::ecdsa_recover_compressed(crypto::EcdsaSignature::copy(signature),
                                            crypto::Hash256::copy(digest), overflow);
}
GuestBytes recover_v1(HostCall& call, Fixed<65> signature, Fixed<32> digest) {
    return give_recovered(call, recover(signature, digest, crypto::Overflow::accept));
}
GuestBytes recover_v2(HostCall& call, Fixed<65> signature, Fixed<32> digest) {
    return give_recovered(call, recover(signature, digest, crypto::Overflow::refuse));
}
std::int32_t recover_v3(HostCall&, Fixed<65> signature, Fixed<32> digest,
                        std::span<std::uint8_t, 64> out) {
    return write_recovered(recover(signature, digest, crypto::Overflow::refuse), out);
}
GuestBytes recover_compressed_v1(HostCall& call, Fixed<65> signature, Fixed<32> digest) {
    return give_recovered(call, recover_compressed(signature, digest, crypto::Overflow::accept));
}
GuestBytes recover_compressed_v2(HostCall& call, Fixed<65> signature, Fixed<32> digest) {
    return give_recovered(call, recover_compressed(signature, digest, crypto::Overflow::refuse));
}
std::int32_t recover_compressed_v3(HostCall&, Fixed<65> signature, Fixed<32> digest,
                                   std::span<std::uint8_t, 33> out) {
    return write_recovered(recover_compressed(signature, digest, crypto::Overflow::refuse), out);
}

constexpr auto kNewer = HostFunctionFlag::newer;
constexpr auto kObsolete = HostFunctionFlag::obsolete;
constexpr std::array kFunctions = {
    host_function<ed25519_verify>("ext_crypto_ed25519_verify_version_1"),
    host_function<sr25519_verify_v1>("ext_crypto_sr25519_verify_version_1"),
    host_function<sr25519_verify_v2>("ext_crypto_sr25519_verify_version_2"),
    host_function<ecdsa_verify_v1>("ext_crypto_ecdsa_verify_version_1"),
    host_function<ecdsa_verify_v2>("ext_crypto_ecdsa_verify_version_2"),
    host_function<ecdsa_verify_prehashed>("ext_crypto_ecdsa_verify_prehashed_version_1"),
    host_function<ed25519_batch_verify>("ext_crypto_ed25519_batch_verify_version_1", kObsolete),
    host_function<sr25519_batch_verify>("ext_crypto_sr25519_batch_verify_version_1", kObsolete),
    host_function<ecdsa_batch_verify>("ext_crypto_ecdsa_batch_verify_version_1", kObsolete),
    host_function<start_batch_verify>("ext_crypto_start_batch_verify_version_1", kObsolete),
    host_function<finish_batch_verify>("ext_crypto_finish_batch_verify_version_1", kObsolete),
    host_function<recover_v1>("ext_crypto_secp256k1_ecdsa_recover_version_1"),
    host_function<recover_v2>("ext_crypto_secp256k1_ecdsa_recover_version_2"),
    host_function<recover_v3>("ext_crypto_secp256k1_ecdsa_recover_version_3", kNewer),
    host_function<recover_compressed_v1>("ext_crypto_secp256k1_ecdsa_recover_compressed_version_1"),
    host_function<recover_compressed_v2>("ext_crypto_secp256k1_ecdsa_recover_compressed_version_2"),
    host_function<recover_compressed_v3>("ext_crypto_secp256k1_ecdsa_recover_compressed_version_3",
                                         kNewer),
};

}  // namespace

std::span<const HostFunction> crypto_functions() {
    return kFunctions;
}

}  // namespace stipple::executor
