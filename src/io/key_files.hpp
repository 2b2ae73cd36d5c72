// One directory of small private files on the disk: `FilePort` for the keystore and the signing
// journal.
//
// Files are made with mode 0600, the directory with 0700. `replace` writes a file beside the old
// one, syncs it, renames it over and syncs the directory. Symbolic links are not followed.
#pragma once

#include "base/file_port.hpp"

#include <memory>
#include <string>

namespace stipple::io {

/// Not thread-safe by itself: its users hold their own lock.
class KeyFiles final : public FilePort {
 public:
    /// Makes the directory (and its parents) when absent.
    static Result<KeyFiles> open(std::string directory);

    /// Keeps other processes that ask the same out of the directory, as long as this lives. An
    /// error says that one has it already.
    Result<> lock();

    Result<std::vector<std::string>> list() const override;
    Result<std::optional<Bytes>> read(std::string_view name, std::size_t bytes_max) const override;
    Result<> replace(std::string_view name, ByteView content) override;
    Result<> append(std::string_view name, ByteView more) override;
    Result<> sync(std::string_view name) override;

 private:
    explicit KeyFiles(std::string directory) : directory_(std::move(directory)) {}
    std::string path_of(std::string_view name) const;
    Result<> sync_directory() const;

    std::string directory_;
    std::shared_ptr<const void> lock_;  ///< an open file, if locked
};

}  // namespace stipple::io
