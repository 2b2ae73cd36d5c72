#include "pallets/mmr/mountain.hpp"

#include "kit/sorting.hpp"

#include <algorithm>
#include <bit>
#include <set>

namespace stipple::runtime::mountain {

namespace {
using Known = std::map<Position, Hash>;

std::uint64_t nodes_of_tree(std::uint32_t height) {
    return (std::uint64_t{2} << height) - 1;
}

/// Leaves of the range of exactly or at most so many nodes.
std::uint64_t leaves_of(std::uint64_t size) {
    std::uint64_t leaves = 0;
    for (std::uint32_t height = 63; height-- > 0;) {
        if (size >= nodes_of_tree(height)) {
            size -= nodes_of_tree(height);
            leaves += std::uint64_t{1} << height;
        }
    }
    return leaves;
}

/// Adds what the proof of some nodes of one mountain needs besides them.
void lay_out(std::vector<Position>& out, const std::vector<Position>& proved, Position peak) {
    if (proved.empty()) {
        out.push_back(peak);
        return;
    }
    std::set<std::pair<std::uint32_t, Position>> open;  // from the lowest, from the left
    for (const Position node : proved) {
        open.emplace(height_of(node), node);
    }
    while (!open.empty()) {
        const auto [height, node] = *open.begin();
        open.erase(open.begin());
        if (node == peak) {
            continue;
        }
        const bool right = height_of(node + 1) > height;
        const Position sibling =
            right ? node - nodes_of_tree(height) : node + nodes_of_tree(height);
        const Position parent = std::max(node, sibling) + 1;
        if (!open.empty() && *open.begin() == std::pair(height, sibling)) {
            open.erase(open.begin());
        } else {
            out.push_back(sibling);
        }
        open.emplace(height + 1, parent);
    }
}

/// The hash of a node that is known or stands above known ones. As deep as the tree is high.
std::optional<Hash> hash_of(const Known& known, Position node, std::uint32_t height) {
    if (const auto found = known.find(node); found != known.end()) {
        return found->second;
    }
    if (height == 0) {
        return std::nullopt;
    }
    const auto left = hash_of(known, node - (std::uint64_t{1} << height), height - 1);
    const auto right = left ? hash_of(known, node - 1, height - 1) : std::nullopt;
    return right ? std::optional(merge(*left, *right)) : std::nullopt;
}
}  // namespace

std::uint64_t size_of(std::uint64_t leaves) {
    return 2 * leaves - static_cast<std::uint64_t>(std::popcount(leaves));
}

Position position_of_leaf(std::uint64_t index) {
    return size_of(index);
}

std::uint32_t height_of(Position node) {
    // Take away full trees to the left until the node is the last one, the peak, of a tree.
    for (std::uint32_t height = 63; height-- > 0;) {
        if (node >= nodes_of_tree(height)) {
            node -= nodes_of_tree(height);
        }
        if (node + 1 == nodes_of_tree(height)) {
            return height;
        }
    }
    return 0;
}

std::uint64_t leaf_that_added(Position node) {
    return leaves_of(node - height_of(node));
}

std::vector<Position> peaks_of(std::uint64_t leaves) {
    std::vector<Position> peaks;
    std::uint64_t before = 0;
    for (std::uint32_t height = 63; height-- > 0;) {
        if ((leaves >> height & 1) != 0) {
            before += nodes_of_tree(height);
            peaks.push_back(before - 1);
        }
    }
    return peaks;
}

Hash merge(const Hash& left, const Hash& right) {
    Bytes both = to_bytes(left.view());
    append(both, right.view());
    return host::keccak_256(both);
}

Hash bag(std::vector<Hash> peaks) {
    while (peaks.size() > 1) {
        const Hash right = peaks.back();
        peaks.pop_back();
        peaks.back() = merge(right, peaks.back());
    }
    return peaks[0];
}

std::optional<Layout> layout_of(std::vector<Position> proved, std::uint64_t leaves) {
    kit::sort(proved);
    proved.erase(std::unique(proved.begin(), proved.end()), proved.end());
    if (proved.empty() || leaves > kLeavesMax || proved.back() >= size_of(leaves)) {
        return std::nullopt;
    }
    Layout layout;
    auto next = proved.cbegin();
    for (const Position peak : peaks_of(leaves)) {
        const auto end = std::upper_bound(next, proved.cend(), peak);
        layout.bagged = next == end ? layout.bagged + 1 : 0;
        lay_out(layout.positions, {next, end}, peak);
        next = end;
    }
    if (layout.bagged < 2) {
        layout.bagged = 0;
    } else {
        layout.positions.resize(layout.positions.size() - layout.bagged + 1);
    }
    return layout;
}

std::optional<Hash> root_from(Known nodes, const Layout& layout, const std::vector<Hash>& items,
                              std::uint64_t leaves) {
    if (items.size() != layout.positions.size()) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
        nodes.emplace(layout.positions[i], items[i]);
    }
    std::vector<Position> peaks = peaks_of(leaves);
    peaks.resize(peaks.size() - layout.bagged);
    std::vector<Hash> hashes;
    for (const Position peak : peaks) {
        const auto hash = hash_of(nodes, peak, height_of(peak));
        if (!hash) {
            return std::nullopt;
        }
        hashes.push_back(*hash);
    }
    if (layout.bagged > 0) {
        hashes.push_back(items.back());
    }
    return bag(std::move(hashes));
}

}  // namespace stipple::runtime::mountain
