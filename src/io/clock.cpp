#include "io/clock.hpp"

#include "base/check.hpp"

#include <sys/random.h>

namespace stipple::io {

Instant now() {
    return {std::chrono::steady_clock::now().time_since_epoch()};
}

UnixMillis unix_now() {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
    return {static_cast<std::uint64_t>(millis)};
}

Instant instant_of(UnixMillis target) {
    const auto ahead =
        static_cast<std::int64_t>(target.value) - static_cast<std::int64_t>(unix_now().value);
    return now() + std::chrono::milliseconds(ahead);
}

void os_random(MutableByteView out) {
    std::size_t done = 0;
    while (done < out.size()) {
        const auto got = ::getrandom(out.data() + done, out.size() - done, 0);
        CHECK(got > 0);
        done += static_cast<std::size_t>(got);
    }
}

}  // namespace stipple::io
