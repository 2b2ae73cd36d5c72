// The database on disk: a KeyValueStore over RocksDB, one column family per Column.
//
// RocksDB stays inside this folder: no type or exception of it leaves. What a node needs of it:
//  - one bound on memory: the write buffers are charged to one strict block cache that holds index
//    and filter blocks too, so `cache_bytes` is what the database takes (design: state, rule 13);
//  - history columns: point look-ups go through bloom filters over the key without its last eight
//    bytes, and compaction drops rows at or below the history floor, also where nothing is written;
//  - after a crash the write-ahead log is replayed up to the first torn record: a prefix of the
//    batches, which holds at least everything up to the last synced one.
// Errors name the path and the column. The directory belongs to one process at a time.
#pragma once

#include "base/key_value_store.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace stipple::io {

class FaultFileSystem;

/// The layout of columns and rows. It rises whenever they change, and there are no migrations: a
/// database with another number is refused, with what to do.
///   1  first layout
///   2  a layer's journal as a header and long rows; node history by slots; two sets of state
///      columns, and ranges among the changes of a block
inline constexpr std::uint32_t kDatabaseFormat = 2;
/// Less than this would not hold the index blocks of one table per column.
inline constexpr std::size_t kCacheBytesMin = 32 * 1024 * 1024;

struct DatabaseOptions {
    /// Block cache and write buffers together; raised to kCacheBytesMin.
    std::size_t cache_bytes = 256 * 1024 * 1024;
    /// Makes a fresh database where none is; otherwise a missing one is an error.
    bool create = true;
    /// For tests: files live here instead of on disk. Must outlive the database.
    FaultFileSystem* file_system = nullptr;
};

/// Why a database did not open.
enum class OpenFailure : std::uint8_t {
    locked,        ///< another process (or another Database here) has it open
    newer_format,  ///< written by a newer program: format number or columns we do not know
    older_format,  ///< written by an older program, in a layout this one does not read
    damaged,       ///< checksums or structure are wrong, or it is no database of ours
    missing,       ///< nothing there, and `create` was off
    unavailable,   ///< the file system refused: permission, space, I/O
};

struct OpenError {
    OpenFailure kind = OpenFailure::unavailable;
    std::string message;  ///< one line: path, cause, what to do
    operator Error() const { return Error(message); }
};

class Database final : public KeyValueStore {
 public:
    ~Database() override;
    Result<std::optional<Bytes>> get(Column column, ByteView key) const override;
    std::unique_ptr<StoreIterator> iterate(Column column, ByteView lower,
                                           ByteView upper) const override;
    /// After an error the batch is not applied (unless the process ends before the next success:
    /// then it may be). A full disk is recoverable: writing works again within seconds of there
    /// being room.
    Result<> commit(const WriteBatch& batch, Durability durability) override;
    std::shared_ptr<const StoreReader> snapshot() const override;
    void set_history_floor(std::uint64_t floor) override;

    /// Ties the database to a chain: keeps the genesis hash on first use, later compares.
    Result<> check_genesis(ByteView genesis_hash);
    /// Compacts a column fully, which also prunes history below the floor (`db compact`, tests).
    Result<> compact(Column column);
    /// Writes the log to the disk: everything committed so far becomes durable.
    Result<> sync();
    /// Live bytes on disk in a column's tables, an estimate.
    std::uint64_t column_bytes(Column column) const;
    /// What the block cache holds now: data, index and filter blocks, write buffers.
    std::uint64_t memory_bytes() const;
    const std::filesystem::path& path() const;

 private:
    friend std::expected<std::unique_ptr<Database>, OpenError> open_database(
        const std::filesystem::path& path, const DatabaseOptions& options);
    class Inner;
    explicit Database(std::shared_ptr<Inner> inner);
    std::shared_ptr<Inner> inner_;  // also held by snapshots and iterators
};

std::expected<std::unique_ptr<Database>, OpenError> open_database(const std::filesystem::path& path,
                                                                  const DatabaseOptions& options);

}  // namespace stipple::io
