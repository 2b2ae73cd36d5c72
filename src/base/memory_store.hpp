// A KeyValueStore in memory: the twin that tests, benchmarks and the simulation run over.
//
// A column is a persistent tree (memory_tree.hpp), whose pages are shared between the present and
// snapshots: a snapshot costs a pointer for each column, and the first writes after it copy the
// pages they touch.
#pragma once

#include "base/key_value_store.hpp"
#include "base/memory_tree.hpp"

#include <array>
#include <memory>
#include <mutex>

namespace stipple {

class MemoryStore final : public KeyValueStore {
 public:
    using Columns = std::array<MemoryTree, kColumnCount>;

    Result<std::optional<Bytes>> get(Column column, ByteView key) const override;
    std::unique_ptr<StoreIterator> iterate(Column column, ByteView lower,
                                           ByteView upper) const override;
    Result<> commit(const WriteBatch& batch, Durability durability) override;
    std::shared_ptr<const StoreReader> snapshot() const override;
    /// Drops rows at or below the floor, whenever it has moved by kFloorStride.
    void set_history_floor(std::uint64_t floor) override;
    static constexpr std::uint64_t kFloorStride = 64;

    /// Everything in the store, as it is now; cheap, as a snapshot is.
    Columns columns() const;
    /// Back to what `columns` gave: a disk that lost what came after.
    void restore(Columns columns);

 private:
    MemoryTree& tree(Column column) { return columns_[static_cast<std::size_t>(column)]; }
    MemoryTree present(Column column) const;

    mutable std::mutex mutex_;
    Columns columns_;
    std::uint64_t floor_ = 0;
};

}  // namespace stipple
