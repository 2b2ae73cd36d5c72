// Module `crypto`, the functions that use keys of the node. They trap in calls without a keystore.
//
// Spec: sect-crypto-api; host-api.md section 3.
#include "crypto/hash.hpp"
#include "executor/host_storage.hpp"
#include "executor/host_table.hpp"

namespace stipple::executor {
namespace {

template <std::size_t N>
using Fixed = std::span<const std::uint8_t, N>;

KeystorePort* keystore(HostCall& call) {
    if (call.context.keystore == nullptr) {
        call.trap("no keystore is available to this call");
    }
    return call.context.keystore;
}

// One struct per scheme, so that the host functions are written once.
struct Ed25519 {
    using Public = crypto::Ed25519Public;
    static auto keys(KeystorePort& store, const KeyType& type) { return store.ed25519_keys(type); }
    static auto generate(KeystorePort& store, const KeyType& type,
                         std::optional<std::string> suri) {
        return store.ed25519_generate(type, std::move(suri));
    }
    static auto sign(KeystorePort& store, const KeyType& type, const Public& key,
                     ByteView message) {
        return store.ed25519_sign(type, key, message);
    }
};
struct Sr25519 {
    using Public = crypto::Sr25519Public;
    static auto keys(KeystorePort& store, const KeyType& type) { return store.sr25519_keys(type); }
    static auto generate(KeystorePort& store, const KeyType& type,
                         std::optional<std::string> suri) {
        return store.sr25519_generate(type, std::move(suri));
    }
    static auto sign(KeystorePort& store, const KeyType& type, const Public& key,
                     ByteView message) {
        return store.sr25519_sign(type, key, message);
    }
};
struct Ecdsa {
    using Public = crypto::EcdsaPublic;
    static auto keys(KeystorePort& store, const KeyType& type) { return store.ecdsa_keys(type); }
    static auto generate(KeystorePort& store, const KeyType& type,
                         std::optional<std::string> suri) {
        return store.ecdsa_generate(type, std::move(suri));
    }
    static auto sign(KeystorePort& store, const KeyType& type, const Public& key,
                     ByteView message) {
        return store.ecdsa_sign_prehashed(type, key, crypto::blake2b_256(message));
    }
};
template <class Scheme>
inline constexpr std::size_t kPublicBytes = Scheme::Public::kSize;
template <class Scheme>
inline constexpr std::size_t kSignatureBytes =
    decltype(Scheme::sign(std::declval<KeystorePort&>(), KeyType{}, typename Scheme::Public{},
                          ByteView{}))::value_type::kSize;

template <class Scheme>
GuestBytes public_keys(HostCall& call, Fixed<4> type) {
    KeystorePort* store = keystore(call);
    return store == nullptr ? GuestBytes{}
                            : call.give(scale::encode(Scheme::keys(*store, KeyType::copy(type))));
}
template <class Scheme>
std::uint32_t public_keys_v2(HostCall& call, Fixed<4> type, MutableByteView out) {
    KeystorePort* store = keystore(call);
    if (store == nullptr) {
        return 0;
    }
    Bytes keys;
    for (const auto& key : Scheme::keys(*store, KeyType::copy(type))) {
        append(keys, key);
    }
    copy_if_fits(keys, out);
    return static_cast<std::uint32_t>(keys.size());
}

template <class Scheme>
std::optional<typename Scheme::Public> generate(HostCall& call, Fixed<4> type, ByteView seed) {
    const auto suri = scale::decode_prefix<std::optional<std::string>>(seed);
    KeystorePort* store = keystore(call);
    if (!suri) {
        call.trap("undecodable seed");
        return std::nullopt;
    }
    if (store == nullptr) {
        return std::nullopt;
    }
    auto key = Scheme::generate(*store, KeyType::copy(type), *suri);
    if (!key) {
        call.trap("key generation: " + key.error().message());
        return std::nullopt;
    }
    return *key;
}
template <class Scheme>
GuestPointer generate_v1(HostCall& call, Fixed<4> type, ByteView seed) {
    const auto key = generate<Scheme>(call, type, seed);
    return key ? call.give_fixed(*key) : GuestPointer{};
}
template <class Scheme>
void generate_v2(HostCall& call, Fixed<4> type, ByteView seed,
                 std::span<std::uint8_t, kPublicBytes<Scheme>> out) {
    if (const auto key = generate<Scheme>(call, type, seed)) {
        std::ranges::copy(key->bytes, out.begin());
    }
}

GuestBytes give_signature(HostCall& call, const auto& signature) {
    return call.failed() ? GuestBytes{} : call.give(scale::encode(signature));
}
std::int32_t write_signature(const auto& signature, MutableByteView out) {
    if (!signature) {
        return -1;
    }
    std::ranges::copy(signature->bytes, out.begin());
    return 0;
}
template <class Scheme>
auto signed_by(HostCall& call, Fixed<4> type, Fixed<kPublicBytes<Scheme>> key, ByteView message)
    -> decltype(Scheme::sign(*call.context.keystore, KeyType{}, typename Scheme::Public{},
                             message)) {
    KeystorePort* store = keystore(call);
    if (store == nullptr) {
        return std::nullopt;
    }
    return Scheme::sign(*store, KeyType::copy(type), Scheme::Public::copy(key), message);
}
template <class Scheme>
GuestBytes sign_v1(HostCall& call, Fixed<4> type, Fixed<kPublicBytes<Scheme>> key,
                   ByteView message) {
    return give_signature(call, signed_by<Scheme>(call, type, key, message));
}
template <class Scheme>
std::int32_t sign_v2(HostCall& call, Fixed<4> type, Fixed<kPublicBytes<Scheme>> key,
                     ByteView message, std::span<std::uint8_t, kSignatureBytes<Scheme>> out) {
    return write_signature(signed_by<Scheme>(call, type, key, message), out);
}
std::optional<crypto::EcdsaSignature> signed_prehashed(HostCall& call, Fixed<4> type, Fixed<33> key,
                                                       Fixed<32> digest) {
    KeystorePort* store = keystore(call);
    if (store == nullptr) {
        return std::nullopt;
    }
    return store->ecdsa_sign_prehashed(KeyType::copy(type), crypto::EcdsaPublic::copy(key),
                                       crypto::Hash256::copy(digest));
}
GuestBytes sign_prehashed_v1(HostCall& call, Fixed<4> type, Fixed<33> key, Fixed<32> digest) {
    return give_signature(call, signed_prehashed(call, type, key, digest));
}
std::int32_t sign_prehashed_v2(HostCall& call, Fixed<4> type, Fixed<33> key, Fixed<32> digest,
                               std::span<std::uint8_t, 65> out) {
    return write_signature(signed_prehashed(call, type, key, digest), out);
}

constexpr auto kNewer = HostFunctionFlag::newer;
constexpr std::array kFunctions = {
    host_function<public_keys<Ed25519>>("ext_crypto_ed25519_public_keys_version_1"),
    host_function<public_keys_v2<Ed25519>>("ext_crypto_ed25519_public_keys_version_2", kNewer),
    host_function<generate_v1<Ed25519>>("ext_crypto_ed25519_generate_version_1"),
    host_function<generate_v2<Ed25519>>("ext_crypto_ed25519_generate_version_2", kNewer),
    host_function<sign_v1<Ed25519>>("ext_crypto_ed25519_sign_version_1"),
    host_function<sign_v2<Ed25519>>("ext_crypto_ed25519_sign_version_2", kNewer),
    host_function<public_keys<Sr25519>>("ext_crypto_sr25519_public_keys_version_1"),
    host_function<public_keys_v2<Sr25519>>("ext_crypto_sr25519_public_keys_version_2", kNewer),
    host_function<generate_v1<Sr25519>>("ext_crypto_sr25519_generate_version_1"),
    host_function<generate_v2<Sr25519>>("ext_crypto_sr25519_generate_version_2", kNewer),
    host_function<sign_v1<Sr25519>>("ext_crypto_sr25519_sign_version_1"),
    host_function<sign_v2<Sr25519>>("ext_crypto_sr25519_sign_version_2", kNewer),
    host_function<public_keys<Ecdsa>>("ext_crypto_ecdsa_public_keys_version_1"),
    host_function<public_keys_v2<Ecdsa>>("ext_crypto_ecdsa_public_keys_version_2", kNewer),
    host_function<generate_v1<Ecdsa>>("ext_crypto_ecdsa_generate_version_1"),
    host_function<generate_v2<Ecdsa>>("ext_crypto_ecdsa_generate_version_2", kNewer),
    host_function<sign_v1<Ecdsa>>("ext_crypto_ecdsa_sign_version_1"),
    host_function<sign_v2<Ecdsa>>("ext_crypto_ecdsa_sign_version_2", kNewer),
    host_function<sign_prehashed_v1>("ext_crypto_ecdsa_sign_prehashed_version_1"),
    host_function<sign_prehashed_v2>("ext_crypto_ecdsa_sign_prehashed_version_2", kNewer),
};

}  // namespace

std::span<const HostFunction> keystore_functions() {
    return kFunctions;
}

}  // namespace stipple::executor
