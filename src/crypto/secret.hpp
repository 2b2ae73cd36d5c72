// Bytes that are wiped when they go.
#pragma once

#include "base/bytes.hpp"

#include <array>

namespace stipple::crypto {

/// Overwrites memory in a way the compiler keeps.
void wipe(MutableByteView memory);

/// N secret bytes: wiped on destruction, never printed, compared in constant time only.
template <std::size_t N>
class Secret {
 public:
    Secret() = default;
    explicit Secret(const std::array<std::uint8_t, N>& raw) : bytes_(raw) {}
    Secret(const Secret&) = default;
    Secret& operator=(const Secret&) = default;
    ~Secret() { wipe(bytes_); }
    ByteView view() const { return bytes_; }
    MutableByteView writable() { return bytes_; }

 private:
    std::array<std::uint8_t, N> bytes_{};
};

}  // namespace stipple::crypto
