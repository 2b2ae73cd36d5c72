// Runtime calls that no block waits for: the chain's offchain workers, and reports of validators
// that sealed or voted twice.
//
// Spec: sect-offchain-api, sect-babe-equivocation, sect-grandpa equivocations. After each new best
// block the runtime's offchain worker runs over its state; it may read and write this node's
// offchain storage, use its keys, and submit transactions. An equivocation becomes a transaction
// too: the runtime proves that the offender owned its key in that session, and submits the report.
// HTTP requests of workers are refused, as on every relay-chain node.
//
// Calls run on threads of their own; kOffchainQueueMax wait, later ones are dropped with a line in
// the log (the next block brings another). Each may take kOffchainCallMax.
#pragma once

#include "chain/import/chain.hpp"
#include "chain/offchain/local_storage.hpp"
#include "io/workers.hpp"
#include "node/equivocation_reports.hpp"
#include "node/keys.hpp"
#include "node/pool_service.hpp"

#include <condition_variable>
#include <mutex>

namespace stipple::node {

inline constexpr std::size_t kOffchainQueueMax = 16;
inline constexpr unsigned kOffchainThreads = 2;
inline constexpr std::chrono::milliseconds kOffchainCallMax{60'000};

struct OffchainConfig {
    bool run_workers = false;  ///< `--offchain-worker`
    bool is_validator = false;
    Bytes peer_id;  ///< of this node; empty without a network
};

class OffchainService {
 public:
    /// References outlive this.
    OffchainService(OffchainConfig config, const chain::Chain& chain, const Keys& keys,
                    chain::offchain::LocalStorage& storage, PoolService& pool);
    ~OffchainService();
    OffchainService(const OffchainService&) = delete;
    OffchainService& operator=(const OffchainService&) = delete;

    /// Runs the offchain worker of this block; nothing when they are off.
    void on_best_block(const Header& header);
    /// The author of two headers in one slot; `second` is the one just imported.
    void report(babe::EquivocationProof proof);
    void report(grandpa::Equivocation equivocation, AuthoritySetId set);
    void report(beefy::DoubleVotingProof proof);
    /// Wakes sleeping workers, drops what waits, joins.
    void stop();

 private:
    class Access;  // what a call may reach

    void post(const char* what, io::WorkerPool::Job job);
    void run_worker(const Header& header);
    /// What a call may reach; `access` outlives it.
    executor::CallContext context(Access& access) const;
    EquivocationReports reports(Access& access) const;
    /// False when the service stops first.
    bool sleep_until(UnixMillis deadline);

    const OffchainConfig config_;
    const chain::Chain& chain_;
    const Keys& keys_;
    chain::offchain::LocalStorage& storage_;
    PoolService& pool_;
    std::mutex mutex_;
    std::condition_variable stopping_changed_;
    bool stopping_ = false;  // guarded by mutex_
    io::WorkerPool threads_;
};

}  // namespace stipple::node
