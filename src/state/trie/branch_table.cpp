#include "state/trie/branch_table.hpp"

#include "base/check.hpp"

namespace stipple::state {

std::size_t BranchTable::slot_of(std::size_t hash, ByteView path) const {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
        const Slot& slot = slots_[at];
        if (slot.row.empty() || (slot.hash == hash && equal(slot.path(), path))) {
            return at;
        }
    }
}

std::optional<ByteView> BranchTable::find(ByteView path) const {
    if (slots_.empty()) {
        return std::nullopt;
    }
    const Slot& slot = slots_[slot_of(ByteHash()(path), path)];
    return slot.row.empty() ? std::nullopt : std::optional(slot.encoded());
}

void BranchTable::prefetch(std::span<const ByteView> paths, std::span<std::size_t> hashes) const {
    constexpr std::size_t kLineBytes = 64;
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        hashes[i] = ByteHash()(paths[i]);
        __builtin_prefetch(&slots_[hashes[i] & mask]);
    }
    for (std::size_t i = 0; i < paths.size(); ++i) {
        const Slot& slot = slots_[hashes[i] & mask];
        for (std::size_t at = 0; at < slot.row.size(); at += kLineBytes) {
            __builtin_prefetch(slot.row.data() + at);
        }
    }
}

void BranchTable::insert_or_assign(ByteView path, ByteView encoded) {
    CHECK(!encoded.empty());
    if (4 * (used_ + 1) > 3 * slots_.size()) {
        grow();
    }
    const std::size_t hash = ByteHash()(path);
    Slot& slot = slots_[slot_of(hash, path)];
    used_ += std::size_t{slot.row.empty()};
    slot.hash = hash;
    slot.path_bytes = static_cast<std::uint32_t>(path.size());
    slot.row.clear();
    slot.row.reserve(path.size() + encoded.size());
    append(slot.row, path);
    append(slot.row, encoded);
}

void BranchTable::erase(ByteView path) {
    if (slots_.empty()) {
        return;
    }
    const std::size_t mask = slots_.size() - 1;
    std::size_t hole = slot_of(ByteHash()(path), path);
    if (slots_[hole].row.empty()) {
        return;
    }
    --used_;
    // What follows without a gap moves up when it may stand in the hole.
    for (std::size_t at = (hole + 1) & mask; !slots_[at].row.empty(); at = (at + 1) & mask) {
        const std::size_t home = slots_[at].hash & mask;
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            slots_[hole] = std::move(slots_[at]);
            hole = at;
        }
    }
    slots_[hole] = {};
}

void BranchTable::erase_below(ByteView prefix) {
    std::vector<Bytes> paths;
    for (const Slot& slot : slots_) {
        if (!slot.row.empty() && starts_with(slot.path(), prefix)) {
            paths.push_back(to_bytes(slot.path()));
        }
    }
    for (const Bytes& path : paths) {
        erase(path);
    }
}

std::vector<std::pair<ByteView, ByteView>> BranchTable::sorted() const {
    std::vector<std::pair<ByteView, ByteView>> all;
    all.reserve(used_);
    for (const Slot& slot : slots_) {
        if (!slot.row.empty()) {
            all.emplace_back(slot.path(), slot.encoded());
        }
    }
    std::sort(all.begin(), all.end(),
              [](const auto& a, const auto& b) { return compare(a.first, b.first) < 0; });
    return all;
}

void BranchTable::grow() {
    std::vector<Slot> old(std::max<std::size_t>(16, 2 * slots_.size()));
    old.swap(slots_);
    for (Slot& slot : old) {
        if (!slot.row.empty()) {
            slots_[slot_of(slot.hash, slot.path())] = std::move(slot);
        }
    }
}

}  // namespace stipple::state
