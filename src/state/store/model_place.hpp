// For the model test: where the store lives, in memory or on a disk that forgets.
#pragma once

#include "base/memory_store.hpp"
#include "io/database/database.hpp"
#include "io/database/fault_file_system.hpp"
#include "primitives/ids.hpp"
#include "state/trie/memory_state.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace stipple::state::store {

inline std::uint64_t setting(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// Where the store lives, and what can happen to that place.
class Place {
 public:
    virtual ~Place() = default;
    virtual KeyValueStore& database() = 0;
    virtual void reopen() = 0;
    /// True when something may be lost.
    virtual bool crash(Prng& random) = 0;
    virtual void compact() = 0;
};

class InMemory final : public Place {
 public:
    KeyValueStore& database() override { return store_; }
    void reopen() override {}
    bool crash(Prng&) override { return false; }
    void compact() override {}

 private:
    MemoryStore store_;
};

class OnFaultyDisk final : public Place {
 public:
    OnFaultyDisk() { open(); }
    KeyValueStore& database() override { return *database_; }
    void reopen() override {
        database_.reset();
        open();
    }
    bool crash(Prng& random) override {
        files_.crash();
        database_.reset();
        files_.restart(random);
        open();
        return true;
    }
    void compact() override {
        for (const Column column :
             {Column::value_history, Column::node_history, Column::values, Column::journal}) {
            ASSERT_TRUE(database_->compact(column));
        }
    }

 private:
    void open() {
        auto opened = io::open_database("/model", {.file_system = &files_});
        ASSERT_TRUE(opened) << opened.error().message;
        database_ = std::move(*opened);
    }
    io::FaultFileSystem files_;
    std::unique_ptr<io::Database> database_;
};

struct ModelBlock {
    BlockRef at;
    std::size_t parent = 0;
    std::uint64_t sequence = 0;  // of its commit
    bool alive = true;           // the store must still read it
    MemoryState state;
};

}  // namespace stipple::state::store
