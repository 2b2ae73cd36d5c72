// What the Merkle mountain range gives to clients: proofs and errors.
#pragma once

#include "kit/type_info.hpp"

namespace stipple::runtime {

/// An encoded leaf, with its length: who reads it need not know what leaves hold.
struct OpaqueLeaf {
    Bytes encoded;
    friend bool operator==(const OpaqueLeaf&, const OpaqueLeaf&) = default;
    static auto fields(auto& self) { return std::tie(self.encoded); }
    static constexpr TypeName kType{"sp_mmr_primitives::EncodableOpaqueLeaf", {""}};
};

struct LeafProof {
    std::vector<std::uint64_t> leaf_indices;
    std::uint64_t leaf_count = 0;  ///< of the range at the time of the proof
    std::vector<Hash> items;
    friend bool operator==(const LeafProof&, const LeafProof&) = default;
    static auto fields(auto& self) {
        return std::tie(self.leaf_indices, self.leaf_count, self.items);
    }
    static constexpr TypeName kType{"sp_mmr_primitives::LeafProof",
                                    {"leaf_indices", "leaf_count", "items"}};
};
using ProvedLeaves = std::tuple<std::vector<OpaqueLeaf>, LeafProof>;

/// That a smaller range, whose peaks it has, grew into the present one.
struct AncestryProof {
    std::vector<Hash> prev_peaks;
    std::uint64_t prev_leaf_count = 0;
    std::uint64_t leaf_count = 0;
    std::vector<std::tuple<std::uint64_t, Hash>> items;  ///< with their positions, in their order
    friend bool operator==(const AncestryProof&, const AncestryProof&) = default;
    static auto fields(auto& self) {
        return std::tie(self.prev_peaks, self.prev_leaf_count, self.leaf_count, self.items);
    }
    static constexpr TypeName kType{"sp_mmr_primitives::AncestryProof",
                                    {"prev_peaks", "prev_leaf_count", "leaf_count", "items"}};
};

enum class MmrError : std::uint8_t {
    invalid_numeric_op,
    push,
    get_root,
    commit,
    generate_proof,
    verify,
    leaf_not_found,
    pallet_not_included,
    invalid_leaf_index,
    invalid_best_known_block,
};
constexpr EnumNames describe(MmrError) {
    return {"sp_mmr_primitives::Error",
            {"InvalidNumericOp", "Push", "GetRoot", "Commit", "GenerateProof", "Verify",
             "LeafNotFound", "PalletNotIncluded", "InvalidLeafIndex", "InvalidBestKnownBlock"}};
}
template <class T = void>
using MmrResult = std::expected<T, MmrError>;

}  // namespace stipple::runtime
