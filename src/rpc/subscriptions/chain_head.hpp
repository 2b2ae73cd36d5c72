// chainHead_v1: followers of the head of the chain, the blocks pinned for them, and what they ask
// of those blocks.
//
//     publish ─▶ strand (workers, in order) ─▶ every Follow ─▶ Outbox ─▶ connection
//     call    ─▶ answer "started" ─▶ worker ─▶ operation… events ─▶ the same Outbox
//
// A pinned block keeps its header, its state view, its runtime and, until it is final, its body:
// all of it stays readable although the chain prunes it. A follower that does not read, finality
// that stands still, and pins that nobody gives back end in a `stop` event; the client follows
// again. Bounds: limits.hpp. Thread-safe; no lock is held while states are read.
//
// Spec: json-rpc-interface-spec, group "chainHead"
#pragma once

#include "rpc/methods/registry.hpp"
#include "rpc/methods/storage_query.hpp"
#include "rpc/subscriptions/chain_events.hpp"
#include "rpc/subscriptions/followed_tree.hpp"
#include "rpc/subscriptions/outbox.hpp"
#include "rpc/subscriptions/strand.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <set>

namespace stipple::rpc {

class ChainHead {
 public:
    using ConnectionId = serving::ConnectionId;
    using After = std::vector<std::function<void()>>;
    using RuntimeResult =
        std::expected<std::shared_ptr<const executor::Runtime>, executor::CodeError>;
    /// Called without locks for each subscription that was stopped from this side.
    using Ended = std::function<void(ConnectionId, const std::string& id)>;

    /// `context` outlives this.
    ChainHead(const RpcContext& context, RunSlow run_slow, Ended ended);

    /// Takes one of the connection's places, before the subscription is answered; false: none left.
    bool reserve(ConnectionId connection);
    void give_back(ConnectionId connection);
    /// Begins to tell. REQUIRES a reserved place and that the subscription has been answered.
    void begin(std::shared_ptr<Outbox> outbox, bool with_runtime);
    void end(ConnectionId connection, const std::string& id);
    void on_close(ConnectionId connection);
    void publish(const ChainEvent& event);

    /// One call about a follow subscription. `after` is for when the answer has been sent.
    RpcResult<> call(ConnectedCall call, ConnectionId connection, Params& params, std::string& out,
                     After& after);

    struct Counts {
        std::size_t follows = 0;
        std::size_t pinned = 0;
    };
    Counts counts() const;

 private:
    using Key = std::pair<ConnectionId, std::string>;
    struct PinnedBlock {
        BlockRef block;
        Bytes header;
        ReaderPointer state;                   ///< null: gone before it was pinned
        std::optional<RuntimeResult> runtime;  ///< absent: to be asked of the chain
        std::shared_ptr<const Body> body;      ///< null: to be asked of the chain
    };
    using PinPointer = std::shared_ptr<PinnedBlock>;
    struct Pin {
        PinPointer block;
        std::size_t followers = 0;
    };
    struct Operation {
        Key follow;
        std::string id;
        std::size_t places = 0;
        std::shared_ptr<Outbox> outbox;
        PinPointer block;
        std::shared_ptr<const Body> body;
        std::unique_ptr<StorageRun> storage;
        std::atomic<bool> stopped{false};
        bool waits_for_continue = false;  ///< guarded by mutex_
    };
    using OperationPointer = std::shared_ptr<Operation>;
    struct Follow {
        std::shared_ptr<Outbox> outbox;
        bool with_runtime = false;
        bool begun = false;
        FollowedTree tree;
        BlockHash best;
        std::map<BlockHash, Instant> pinned;  ///< since when
        std::map<std::string, OperationPointer> operations;
        std::size_t places_taken = 0;
        std::uint64_t next_operation = 0;
    };
    /// The chain as it stands when somebody begins to follow.
    struct Start;
    enum class Refusal : std::uint8_t { limit_reached, not_pinned, without_runtime };

    // ---- on the strand (chain_head_events.cpp) ----
    void tell_start(const Key& key);
    void tell_imported(const BlockImported& event);
    void tell_finalized(const BlockFinalized& event);
    /// REQUIRES the lock; false: the follower is to be stopped.
    bool begin_telling(const Key& key, Follow& follow, const Start& start);
    bool tell_finality(Follow& follow, const BlockRef& block, const BlockRef& best);
    std::optional<Start> read_start() const;
    PinPointer make_pin(const BlockRef& block, const Header& header, bool is_final) const;
    bool anyone_follows() const;
    Instant now() const;

    // ---- tables (chain_head.cpp); REQUIRE the lock ----
    std::vector<Key> begun() const;
    bool pin(const Key& key, const PinPointer& block);
    void unpin(Follow& follow, const BlockHash& block);
    void make_room();
    void erase(const Key& key);
    /// Erases and says so; the hub hears of it through tell_ended.
    void stop(const Key& key);
    void stop_all();
    /// Without the lock.
    void tell_ended();

    // ---- calls (chain_head_calls.cpp) ----
    RpcResult<> header(const Key& key, Params& params, std::string& out);
    RpcResult<> body(const Key& key, Params& params, std::string& out, After& after);
    RpcResult<> storage(const Key& key, Params& params, std::string& out, After& after);
    RpcResult<> runtime_call(const Key& key, Params& params, std::string& out, After& after);
    RpcResult<> unpin_blocks(const Key& key, Params& params, std::string& out);
    RpcResult<> continue_operation(const Key& key, Params& params, std::string& out, After& after);
    RpcResult<> stop_operation(const Key& key, Params& params, std::string& out);

    // ---- operations (chain_head_operations.cpp) ----
    std::expected<OperationPointer, Refusal> start(const Key& key, const BlockHash& block,
                                                   std::size_t places, bool needs_runtime);
    void run_body(const OperationPointer& operation);
    void run_call(const OperationPointer& operation, const std::string& function,
                  const Bytes& arguments);
    void run_storage(const OperationPointer& operation);
    void run_storage_later(const OperationPointer& operation);
    void send(const OperationPointer& operation, std::string_view event);
    /// Gives its places back, then tells the last event.
    void finish(const OperationPointer& operation, std::string_view event);

    const RpcContext& context_;
    const RunSlow run_slow_;
    const Ended ended_;
    Strand strand_;
    mutable std::mutex mutex_;
    std::map<Key, Follow> follows_;
    std::map<ConnectionId, std::uint32_t> per_connection_;
    std::map<BlockHash, Pin> pins_;
    std::vector<Key> stopped_;  ///< the hub has not heard of yet
};

}  // namespace stipple::rpc
