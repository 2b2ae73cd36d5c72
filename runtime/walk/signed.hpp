// A signed transaction for the state at hand, as a wallet makes it.
//
// Spec: sect-extrinsics. For walks and tests: the runtime itself only verifies.
#pragma once

#include "crypto/ed25519.hpp"
#include "kit/executive.hpp"
#include "runtime_extensions.hpp"

namespace stipple::runtime::walk {

/// Version 4, without its length prefix.
inline Bytes signed_extrinsic(const crypto::Ed25519Keypair& pair, const RuntimeCall& call,
                              const config::Extensions& extensions) {
    using scale::encode_to;
    Bytes explicit_data;
    Bytes implicit_data;
    const auto put = [&](const auto& one) {
        encode_to(explicit_data, one);
        if (const auto implicit = one.implicit()) {
            encode_to(implicit_data, *implicit);
        }
    };
    std::apply([&](const auto&... one) { (put(one), ...); }, extensions);
    Bytes payload = call.encoded();
    append(payload, explicit_data);
    append(payload, implicit_data);
    if (payload.size() > kSignedPlainMax) {
        payload = to_bytes(host::blake2_256(payload).view());
    }
    Bytes extrinsic{0x84};
    MultiSignature signature;
    signature.value = pair.sign(payload);
    encode_to(extrinsic, MultiAddress::of(AccountId(pair.public_key.bytes)));
    encode_to(extrinsic, signature);
    append(extrinsic, explicit_data);
    append(extrinsic, call.encoded());
    return extrinsic;
}

}  // namespace stipple::runtime::walk
