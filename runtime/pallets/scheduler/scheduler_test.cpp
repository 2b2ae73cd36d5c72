#include "pallets/scheduler/scheduler.hpp"

#include "pallets/testing.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime {
namespace {

using Address = Scheduler::Address;

/// A call that anybody may make.
RuntimeCall remark(std::size_t bytes = 10) {
    return RuntimeCall::make(System::index(), 0, Bytes(bytes, 1));
}
/// A call that needs a signature fails for Root.
RuntimeCall failing() {
    return RuntimeCall::make(System::index(), 7, Bytes(10));
}
/// As heavy as a block.
RuntimeCall heavy() {
    return RuntimeCall::make(System::index(), 6, Bytes(1), std::uint32_t{UINT32_MAX});
}

struct SchedulerTest : ::testing::Test {
    TestBlock block;
    Origin root = Origin::root();
    Scheduler::Name name = name_bytes<32>("name");

    /// Serves the blocks up to and with `number`.
    void run_to(BlockNumber number) {
        while (System::number.get() < number) {
            block.next();
            Scheduler::on_initialize(System::number.get());
        }
    }
    static bool nothing_scheduled() {
        bool empty = true;
        Scheduler::agenda.for_each([&](const auto&, const auto&) { return empty = false; });
        return empty;
    }
    bool dispatched(Address task, Scheduler::MaybeName id = {}, DispatchResult result = {}) const {
        return block.has_event(
            Scheduler::encode_event(Scheduler::kDispatched, task, id, {std::move(result)}));
    }
    bool failed(Address task, Scheduler::MaybeName id = {}) const {
        return dispatched(task, id, fail(DispatchError::bad_origin()));
    }
    static DispatchError error(const ModuleErrorInfo& why) { return Scheduler::error(why); }
};

TEST_F(SchedulerTest, makes_a_call_at_its_block) {
    ASSERT_TRUE(Scheduler::schedule(root, 4, {}, 127, remark()));
    EXPECT_TRUE(block.has_event(Scheduler::encode_event(Scheduler::kScheduled, 4, 0)));
    run_to(3);
    EXPECT_FALSE(dispatched({4, 0}));
    run_to(4);
    EXPECT_TRUE(dispatched({4, 0}));
    EXPECT_FALSE(Scheduler::agenda.contains(4));
    EXPECT_FALSE(Scheduler::incomplete_since.exists());
}
TEST_F(SchedulerTest, counts_blocks_after_the_next) {
    ASSERT_TRUE(Scheduler::schedule_after(root, 2, {}, 127, remark()));
    run_to(4);
    EXPECT_TRUE(dispatched({4, 0}));
}
TEST_F(SchedulerTest, repeats_as_often_as_told) {
    ASSERT_TRUE(Scheduler::schedule(root, 4, {{3, 3}}, 127, remark()));
    for (const BlockNumber due : {4U, 7U, 10U}) {
        run_to(due);
        EXPECT_TRUE(dispatched({due, 0})) << due;
    }
    run_to(20);
    EXPECT_TRUE(nothing_scheduled());
}
TEST_F(SchedulerTest, names_tasks_and_cancels_them) {
    ASSERT_TRUE(Scheduler::schedule_named(root, name, 5, {}, 127, remark()));
    EXPECT_EQ(Scheduler::addresses.get(name), (Address{5, 0}));
    EXPECT_EQ(Scheduler::schedule_named(root, name, 6, {}, 127, remark()).error(),
              error(Scheduler::kFailedToSchedule));
    ASSERT_TRUE(Scheduler::cancel_named(root, name));
    EXPECT_TRUE(block.has_event(Scheduler::encode_event(Scheduler::kCanceled, 5, 0)));
    EXPECT_FALSE(Scheduler::agenda.contains(5));
    EXPECT_EQ(Scheduler::cancel_named(root, name).error(), error(Scheduler::kNotFound));
    ASSERT_TRUE(Scheduler::schedule_named_after(root, name, 1, {{1, 2}}, 127, remark()));
    run_to(3);
    EXPECT_TRUE(dispatched({3, 0}, name));
    EXPECT_EQ(Scheduler::addresses.get(name), (Address{4, 0}));
    run_to(4);
    EXPECT_FALSE(Scheduler::addresses.contains(name));
}
TEST_F(SchedulerTest, cancels_by_address_and_keeps_the_others) {
    ASSERT_TRUE(Scheduler::schedule(root, 4, {}, 127, remark()));
    ASSERT_TRUE(Scheduler::schedule(root, 4, {}, 127, remark(500)));
    ASSERT_TRUE(Scheduler::cancel(root, 4, 0));
    EXPECT_EQ(Scheduler::cancel(root, 4, 0).error(), error(Scheduler::kNotFound));
    EXPECT_EQ(Scheduler::cancel(root, 4, 9).error(), error(Scheduler::kNotFound));
    run_to(4);
    EXPECT_FALSE(dispatched({4, 0}));
    EXPECT_TRUE(dispatched({4, 1}));
    EXPECT_FALSE(Preimage::statuses.contains(remark(500).hash()));
}
TEST_F(SchedulerTest, refuses_the_past_strangers_and_full_agendas) {
    EXPECT_EQ(Scheduler::schedule(root, 1, {}, 127, remark()).error(),
              error(Scheduler::kTargetBlockNumberInPast));
    EXPECT_EQ(Scheduler::schedule(Origin::signed_by(test_account(1)), 4, {}, 127, remark()).error(),
              DispatchError::bad_origin());
    for (std::uint32_t i = 0; i < config::kMaxScheduledPerBlock; ++i) {
        ASSERT_TRUE(Scheduler::schedule(root, 4, {}, 127, remark()));
    }
    EXPECT_EQ(Scheduler::schedule(root, 4, {}, 127, remark()).error(), DispatchError::exhausted());
    ASSERT_TRUE(Scheduler::cancel(root, 4, 7));
    ASSERT_TRUE(Scheduler::schedule(root, 4, {}, 127, remark()));
    EXPECT_EQ(Scheduler::agenda.get(4).size(), config::kMaxScheduledPerBlock);
}
TEST_F(SchedulerTest, retries_what_fails) {
    ASSERT_TRUE(Scheduler::schedule_named(root, name, 4, {}, 127, failing()));
    EXPECT_EQ(Scheduler::set_retry(root, {4, 1}, 2, 3).error(), error(Scheduler::kNotFound));
    ASSERT_TRUE(Scheduler::set_retry_named(root, name, 2, 3));
    EXPECT_TRUE(block.has_event(Scheduler::encode_event(Scheduler::kRetrySet, {4, 0}, name, 3, 2)));
    run_to(4);
    EXPECT_TRUE(failed({4, 0}, name));
    EXPECT_EQ(Scheduler::retries.get({7, 0}), (Scheduler::Retry{2, 1, 3}));
    run_to(7);
    EXPECT_TRUE(failed({7, 0}));
    run_to(10);
    EXPECT_TRUE(failed({10, 0}));
    EXPECT_FALSE(Scheduler::agenda.contains(13));
}
TEST_F(SchedulerTest, forgets_retries_that_are_cancelled) {
    ASSERT_TRUE(Scheduler::schedule(root, 4, {}, 127, failing()));
    ASSERT_TRUE(Scheduler::set_retry(root, {4, 0}, 2, 3));
    ASSERT_TRUE(Scheduler::cancel_retry(root, {4, 0}));
    EXPECT_TRUE(block.has_event(Scheduler::encode_event(Scheduler::kRetryCancelled, {4, 0}, {})));
    EXPECT_EQ(Scheduler::cancel_retry_named(root, name).error(), error(Scheduler::kNotFound));
    run_to(4);
    EXPECT_FALSE(Scheduler::agenda.contains(7));
}
TEST_F(SchedulerTest, serves_by_priority_and_leaves_the_rest_for_later_blocks) {
    // Two calls of more than half of the weight: the more urgent first, the other a block later.
    std::uint32_t subkeys = 0;
    const auto half = [&] {
        return RuntimeCall::make(System::index(), 6, Bytes{9, 9, 9}, std::uint32_t{subkeys});
    };
    while (half().info().weight.ref_time_ps < config::kSchedulerMaxWeight.ref_time_ps / 10 * 6) {
        subkeys += 100;
    }
    ASSERT_TRUE(Scheduler::schedule(root, 4, {}, 200, half()));
    ASSERT_TRUE(Scheduler::schedule_named(root, name, 4, {}, 100, half()));
    run_to(4);
    EXPECT_TRUE(dispatched({4, 1}, name));
    EXPECT_FALSE(dispatched({4, 0}));
    EXPECT_EQ(Scheduler::incomplete_since.get(), 4U);
    run_to(5);
    EXPECT_TRUE(dispatched({4, 0}));
    EXPECT_FALSE(Scheduler::incomplete_since.exists());
}
TEST_F(SchedulerTest, gives_up_what_never_fits_or_is_not_there) {
    ASSERT_TRUE(Scheduler::schedule(root, 4, {}, 127, heavy()));
    ASSERT_TRUE(Scheduler::schedule(root, 5, {}, 127, remark(500)));
    ASSERT_TRUE(Preimage::unrequest_preimage(root, remark(500).hash()));
    run_to(4);
    EXPECT_TRUE(
        block.has_event(Scheduler::encode_event(Scheduler::kPermanentlyOverweight, {4, 0}, {})));
    run_to(5);
    EXPECT_TRUE(block.has_event(Scheduler::encode_event(Scheduler::kCallUnavailable, {5, 0}, {})));
    EXPECT_FALSE(Scheduler::agenda.contains(4));
    EXPECT_FALSE(Scheduler::agenda.contains(5));
}
TEST_F(SchedulerTest, does_not_let_a_task_cancel_one_that_is_due_with_it) {
    ASSERT_TRUE(Scheduler::schedule(
        root, 4, {}, 1,
        RuntimeCall::make(Scheduler::index(), 1, BlockNumber{4}, std::uint32_t{1})));
    ASSERT_TRUE(Scheduler::schedule(root, 4, {}, 2, remark(500)));
    run_to(4);
    EXPECT_TRUE(dispatched({4, 0}, {}, Scheduler::fail(Scheduler::kNotFound)));
    EXPECT_TRUE(dispatched({4, 1}));
    EXPECT_FALSE(Preimage::statuses.contains(remark(500).hash()));
}

}  // namespace
}  // namespace stipple::runtime
