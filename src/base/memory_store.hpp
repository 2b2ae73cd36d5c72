// A KeyValueStore in memory: the twin that tests, benchmarks and the simulator run over.
//
// A column is a persistent treap: a search tree ordered by key and heaped by a hash of the key, so
// that its shape depends on its content alone. Nodes are shared between the present and snapshots;
// a write copies the nodes on its path that a snapshot or iterator still holds, and changes the
// rest in place. So a snapshot costs a handful of pointers and the write after it some twenty small
// nodes, however large the column is; rows themselves are never copied.
#pragma once

#include "base/key_value_store.hpp"

#include <array>
#include <memory>
#include <mutex>

namespace stipple {

class MemoryStore final : public KeyValueStore {
 public:
    struct Row {
        Bytes key;
        Bytes value;
    };
    struct Node {
        std::shared_ptr<const Row> row;
        std::uint64_t priority = 0;  ///< not above the parent's
        std::shared_ptr<Node> left;
        std::shared_ptr<Node> right;
    };
    using Tree = std::shared_ptr<Node>;
    using Columns = std::array<Tree, kColumnCount>;

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
    Tree& tree(Column column) { return columns_[static_cast<std::size_t>(column)]; }
    Tree present(Column column) const;

    mutable std::mutex mutex_;
    Columns columns_;
    std::uint64_t floor_ = 0;
};

}  // namespace stipple
