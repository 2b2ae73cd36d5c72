// Collections with a bound, for everything that stands in storage or comes with a call.
//
// Decoding more than the bound is an error of the decoder, so a call with too long an argument is
// refused before it is dispatched. A WeakBoundedVec decodes above its bound (authority lists that a
// genesis or an upgrade made longer) but does not grow there.
#pragma once

#include "kit/types.hpp"

namespace stipple::runtime::inline kit {

enum class Strictness : bool { weak, strict };

template <class T, std::uint32_t Max, Strictness kStrictness>
struct BasicBoundedVec {
    static constexpr std::uint32_t kMax = Max;
    std::vector<T> items;

    /// False, and unchanged, when full.
    [[nodiscard]] bool try_push(T item) {
        if (items.size() >= Max) {
            return false;
        }
        items.push_back(std::move(item));
        return true;
    }
    /// Absent when there are more items than the bound.
    static std::optional<BasicBoundedVec> from(std::vector<T> items) {
        if (items.size() > Max) {
            return std::nullopt;
        }
        return BasicBoundedVec{std::move(items)};
    }
    /// The first kMax of the items.
    static BasicBoundedVec truncate(std::vector<T> items) {
        if (items.size() > Max) {
            items.resize(Max);
        }
        return {std::move(items)};
    }
    auto begin() { return items.begin(); }
    auto end() { return items.end(); }
    auto begin() const { return items.begin(); }
    auto end() const { return items.end(); }
    std::size_t size() const { return items.size(); }
    bool empty() const { return items.empty(); }
    friend bool operator==(const BasicBoundedVec&, const BasicBoundedVec&) = default;
};
template <class T, std::uint32_t Max>
using BoundedVec = BasicBoundedVec<T, Max, Strictness::strict>;
template <class T, std::uint32_t Max>
using WeakBoundedVec = BasicBoundedVec<T, Max, Strictness::weak>;
template <std::uint32_t Max>
using BoundedBytes = BoundedVec<std::uint8_t, Max>;

template <class T, std::uint32_t Max, Strictness kStrictness>
void encode_to(Bytes& out, const BasicBoundedVec<T, Max, kStrictness>& value) {
    scale::encode_to(out, value.items);
}
template <class T, std::uint32_t Max, Strictness kStrictness>
void decode_from(scale::Decoder& in, BasicBoundedVec<T, Max, kStrictness>& value) {
    scale::decode_from(in, value.items);
    if (kStrictness == Strictness::strict && value.items.size() > Max) {
        in.fail(scale::DecodeError::length_over_limit);
    }
}

}  // namespace stipple::runtime::inline kit
