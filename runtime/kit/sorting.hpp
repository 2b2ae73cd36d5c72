// Sorting with little code: std::sort makes kilobytes of Wasm for each type that it sorts.
//
// One merge sort over places, which asks a function for the order of two. Equal items stay in their
// order, so that natively and in Wasm the same comes out.
//
// Spec: none; what the pallets put in order is theirs.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace stipple::runtime::inline kit {

namespace detail {
using Precedes = bool (*)(const void* what, std::uint32_t a, std::uint32_t b);
std::vector<std::uint32_t> order_of(std::size_t count, Precedes precedes, const void* what);
}  // namespace detail

/// The places 0 .. count - 1 in the order of what is there: `precedes(a, b)` compares two places.
template <class F>
std::vector<std::uint32_t> order_of(std::size_t count, const F& precedes) {
    return detail::order_of(
        count,
        [](const void* what, std::uint32_t a, std::uint32_t b) {
            return (*static_cast<const F*>(what))(a, b);
        },
        &precedes);
}

/// `precedes(a, b)` compares two items.
template <class T, class F>
void sort_by(std::vector<T>& items, const F& precedes) {
    std::vector<T> sorted;
    sorted.reserve(items.size());
    for (const std::uint32_t place : order_of(items.size(), [&](std::uint32_t a, std::uint32_t b) {
             return precedes(items[a], items[b]);
         })) {
        sorted.push_back(std::move(items[place]));
    }
    items = std::move(sorted);
}
template <class T>
void sort(std::vector<T>& items) {
    sort_by(items, [](const T& a, const T& b) { return a < b; });
}

}  // namespace stipple::runtime::inline kit
