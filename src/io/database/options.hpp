// How each column family is set up. Inside this folder only: it speaks RocksDB.
#pragma once

#include "base/key_value_store.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/options.h>
#include <rocksdb/write_buffer_manager.h>

#include <atomic>
#include <memory>

namespace stipple::io {

using HistoryFloor = std::atomic<std::uint64_t>;

bool is_history(Column column);

/// Database-wide options. `write_buffers` must be charged to the cache of the columns.
rocksdb::DBOptions database_options(
    bool create, const std::shared_ptr<rocksdb::WriteBufferManager>& write_buffers);

rocksdb::ColumnFamilyOptions column_options(Column column,
                                            const std::shared_ptr<rocksdb::Cache>& cache,
                                            const std::shared_ptr<HistoryFloor>& floor);

}  // namespace stipple::io
