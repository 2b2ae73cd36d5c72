// Encodings of a batch of nodes, one behind the other, and their hashes.
//
// Nodes that stand side by side are encoded into one growing buffer and hashed together: four lanes
// at a time with BLAKE2b. The buffer is kept from batch to batch, so nothing is allocated per node.
#pragma once

#include "base/check.hpp"
#include "crypto/hash.hpp"

#include <span>
#include <vector>

namespace stipple::state::trie {

struct Blake2Hasher {
    static void many(std::span<const ByteView> inputs, std::span<crypto::Hash256> out) {
        crypto::blake2b_256_many(inputs, out);
    }
};

struct KeccakHasher {
    static void many(std::span<const ByteView> inputs, std::span<crypto::Hash256> out) {
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            out[i] = crypto::keccak_256(inputs[i]);
        }
    }
};

class EncodingArena {
 public:
    void clear() {
        used_ = 0;
        ends_.clear();
    }
    /// Room for one more encoding of at most this many bytes.
    std::uint8_t* begin(std::size_t bytes_max) {
        if (buffer_.size() < used_ + bytes_max) {
            buffer_.resize(2 * (used_ + bytes_max));
        }
        return buffer_.data() + used_;
    }
    void end(const std::uint8_t* at) {
        used_ = static_cast<std::size_t>(at - buffer_.data());
        CHECK(used_ <= buffer_.size());
        ends_.push_back(used_);
    }
    std::size_t size() const { return ends_.size(); }
    /// Valid until the next begin().
    ByteView operator[](std::size_t i) const {
        const std::size_t from = i == 0 ? 0 : ends_[i - 1];
        return ByteView(buffer_).subspan(from, ends_[i] - from);
    }

 private:
    Bytes buffer_;
    std::vector<std::size_t> ends_;
    std::size_t used_ = 0;
};

/// Inputs gathered for one call of the hasher.
class HashBatch {
 public:
    void clear() { inputs_.clear(); }
    std::size_t add(ByteView input) {
        inputs_.push_back(input);
        return inputs_.size() - 1;
    }
    template <class Hasher>
    void run() {
        if (hashes_.size() < inputs_.size()) {
            hashes_.resize(inputs_.size());
        }
        Hasher::many(inputs_, std::span(hashes_).first(inputs_.size()));
    }
    const crypto::Hash256& operator[](std::size_t i) const { return hashes_[i]; }

 private:
    std::vector<ByteView> inputs_;
    std::vector<crypto::Hash256> hashes_;
};

}  // namespace stipple::state::trie
