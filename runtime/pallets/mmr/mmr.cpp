#include "pallets/mmr/mmr.hpp"

#include "kit/sorting.hpp"
#include "pallets/system/system.hpp"

#include <bit>

namespace stipple::runtime {

namespace {
using mountain::Position;

constexpr std::string_view kIndexingPrefix = "mmr";
/// A node in the offchain database: 0 and the leaf, or 1 and the hash.
constexpr std::uint8_t kLeafTag = 0;
constexpr std::uint8_t kHashTag = 1;

Bytes final_key(Position node) {
    Bytes key = scale::encode(std::string(kIndexingPrefix));
    append_le(key, node);
    return key;
}
/// Of a node that came with the block on this parent.
Bytes fork_key(Position node, const Hash& parent) {
    Bytes key = final_key(node);
    append(key, parent.view());
    return key;
}

std::optional<Bytes> read_node(Position node) {
    if (auto found = host::offchain_get(final_key(node))) {
        return found;
    }
    const std::uint64_t leaf = mountain::leaf_that_added(node);
    const auto parent = static_cast<BlockNumber>(
        saturating_sub(std::uint64_t{System::number.get()}, Mmr::number_of_leaves.get()) + leaf);
    return host::offchain_get(fork_key(node, System::block_hash.get(parent)));
}
std::optional<OpaqueLeaf> read_leaf(std::uint64_t index) {
    const auto raw = read_node(mountain::position_of_leaf(index));
    if (!raw || raw->empty() || raw->front() != kLeafTag) {
        return std::nullopt;
    }
    auto leaf = scale::decode<Bytes>(ByteView(*raw).subspan(1));
    return leaf ? std::optional(OpaqueLeaf{*std::move(leaf)}) : std::nullopt;
}
std::optional<Hash> read_hash(Position node) {
    const auto raw = read_node(node);
    if (!raw || raw->empty()) {
        return std::nullopt;
    }
    if (raw->front() == kHashTag && raw->size() == 1 + Hash::kSize) {
        return Hash::copy(ByteView(*raw).subspan(1));
    }
    const auto leaf = scale::decode<Bytes>(ByteView(*raw).subspan(1));
    return leaf ? std::optional(host::keccak_256(*leaf)) : std::nullopt;
}
std::optional<std::vector<Hash>> read_hashes(const std::vector<Position>& nodes) {
    std::vector<Hash> hashes;
    for (const Position node : nodes) {
        const auto hash = read_hash(node);
        if (!hash) {
            return std::nullopt;
        }
        hashes.push_back(*hash);
    }
    return hashes;
}
/// The items of a proof; those that stand for several peaks are put together here.
std::optional<std::vector<Hash>> read_items(const mountain::Layout& layout, std::uint64_t leaves) {
    std::vector<Position> single = layout.positions;
    if (layout.bagged == 0) {
        return read_hashes(single);
    }
    single.pop_back();
    auto items = read_hashes(single);
    const std::vector<Position> peaks = mountain::peaks_of(leaves);
    const auto rest =
        read_hashes({peaks.end() - static_cast<std::ptrdiff_t>(layout.bagged), peaks.end()});
    if (!items || !rest) {
        return std::nullopt;
    }
    items->push_back(mountain::bag(*rest));
    return items;
}

MmrResult<std::uint64_t> leaf_count_of(std::optional<BlockNumber> best_known) {
    const auto leaves = Mmr::leaf_count_at(best_known.value_or(System::number.get()));
    return leaves ? MmrResult<std::uint64_t>(*leaves)
                  : std::unexpected(MmrError::invalid_numeric_op);
}

void store(Position node, std::uint8_t tag, ByteView content) {
    Bytes encoded{tag};
    append(encoded, content);
    host::index_offchain(fork_key(node, System::parent_hash.get()), encoded);
}
}  // namespace

Weight Mmr::on_initialize(BlockNumber) {
    const std::uint64_t leaves = number_of_leaves.get();
    const Bytes leaf = wiring::mmr_leaf();
    Position node = mountain::size_of(leaves);
    Hash hash = host::keccak_256(leaf);
    store(node, kLeafTag, scale::encode(leaf));

    // The peaks at the right end whose height the new tree reaches become its left halves.
    std::vector<Position> peaks = mountain::peaks_of(leaves);
    std::vector<Hash> hashes;
    for (const Position peak : peaks) {
        hashes.push_back(nodes.get(peak).value_or(Hash{}));
    }
    for (int joined = std::countr_one(leaves); joined > 0; --joined) {
        hash = mountain::merge(hashes.back(), hash);
        nodes.remove(peaks.back());
        peaks.pop_back();
        hashes.pop_back();
        store(++node, kHashTag, hash.view());
    }
    nodes.insert(node, hash);
    hashes.push_back(hash);
    const std::size_t reads = hashes.size();
    const Hash root = mountain::bag(std::move(hashes));
    wiring::on_new_mmr_root(root);
    number_of_leaves.set(leaves + 1);
    root_hash.set(root);
    return work(10 + 2 * reads, 5 + reads, 4);
}

std::optional<std::uint64_t> Mmr::leaf_count_at(BlockNumber block) {
    const auto before = checked_sub(std::uint64_t{System::number.get()}, number_of_leaves.get());
    return before && block > *before ? std::optional(block - *before) : std::nullopt;
}

MmrResult<ProvedLeaves> Mmr::generate_proof(const std::vector<BlockNumber>& blocks,
                                            std::optional<BlockNumber> best_known) {
    LeafProof proof;
    TRY_ASSIGN(proof.leaf_count, leaf_count_of(best_known));
    for (const BlockNumber block : blocks) {
        TRY_ASSIGN(const std::uint64_t count, leaf_count_of(block));
        proof.leaf_indices.push_back(count - 1);
    }
    std::vector<OpaqueLeaf> leaves;
    std::vector<Position> positions;
    for (const std::uint64_t index : proof.leaf_indices) {
        auto leaf = read_leaf(index);
        if (!leaf) {
            return std::unexpected(MmrError::leaf_not_found);
        }
        leaves.push_back(*std::move(leaf));
        positions.push_back(mountain::position_of_leaf(index));
    }
    const auto layout = mountain::layout_of(positions, proof.leaf_count);
    auto items = layout ? read_items(*layout, proof.leaf_count) : std::nullopt;
    if (!items) {
        return std::unexpected(MmrError::generate_proof);
    }
    proof.items = *std::move(items);
    return ProvedLeaves{std::move(leaves), std::move(proof)};
}

MmrResult<AncestryProof> Mmr::generate_ancestry_proof(BlockNumber previous,
                                                      std::optional<BlockNumber> best_known) {
    AncestryProof proof;
    TRY_ASSIGN(proof.leaf_count, leaf_count_of(best_known));
    TRY_ASSIGN(proof.prev_leaf_count, leaf_count_of(previous));
    const std::vector<Position> peaks = mountain::peaks_of(proof.prev_leaf_count);
    const auto layout = mountain::layout_of(peaks, proof.leaf_count);
    const auto hashes = read_hashes(peaks);
    const auto items = layout ? read_items(*layout, proof.leaf_count) : std::nullopt;
    if (!hashes || !items) {
        return std::unexpected(MmrError::generate_proof);
    }
    proof.prev_peaks = *hashes;
    for (std::size_t i = 0; i < items->size(); ++i) {
        proof.items.emplace_back(layout->positions[i], (*items)[i]);
    }
    kit::sort(proof.items);
    return proof;
}

MmrResult<> Mmr::verify_leaves(const std::vector<OpaqueLeaf>& leaves, const LeafProof& proof) {
    const std::uint64_t now = number_of_leaves.get();
    if (proof.leaf_count > now || proof.leaf_count == 0 ||
        proof.items.size() + leaves.size() > proof.leaf_count) {
        return std::unexpected(MmrError::verify);
    }
    if (proof.leaf_count == now) {
        return verify_leaves(root_hash.get(), leaves, proof);
    }
    const auto peaks = read_hashes(mountain::peaks_of(proof.leaf_count));
    if (!peaks) {
        return std::unexpected(MmrError::get_root);
    }
    return verify_leaves(mountain::bag(*peaks), leaves, proof);
}

MmrResult<> Mmr::verify_leaves(const Hash& root, const std::vector<OpaqueLeaf>& leaves,
                               const LeafProof& proof) {
    if (leaves.size() != proof.leaf_indices.size()) {
        return std::unexpected(MmrError::verify);
    }
    std::map<Position, Hash> known;
    std::vector<Position> positions;
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        if (proof.leaf_indices[i] >= proof.leaf_count) {
            return std::unexpected(MmrError::verify);
        }
        positions.push_back(mountain::position_of_leaf(proof.leaf_indices[i]));
        const Hash hash = host::keccak_256(leaves[i].encoded);
        if (known.emplace(positions.back(), hash).first->second != hash) {
            return std::unexpected(MmrError::verify);  // two leaves for one place
        }
    }
    const auto layout = mountain::layout_of(positions, proof.leaf_count);
    if (!layout || mountain::root_from(known, *layout, proof.items, proof.leaf_count) != root) {
        return std::unexpected(MmrError::verify);
    }
    return {};
}

std::optional<Hash> Mmr::verify_ancestry(const Hash& root, const AncestryProof& proof) {
    if (proof.prev_leaf_count > mountain::kLeavesMax || proof.prev_peaks.empty()) {
        return std::nullopt;
    }
    const std::vector<Position> peaks = mountain::peaks_of(proof.prev_leaf_count);
    auto layout = mountain::layout_of(peaks, proof.leaf_count);
    if (!layout || peaks.size() != proof.prev_peaks.size() ||
        layout->positions.size() != proof.items.size()) {
        return std::nullopt;
    }
    kit::sort(layout->positions);
    std::vector<Hash> items;
    for (std::size_t i = 0; i < proof.items.size(); ++i) {
        const auto& [position, hash] = proof.items[i];
        if (position != layout->positions[i]) {
            return std::nullopt;
        }
        items.push_back(hash);
    }
    std::map<Position, Hash> known;
    for (std::size_t i = 0; i < peaks.size(); ++i) {
        known.emplace(peaks[i], proof.prev_peaks[i]);
    }
    if (mountain::root_from(known, *layout, items, proof.leaf_count) != root) {
        return std::nullopt;
    }
    return mountain::bag(proof.prev_peaks);
}

}  // namespace stipple::runtime
