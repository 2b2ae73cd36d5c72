// The transaction pool as RPC threads see it: calls go through the core's inbox, statuses come
// back.
//
// `submit` waits for the verdict of the runtime (a worker computes it), at most kSubmitTimeout.
// Watchers are called on the core thread, in order. Thread-safe.
#pragma once

#include "node/core_events.hpp"
#include "node/inbox.hpp"
#include "rpc/methods/context.hpp"

#include <future>
#include <map>
#include <mutex>

namespace stipple::node {

/// A runtime call takes milliseconds; longer means that the node is overloaded.
inline constexpr std::chrono::seconds kSubmitTimeout{30};

class PoolService final : public rpc::PoolPort {
 public:
    explicit PoolService(Inbox<Event>& inbox) : inbox_(inbox) {}

    rpc::RpcResult<ExtrinsicHash> submit(Extrinsic extrinsic) override;
    /// The same for what this node's own runtime calls submit.
    rpc::RpcResult<ExtrinsicHash> submit_local(Extrinsic extrinsic);
    rpc::RpcResult<std::uint64_t> submit_and_watch(Extrinsic extrinsic, Watcher watcher) override;
    void unwatch(std::uint64_t watch) override;
    std::vector<Extrinsic> ready() const override;
    bool provides(ByteView tag) const override;
    std::vector<ExtrinsicHash> remove(std::span<const ExtrinsicHash> hashes) override;

    // ---- called on the core thread with the pool's effects ----
    void on_submitted(const chain::pool::Submitted& answer);
    void on_status(const chain::pool::StatusChanged& change);

    /// The core has stopped: whoever waits for a verdict is told that the node is busy.
    void stop();

 private:
    using Verdict = std::expected<void, chain::pool::PoolError>;
    struct Pending {
        std::promise<std::optional<Verdict>> verdict;  ///< none: the node stops
    };
    struct Watch {
        ExtrinsicHash hash;
        Watcher watcher;
    };
    rpc::RpcResult<ExtrinsicHash> send(Extrinsic extrinsic, bool watch, chain::pool::Source source);
    /// Asks on the core thread and waits; absent when the node is stopping or too busy.
    template <class Answer>
    std::optional<Answer> ask(std::function<Answer(const Core&)> question) const;

    Inbox<Event>& inbox_;
    mutable std::mutex mutex_;
    chain::pool::RequestId last_request_ = 0;                    // guarded by mutex_
    std::map<chain::pool::RequestId, Pending> pending_;          // guarded by mutex_
    std::map<std::uint64_t, Watch> watches_;                     // guarded by mutex_
    std::multimap<ExtrinsicHash, std::uint64_t> watch_by_hash_;  // guarded by mutex_
    std::uint64_t last_watch_ = 0;                               // guarded by mutex_
};

}  // namespace stipple::node
