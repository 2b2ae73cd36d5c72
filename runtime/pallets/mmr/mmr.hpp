// MMR: a Merkle mountain range with one leaf for each block, so that a hash of 32 bytes vouches for
// the whole chain.
//
// Spec: sect-beefy (Polkadot Protocol Specification); the range itself: pallets/mmr/mountain.hpp.
// At the beginning of a block its leaf (`wiring::mmr_leaf`, about its ancestors alone) is appended.
// The state keeps the peaks. All nodes go to the offchain database of the node, under a key with
// the parent hash, so that forks do not overwrite each other; once final the node moves them to
// keys without it. Proofs are made there, in runtime calls outside of blocks.
#pragma once

#include "kit/pallet.hpp"
#include "pallets/mmr/mountain.hpp"
#include "pallets/mmr/types.hpp"
#include "runtime_config.hpp"

namespace stipple::runtime {

namespace wiring {
/// The encoded leaf of the block at hand.
Bytes mmr_leaf();
void on_new_mmr_root(const Hash& root);
}  // namespace wiring

struct Mmr : Pallet<Mmr> {
    static constexpr std::string_view kName = "Mmr";

    static constexpr StorageValue<Hash> root_hash{kName, "RootHash", "Latest MMR Root hash."};
    static constexpr StorageValue<std::uint64_t> number_of_leaves{
        kName, "NumberOfLeaves", "Current size of the MMR (number of leaves)."};
    static constexpr StorageMap<Identity<std::uint64_t>, Optional<Hash>> nodes{
        kName, "Nodes", "Hashes of the peaks; other nodes are in the offchain database only."};
    static constexpr auto storage = list(root_hash, number_of_leaves, nodes);

    static Weight on_initialize(BlockNumber number);

    // ---- for APIs and other pallets ----
    /// Offchain only. Without a best block: of the range of the block at hand.
    static MmrResult<ProvedLeaves> generate_proof(const std::vector<BlockNumber>& blocks,
                                                  std::optional<BlockNumber> best_known);
    static MmrResult<AncestryProof> generate_ancestry_proof(BlockNumber previous,
                                                            std::optional<BlockNumber> best_known);
    /// Against the range as it was at the time of the proof; offchain only when that was earlier.
    static MmrResult<> verify_leaves(const std::vector<OpaqueLeaf>& leaves, const LeafProof& proof);
    static MmrResult<> verify_leaves(const Hash& root, const std::vector<OpaqueLeaf>& leaves,
                                     const LeafProof& proof);
    /// The root of the smaller range; absent when the proof does not lead to `root`.
    static std::optional<Hash> verify_ancestry(const Hash& root, const AncestryProof& proof);
    /// Leaves of the range after a block; absent for a block before the range began.
    static std::optional<std::uint64_t> leaf_count_at(BlockNumber block);
};

}  // namespace stipple::runtime
