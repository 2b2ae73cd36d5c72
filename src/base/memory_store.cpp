#include "base/memory_store.hpp"

#include "base/check.hpp"

namespace stipple {
namespace {

class MapIterator final : public StoreIterator {
 public:
    MapIterator(std::shared_ptr<const MemoryStore::ColumnMap> map, ByteView lower, ByteView upper)
        : map_(std::move(map)),
          at_(map_->end()),
          lower_(to_bytes(lower)),
          upper_(to_bytes(upper)) {}

    void seek(ByteView key) override {
        at_ = map_->lower_bound(compare(key, lower_) < 0 ? ByteView(lower_) : key);
    }
    void seek_for_prev(ByteView key) override {
        at_ = !upper_.empty() && compare(key, upper_) >= 0 ? map_->lower_bound(upper_)
                                                           : map_->upper_bound(key);
        prev();
    }
    bool valid() const override {
        return at_ != map_->end() && compare(at_->first, lower_) >= 0 &&
               (upper_.empty() || compare(at_->first, upper_) < 0);
    }
    void next() override {
        CHECK(valid());
        ++at_;
    }
    void prev() override { at_ = at_ == map_->begin() ? map_->end() : std::prev(at_); }
    ByteView key() const override { return at_->first; }
    ByteView value() const override { return at_->second; }
    Result<> status() const override { return {}; }

 private:
    std::shared_ptr<const MemoryStore::ColumnMap> map_;
    MemoryStore::ColumnMap::const_iterator at_;
    Bytes lower_;
    Bytes upper_;
};

std::optional<Bytes> find(const MemoryStore::ColumnMap& map, ByteView key) {
    const auto it = map.find(key);
    return it == map.end() ? std::nullopt : std::optional(it->second);
}

class MapSnapshot final : public StoreReader {
 public:
    explicit MapSnapshot(MemoryStore::Columns columns) : columns_(std::move(columns)) {}
    Result<std::optional<Bytes>> get(Column column, ByteView key) const override {
        return find(*columns_[static_cast<std::size_t>(column)], key);
    }
    std::unique_ptr<StoreIterator> iterate(Column column, ByteView lower,
                                           ByteView upper) const override {
        return std::make_unique<MapIterator>(columns_[static_cast<std::size_t>(column)], lower,
                                             upper);
    }

 private:
    MemoryStore::Columns columns_;
};

}  // namespace

MemoryStore::MemoryStore() {
    for (auto& column : columns_) {
        column = std::make_shared<ColumnMap>();
    }
}

MemoryStore::ColumnMap& MemoryStore::writable(Column column) {
    auto& map = columns_[static_cast<std::size_t>(column)];
    if (map.use_count() > 1) {
        map = std::make_shared<ColumnMap>(*map);
    }
    return *map;
}

Result<std::optional<Bytes>> MemoryStore::get(Column column, ByteView key) const {
    const std::lock_guard lock(mutex_);
    return find(*columns_[static_cast<std::size_t>(column)], key);
}

std::unique_ptr<StoreIterator> MemoryStore::iterate(Column column, ByteView lower,
                                                    ByteView upper) const {
    const std::lock_guard lock(mutex_);
    return std::make_unique<MapIterator>(columns_[static_cast<std::size_t>(column)], lower, upper);
}

Result<> MemoryStore::commit(const WriteBatch& batch, Durability) {
    const std::lock_guard lock(mutex_);
    for (const auto& op : batch.ops()) {
        if (const auto* put = std::get_if<PutOp>(&op)) {
            writable(put->column).insert_or_assign(put->key, put->value);
        } else if (const auto* erase = std::get_if<EraseOp>(&op)) {
            writable(erase->column).erase(erase->key);
        } else {
            const auto& range = std::get<EraseRangeOp>(op);
            auto& map = writable(range.column);
            if (compare(range.first, range.last) < 0) {
                map.erase(map.lower_bound(range.first), map.lower_bound(range.last));
            }
        }
    }
    return {};
}

std::shared_ptr<const StoreReader> MemoryStore::snapshot() const {
    const std::lock_guard lock(mutex_);
    return std::make_shared<MapSnapshot>(columns_);
}

void MemoryStore::set_history_floor(std::uint64_t floor) {
    const std::lock_guard lock(mutex_);
    if (floor <= floor_) {
        return;
    }
    floor_ = floor;
    for (const Column column : {Column::value_history, Column::node_history}) {
        std::erase_if(writable(column), [&](const auto& row) {
            return row.first.size() >= 8 &&
                   load_be<std::uint64_t>(ByteView(row.first).last(8)) <= floor;
        });
    }
}

}  // namespace stipple
