#include "base/memory_store.hpp"

#include "base/check.hpp"

namespace stipple {
namespace {

class TreeIterator final : public StoreIterator {
 public:
    TreeIterator(MemoryTree tree, ByteView lower, ByteView upper)
        : tree_(std::move(tree)), lower_(to_bytes(lower)), upper_(to_bytes(upper)) {}

    void seek(ByteView key) override {
        place(tree_.find_from(compare(key, lower_) < 0 ? ByteView(lower_) : key));
    }
    void seek_for_prev(ByteView key) override {
        place(!upper_.empty() && compare(key, upper_) >= 0 ? tree_.find_until(ByteView(upper_))
                                                           : tree_.find_until(key, true));
    }
    bool valid() const override { return static_cast<bool>(at_); }
    void next() override {
        CHECK(valid());
        place(tree_.next(at_));
    }
    void prev() override {
        CHECK(valid());
        place(tree_.previous(at_));
    }
    ByteView key() const override { return at_.key(); }
    ByteView value() const override { return at_.value(); }
    Result<> status() const override { return {}; }

 private:
    void place(const MemoryTree::Row& row) {
        const bool within = row && compare(row.key(), lower_) >= 0 &&
                            (upper_.empty() || compare(row.key(), upper_) < 0);
        at_ = within ? row : MemoryTree::Row{};
    }
    MemoryTree tree_;
    Bytes lower_;
    Bytes upper_;
    MemoryTree::Row at_;
};

std::optional<Bytes> value_of(const MemoryTree& tree, ByteView key) {
    const auto row = tree.find(key);
    return row ? std::optional(to_bytes(row.value())) : std::nullopt;
}

class TreeSnapshot final : public StoreReader {
 public:
    explicit TreeSnapshot(MemoryStore::Columns columns) : columns_(std::move(columns)) {}
    Result<std::optional<Bytes>> get(Column column, ByteView key) const override {
        return value_of(columns_[static_cast<std::size_t>(column)], key);
    }
    std::unique_ptr<StoreIterator> iterate(Column column, ByteView lower,
                                           ByteView upper) const override {
        return std::make_unique<TreeIterator>(columns_[static_cast<std::size_t>(column)], lower,
                                              upper);
    }

 private:
    MemoryStore::Columns columns_;
};

}  // namespace

Result<std::optional<Bytes>> MemoryStore::get(Column column, ByteView key) const {
    const std::lock_guard lock(mutex_);
    return value_of(columns_[static_cast<std::size_t>(column)], key);
}

MemoryTree MemoryStore::present(Column column) const {
    const std::lock_guard lock(mutex_);
    return columns_[static_cast<std::size_t>(column)];
}

std::unique_ptr<StoreIterator> MemoryStore::iterate(Column column, ByteView lower,
                                                    ByteView upper) const {
    return std::make_unique<TreeIterator>(present(column), lower, upper);
}

Result<> MemoryStore::commit(const WriteBatch& batch, Durability) {
    const std::lock_guard lock(mutex_);
    for (const auto& op : batch.ops()) {
        if (const auto* row = std::get_if<PutOp>(&op)) {
            tree(row->column).put(row->key, row->value);
        } else if (const auto* gone = std::get_if<EraseOp>(&op)) {
            tree(gone->column).erase(gone->key);
        } else {
            const auto& range = std::get<EraseRangeOp>(op);
            tree(range.column).erase_range(range.first, range.last);
        }
    }
    return {};
}

std::shared_ptr<const StoreReader> MemoryStore::snapshot() const {
    return std::make_shared<TreeSnapshot>(columns());
}

MemoryStore::Columns MemoryStore::columns() const {
    const std::lock_guard lock(mutex_);
    return columns_;
}

void MemoryStore::restore(Columns columns) {
    const std::lock_guard lock(mutex_);
    columns_ = std::move(columns);
}

void MemoryStore::set_history_floor(std::uint64_t floor) {
    const std::lock_guard lock(mutex_);
    if (floor < floor_ + kFloorStride) {
        return;
    }
    floor_ = floor;
    for (const Column column : {Column::value_history, Column::node_history}) {
        const MemoryTree all = tree(column);
        for (auto row = all.find_from({}); row; row = all.next(row)) {
            const ByteView key = row.key();
            if (key.size() >= 8 && load_be<std::uint64_t>(key.last(8)) <= floor) {
                tree(column).erase(key);
            }
        }
    }
}

}  // namespace stipple
