// Files of blocks, as `export-blocks` and `import-blocks` of the Rust node write and read them.
//
//     binary:  u64 little-endian count ‖ SCALE signed blocks, oldest first
//     JSON:    signed blocks as objects, one after another, nothing between (block_json.hpp)
//
// Both are streamed: memory holds one block at a time. Spec: defn-block-body. Bounds: limits.hpp.
#pragma once

#include "base/result.hpp"
#include "primitives/block.hpp"

#include <iosfwd>
#include <memory>

namespace stipple::chain {

enum class BlockFileFormat : std::uint8_t { binary, json };

/// REQUIRES that exactly `count` blocks are written to a binary file. `out` outlives the writer.
class BlockFileWriter {
 public:
    BlockFileWriter(std::ostream& out, BlockFileFormat format, std::uint64_t count);
    Result<> write(const SignedBlock& block);

 private:
    std::ostream& out_;
    BlockFileFormat format_;
};

/// `in` outlives the reader. After an error or the end, `next` must not be called again.
class BlockFileReader {
 public:
    BlockFileReader(std::istream& in, BlockFileFormat format);
    ~BlockFileReader();
    /// Absent at the end. Errors name the block by its place in the file.
    Result<std::optional<SignedBlock>> next();
    /// What a binary file promises, once the first `next` was called.
    std::optional<std::uint64_t> expected() const { return expected_; }
    std::uint64_t blocks_read() const { return read_; }

 private:
    Result<> read_count();
    Result<std::optional<SignedBlock>> next_binary();
    Result<std::optional<SignedBlock>> next_json();
    /// False at the end of the file.
    bool fill(std::size_t bytes);
    Error at_block(std::string_view what) const;

    std::istream& in_;
    BlockFileFormat format_;
    Bytes buffer_;
    std::size_t start_ = 0;  ///< of what is not yet used in the buffer
    std::optional<std::uint64_t> expected_;
    std::uint64_t read_ = 0;
};

}  // namespace stipple::chain
