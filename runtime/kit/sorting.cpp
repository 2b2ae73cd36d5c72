#include "kit/sorting.hpp"

#include <algorithm>

namespace stipple::runtime::inline kit {

std::vector<std::uint32_t> detail::order_of(std::size_t count, Precedes precedes,
                                            const void* what) {
    std::vector<std::uint32_t> from(count);
    for (std::size_t i = 0; i < count; ++i) {
        from[i] = static_cast<std::uint32_t>(i);
    }
    std::vector<std::uint32_t> to(count);
    for (std::size_t width = 1; width < count; width *= 2) {
        for (std::size_t start = 0; start < count; start += 2 * width) {
            const std::size_t middle = std::min(start + width, count);
            const std::size_t end = std::min(middle + width, count);
            std::size_t left = start;
            std::size_t right = middle;
            for (std::size_t at = start; at < end; ++at) {
                const bool take_left =
                    left < middle && (right == end || !precedes(what, from[right], from[left]));
                to[at] = take_left ? from[left++] : from[right++];
            }
        }
        std::swap(from, to);
    }
    return from;
}

}  // namespace stipple::runtime::inline kit
