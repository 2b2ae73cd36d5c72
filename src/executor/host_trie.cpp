// Module `trie`: roots of tries the runtime gives whole, and proofs of single keys.
//
// Spec: sect-trie-api; host-api.md section 5.
#include "executor/host_storage.hpp"
#include "executor/host_table.hpp"
#include "state/trie/proof.hpp"
#include "state/trie/trie.hpp"

namespace stipple::executor {
namespace {

template <std::size_t N>
using Fixed = std::span<const std::uint8_t, N>;

// The two hashes of the module, each with its trie functions.
struct Blake2 {
    static constexpr auto kOfMap = state::trie::root_of_sorted;
    static constexpr auto kOfList = state::trie::ordered_root;
    static constexpr auto kHasher = state::TrieHasher::blake2b;
};
struct Keccak {
    static constexpr auto kOfMap = state::trie::keccak_root_of_sorted;
    static constexpr auto kOfList = state::trie::keccak_ordered_root;
    static constexpr auto kHasher = state::TrieHasher::keccak;
};

/// Keys with values; a key that comes twice keeps the last value.
template <class Hash>
std::optional<state::StateRoot> root_of_map(HostCall& call, ByteView data, std::uint32_t version) {
    const auto known = state_version(call, version);
    const auto pairs = scale::decode_prefix<std::vector<std::pair<Bytes, Bytes>>>(data);
    if (!known || !pairs) {
        call.trap("undecodable trie input");
        return std::nullopt;
    }
    std::map<ByteView, ByteView, ByteLess> sorted;
    for (const auto& [key, value] : *pairs) {
        sorted.insert_or_assign(key, value);
    }
    std::vector<state::trie::KeyValue> flat;
    flat.reserve(sorted.size());
    for (const auto& [key, value] : sorted) {
        flat.push_back({key, value});
    }
    return Hash::kOfMap(flat, *known);
}
template <class Hash>
std::optional<state::StateRoot> root_of_list(HostCall& call, ByteView data, std::uint32_t version) {
    const auto known = state_version(call, version);
    const auto items = scale::decode_prefix<std::vector<Bytes>>(data);
    if (!known || !items) {
        call.trap("undecodable trie input");
        return std::nullopt;
    }
    return Hash::kOfList(*items, *known);
}

template <auto Root>
GuestPointer root_v1(HostCall& call, ByteView data) {
    const auto root = Root(call, data, 0);
    return root ? call.give_fixed(*root) : GuestPointer{};
}
template <auto Root>
GuestPointer root_v2(HostCall& call, ByteView data, std::uint32_t version) {
    const auto root = Root(call, data, version);
    return root ? call.give_fixed(*root) : GuestPointer{};
}
template <auto Root>
void root_v3(HostCall& call, ByteView data, std::uint32_t version,
             std::span<std::uint8_t, 32> out) {
    if (const auto root = Root(call, data, version)) {
        std::ranges::copy(root->bytes, out.begin());
    }
}

template <class Hash>
bool verify_proof_v2(HostCall& call, Fixed<32> root, ByteView proof, ByteView key, ByteView value,
                     std::uint32_t version) {
    const auto known = state_version(call, version);
    const auto nodes = scale::decode_prefix<std::vector<Bytes>>(proof);
    if (!known || !nodes) {
        call.trap("undecodable proof");
        return false;
    }
    const state::ProvenItem item{key, value};
    return state::verify_compact_trie_proof(*nodes, state::StateRoot::copy(root), {&item, 1},
                                            *known, Hash::kHasher);
}
template <class Hash>
bool verify_proof_v1(HostCall& call, Fixed<32> root, ByteView proof, ByteView key, ByteView value) {
    return verify_proof_v2<Hash>(call, root, proof, key, value, 0);
}

constexpr auto kNewer = HostFunctionFlag::newer;
constexpr std::array kFunctions = {
    host_function<root_v1<root_of_map<Blake2>>>("ext_trie_blake2_256_root_version_1"),
    host_function<root_v2<root_of_map<Blake2>>>("ext_trie_blake2_256_root_version_2"),
    host_function<root_v3<root_of_map<Blake2>>>("ext_trie_blake2_256_root_version_3", kNewer),
    host_function<root_v1<root_of_list<Blake2>>>("ext_trie_blake2_256_ordered_root_version_1"),
    host_function<root_v2<root_of_list<Blake2>>>("ext_trie_blake2_256_ordered_root_version_2"),
    host_function<root_v3<root_of_list<Blake2>>>("ext_trie_blake2_256_ordered_root_version_3",
                                                 kNewer),
    host_function<verify_proof_v1<Blake2>>("ext_trie_blake2_256_verify_proof_version_1"),
    host_function<verify_proof_v2<Blake2>>("ext_trie_blake2_256_verify_proof_version_2"),
    host_function<root_v1<root_of_map<Keccak>>>("ext_trie_keccak_256_root_version_1"),
    host_function<root_v2<root_of_map<Keccak>>>("ext_trie_keccak_256_root_version_2"),
    host_function<root_v3<root_of_map<Keccak>>>("ext_trie_keccak_256_root_version_3", kNewer),
    host_function<root_v1<root_of_list<Keccak>>>("ext_trie_keccak_256_ordered_root_version_1"),
    host_function<root_v2<root_of_list<Keccak>>>("ext_trie_keccak_256_ordered_root_version_2"),
    host_function<root_v3<root_of_list<Keccak>>>("ext_trie_keccak_256_ordered_root_version_3",
                                                 kNewer),
    host_function<verify_proof_v1<Keccak>>("ext_trie_keccak_256_verify_proof_version_1"),
    host_function<verify_proof_v2<Keccak>>("ext_trie_keccak_256_verify_proof_version_2"),
};

}  // namespace

std::span<const HostFunction> trie_functions() {
    return kFunctions;
}

}  // namespace stipple::executor
