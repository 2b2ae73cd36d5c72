#include "node/pool_service.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace stipple::node {
namespace {

using Kind = rpc::TransactionStatus::Kind;
namespace pool = chain::pool;

const Extrinsic kExtrinsic{{1, 2, 3}};

/// Answers the next submission from a thread of its own, as the core thread would.
std::thread answering(Inbox<Event>& inbox, PoolService& service,
                      std::expected<void, pool::PoolError> verdict) {
    return std::thread([&inbox, &service, verdict] {
        auto event = inbox.pop(std::chrono::steady_clock::now() + std::chrono::seconds(20));
        ASSERT_TRUE(event);
        const auto& submitted = std::get<TransactionSubmitted>(*event);
        service.on_submitted({submitted.request, submitted.extrinsic.hash(), verdict});
    });
}

TEST(PoolService, gives_the_hash_when_another_thread_has_answered) {
    Inbox<Event> inbox;
    PoolService service(inbox);
    std::thread core = answering(inbox, service, {});
    const auto hash = service.submit(kExtrinsic);
    core.join();
    ASSERT_TRUE(hash);
    EXPECT_EQ(*hash, kExtrinsic.hash());
}

TEST(PoolService, gives_the_error_clients_know_when_the_pool_refuses) {
    Inbox<Event> inbox;
    PoolService service(inbox);
    const pool::PoolError error{.kind = pool::PoolErrorKind::banned};
    std::thread core = answering(inbox, service, std::unexpected(error));
    const auto hash = service.submit(kExtrinsic);
    core.join();
    ASSERT_FALSE(hash);
    EXPECT_EQ(hash.error().code, pool::rpc_error(error).code);
}

TEST(PoolService, says_busy_when_the_inbox_is_full_or_closed) {
    Inbox<Event> inbox;
    PoolService service(inbox);
    while (inbox.push(Lane::transactions, Woken{})) {
    }
    const auto refused = service.submit(kExtrinsic);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), rpc::server_is_busy());
    int told = 0;
    EXPECT_FALSE(service.submit_and_watch(kExtrinsic, [&](const auto&) { ++told; }));
    service.on_status({kExtrinsic.hash(), {.kind = pool::StatusKind::ready}});
    EXPECT_EQ(told, 0);
    inbox.close();
    EXPECT_FALSE(service.submit(kExtrinsic));
}

TEST(PoolService, tells_watchers_in_order_and_nothing_after_the_last) {
    Inbox<Event> inbox;
    PoolService service(inbox);
    std::vector<Kind> told;
    std::thread core = answering(inbox, service, {});
    const auto watch = service.submit_and_watch(
        kExtrinsic, [&](const auto& status) { told.push_back(status.kind); });
    core.join();
    ASSERT_TRUE(watch);
    service.on_status({ExtrinsicHash{}, {.kind = pool::StatusKind::ready}});  // of another
    for (const auto kind : {pool::StatusKind::ready, pool::StatusKind::in_block,
                            pool::StatusKind::finalized, pool::StatusKind::ready}) {
        service.on_status({kExtrinsic.hash(), {.kind = kind}});
    }
    EXPECT_EQ(told, (std::vector{Kind::ready, Kind::in_block, Kind::finalized}));
}

TEST(PoolService, tells_the_core_when_the_last_watcher_goes) {
    Inbox<Event> inbox;
    PoolService service(inbox);
    int told = 0;
    std::thread core = answering(inbox, service, {});
    const auto watch = service.submit_and_watch(kExtrinsic, [&](const auto&) { ++told; });
    core.join();
    ASSERT_TRUE(watch);
    service.unwatch(*watch);
    service.unwatch(*watch);
    service.on_status({kExtrinsic.hash(), {.kind = pool::StatusKind::ready}});
    EXPECT_EQ(told, 0);
    const auto event = inbox.pop(std::chrono::steady_clock::now());
    ASSERT_TRUE(event && std::holds_alternative<TransactionUnwatched>(*event));
    EXPECT_EQ(std::get<TransactionUnwatched>(*event).hash, kExtrinsic.hash());
    EXPECT_FALSE(inbox.pop(std::chrono::steady_clock::now()));
}

}  // namespace
}  // namespace stipple::node
