// Compiled code on disk.
//
//     file = magic 8 | BLAKE2b-256 of the rest | compiled code        mode 0600
//
// Compiled code is run as it is, so a file counts only when its checksum holds, and its name is a
// hash of everything that went into it: the blob, the heap pages, the engine's version and
// settings. Any doubt means to compile again and write anew; a cache that cannot be written costs
// time only.
#pragma once

#include "executor/module.hpp"

#include <filesystem>

namespace stipple::executor {

struct CodeCacheKey {
    CodeHash code;
    HeapPages heap;
    std::string fingerprint;  ///< of the engine
};

class CodeCache {
 public:
    /// Empty: nothing is kept.
    explicit CodeCache(std::filesystem::path directory);

    /// The compiled code; absent when there is none or it is damaged.
    std::optional<Bytes> load(const CodeCacheKey& key) const;
    Result<> store(const CodeCacheKey& key, ByteView compiled) const;
    std::filesystem::path path_of(const CodeCacheKey& key) const;

 private:
    std::filesystem::path directory_;
};

}  // namespace stipple::executor
