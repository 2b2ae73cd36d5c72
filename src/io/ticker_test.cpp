#include "io/ticker.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace stipple::io {
namespace {

TEST(Ticker, ticks_until_it_goes) {
    std::atomic<int> ticks{0};
    {
        const Ticker ticker("ticks", std::chrono::milliseconds(1), [&] { ++ticks; });
        while (ticks < 5) {
            std::this_thread::yield();
        }
    }
    const int then = ticks;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(ticks, then);
}

}  // namespace
}  // namespace stipple::io
