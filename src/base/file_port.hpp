// The port to one directory of small private files: keys and the signing journal.
//
// Implementations: `MemoryFiles` (base/memory_files.hpp, with power cuts for tests) and
// `io::KeyFiles`. Names are plain file names, without a slash. What every implementation promises:
//  - `replace` leaves the old content or the new one, never a mixture, and is durable on return;
//  - what `append` wrote is durable once `sync` has returned; before that a crash may keep any
//  prefix;
//  - files are readable by their owner only (mode 0600).
// After an error of `append` or `sync` nobody knows what is on the disk: the caller must stop
// relying on the file until it is opened anew.
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stipple {

class FilePort {
 public:
    virtual ~FilePort() = default;
    /// Names of the plain files, in byte order.
    virtual Result<std::vector<std::string>> list() const = 0;
    /// Absent when there is no such file; an error when it is longer than `bytes_max`.
    virtual Result<std::optional<Bytes>> read(std::string_view name,
                                              std::size_t bytes_max) const = 0;
    virtual Result<> replace(std::string_view name, ByteView content) = 0;
    virtual Result<> append(std::string_view name, ByteView more) = 0;
    virtual Result<> sync(std::string_view name) = 0;
};

}  // namespace stipple
