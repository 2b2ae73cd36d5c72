#include "node/network/numbers.hpp"

#include "base/check.hpp"

#include <algorithm>

namespace stipple::node {

Spread::Spread(double first, double factor, std::size_t bounds) : size_(bounds) {
    CHECK(bounds <= kBoundsMax);
    for (std::size_t i = 0; i < bounds; ++i) {
        bounds_[i] = first;
        first *= factor;
    }
}

void Spread::observe(double value) {
    const auto under = std::ranges::lower_bound(bounds(), value);
    ++counts_[static_cast<std::size_t>(under - bounds().begin())];
    sum_ += value;
}

const char* describe(RequestEnd end) {
    switch (end) {
        case RequestEnd::timeout:
            return "timeout";
        case RequestEnd::refused:
            return "refused";
        case RequestEnd::unsupported:
            return "unsupported";
        case RequestEnd::io:
            return "io";
        case RequestEnd::closed:
            return "connection-closed";
        case RequestEnd::busy:
            return "not-connected";
    }
    return "unknown";
}

}  // namespace stipple::node
