// The shape of a Merkle mountain range, and its proofs.
//
//           6              Leaves are appended; two trees of one height become one. The nodes are
//        /     \           numbered as they come into being: here 5 leaves, 8 nodes, the peaks
//       2       5          6 and 7. The root is made of the peaks from the right: the hash of
//      / \     / \         the right one and the left one becomes the right one of the next.
//     0   1   3   4   7
//
// Which nodes a proof holds is a function of what it proves and the number of leaves alone, so a
// proof is a list of hashes: of the siblings on the way up, by height and place within each
// mountain, of mountains without anything to prove, and of those at the right end, put together as
// one. Everything here is arithmetic on positions; the nodes lie with the pallet.
#pragma once

#include "kit/host.hpp"

#include <map>

namespace stipple::runtime::mountain {

/// A node by the order of its coming into being.
using Position = std::uint64_t;

/// More leaves than blocks can ever be; below it no sum of positions overflows.
inline constexpr std::uint64_t kLeavesMax = std::uint64_t{1} << 62;

/// Nodes of a range of so many leaves.
std::uint64_t size_of(std::uint64_t leaves);
Position position_of_leaf(std::uint64_t index);
/// 0 for a leaf.
std::uint32_t height_of(Position node);
/// The leaf with which the node came.
std::uint64_t leaf_that_added(Position node);
/// From left to right.
std::vector<Position> peaks_of(std::uint64_t leaves);

Hash merge(const Hash& left, const Hash& right);
/// REQUIRES at least one.
Hash bag(std::vector<Hash> peaks);

/// The nodes of a proof, in the order of a proof of leaves.
struct Layout {
    std::vector<Position> positions;
    /// So many peaks at the right end are one item, the last, at the place of the first of them; 0
    /// when none are put together.
    std::size_t bagged = 0;
};
/// Absent when a node is not in the range, or nothing is to be proved.
std::optional<Layout> layout_of(std::vector<Position> proved, std::uint64_t leaves);

/// The root that the nodes and the items of their proof give; absent when they give none.
/// REQUIRES the layout of these nodes, with its positions in the order of the items.
std::optional<Hash> root_from(std::map<Position, Hash> nodes, const Layout& layout,
                              const std::vector<Hash>& items, std::uint64_t leaves);

}  // namespace stipple::runtime::mountain
