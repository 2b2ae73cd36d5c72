// The input of a fuzzer that drives a machine: bytes taken as instructions. What is missing at the
// end reads as zero, so that every input is a program.
#pragma once

#include "base/bytes.hpp"

#include <algorithm>

namespace stipple::fuzzing {

class Bytecode {
 public:
    Bytecode(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}
    bool more() const { return !rest_.empty(); }
    std::uint8_t next() {
        if (rest_.empty()) {
            return 0;
        }
        const std::uint8_t byte = rest_.front();
        rest_ = rest_.subspan(1);
        return byte;
    }
    /// Fewer when there are fewer; lives as long as the input.
    ByteView take(std::size_t count) {
        const ByteView bytes = rest_.first(std::min(count, rest_.size()));
        rest_ = rest_.subspan(bytes.size());
        return bytes;
    }

 private:
    ByteView rest_;
};

}  // namespace stipple::fuzzing
