#include "io/database/fault_file_system.hpp"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <map>
#include <mutex>
#include <set>
#include <string>

namespace stipple::io {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

struct File {
    std::string data;
    std::size_t synced = 0;  // bytes that an fsync covered
};
using FilePtr = std::shared_ptr<File>;
using Directory = std::map<std::string, FilePtr>;  // full path -> file

std::string folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
}
std::string name_of(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}
std::string tidy(std::string path) {
    while (path.size() > 1 && path.back() == '/') {
        path.pop_back();
    }
    return path;
}

}  // namespace

/// All files, as the running process sees them and as the disk holds them.
class FaultFileSystem::Disk {
 public:
    std::mutex mutex;
    Directory live;
    Directory durable;  // entries that an fsync of their directory covered
    std::set<std::string> folders;
    std::set<std::string> locks;
    std::optional<Directory> cut;  // the disk at the moment of a power cut
    std::optional<std::uint64_t> space;
    std::uint64_t life = 1;  // handles of an earlier life are dead
    std::uint64_t syncs = 0;

    /// REQUIRES mutex held. What stands in the way of a write by a handle of `handle_life`.
    IOStatus writable(std::uint64_t handle_life) const {
        return handle_life != life ? IOStatus::IOError("the power is out") : IOStatus::OK();
    }
    /// REQUIRES mutex held. Durable entries with copies of their files.
    Directory copy_of_durable() const {
        Directory copy;
        for (const auto& [path, file] : durable) {
            copy[path] = std::make_shared<File>(*file);
        }
        return copy;
    }
};

namespace {

using Disk = FaultFileSystem::Disk;
using DiskPtr = std::shared_ptr<Disk>;

/// Reads of both kinds: a position for sequential ones, none for random ones.
class Reading {
 public:
    Reading(DiskPtr disk, FilePtr file) : disk_(std::move(disk)), file_(std::move(file)) {}
    IOStatus read(std::uint64_t offset, std::size_t n, Slice* result, char* scratch) const {
        const std::lock_guard lock(disk_->mutex);
        const std::size_t size = file_->data.size();
        const std::size_t from = std::min<std::size_t>(offset, size);
        const std::size_t count = std::min(n, size - from);
        std::copy_n(file_->data.data() + from, count, scratch);
        *result = Slice(scratch, count);
        return IOStatus::OK();
    }

 private:
    DiskPtr disk_;
    FilePtr file_;
};

class SequentialFile final : public rocksdb::FSSequentialFile {
 public:
    explicit SequentialFile(Reading file) : file_(std::move(file)) {}
    IOStatus Read(std::size_t n, const IOOptions&, Slice* result, char* scratch,
                  IODebugContext*) override {
        auto status = file_.read(position_, n, result, scratch);
        position_ += result->size();
        return status;
    }
    IOStatus Skip(std::uint64_t n) override {
        position_ += n;
        return IOStatus::OK();
    }

 private:
    Reading file_;
    std::uint64_t position_ = 0;
};

class RandomAccessFile final : public rocksdb::FSRandomAccessFile {
 public:
    explicit RandomAccessFile(Reading file) : file_(std::move(file)) {}
    IOStatus Read(std::uint64_t offset, std::size_t n, const IOOptions&, Slice* result,
                  char* scratch, IODebugContext*) const override {
        return file_.read(offset, n, result, scratch);
    }

 private:
    Reading file_;
};

class WritableFile final : public rocksdb::FSWritableFile {
 public:
    WritableFile(DiskPtr disk, FilePtr file)
        : disk_(std::move(disk)), file_(std::move(file)), life_(disk_->life) {}
    using rocksdb::FSWritableFile::Append;
    IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
        const std::lock_guard lock(disk_->mutex);
        if (auto status = disk_->writable(life_); !status.ok()) {
            return status;
        }
        std::size_t room = data.size();
        if (disk_->space) {
            room = std::min<std::size_t>(room, *disk_->space);
            *disk_->space -= room;
        }
        file_->data.append(data.data(), room);  // a full disk takes what still fits
        return room == data.size() ? IOStatus::OK() : IOStatus::NoSpace("no space left on device");
    }
    IOStatus Truncate(std::uint64_t size, const IOOptions&, IODebugContext*) override {
        const std::lock_guard lock(disk_->mutex);
        if (auto status = disk_->writable(life_); !status.ok()) {
            return status;
        }
        file_->data.resize(size);
        file_->synced = std::min<std::size_t>(file_->synced, size);
        return IOStatus::OK();
    }
    IOStatus Sync(const IOOptions&, IODebugContext*) override {
        const std::lock_guard lock(disk_->mutex);
        if (auto status = disk_->writable(life_); !status.ok()) {
            return status;
        }
        file_->synced = file_->data.size();
        ++disk_->syncs;
        return IOStatus::OK();
    }
    IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
    IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
    bool IsSyncThreadSafe() const override { return true; }
    std::uint64_t GetFileSize(const IOOptions&, IODebugContext*) override {
        const std::lock_guard lock(disk_->mutex);
        return file_->data.size();
    }

 private:
    DiskPtr disk_;
    FilePtr file_;
    std::uint64_t life_;
};

/// Fsync of a directory makes its entries durable: creations, renames and removals.
class DirectoryHandle final : public rocksdb::FSDirectory {
 public:
    DirectoryHandle(DiskPtr disk, std::string path)
        : disk_(std::move(disk)), path_(std::move(path)), life_(disk_->life) {}
    IOStatus Fsync(const IOOptions&, IODebugContext*) override {
        const std::lock_guard lock(disk_->mutex);
        if (auto status = disk_->writable(life_); !status.ok()) {
            return status;
        }
        std::erase_if(disk_->durable,
                      [&](const auto& entry) { return folder_of(entry.first) == path_; });
        for (const auto& [path, file] : disk_->live) {
            if (folder_of(path) == path_) {
                disk_->durable[path] = file;
            }
        }
        ++disk_->syncs;
        return IOStatus::OK();
    }

 private:
    DiskPtr disk_;
    std::string path_;
    std::uint64_t life_;
};

class Lock final : public rocksdb::FileLock {
 public:
    Lock(std::string path, std::uint64_t life) : path_(std::move(path)), life_(life) {}
    const std::string& path() const { return path_; }
    std::uint64_t life() const { return life_; }

 private:
    std::string path_;
    std::uint64_t life_;
};

class FaultFs final : public rocksdb::FileSystem {
 public:
    explicit FaultFs(DiskPtr disk) : disk_(std::move(disk)), life_(disk_->life) {}
    const char* Name() const override { return "stipple.fault"; }

    IOStatus NewSequentialFile(const std::string& path, const FileOptions&,
                               std::unique_ptr<rocksdb::FSSequentialFile>* result,
                               IODebugContext*) override {
        const std::lock_guard lock(disk_->mutex);
        return open(path, [&](const FilePtr& file) {
            *result = std::make_unique<SequentialFile>(Reading(disk_, file));
        });
    }
    IOStatus NewRandomAccessFile(const std::string& path, const FileOptions&,
                                 std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                 IODebugContext*) override {
        const std::lock_guard lock(disk_->mutex);
        return open(path, [&](const FilePtr& file) {
            *result = std::make_unique<RandomAccessFile>(Reading(disk_, file));
        });
    }
    IOStatus NewWritableFile(const std::string& path, const FileOptions&,
                             std::unique_ptr<rocksdb::FSWritableFile>* result,
                             IODebugContext*) override {
        return write([&] {
            const auto file = std::make_shared<File>();
            disk_->live[path] = file;
            *result = std::make_unique<WritableFile>(disk_, file);
            return IOStatus::OK();
        });
    }
    IOStatus ReopenWritableFile(const std::string& path, const FileOptions&,
                                std::unique_ptr<rocksdb::FSWritableFile>* result,
                                IODebugContext*) override {
        return write([&] {
            auto& file = disk_->live[path];
            if (!file) {
                file = std::make_shared<File>();
            }
            *result = std::make_unique<WritableFile>(disk_, file);
            return IOStatus::OK();
        });
    }
    IOStatus NewDirectory(const std::string& path, const IOOptions&,
                          std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext*) override {
        const std::lock_guard lock(disk_->mutex);
        *result = std::make_unique<DirectoryHandle>(disk_, tidy(path));
        return IOStatus::OK();
    }
    IOStatus FileExists(const std::string& path, const IOOptions&, IODebugContext*) override {
        const std::lock_guard lock(disk_->mutex);
        return disk_->live.contains(path) || disk_->folders.contains(tidy(path))
                   ? IOStatus::OK()
                   : IOStatus::NotFound(path);
    }
    IOStatus GetChildren(const std::string& path, const IOOptions&,
                         std::vector<std::string>* result, IODebugContext*) override {
        const std::lock_guard lock(disk_->mutex);
        const std::string folder = tidy(path);
        result->clear();
        if (!disk_->folders.contains(folder)) {
            return IOStatus::NotFound(path);
        }
        for (const auto& [name, file] : disk_->live) {
            if (folder_of(name) == folder) {
                result->push_back(name_of(name));
            }
        }
        return IOStatus::OK();
    }
    IOStatus DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) override {
        return write([&] {
            return disk_->live.erase(path) == 1 ? IOStatus::OK() : IOStatus::NotFound(path);
        });
    }
    IOStatus CreateDir(const std::string& path, const IOOptions& options,
                       IODebugContext* debug) override {
        return CreateDirIfMissing(path, options, debug);
    }
    IOStatus CreateDirIfMissing(const std::string& path, const IOOptions&,
                                IODebugContext*) override {
        return write([&] {
            disk_->folders.insert(tidy(path));
            return IOStatus::OK();
        });
    }
    IOStatus DeleteDir(const std::string& path, const IOOptions&, IODebugContext*) override {
        return write([&] {
            disk_->folders.erase(tidy(path));
            return IOStatus::OK();
        });
    }
    IOStatus GetFileSize(const std::string& path, const IOOptions&, std::uint64_t* size,
                         IODebugContext*) override {
        const std::lock_guard lock(disk_->mutex);
        return open(path, [&](const FilePtr& file) { *size = file->data.size(); });
    }
    IOStatus GetFileModificationTime(const std::string& path, const IOOptions&, std::uint64_t* time,
                                     IODebugContext*) override {
        const std::lock_guard lock(disk_->mutex);
        return open(path, [&](const FilePtr&) { *time = 0; });
    }
    IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions&,
                        IODebugContext*) override {
        return write([&] {
            const auto it = disk_->live.find(from);
            if (it == disk_->live.end()) {
                return IOStatus::NotFound(from);
            }
            const FilePtr file = it->second;
            disk_->live.erase(it);
            disk_->live[to] = file;
            return IOStatus::OK();
        });
    }
    IOStatus LockFile(const std::string& path, const IOOptions&, rocksdb::FileLock** result,
                      IODebugContext*) override {
        return write([&] {
            if (!disk_->locks.insert(path).second) {
                return IOStatus::IOError("lock hold by current process", path);
            }
            disk_->live.try_emplace(path, std::make_shared<File>());
            *result = new Lock(path, life_);
            return IOStatus::OK();
        });
    }
    IOStatus UnlockFile(rocksdb::FileLock* held, const IOOptions&, IODebugContext*) override {
        const std::unique_ptr<Lock> mine(dynamic_cast<Lock*>(held));
        const std::lock_guard lock(disk_->mutex);
        if (mine->life() == disk_->life) {
            disk_->locks.erase(mine->path());
        }
        return IOStatus::OK();
    }
    IOStatus GetTestDirectory(const IOOptions&, std::string* path, IODebugContext*) override {
        *path = "/";
        return IOStatus::OK();
    }
    IOStatus NewLogger(const std::string&, const IOOptions&, std::shared_ptr<rocksdb::Logger>*,
                       IODebugContext*) override {
        return IOStatus::NotSupported("the log is the program's own");
    }
    IOStatus GetAbsolutePath(const std::string& path, const IOOptions&, std::string* result,
                             IODebugContext*) override {
        *result = path;
        return IOStatus::OK();
    }
    IOStatus IsDirectory(const std::string& path, const IOOptions&, bool* is,
                         IODebugContext*) override {
        const std::lock_guard lock(disk_->mutex);
        *is = disk_->folders.contains(tidy(path));
        return IOStatus::OK();
    }
    IOStatus GetFreeSpace(const std::string&, const IOOptions&, std::uint64_t* bytes,
                          IODebugContext*) override {
        const std::lock_guard lock(disk_->mutex);
        *bytes = disk_->space.value_or(std::uint64_t{1} << 40);
        return IOStatus::OK();
    }

 private:
    IOStatus open(const std::string& path, const auto& use) {
        const auto it = disk_->live.find(path);
        if (it == disk_->live.end()) {
            return IOStatus::PathNotFound(path);
        }
        use(it->second);
        return IOStatus::OK();
    }
    IOStatus write(const auto& change) {
        const std::lock_guard lock(disk_->mutex);
        if (auto status = disk_->writable(life_); !status.ok()) {
            return status;
        }
        return change();
    }

    DiskPtr disk_;
    std::uint64_t life_;
};

}  // namespace

FaultFileSystem::FaultFileSystem() : disk_(std::make_shared<Disk>()) {}
FaultFileSystem::~FaultFileSystem() = default;

void FaultFileSystem::crash() {
    const std::lock_guard lock(disk_->mutex);
    disk_->cut = disk_->copy_of_durable();
}

void FaultFileSystem::restart(Prng& torn) {
    const std::lock_guard lock(disk_->mutex);
    disk_->live = disk_->cut ? std::move(*disk_->cut) : disk_->copy_of_durable();
    disk_->cut.reset();
    for (auto& [path, file] : disk_->live) {
        const std::size_t tail = file->data.size() - file->synced;
        file->data.resize(file->synced + torn.below(tail + 1));
        file->synced = file->data.size();
    }
    disk_->durable = disk_->live;
    disk_->locks.clear();
    ++disk_->life;
}

void FaultFileSystem::set_space(std::optional<std::uint64_t> bytes) {
    const std::lock_guard lock(disk_->mutex);
    disk_->space = bytes;
}

std::optional<std::uint64_t> FaultFileSystem::space() const {
    const std::lock_guard lock(disk_->mutex);
    return disk_->space;
}

std::uint64_t FaultFileSystem::sync_count() const {
    const std::lock_guard lock(disk_->mutex);
    return disk_->syncs;
}

std::unique_ptr<rocksdb::Env> make_fault_env(FaultFileSystem& file_system) {
    return rocksdb::NewCompositeEnv(std::make_shared<FaultFs>(file_system.disk()));
}

}  // namespace stipple::io
