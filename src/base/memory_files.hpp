// A directory in memory that can lose power: the test twin of `io::KeyFiles`.
//
// Writing operations are counted. From the chosen one on all fail, the first of them half done;
// then `crash` throws away what no sync had made durable, but for a random prefix of it.
#pragma once

#include "base/file_port.hpp"
#include "base/prng.hpp"

#include <map>

namespace stipple {

class MemoryFiles final : public FilePort {
 public:
    explicit MemoryFiles(Seed seed = {}) : prng_(seed) {}

    Result<std::vector<std::string>> list() const override;
    Result<std::optional<Bytes>> read(std::string_view name, std::size_t bytes_max) const override;
    Result<> replace(std::string_view name, ByteView content) override;
    Result<> append(std::string_view name, ByteView more) override;
    Result<> sync(std::string_view name) override;

    /// The writing operation after this many more, and all later ones, fail.
    void fail_after(std::size_t operations) { operations_left_ = operations; }
    /// Power off and on again: operations work, unsynced bytes are gone or partly there.
    void crash();
    /// Writing operations so far, the failed ones too.
    std::size_t operations() const { return operations_; }

 private:
    struct File {
        Bytes durable;
        Bytes pending;  ///< appended since the last sync
    };
    /// True when the operation is to fail.
    bool count_operation();

    std::map<std::string, File, std::less<>> files_;
    std::optional<std::size_t> operations_left_;
    std::size_t operations_ = 0;
    Prng prng_;
};

}  // namespace stipple
