#include "io/workers.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace stipple::io {
namespace {

TEST(WorkerPool, keeps_the_order_of_jobs_with_one_thread) {
    std::vector<int> seen;
    WorkerPool pool("serial", 1, 1000);
    for (int i = 0; i < 500; ++i) {
        ASSERT_TRUE(pool.post([&seen, i] { seen.push_back(i); }));
    }
    pool.drain_and_stop();
    ASSERT_EQ(seen.size(), 500U);
    for (int i = 0; i < 500; ++i) {
        EXPECT_EQ(seen[static_cast<std::size_t>(i)], i);
    }
}

TEST(WorkerPool, refuses_when_the_queue_is_full) {
    std::promise<void> release;
    std::promise<void> started;
    WorkerPool pool("full", 1, 2);
    ASSERT_TRUE(pool.try_post([&] {
        started.set_value();
        release.get_future().wait();
    }));
    started.get_future().wait();
    EXPECT_TRUE(pool.try_post([] {}));
    EXPECT_TRUE(pool.try_post([] {}));
    EXPECT_FALSE(pool.try_post([] {}));
    release.set_value();
}

TEST(WorkerPool, runs_every_job_before_a_drained_stop) {
    std::atomic<int> count{0};
    WorkerPool pool("drain", 3, 1000);
    for (int i = 0; i < 300; ++i) {
        ASSERT_TRUE(pool.post([&] { ++count; }));
    }
    pool.drain_and_stop();
    EXPECT_EQ(count, 300);
    EXPECT_FALSE(pool.try_post([] {}));
}

}  // namespace
}  // namespace stipple::io
