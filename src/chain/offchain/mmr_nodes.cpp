#include "chain/offchain/mmr_nodes.hpp"

#include "scale/codec.hpp"

#include <bit>

namespace stipple::chain::offchain {

std::uint64_t mmr_leaf_position(std::uint64_t leaf) {
    // All nodes once the leaf is in, less the inner nodes it completes and itself.
    const std::uint64_t leaves = leaf + 1;
    const auto size = 2 * leaves - static_cast<std::uint64_t>(std::popcount(leaves));
    return size - static_cast<std::uint64_t>(std::countr_zero(leaves)) - 1;
}

std::vector<std::uint64_t> mmr_nodes_of_leaf(std::uint64_t leaf) {
    const std::uint64_t first = mmr_leaf_position(leaf);
    std::vector<std::uint64_t> nodes;
    for (int parent = 0; parent <= std::countr_one(leaf); ++parent) {
        nodes.push_back(first + static_cast<std::uint64_t>(parent));
    }
    return nodes;
}

Bytes mmr_final_key(std::uint64_t position) {
    Bytes key = scale::encode(to_bytes(kMmrPrefix));
    scale::encode_to(key, position);
    return key;
}

Bytes mmr_temporary_key(std::uint64_t position, const BlockHash& parent) {
    Bytes key = mmr_final_key(position);
    append(key, parent.view());
    return key;
}

void canonicalize_mmr_nodes(LocalStorage& storage, std::uint64_t leaf, const BlockHash& parent) {
    for (const std::uint64_t position : mmr_nodes_of_leaf(leaf)) {
        const Bytes temporary = mmr_temporary_key(position, parent);
        if (auto node = storage.get(temporary)) {
            storage.set(mmr_final_key(position), std::move(node));
            storage.set(temporary, std::nullopt);
        }
    }
}

void prune_mmr_nodes(LocalStorage& storage, std::uint64_t leaf, const BlockHash& parent) {
    for (const std::uint64_t position : mmr_nodes_of_leaf(leaf)) {
        storage.set(mmr_temporary_key(position, parent), std::nullopt);
    }
}

}  // namespace stipple::chain::offchain
