// Bytes that enter at the back and leave at the front, in one piece of memory.
//
// Taking only moves a mark; the rest is moved to the front when the mark passes the middle, so each
// byte is moved at most once on average. An empty queue gives large memory back, because most
// streams idle.
#pragma once

#include "base/bytes.hpp"

namespace stipple::libp2p {

class ByteQueue {
 public:
    ByteView view() const { return ByteView(bytes_).subspan(begin_); }
    std::size_t size() const { return bytes_.size() - begin_; }
    bool empty() const { return size() == 0; }
    void append(ByteView more) { stipple::append(bytes_, more); }
    /// The memory itself: whoever gets it may only append.
    Bytes& storage() { return bytes_; }
    /// REQUIRES count <= size().
    void take(std::size_t count) {
        begin_ += count;
        if (begin_ == bytes_.size()) {
            if (bytes_.capacity() > kKeptBytes) {
                bytes_ = {};
            } else {
                bytes_.clear();
            }
            begin_ = 0;
        } else if (begin_ * 2 >= bytes_.size()) {
            bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(begin_));
            begin_ = 0;
        }
    }

 private:
    static constexpr std::size_t kKeptBytes = 8 * 1024;
    Bytes bytes_;
    std::size_t begin_ = 0;
};

}  // namespace stipple::libp2p
