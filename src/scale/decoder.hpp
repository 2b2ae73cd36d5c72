// Reading SCALE bytes that anyone may have written.
//
// Spec: sect-scale-codec. The decoder keeps the first error and from then on answers zeros and
// empty values, so that a decode function reads as the list of its fields; `finish()` gives the
// verdict. No length is believed before the bytes for it are there: a sequence of n items needs n
// times the least size of an item, and memory grows with what has been read, not with what was
// claimed.
#pragma once

#include "base/bytes.hpp"
#include "base/uint128.hpp"

#include <cstdint>
#include <expected>

namespace stipple::scale {

enum class DecodeError : std::uint8_t {
    none = 0,
    end_of_input,         ///< fewer bytes than the type needs
    bad_bool,             ///< a bool other than 0 or 1
    bad_option,           ///< an option or result tag other than 0 or 1
    bad_variant,          ///< an enum index that is not defined
    compact_not_minimal,  ///< a compact integer in a longer form than needed
    compact_too_large,    ///< a compact integer above its type
    length_over_limit,    ///< more items than the bound or than the input can hold
    nesting_too_deep,     ///< recursion bound
    trailing_bytes,       ///< input left over where none may be
    invalid_value,        ///< right shape, forbidden value (the type says which)
};
const char* describe(DecodeError error);

/// Bounds the nesting of recursive types (a fork tree, an extrinsic in a batch).
inline constexpr unsigned kNestingMax = 64;

class Decoder {
 public:
    explicit Decoder(ByteView input) : rest_(input) {}

    bool ok() const { return error_ == DecodeError::none; }
    DecodeError error() const { return error_; }
    void fail(DecodeError error) {
        if (ok()) {
            error_ = error;
            rest_ = {};
        }
    }
    std::size_t remaining() const { return rest_.size(); }
    ByteView rest() const { return rest_; }

    /// A view into the input; empty after an error.
    ByteView take(std::size_t count);
    std::uint8_t u8() { return integer<std::uint8_t>(); }
    std::uint16_t u16() { return integer<std::uint16_t>(); }
    std::uint32_t u32() { return integer<std::uint32_t>(); }
    std::uint64_t u64() { return integer<std::uint64_t>(); }
    uint128 u128() { return integer<uint128>(); }
    bool boolean();
    /// Tag of Option: true when a value follows.
    bool option();
    /// Compact integers; an encoding above the type's range or longer than needed is an error.
    uint128 compact();
    std::uint64_t compact64();
    std::uint32_t compact32();
    /// A sequence length: at most `limit`, and at most remaining()/item_size_min.
    std::size_t length(std::size_t item_size_min = 1, std::size_t limit = SIZE_MAX);
    /// Vec<u8>, as a view into the input.
    ByteView byte_string(std::size_t limit = SIZE_MAX) { return take(length(1, limit)); }

    /// The error, `trailing_bytes` when input is left, or success.
    std::expected<void, DecodeError> finish() const;

    template <class T>
    T integer() {
        const ByteView bytes = take(sizeof(T));
        return bytes.size() == sizeof(T) ? load_le<T>(bytes) : T{};
    }

    /// For recursive types: `Nested guard(decoder); if (!decoder.ok()) return;`
    class Nested {
     public:
        explicit Nested(Decoder& decoder) : decoder_(decoder) {
            if (++decoder_.depth_ > kNestingMax) {
                decoder_.fail(DecodeError::nesting_too_deep);
            }
        }
        Nested(const Nested&) = delete;
        Nested& operator=(const Nested&) = delete;
        ~Nested() { --decoder_.depth_; }

     private:
        Decoder& decoder_;
    };

 private:
    ByteView rest_;
    DecodeError error_ = DecodeError::none;
    unsigned depth_ = 0;
};

}  // namespace stipple::scale
