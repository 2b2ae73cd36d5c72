// One node's disk: database, keystore folder and journal folder, which outlive the node's runs.
//
// A crash takes what no sync had made durable. The database keeps what the port promises: whole
// batches, in order, up to at least the last synced one; how many of those after it survive is
// drawn. The system may write by itself what nobody synced: beyond kUnsyncedBatchesMax batches the
// oldest are durable.
#pragma once

#include "base/memory_files.hpp"
#include "base/memory_store.hpp"

#include <deque>

namespace stipple::sim {

class ForgetfulStore final : public KeyValueStore {
 public:
    static constexpr std::size_t kUnsyncedBatchesMax = 256;

    /// Without `forgets` nothing is ever lost, which is quicker.
    explicit ForgetfulStore(bool forgets) : forgets_(forgets) {}

    Result<std::optional<Bytes>> get(Column column, ByteView key) const override {
        return store_.get(column, key);
    }
    std::unique_ptr<StoreIterator> iterate(Column column, ByteView lower,
                                           ByteView upper) const override {
        return store_.iterate(column, lower, upper);
    }
    Result<> commit(const WriteBatch& batch, Durability durability) override;
    std::shared_ptr<const StoreReader> snapshot() const override { return store_.snapshot(); }
    void set_history_floor(std::uint64_t floor) override { store_.set_history_floor(floor); }

    /// From now on to the next crash: the power goes between two of the batches that follow, or
    /// before or after them all.
    void lose_power_within() { within_.emplace(); }
    /// Power off and on again; the number of batches lost of those that nobody synced.
    std::size_t crash(Prng& prng);
    std::uint64_t batches() const { return batches_; }

 private:
    MemoryStore store_;
    bool forgets_;
    /// The database as it was before each batch that is not synced yet, oldest first.
    std::deque<MemoryStore::Columns> before_;
    struct Point {
        MemoryStore::Columns columns;
        std::deque<MemoryStore::Columns> before;
    };
    std::optional<std::vector<Point>> within_;  ///< before each batch, after lose_power_within
    std::uint64_t batches_ = 0;
};

struct Disk {
    Disk(bool forgets, Seed seed) : database(forgets), key_files(seed), journal_files(seed) {}
    ForgetfulStore database;
    MemoryFiles key_files;
    MemoryFiles journal_files;

    /// The number of database batches lost.
    std::size_t crash(Prng& prng) {
        key_files.crash();
        journal_files.crash();
        return database.crash(prng);
    }
};

}  // namespace stipple::sim
