// Where nodes of a Merkle mountain range lie in offchain storage, and how they get their final
// place.
//
// The runtime writes each node by offchain indexing under a key that names the fork:
//
//     temporary key = prefix Vec<u8> | position u64 | hash of the parent of the block that added it
//     final key     = prefix Vec<u8> | position u64
//
// Once the block is final its nodes move to their final keys, and those of blocks on losing forks
// go away; until then a block's own state tells which parent hash to look under. A block adds one
// leaf, and with it the inner nodes that it completes, which follow it by position.
//
// Spec: none; protocols.md section 8. Pure, but for `LocalStorage`.
#pragma once

#include "chain/offchain/local_storage.hpp"
#include "primitives/ids.hpp"

namespace stipple::chain::offchain {

/// What Polkadot, Kusama, Westend and Rococo index under.
inline constexpr std::string_view kMmrPrefix = "mmr";

/// Position of a leaf among all nodes.
std::uint64_t mmr_leaf_position(std::uint64_t leaf);
/// Positions of the nodes that came with the leaf, itself first.
std::vector<std::uint64_t> mmr_nodes_of_leaf(std::uint64_t leaf);
Bytes mmr_temporary_key(std::uint64_t position, const BlockHash& parent);
Bytes mmr_final_key(std::uint64_t position);

/// A final block's nodes to their final keys. Nodes that are not there are passed over.
void canonicalize_mmr_nodes(LocalStorage& storage, std::uint64_t leaf, const BlockHash& parent);
/// Those of a block of a losing fork away.
void prune_mmr_nodes(LocalStorage& storage, std::uint64_t leaf, const BlockHash& parent);

}  // namespace stipple::chain::offchain
