// The port to a database of ordered columns.
//
// Implementations: `MemoryStore` (base/memory_store.hpp, for tests, benchmarks and simulation) and
// `io::Database` (RocksDB). One process opens a store; all methods are thread-safe.
//
// What every implementation promises:
//  - a WriteBatch is applied whole or not at all, also across a crash;
//  - batches become durable in the order of commit: after a crash the store holds a prefix of them;
//  - Durability::synced returns after that prefix is on the disk;
//  - a snapshot never changes; iterators walk a snapshot in byte order of keys.
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace stipple {

/// Columns are part of the file format: numbers and names are never reused.
enum class Column : std::uint8_t {
    meta = 0,            ///< format version, genesis, head, finality pointer, prune floor
    values = 1,          ///< state of the base block: trie id, key -> value
    nodes = 2,           ///< trie branches of the base block: trie id, nibble path -> branch
    value_history = 3,   ///< what was overwritten, with the block that did it
    node_history = 4,    ///< the same for nodes
    journal = 5,         ///< layers above the base
    block_changes = 6,   ///< block number -> keys it touched
    headers = 7,         ///< block hash -> header
    bodies = 8,          ///< block hash -> body
    justifications = 9,  ///< block hash -> justifications
    block_hashes = 10,   ///< canonical number -> block hash
    leaves = 11,         ///< known unfinalised blocks and consensus data kept by block
    consensus = 12,      ///< BABE epochs, GRANDPA sets and rounds
    offchain = 13,       ///< offchain local storage and index
    transactions = 14,   ///< reserved for indexed transactions
    values_2 = 15,       ///< `values` and `nodes` come twice: one set holds the state, the other
    nodes_2 = 16,        ///< one is filled by a state download, and then they change roles
};
inline constexpr std::size_t kColumnCount = 17;
const char* column_name(Column column);

struct PutOp {
    Column column;
    Bytes key;
    Bytes value;
};
struct EraseOp {
    Column column;
    Bytes key;
};
/// Erases first <= key < last.
struct EraseRangeOp {
    Column column;
    Bytes first;
    Bytes last;
};

class WriteBatch {
 public:
    using Op = std::variant<PutOp, EraseOp, EraseRangeOp>;
    void put(Column column, Bytes key, Bytes value) {
        bytes_ += key.size() + value.size();
        ops_.emplace_back(PutOp{column, std::move(key), std::move(value)});
    }
    void erase(Column column, Bytes key) {
        bytes_ += key.size();
        ops_.emplace_back(EraseOp{column, std::move(key)});
    }
    void erase_range(Column column, Bytes first, Bytes last) {
        ops_.emplace_back(EraseRangeOp{column, std::move(first), std::move(last)});
    }
    /// Later operations win over earlier ones on the same key.
    const std::vector<Op>& ops() const { return ops_; }
    void append(WriteBatch&& more) {
        bytes_ += more.bytes_;
        ops_.insert(ops_.end(), std::make_move_iterator(more.ops_.begin()),
                    std::make_move_iterator(more.ops_.end()));
    }
    bool empty() const { return ops_.empty(); }
    std::size_t size_bytes() const { return bytes_; }

 private:
    std::vector<Op> ops_;
    std::size_t bytes_ = 0;
};

/// Walks one column of one snapshot. Not thread-safe; must not outlive its reader.
class StoreIterator {
 public:
    virtual ~StoreIterator() = default;
    /// To the first key >= `key` within the bounds.
    virtual void seek(ByteView key) = 0;
    /// To the last key <= `key` within the bounds.
    virtual void seek_for_prev(ByteView key) = 0;
    virtual bool valid() const = 0;
    virtual void next() = 0;
    virtual void prev() = 0;
    /// Valid until the next move. REQUIRES valid().
    virtual ByteView key() const = 0;
    virtual ByteView value() const = 0;
    /// An I/O error ends the walk: valid() is false and this says why.
    virtual Result<> status() const = 0;
};

class StoreReader {
 public:
    virtual ~StoreReader() = default;
    virtual Result<std::optional<Bytes>> get(Column column, ByteView key) const = 0;
    /// Keys in [lower, upper); an empty `upper` means to the end of the column.
    virtual std::unique_ptr<StoreIterator> iterate(Column column, ByteView lower,
                                                   ByteView upper) const = 0;
};

enum class Durability : std::uint8_t {
    buffered,  ///< survives the process, not necessarily the machine
    synced,    ///< on the disk when the call returns, with everything before it
};

class KeyValueStore : public StoreReader {
 public:
    virtual Result<> commit(const WriteBatch& batch, Durability durability) = 0;
    /// A fixed view of all columns as they are now.
    virtual std::shared_ptr<const StoreReader> snapshot() const = 0;
    /// History rows (columns value_history and node_history, keys ending in a u64 big-endian block
    /// number) with a number <= floor may be dropped whenever the store likes. Never moves back.
    virtual void set_history_floor(std::uint64_t floor) = 0;
};

}  // namespace stipple
