// Enums with fields on the wire: the index of an alternative of a std::variant, then the
// alternative.
//
// Spec: defn-varrying-data-type
// An index beyond the last alternative is bad input.
#pragma once

#include "scale/codec.hpp"

#include <variant>

namespace stipple {

/// Reads the alternative with this index into `out`; its index was read before.
template <class Variant, std::size_t I = 0>
void decode_alternative(scale::Decoder& in, std::size_t index, Variant& out) {
    if constexpr (I == std::variant_size_v<Variant>) {
        in.fail(scale::DecodeError::bad_variant);
    } else if (index == I) {
        std::variant_alternative_t<I, Variant> value{};
        decode_from(in, value);
        out = std::move(value);
    } else {
        decode_alternative<Variant, I + 1>(in, index, out);
    }
}

}  // namespace stipple
