#include "chain/files/block_file.hpp"

#include "chain/files/block_json.hpp"
#include "chain/files/limits.hpp"

#include <boost/json/stream_parser.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <istream>
#include <ostream>

namespace stipple::chain {
namespace {
constexpr std::size_t kChunkBytes = 256 * 1024;

bool is_space(std::uint8_t c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}
}  // namespace

BlockFileWriter::BlockFileWriter(std::ostream& out, BlockFileFormat format, std::uint64_t count)
    : out_(out), format_(format) {
    if (format_ == BlockFileFormat::binary) {
        const Bytes head = scale::encode(count);
        out_ << as_text(head);
    }
}

Result<> BlockFileWriter::write(const SignedBlock& block) {
    if (format_ == BlockFileFormat::binary) {
        const Bytes encoded = scale::encode(block);
        out_ << as_text(encoded);
    } else {
        out_ << signed_block_json(block);
    }
    if (!out_) {
        return fail("cannot write to the file");
    }
    return {};
}

BlockFileReader::BlockFileReader(std::istream& in, BlockFileFormat format)
    : in_(in), format_(format) {}
BlockFileReader::~BlockFileReader() = default;

bool BlockFileReader::fill(std::size_t bytes) {
    if (start_ > 0) {
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(start_));
        start_ = 0;
    }
    const std::size_t old_size = buffer_.size();
    buffer_.resize(old_size + bytes);
    in_.read(reinterpret_cast<char*>(buffer_.data() + old_size),
             static_cast<std::streamsize>(bytes));
    buffer_.resize(old_size + static_cast<std::size_t>(in_.gcount()));
    return buffer_.size() > old_size;
}

Error BlockFileReader::at_block(std::string_view what) const {
    return Error(fmt::format("block {} of the file: {}", read_ + 1, what));
}

Result<std::optional<SignedBlock>> BlockFileReader::next() {
    auto block = format_ == BlockFileFormat::binary ? next_binary() : next_json();
    if (block && block->has_value()) {
        ++read_;
    }
    return block;
}

Result<> BlockFileReader::read_count() {
    fill(kChunkBytes);
    if (buffer_.size() < sizeof(std::uint64_t)) {
        return fail("the file is too short for a count of blocks");
    }
    expected_ = load_le<std::uint64_t>(buffer_);
    start_ = sizeof(std::uint64_t);
    return {};
}

Result<std::optional<SignedBlock>> BlockFileReader::next_binary() {
    if (!expected_) {
        TRY(read_count());
    }
    if (read_ == *expected_) {
        return std::nullopt;
    }
    // The length of a block is known only by decoding it: on a short read, twice as much is tried.
    std::size_t wanted = kChunkBytes;
    while (true) {
        scale::Decoder in(ByteView(buffer_).subspan(start_));
        SignedBlock block;
        const std::size_t before = in.remaining();
        scale::decode_from(in, block);
        if (in.ok()) {
            start_ += before - in.remaining();
            return block;
        }
        if (in.error() != scale::DecodeError::end_of_input) {
            return std::unexpected(at_block(scale::describe(in.error())));
        }
        if (before > kSignedBlockBytesMax) {
            return std::unexpected(
                at_block(fmt::format("longer than {} bytes", kSignedBlockBytesMax)));
        }
        if (!fill(wanted)) {
            return std::unexpected(
                at_block(fmt::format("the file ends, though it promises {} blocks", *expected_)));
        }
        wanted *= 2;
    }
}

Result<std::optional<SignedBlock>> BlockFileReader::next_json() {
    boost::json::parse_options options;
    options.max_depth = kSignedBlockJsonDepthMax;
    boost::json::stream_parser parser({}, options);
    std::size_t used_total = 0;
    while (!parser.done()) {
        while (used_total == 0 && start_ < buffer_.size() && is_space(buffer_[start_])) {
            ++start_;
        }
        if (start_ == buffer_.size() && !fill(kChunkBytes)) {
            if (used_total == 0) {
                return std::nullopt;
            }
            return std::unexpected(at_block("the file ends inside of it"));
        }
        const auto text = as_text(ByteView(buffer_).subspan(start_));
        boost::system::error_code error;
        const std::size_t used = parser.write_some(text.data(), text.size(), error);
        if (error) {
            return std::unexpected(at_block("not JSON: " + error.message()));
        }
        start_ += used;
        used_total += used;
        if (used_total > kSignedBlockJsonBytesMax) {
            return std::unexpected(
                at_block(fmt::format("longer than {} bytes", kSignedBlockJsonBytesMax)));
        }
    }
    auto block = signed_block_of_json(parser.release());
    if (!block) {
        return std::unexpected(at_block(block.error()));
    }
    return *std::move(block);
}

}  // namespace stipple::chain
