// The transaction pool: what may go into the next blocks, and what becomes of each transaction.
//
// A machine without input and output. Validation by the runtime is a job that leaves as an effect
// and comes back as on_validated.
//
//   submit ─ banned? known? full? ─▶ Validate ─▶ on_validated ─▶ ready or future ─▶ Announce,
//   Status on_new_best ─ retracted: back through Validate ─ enacted: prune by tags, InBlock, ban
//               ─ what lost its tag to another's transaction: back through Validate
//   on_wake ─ a batch of ready transactions through Validate again
//
// A transaction of a block that the pool does not know still provides tags: it is validated as of
// its parent (source in_block) to learn them, so that rivals with the same nonce leave.
//
// Everything that outsiders can grow is bounded by PoolConfig and limits.hpp; what does not fit is
// dropped with the status or error that says so. Same events, same effects.
//
// Spec: sect-transaction-queue, sect-rte-validate-transaction.
#pragma once

#include "chain/pool/ban_list.hpp"
#include "chain/pool/limits.hpp"
#include "chain/pool/queues.hpp"
#include "chain/pool/watch_list.hpp"

#include <deque>
#include <variant>

namespace stipple::chain::pool {

struct PoolConfig {
    QueueLimit ready{kReadyCountMax, kReadyBytesMax};
    QueueLimit future{kReadyCountMax / kFutureShare, kReadyBytesMax / kFutureShare};
    Duration ban_time = kBanTime;  ///< zero on development chains
    bool is_validator = true;      ///< else transactions that may not be propagated are refused

    /// `--pool-limit` transactions and `--pool-kbytes`; the future queue gets a tenth of each.
    static PoolConfig with_limits(std::size_t count, std::size_t kbytes);
};

using JobId = std::uint64_t;
/// The caller's name for a submission; it comes back in Submitted.
using RequestId = std::uint64_t;

// ---- effects ----

/// Ask the runtime of block `at` (validity.hpp, validate_transaction), then call on_validated.
struct Validate {
    JobId job = 0;
    BlockRef at;
    Source source = Source::external;
    std::shared_ptr<const Extrinsic> extrinsic;
};
/// The answer to one submit, exactly one each.
struct Submitted {
    RequestId request = 0;
    ExtrinsicHash hash;
    std::expected<void, PoolError> verdict;
};
/// For the watchers of a transaction; none follow after one that is_last.
struct StatusChanged {
    ExtrinsicHash hash;
    TransactionStatus status;
};
/// Became ready and may be told to peers.
struct Announce {
    TransactionPtr transaction;
};
using PoolEffect = std::variant<Validate, Submitted, StatusChanged, Announce>;
using PoolEffects = std::vector<PoolEffect>;

// ---- inputs ----

struct SubmitOptions {
    RequestId request = 0;
    Source source = Source::external;
    bool watch = false;
};
struct BlockContent {
    BlockRef block;
    BlockRef parent;
    Body body;
};
struct BestBlockChange {
    BlockRef best;
    std::vector<BlockContent> retracted;  ///< newest first
    std::vector<BlockContent> enacted;    ///< oldest first, the best block last
};
struct PoolCounts {
    std::size_t ready = 0;
    std::size_t ready_bytes = 0;
    std::size_t future = 0;
    std::size_t future_bytes = 0;
    std::size_t validating = 0;
};

class Pool {
 public:
    Pool(const PoolConfig& config, const BlockRef& best);

    /// `extrinsic` without its outer length prefix.
    void submit(Instant now, Extrinsic extrinsic, const SubmitOptions& options,
                PoolEffects& effects);
    /// An error is a failed environment. Every Validate gets exactly one call; answers to jobs that
    /// became pointless meanwhile are ignored.
    void on_validated(Instant now, JobId job, const Result<TransactionValidity>& verdict,
                      PoolEffects& effects);
    void on_new_best(Instant now, const BestBlockChange& change, PoolEffects& effects);
    /// Oldest first.
    void on_finalized(const std::vector<BlockRef>& finalized, PoolEffects& effects);
    /// The network told these peers.
    void on_broadcast(const ExtrinsicHash& hash, std::vector<std::string> peers,
                      PoolEffects& effects);
    /// Authoring or an operator found them invalid: removes them with all that depend on them, and
    /// bans them. Gives what was removed.
    std::vector<ExtrinsicHash> remove(Instant now, const std::vector<ExtrinsicHash>& hashes,
                                      PoolEffects& effects);
    void unwatch(const ExtrinsicHash& hash) { watches_.unwatch(hash); }
    void on_wake(Instant now, PoolEffects& effects);
    /// When on_wake wants to be called next.
    std::optional<Instant> wake_at() const;

    // ---- questions ----
    /// A copy for authoring: best first, in order of dependence.
    ReadyIterator ready() const { return queues_.ready().iterate(); }
    /// What author_pendingExtrinsics shows, best first.
    std::vector<TransactionPtr> pending() const;
    TransactionPtr find(const ExtrinsicHash& hash) const { return queues_.find(hash); }
    PoolCounts counts() const;
    const BlockRef& best() const { return best_; }
    /// What contradicts the bounds and the bookkeeping, empty when nothing.
    std::string find_inconsistency() const;

 private:
    enum class Purpose : std::uint8_t { submission, resubmission, revalidation, learn_tags };
    struct Job {
        Purpose purpose = Purpose::submission;
        ExtrinsicHash hash;
        std::shared_ptr<const Extrinsic> extrinsic;
        Source source = Source::external;
        BlockRef at;
        RequestId request = 0;
        bool watch = false;  ///< this submission made it watched
        bool retried = false;
        bool off_chain = false;  ///< `at` left the best chain meanwhile
        BlockHash learnt_from;   ///< learn_tags: the block it stands in
    };

    bool has_room(std::size_t bytes) const;
    void start(Job job, PoolEffects& effects);
    Job take_job(std::map<JobId, Job>::iterator position);
    void resubmit(const ExtrinsicHash& hash, std::shared_ptr<const Extrinsic> extrinsic,
                  Source source, PoolEffects& effects);
    void finish_arrival(Instant now, Job& job, const Result<TransactionValidity>& verdict,
                        PoolEffects& effects);
    static TransactionPtr transaction_of(const Job& job, const ValidTransaction& valid);
    void import(Instant now, const Job& job, const ValidTransaction& valid, PoolEffects& effects);
    void finish_revalidation(Instant now, const Job& job,
                             const Result<TransactionValidity>& verdict, PoolEffects& effects);
    void finish_learning(const Job& job, const Result<TransactionValidity>& verdict,
                         PoolEffects& effects);
    void answer(const Job& job, std::expected<void, PoolError> verdict, PoolEffects& effects);
    void report(const QueueChanges& changes, PoolEffects& effects);
    void reject(Instant now, const std::vector<TransactionPtr>& removed, PoolEffects& effects);
    void enforce_limits(Instant now, PoolEffects& effects);
    void retract(const BlockContent& block, PoolEffects& effects);
    void enact(Instant now, const BlockContent& block, PoolEffects& effects);
    void take_back(const std::vector<BlockContent>& retracted,
                   const std::set<ExtrinsicHash>& enacted, PoolEffects& effects);
    void tell(const ExtrinsicHash& hash, TransactionStatus status, PoolEffects& effects);
    void tell(std::vector<WatchList::Notice> notices, PoolEffects& effects);
    void schedule_revalidation(Instant now);

    PoolConfig config_;
    BlockRef best_;
    Queues queues_;
    BanList bans_;
    WatchList watches_;

    std::map<JobId, Job> jobs_;
    std::unordered_map<ExtrinsicHash, JobId> arriving_;  // submissions and resubmissions
    std::size_t job_bytes_ = 0;
    JobId last_job_ = 0;

    std::deque<ExtrinsicHash> revalidation_;
    std::size_t revalidating_ = 0;
    std::optional<Instant> next_batch_;
    std::uint32_t blocks_since_revalidation_ = 0;
    std::optional<Instant> last_revalidation_;
};

}  // namespace stipple::chain::pool
