// Rows of the base in memory, least recently used first out.
//
// An entry says what stands in a row since block `changed_at` up to the present base; a view as of
// block n may use it when changed_at <= n. Only readers of the present base insert, and the
// generation they read at is compared under the shard's lock: a base step raises the generation
// before it touches any shard, so what was read before the step is refused after it (design: state,
// rule 3). Bounded by bytes.
#pragma once

#include "primitives/ids.hpp"
#include "state/store/rows.hpp"

#include <array>
#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace stipple::state::store {

/// An encoded row; "nothing there" is cached as well.
using CachedRow = std::shared_ptr<const Bytes>;

class RowCache {
 public:
    explicit RowCache(std::size_t bytes_max) : shard_bytes_max_(bytes_max / kShards) {}

    /// Null when not cached, or changed after `number`.
    CachedRow find(RowKind kind, ByteView row, BlockNumber number);
    /// By a reader of the base: refused when the base has moved since `generation`.
    void insert(RowKind kind, ByteView row, CachedRow value, BlockNumber changed_at,
                std::uint64_t generation);
    std::uint64_t generation() const { return generation_.load(); }

    // ---- by the store thread, when the base moves ----
    void begin_step() { generation_.fetch_add(1); }
    void replace(RowKind kind, ByteView row, CachedRow value, BlockNumber changed_at);
    void clear();
    std::size_t bytes() const;

 private:
    struct Entry {
        RowKind kind;
        Bytes row;
        CachedRow value;
        BlockNumber changed_at = 0;
    };
    struct Shard {
        mutable std::mutex mutex;
        std::list<Entry> entries;  // most recently used first
        std::array<std::unordered_map<ByteView, std::list<Entry>::iterator, ByteHash, ByteEqual>, 2>
            places;  // by kind; keys point into entries
        std::size_t bytes = 0;
    };
    static constexpr std::size_t kShards = 16;
    static constexpr std::size_t kEntryBytes = 160;  // list node, table node, shared count

    static std::size_t cost(const Entry& entry) {
        return kEntryBytes + entry.row.size() + entry.value->size();
    }
    Shard& shard_of(ByteView row) { return shards_[ByteHash()(row) >> 5 & (kShards - 1)]; }
    void put(Shard& shard, RowKind kind, ByteView row, CachedRow value, BlockNumber changed_at);

    std::size_t shard_bytes_max_;
    std::atomic<std::uint64_t> generation_ = 0;
    std::array<Shard, kShards> shards_;
};

}  // namespace stipple::state::store
