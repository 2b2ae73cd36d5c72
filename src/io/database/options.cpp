#include "io/database/options.hpp"

#include "base/log.hpp"

#include <rocksdb/compaction_filter.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <array>
#include <cstdio>

namespace stipple::io {
namespace {

constexpr std::size_t kNumberBytes = 8;  // big-endian block number at the end of history keys

/// The state key of a history row: everything but the block number.
class StateKeyPrefix final : public rocksdb::SliceTransform {
 public:
    const char* Name() const override { return "stipple.state_key"; }
    rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
        return {key.data(), key.size() - kNumberBytes};
    }
    bool InDomain(const rocksdb::Slice& key) const override { return key.size() >= kNumberBytes; }
};

/// Drops history rows at or below the floor as tables are rewritten.
class FloorFilter final : public rocksdb::CompactionFilter {
 public:
    explicit FloorFilter(std::uint64_t floor) : floor_(floor) {}
    const char* Name() const override { return "stipple.history_floor"; }
    Decision FilterV2(int, const rocksdb::Slice& key, ValueType, const rocksdb::Slice&,
                      std::string*, std::string*) const override {
        if (key.size() < kNumberBytes) {
            return Decision::kKeep;
        }
        const auto* tail = key.data() + key.size() - kNumberBytes;
        const auto number = load_be<std::uint64_t>(as_bytes({tail, kNumberBytes}));
        return number <= floor_ ? Decision::kRemove : Decision::kKeep;
    }

 private:
    std::uint64_t floor_;
};

class FloorFilterFactory final : public rocksdb::CompactionFilterFactory {
 public:
    explicit FloorFilterFactory(std::shared_ptr<HistoryFloor> floor) : floor_(std::move(floor)) {}
    const char* Name() const override { return "stipple.history_floor"; }
    std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
        const rocksdb::CompactionFilter::Context&) override {
        return std::make_unique<FloorFilter>(floor_->load());
    }

 private:
    std::shared_ptr<HistoryFloor> floor_;
};

/// What RocksDB has to say goes to our log. A log file of its own would be one more thing to write
/// where the disk is full, and a library built with assertions aborts on the second line that does
/// not fit.
class InfoLog final : public rocksdb::Logger {
 public:
    InfoLog() : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}
    using rocksdb::Logger::Logv;
    void Logv(const char* format, va_list values) override {
        if (!log_enabled(LogLevel::debug, kLogTarget)) {
            return;
        }
        std::array<char, 1024> line{};
        std::vsnprintf(line.data(), line.size(), format, values);
        log_message(LogLevel::debug, kLogTarget, line.data());
    }

 private:
    static constexpr std::string_view kLogTarget = "rocksdb";
};

/// Large rows read seldom are worth zstd; state and small rows take lz4, which reads as fast as
/// nothing at all.
rocksdb::CompressionType compression(Column column) {
    switch (column) {
        case Column::value_history:
        case Column::node_history:
        case Column::bodies:
        case Column::justifications:
        case Column::block_changes:
            return rocksdb::kZSTD;
        default:
            return rocksdb::kLZ4Compression;
    }
}

}  // namespace

namespace {

bool is_state(Column column) {
    return column == Column::values || column == Column::nodes || column == Column::values_2 ||
           column == Column::nodes_2 || is_history(column);
}

}  // namespace

bool is_history(Column column) {
    return column == Column::value_history || column == Column::node_history;
}

rocksdb::DBOptions database_options(
    bool create, const std::shared_ptr<rocksdb::WriteBufferManager>& write_buffers) {
    rocksdb::DBOptions options;
    options.create_if_missing = create;
    options.create_missing_column_families = true;
    options.paranoid_checks = true;
    // Range deletions cost a look-up per table unless all tables stay open.
    options.max_open_files = -1;
    options.max_background_jobs = 2;
    options.bytes_per_sync = 1 << 20;
    options.max_total_wal_size = 256 << 20;
    options.write_buffer_manager = write_buffers;
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    options.avoid_unnecessary_blocking_io = true;
    options.info_log = std::make_shared<InfoLog>();
    options.stats_dump_period_sec = 0;
    options.stats_persist_period_sec = 0;
    return options;
}

rocksdb::ColumnFamilyOptions column_options(Column column,
                                            const std::shared_ptr<rocksdb::Cache>& cache,
                                            const std::shared_ptr<HistoryFloor>& floor) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;
    table.cache_index_and_filter_blocks = true;
    table.cache_index_and_filter_blocks_with_high_priority = true;
    table.pin_l0_filter_and_index_blocks_in_cache = true;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.format_version = 5;
    table.block_size = 8 << 10;
    table.whole_key_filtering = !is_history(column);
    // Short restart intervals cost a little space and halve the key comparisons of a look-up.
    table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;

    rocksdb::ColumnFamilyOptions options;
    options.compression = compression(column);
    options.write_buffer_size = (is_state(column) ? 32 : 8) << 20;
    // All columns share one bound: small steps, and filters only where look-ups miss often.
    options.arena_block_size = 64 << 10;
    options.level_compaction_dynamic_level_bytes = true;
    if (is_state(column)) {
        options.memtable_whole_key_filtering = !is_history(column);
        options.memtable_prefix_bloom_size_ratio = 0.02;
    }
    if (is_history(column)) {
        options.prefix_extractor = std::make_shared<StateKeyPrefix>();
        options.compaction_filter_factory = std::make_shared<FloorFilterFactory>(floor);
        constexpr std::uint64_t kDaySeconds = 24 * 60 * 60;
        options.periodic_compaction_seconds = kDaySeconds;
        table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinarySearch;
    }
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    return options;
}

}  // namespace stipple::io
