#include "crypto/ecdsa.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/hash.hpp"
#include "crypto/sr25519.hpp"
#include "kit/native_host.hpp"
#include "kit/raw_host.hpp"
#include "kit/storage_buffer.hpp"
#include "state/trie/trie.hpp"

#include <cstdio>
#include <cstdlib>

namespace stipple::runtime::inline kit {

namespace {
struct World {
    native_host::Pairs storage;
    std::vector<native_host::Pairs> layers;  ///< the storage as it was when each layer opened
    native_host::Pairs offchain;
    std::vector<std::string> log;
    std::vector<Bytes> submitted;
    std::optional<Bytes> version_answer;
};
World& world() {
    static thread_local World one;
    return one;
}
state::StateVersion version_of(std::uint8_t number) {
    return number == 0 ? state::StateVersion::v0 : state::StateVersion::v1;
}
}  // namespace

namespace native_host {
void reset() {
    world() = World{};
    storage_buffer().reset();
}
Pairs& storage() {
    storage_buffer().settle();
    storage_buffer().forget_all();
    return world().storage;
}
const std::vector<std::string>& log_lines() {
    return world().log;
}
const std::vector<Bytes>& submitted() {
    return world().submitted;
}
const Pairs& offchain_index() {
    return world().offchain;
}
void set_runtime_version_answer(std::optional<Bytes> answer) {
    world().version_answer = std::move(answer);
}
std::size_t open_layers() {
    return storage_buffer().open_layers();
}
}  // namespace native_host

namespace raw_host {

std::optional<std::size_t> read(ByteView key, MutableByteView out) {
    const auto found = world().storage.find(key);
    if (found == world().storage.end()) {
        return std::nullopt;
    }
    const Bytes& value = found->second;
    std::copy_n(value.begin(), std::min(value.size(), out.size()), out.begin());
    return value.size();
}
void set(ByteView key, ByteView value) {
    world().storage.insert_or_assign(to_bytes(key), to_bytes(value));
}
void clear(ByteView key) {
    world().storage.erase(to_bytes(key));
}
bool exists(ByteView key) {
    return world().storage.contains(key);
}
void append(ByteView key, ByteView encoded_item) {
    Bytes& entry = world().storage[to_bytes(key)];
    scale::Decoder in(entry);
    const std::uint32_t count = entry.empty() ? 0 : in.compact32();
    Bytes next;
    scale::encode_compact(next, count + 1);
    stipple::append(next, in.rest());
    stipple::append(next, encoded_item);
    entry = std::move(next);
}
std::optional<Bytes> next_key(ByteView key) {
    const auto found = world().storage.upper_bound(key);
    return found == world().storage.end() ? std::nullopt : std::optional<Bytes>(found->first);
}
bool clear_prefix(ByteView prefix, std::optional<std::uint32_t> limit) {
    auto& all = world().storage;
    std::uint32_t cleared = 0;
    auto at = all.lower_bound(prefix);
    while (at != all.end() && starts_with(at->first, prefix)) {
        if (limit && cleared++ >= *limit) {
            return false;
        }
        at = all.erase(at);
    }
    return true;
}
Hash storage_root() {
    std::vector<state::trie::KeyValue> pairs;
    for (const auto& [key, value] : world().storage) {
        pairs.push_back({key, value});
    }
    return Hash::copy(state::trie::root_of_sorted(pairs, state::StateVersion::v1));
}
void start_transaction() {
    world().layers.push_back(world().storage);
}
void commit_transaction() {
    world().layers.pop_back();
}
void rollback_transaction() {
    world().storage = std::move(world().layers.back());
    world().layers.pop_back();
}

void index_offchain(ByteView key, ByteView value) {
    world().offchain.insert_or_assign(to_bytes(key), to_bytes(value));
}

}  // namespace raw_host

namespace host {

std::array<std::uint8_t, 16> blake2_128(ByteView data) {
    return crypto::blake2b_128(data).bytes;
}
Hash blake2_256(ByteView data) {
    return Hash(crypto::blake2b_256(data).bytes);
}
Hash keccak_256(ByteView data) {
    return Hash(crypto::keccak_256(data).bytes);
}
Hash ordered_root(const std::vector<Bytes>& items, std::uint8_t state_version) {
    return Hash::copy(state::trie::ordered_root(items, version_of(state_version)));
}

bool verify_ed25519(const crypto::Ed25519Signature& signature, ByteView message,
                    const crypto::Ed25519Public& key) {
    return crypto::ed25519_verify(signature, message, key);
}
bool verify_sr25519(const crypto::Sr25519Signature& signature, ByteView message,
                    const crypto::Sr25519Public& key) {
    return crypto::sr25519_verify(signature, message, key);
}
std::optional<crypto::EcdsaPublic> recover_ecdsa(const crypto::EcdsaSignature& signature,
                                                 const Hash& digest) {
    const auto key = crypto::ecdsa_recover_compressed(signature, crypto::Hash256(digest.bytes),
                                                      crypto::Overflow::refuse);
    return key ? std::optional(*key) : std::nullopt;
}

Bytes generate_key(KeyScheme scheme, KeyTypeId type, const std::optional<Bytes>& seed) {
    Bytes material = to_bytes(type.view());
    material.push_back(static_cast<std::uint8_t>(scheme));
    stipple::append(material, seed.value_or(Bytes{}));
    Bytes key = to_bytes(blake2_256(material).view());
    if (scheme == KeyScheme::ecdsa) {
        key.insert(key.begin(), 2);
    }
    return key;
}
bool submit_transaction(ByteView extrinsic) {
    world().submitted.push_back(to_bytes(extrinsic));
    return true;
}
std::optional<Bytes> offchain_get(ByteView key) {
    const auto found = world().offchain.find(key);
    return found == world().offchain.end() ? std::nullopt : std::optional<Bytes>(found->second);
}
void log(LogLevel, std::string_view target, std::string_view message) {
    world().log.push_back(std::string(target) + ": " + std::string(message));
}
std::optional<Bytes> runtime_version(ByteView) {
    return world().version_answer;
}
void panic(std::string_view message) {
    std::fprintf(stderr, "runtime panicked: %.*s\n", static_cast<int>(message.size()),
                 message.data());
    std::abort();
}

}  // namespace host
}  // namespace stipple::runtime::inline kit
