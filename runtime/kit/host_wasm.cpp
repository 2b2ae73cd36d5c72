// The host of a Wasm build: imports of `env` by the names and types of the host API.
//
// A fat pointer is an address in the low and a length in the high 32 bits. What the host returns as
// bytes lies on the heap and is ours to free.
#include "kit/hash_cache.hpp"
#include "kit/host.hpp"
#include "kit/raw_host.hpp"
#include "kit/wasm_memory.hpp"

#define HOST_FUNCTION(name) __attribute__((import_module("env"), import_name(#name))) name

extern "C" {
using Fat = std::uint64_t;
void HOST_FUNCTION(ext_storage_set_version_1)(Fat key, Fat value);
Fat HOST_FUNCTION(ext_storage_get_version_1)(Fat key);
Fat HOST_FUNCTION(ext_storage_read_version_1)(Fat key, Fat out, std::uint32_t offset);
void HOST_FUNCTION(ext_storage_clear_version_1)(Fat key);
std::int32_t HOST_FUNCTION(ext_storage_exists_version_1)(Fat key);
Fat HOST_FUNCTION(ext_storage_clear_prefix_version_2)(Fat prefix, Fat limit);
void HOST_FUNCTION(ext_storage_append_version_1)(Fat key, Fat value);
Fat HOST_FUNCTION(ext_storage_root_version_2)(std::int32_t version);
Fat HOST_FUNCTION(ext_storage_next_key_version_1)(Fat key);
void HOST_FUNCTION(ext_storage_start_transaction_version_1)();
void HOST_FUNCTION(ext_storage_commit_transaction_version_1)();
void HOST_FUNCTION(ext_storage_rollback_transaction_version_1)();
void* HOST_FUNCTION(ext_hashing_blake2_128_version_1)(Fat data);
void* HOST_FUNCTION(ext_hashing_blake2_256_version_1)(Fat data);
void* HOST_FUNCTION(ext_hashing_keccak_256_version_1)(Fat data);
void* HOST_FUNCTION(ext_trie_blake2_256_ordered_root_version_2)(Fat data, std::int32_t version);
std::int32_t HOST_FUNCTION(ext_crypto_ed25519_verify_version_1)(const void* signature, Fat message,
                                                                const void* key);
std::int32_t HOST_FUNCTION(ext_crypto_sr25519_verify_version_2)(const void* signature, Fat message,
                                                                const void* key);
Fat HOST_FUNCTION(ext_crypto_secp256k1_ecdsa_recover_compressed_version_2)(const void* signature,
                                                                           const void* digest);
void* HOST_FUNCTION(ext_crypto_ed25519_generate_version_1)(const void* type, Fat seed);
void* HOST_FUNCTION(ext_crypto_sr25519_generate_version_1)(const void* type, Fat seed);
void* HOST_FUNCTION(ext_crypto_ecdsa_generate_version_1)(const void* type, Fat seed);
Fat HOST_FUNCTION(ext_offchain_submit_transaction_version_1)(Fat data);
void HOST_FUNCTION(ext_offchain_index_set_version_1)(Fat key, Fat value);
Fat HOST_FUNCTION(ext_offchain_local_storage_get_version_1)(std::int32_t kind, Fat key);
void HOST_FUNCTION(ext_logging_log_version_1)(std::int32_t level, Fat target, Fat message);
Fat HOST_FUNCTION(ext_misc_runtime_version_version_1)(Fat code);
}

namespace stipple::runtime::inline kit {

namespace {
Fat fat(ByteView bytes) {
    return static_cast<Fat>(bytes.size()) << 32 |
           static_cast<Fat>(reinterpret_cast<std::uintptr_t>(bytes.data()));
}
/// Bytes the host has put on the heap, given back to it at the end of the scope.
class HostBytes {
 public:
    explicit HostBytes(Fat where) : where_(where) {}
    HostBytes(const HostBytes&) = delete;
    HostBytes& operator=(const HostBytes&) = delete;
    ~HostBytes() {
        if (view().size() > 0) {
            wasm_memory::free_host_block(
                reinterpret_cast<void*>(static_cast<std::uint32_t>(where_)));
        }
    }
    ByteView view() const {
        return {reinterpret_cast<const std::uint8_t*>(static_cast<std::uint32_t>(where_)),
                static_cast<std::size_t>(where_ >> 32)};
    }

 private:
    Fat where_;
};
template <std::size_t N>
std::array<std::uint8_t, N> take_fixed(void* block) {
    std::array<std::uint8_t, N> out{};
    std::memcpy(out.data(), block, N);
    wasm_memory::free_host_block(block);
    return out;
}
/// Option<Vec<u8>> as the host encodes it.
std::optional<Bytes> take_optional(Fat where) {
    const HostBytes raw(where);
    scale::Decoder in(raw.view());
    return in.option() ? std::optional<Bytes>(to_bytes(in.byte_string())) : std::nullopt;
}
}  // namespace

namespace raw_host {

std::optional<std::size_t> read(ByteView key, MutableByteView out) {
    const HostBytes answer(ext_storage_read_version_1(fat(key), fat(out), 0));
    scale::Decoder in(answer.view());
    return in.option() ? std::optional<std::size_t>(in.u32()) : std::nullopt;
}
void set(ByteView key, ByteView value) {
    ext_storage_set_version_1(fat(key), fat(value));
}
void clear(ByteView key) {
    ext_storage_clear_version_1(fat(key));
}
bool exists(ByteView key) {
    return ext_storage_exists_version_1(fat(key)) != 0;
}
void append(ByteView key, ByteView encoded_item) {
    ext_storage_append_version_1(fat(key), fat(encoded_item));
}
std::optional<Bytes> next_key(ByteView key) {
    return take_optional(ext_storage_next_key_version_1(fat(key)));
}
bool clear_prefix(ByteView prefix, std::optional<std::uint32_t> limit) {
    const HostBytes result(
        ext_storage_clear_prefix_version_2(fat(prefix), fat(scale::encode(limit))));
    return !result.view().empty() && result.view()[0] == 0;
}
Hash storage_root() {
    const HostBytes root(ext_storage_root_version_2(1));
    return Hash::copy(root.view());
}
void start_transaction() {
    ext_storage_start_transaction_version_1();
}
void commit_transaction() {
    ext_storage_commit_transaction_version_1();
}
void rollback_transaction() {
    ext_storage_rollback_transaction_version_1();
}
void index_offchain(ByteView key, ByteView value) {
    ext_offchain_index_set_version_1(fat(key), fat(value));
}

}  // namespace raw_host

namespace host {

std::array<std::uint8_t, 16> blake2_128(ByteView data) {
    if (const auto* known = hash_cache::find(data)) {
        return *known;
    }
    const auto hash = take_fixed<16>(ext_hashing_blake2_128_version_1(fat(data)));
    hash_cache::put(data, hash);
    return hash;
}
Hash blake2_256(ByteView data) {
    return Hash(take_fixed<32>(ext_hashing_blake2_256_version_1(fat(data))));
}
Hash keccak_256(ByteView data) {
    return Hash(take_fixed<32>(ext_hashing_keccak_256_version_1(fat(data))));
}
Hash ordered_root(const std::vector<Bytes>& items, std::uint8_t state_version) {
    return Hash(take_fixed<32>(
        ext_trie_blake2_256_ordered_root_version_2(fat(scale::encode(items)), state_version)));
}

bool verify_ed25519(const crypto::Ed25519Signature& signature, ByteView message,
                    const crypto::Ed25519Public& key) {
    return ext_crypto_ed25519_verify_version_1(signature.bytes.data(), fat(message),
                                               key.bytes.data()) != 0;
}
bool verify_sr25519(const crypto::Sr25519Signature& signature, ByteView message,
                    const crypto::Sr25519Public& key) {
    return ext_crypto_sr25519_verify_version_2(signature.bytes.data(), fat(message),
                                               key.bytes.data()) != 0;
}
std::optional<crypto::EcdsaPublic> recover_ecdsa(const crypto::EcdsaSignature& signature,
                                                 const Hash& digest) {
    const HostBytes result(ext_crypto_secp256k1_ecdsa_recover_compressed_version_2(
        signature.bytes.data(), digest.bytes.data()));
    if (result.view().size() != 34 || result.view()[0] != 0) {
        return std::nullopt;
    }
    return crypto::EcdsaPublic::copy(result.view().subspan(1));
}

Bytes generate_key(KeyScheme scheme, KeyTypeId type, const std::optional<Bytes>& seed) {
    const Bytes given = scale::encode(seed);
    const void* name = type.bytes.data();
    switch (scheme) {
        case KeyScheme::ed25519: {
            const auto key =
                take_fixed<32>(ext_crypto_ed25519_generate_version_1(name, fat(given)));
            return {key.begin(), key.end()};
        }
        case KeyScheme::sr25519: {
            const auto key =
                take_fixed<32>(ext_crypto_sr25519_generate_version_1(name, fat(given)));
            return {key.begin(), key.end()};
        }
        case KeyScheme::ecdsa:
            break;
    }
    const auto key = take_fixed<33>(ext_crypto_ecdsa_generate_version_1(name, fat(given)));
    return {key.begin(), key.end()};
}
bool submit_transaction(ByteView extrinsic) {
    const HostBytes result(ext_offchain_submit_transaction_version_1(fat(extrinsic)));
    return !result.view().empty() && result.view()[0] == 0;
}
std::optional<Bytes> offchain_get(ByteView key) {
    constexpr std::int32_t kPersistent = 1;
    return take_optional(ext_offchain_local_storage_get_version_1(kPersistent, fat(key)));
}
void log(LogLevel level, std::string_view target, std::string_view message) {
    ext_logging_log_version_1(static_cast<std::int32_t>(level), fat(as_bytes(target)),
                              fat(as_bytes(message)));
}
std::optional<Bytes> runtime_version(ByteView code) {
    return take_optional(ext_misc_runtime_version_version_1(fat(code)));
}
void panic(std::string_view message) {
    log(LogLevel::error, "runtime", message);
    __builtin_trap();
}

}  // namespace host
}  // namespace stipple::runtime::inline kit
