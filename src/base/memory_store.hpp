// A KeyValueStore in memory: the twin that tests, benchmarks and the simulator run over.
//
// Columns are sorted maps. A snapshot copies nothing: maps are shared and copied on the first write
// after a snapshot was taken (cheap for tests; benchmarks take none while they write).
#pragma once

#include "base/key_value_store.hpp"

#include <array>
#include <map>
#include <memory>
#include <mutex>

namespace stipple {

class MemoryStore final : public KeyValueStore {
 public:
    using ColumnMap = std::map<Bytes, Bytes, ByteLess>;
    using Columns = std::array<std::shared_ptr<ColumnMap>, kColumnCount>;

    MemoryStore();
    Result<std::optional<Bytes>> get(Column column, ByteView key) const override;
    std::unique_ptr<StoreIterator> iterate(Column column, ByteView lower,
                                           ByteView upper) const override;
    Result<> commit(const WriteBatch& batch, Durability durability) override;
    std::shared_ptr<const StoreReader> snapshot() const override;
    /// Drops rows at or below the floor at once.
    void set_history_floor(std::uint64_t floor) override;

 private:
    ColumnMap& writable(Column column);  // REQUIRES mutex_ held
    mutable std::mutex mutex_;
    Columns columns_;
    std::uint64_t floor_ = 0;
};

}  // namespace stipple
