// A signed transaction for the state at hand, as a wallet makes it.
//
// Spec: sect-extrinsics. For walks and tests: the runtime itself only verifies.
#pragma once

#include "crypto/ed25519.hpp"
#include "kit/executive.hpp"
#include "runtime_extensions.hpp"

namespace stipple::runtime::walk {

/// What extensions add to a transaction and to what is signed.
struct ExtensionData {
    Bytes explicit_data;
    Bytes implicit_data;
    explicit ExtensionData(const config::Extensions& extensions) {
        const auto put = [&](const auto& one) {
            using scale::encode_to;
            encode_to(explicit_data, one);
            if (const auto implicit = one.implicit()) {
                encode_to(implicit_data, *implicit);
            }
        };
        std::apply([&](const auto&... one) { (put(one), ...); }, extensions);
    }
};

/// Format 4, without its length prefix.
inline Bytes signed_extrinsic(const crypto::Ed25519Keypair& pair, const RuntimeCall& call,
                              const config::Extensions& extensions) {
    using scale::encode_to;
    const ExtensionData data(extensions);
    Bytes payload = call.encoded();
    append(payload, data.explicit_data);
    append(payload, data.implicit_data);
    if (payload.size() > kSignedPlainMax) {
        payload = to_bytes(host::blake2_256(payload).view());
    }
    Bytes extrinsic{0x84};
    MultiSignature signature;
    signature.value = pair.sign(payload);
    encode_to(extrinsic, MultiAddress::of(AccountId(pair.public_key.bytes)));
    encode_to(extrinsic, signature);
    append(extrinsic, data.explicit_data);
    append(extrinsic, call.encoded());
    return extrinsic;
}

/// Format 5, without its length prefix.
inline Bytes general_extrinsic(const crypto::Ed25519Keypair& pair, const RuntimeCall& call,
                               const config::Extensions& extensions) {
    using scale::encode_to;
    const ExtensionData data(extensions);
    Bytes payload{kVerifyingExtensionsVersion};
    append(payload, call.encoded());
    append(payload, data.explicit_data);
    append(payload, data.implicit_data);
    VerifySignature authority;
    authority.value = VerifySignature::Signed{{pair.sign(host::blake2_256(payload).view())},
                                              AccountId(pair.public_key.bytes)};
    Bytes extrinsic{0x45, kVerifyingExtensionsVersion};
    encode_to(extrinsic, authority);
    append(extrinsic, data.explicit_data);
    append(extrinsic, call.encoded());
    return extrinsic;
}

}  // namespace stipple::runtime::walk
