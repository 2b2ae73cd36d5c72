// The jobs among the core's effects: who does each, and which events answer it.
//
// The one table from effect to answer. `Runner` carries the jobs out on threads, the simulator in
// one thread with delays of its own; both only decide where and when. An effect that has an
// overload of `job` here is a job (`IsJob`); all others concern whoever runs the core: the network,
// the pool's clients, subscribers, the offchain service.
//
// A job is a value that may run on another thread. Jobs of one place run in the order in which they
// were asked for, but for Place::worker, where any order and any number at a time is right.
#pragma once

#include "node/chain_jobs.hpp"
#include "node/core.hpp"
#include "node/request_jobs.hpp"
#include "node/state_sync_jobs.hpp"
#include "node/sync_jobs.hpp"

namespace stipple::node {

struct EffectJob {
    enum class Place : std::uint8_t {
        worker,  ///< pure: from a value and an immutable snapshot
        chain,   ///< writes the chain
        signer,  ///< journal, then key; and what must be durable before that
    };
    using Tell = std::function<void(Event)>;

    Place place = Place::worker;
    /// Calls `tell` for each event that comes of it, in order; perhaps for none.
    std::function<void(const Tell& tell)> run;
    /// What the core is told when there is no room to wait; without it the job waits for room.
    std::optional<Event> refused;
};

/// All outlive the jobs.
struct EffectJobParts {
    ChainJobs& jobs;
    SyncJobs& sync_jobs;
    StateSyncJobs& state_jobs;
    const RequestJobs& request_jobs;
    const chain::Chain& chain;
    const Keys& keys;
    executor::SignatureCachePort& signatures;
    /// With the node key: it goes beside an authority's signature of where it is. May be empty.
    std::function<network::discovery::PeerSignature(ByteView)> sign_as_node{};
    /// Of a block that our own votes made final, encoded; called on the chain thread. May be empty.
    std::function<void(const Bytes&)> on_justification{};
    /// A block and its encoded BEEFY proof; called on the chain thread. May be empty.
    std::function<void(const BlockHash&, const Bytes&)> on_beefy_proof{};
};

class EffectJobs {
 public:
    explicit EffectJobs(EffectJobParts parts) : parts_(std::move(parts)) {}

    EffectJob job(chain::pool::Validate& effect) const;
    EffectJob job(AuthorSlot& effect) const;
    EffectJob job(grandpa::VerifyClaims& effect) const;
    EffectJob job(grandpa::SignVote& effect) const;
    EffectJob job(grandpa::OwnVoteSeen& effect) const;
    EffectJob job(grandpa::Finalize& effect) const;
    EffectJob job(grandpa::StoreRows& effect) const;
    EffectJob job(beefy::VerifyVotes& effect) const;
    EffectJob job(beefy::VerifyProof& effect) const;
    EffectJob job(beefy::SignVote& effect) const;
    EffectJob job(beefy::Conclude& effect) const;
    EffectJob job(beefy::StoreRows& effect) const;
    EffectJob job(FinalizeRequested& effect) const;
    EffectJob job(RewindRequested& effect) const;
    EffectJob job(network::sync::ImportBlocks& effect) const;
    EffectJob job(network::sync::VerifyHeader& effect) const;
    EffectJob job(network::sync::VerifyWarpProof& effect) const;
    EffectJob job(network::sync::ChooseState& effect) const;
    EffectJob job(network::sync::StoreStateChunk& effect) const;
    EffectJob job(network::sync::FinishStateSync& effect) const;
    EffectJob job(network::sync::DropState& effect) const;
    EffectJob job(network::sync::StoreHistory& effect) const;
    EffectJob job(network::sync::ImportJustification& effect) const;
    EffectJob job(network::discovery::QueryAuthorities& effect) const;
    EffectJob job(network::discovery::SignRecord& effect) const;
    EffectJob job(network::discovery::VerifyRecord& effect) const;
    /// Questions of peers.
    template <class Read>
        requires requires(const RequestJobs& jobs, const Read& read) { jobs.answer(read); }
    EffectJob job(Read& effect) const {
        const auto id = effect.job;
        return {.place = EffectJob::Place::worker,
                .run =
                    [this, effect = std::move(effect)](const EffectJob::Tell& tell) {
                        tell(RequestJobDone{effect.job, parts_.request_jobs.answer(effect)});
                    },
                .refused = RequestJobDone{id, std::nullopt}};
    }

 private:
    template <class Import>
    EffectJob import_job(Import& effect) const;
    Result<chain::pool::TransactionValidity> validate(const chain::pool::Validate& effect) const;
    std::optional<Event> sign(const grandpa::SignVote& effect) const;
    AuthoritiesKnown authorities() const;
    RecordSigned sign(const network::discovery::SignRecord& effect) const;
    std::optional<beefy::VoteMessage> sign(const beefy::SignVote& effect) const;

    const EffectJobParts parts_;
};

template <class What>
concept IsJob = requires(const EffectJobs& jobs, What& effect) { jobs.job(effect); };

}  // namespace stipple::node
