// For tests: a disk in memory that forgets whatever was not synced.
//
// A database opened over it (`DatabaseOptions::file_system`) lives in this object. `crash()` is the
// power cut: what counts is the disk at that moment. File contents go back to their last fsync (or
// a torn part beyond it), and creations, renames and removals that no fsync of their directory
// covered are undone. A power cut ends a process without telling it. So does this: until it is
// closed the database goes on in a world that is thrown away, and sees no failure that a real one
// would not. Appending beyond `set_space` fails with "no space", as a full disk does.
#pragma once

#include "base/prng.hpp"

#include <cstdint>
#include <memory>

namespace rocksdb {
class Env;
}

namespace stipple::io {

class FaultFileSystem {
 public:
    FaultFileSystem();
    ~FaultFileSystem();
    FaultFileSystem(const FaultFileSystem&) = delete;
    FaultFileSystem& operator=(const FaultFileSystem&) = delete;

    /// From now on nothing more gets to the disk that `restart` gives back. Close the database
    /// before that; its writes seem to succeed.
    void crash();
    /// The disk after the power cut. `torn` decides how much of each unsynced tail survives.
    void restart(Prng& torn);
    /// Bytes that may still be appended; absent: no bound.
    void set_space(std::optional<std::uint64_t> bytes);
    std::optional<std::uint64_t> space() const;
    /// Fsyncs of files and directories so far.
    std::uint64_t sync_count() const;

    class Disk;
    const std::shared_ptr<Disk>& disk() const { return disk_; }

 private:
    std::shared_ptr<Disk> disk_;
};

/// A RocksDB environment over it; inside this folder only.
std::unique_ptr<rocksdb::Env> make_fault_env(FaultFileSystem& file_system);

}  // namespace stipple::io
