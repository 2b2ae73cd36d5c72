// transaction_v1: transactions that clients want in a block, without hearing how they fare.
//
// Each is given to the pool, and given again with the next best block when the pool could not take
// it or lost it for a passing reason; invalid ones end silently. At most
// kBroadcastsPerConnectionMax a connection, none is given again when its connection has
// gone. Thread-safe.
//
// Spec: json-rpc-interface-spec, transaction_v1_broadcast, transaction_v1_stop
#pragma once

#include "base/serving.hpp"
#include "rpc/methods/registry.hpp"
#include "rpc/subscriptions/strand.hpp"

#include <map>
#include <mutex>

namespace stipple::rpc {

class Broadcasts {
 public:
    using ConnectionId = serving::ConnectionId;
    using After = std::vector<std::function<void()>>;
    /// `pool` may be null: nothing is broadcast then.
    Broadcasts(PoolPort* pool, RunSlow run_slow) : pool_(pool), run_slow_(std::move(run_slow)) {}

    /// `id` is a fresh one.
    RpcResult<> broadcast(ConnectionId connection, std::string id, Params& params, std::string& out,
                          After& after);
    RpcResult<> stop(ConnectionId connection, Params& params, std::string& out);
    void on_best_block();
    void on_close(ConnectionId connection);
    std::size_t size() const;

 private:
    using Key = std::pair<ConnectionId, std::string>;
    enum class State : std::uint8_t { waiting, submitting, watched };
    struct Entry {
        Extrinsic extrinsic;
        State state = State::waiting;
        std::optional<std::uint64_t> watch{};
        bool is_fresh = true;    ///< the pool has not seen it
        bool is_closed = false;  ///< its connection went away before that
    };
    void submit(const Key& key);
    void on_status(const Key& key, const TransactionStatus& status);
    std::optional<Entry> take(const Key& key);

    PoolPort* const pool_;
    const RunSlow run_slow_;
    mutable std::mutex mutex_;
    std::map<Key, Entry> entries_;
};

}  // namespace stipple::rpc
