// What warp and state sync ask of the chain: proofs of finality, the state of one block, the blocks
// below it.
//
//   verify (a worker)   proof ─▶ set after set ─▶ progress, justifications, the target
//   store  (chain)      range with proof ─▶ rows beside the state in use (state/store/download.hpp)
//   finish (chain)      epochs, set, state, heads: one batch; the chain begins anew
//   store  (chain)      blocks of the past, downwards
//
// All of it is on disk as soon as it is verified, so that a process that was killed goes on where
// it was (`resume`): column meta, rows "sync/...". Not before it is verified. Spec: sect-sync-warp.
#pragma once

#include "node/chain_jobs.hpp"
#include "node/checkpoint.hpp"

namespace stipple::node {

class StateSyncJobs {
 public:
    /// References outlive this.
    StateSyncJobs(chain::Chain& chain, BlockPipeline& pipeline, ChainJobs& jobs,
                  KeyValueStore& database);

    /// Puts what an earlier process got to into the configuration: where proofs begin, and the
    /// state that was being downloaded. Before the jobs start. A warp sync that has proved nothing
    /// yet begins at the specification's checkpoint; fails when that is wrong.
    Result<> resume(network::sync::SyncConfig& config);

    /// One at a time.
    SyncAnswer verify(const network::sync::VerifyWarpProof& job);
    /// Before the first range of a fast sync arrives, which may take longer than finality does.
    void choose(const network::sync::ChooseState& choice);
    SyncAnswer store(const network::sync::StoreStateChunk& job);
    /// `told` gets ChainBegun when it is done.
    SyncAnswer finish(const network::sync::FinishStateSync& job,
                      const std::function<void(Event)>& told);
    /// The state is not to be had any more.
    void drop();
    SyncAnswer store(const network::sync::StoreHistory& job);

 private:
    static std::expected<void, grandpa::WarpError> follow(const network::WarpProof& proof,
                                                          grandpa::WarpWalk& walk,
                                                          WriteBatch& batch,
                                                          network::sync::WarpVerdict& verdict);
    Result<> open_download(const BlockRef& target, const HeaderStateRoot& root, bool is_warp);
    Result<network::sync::StateVerdict> store_chunk(const network::sync::StoreStateChunk& job);
    Result<network::sync::StateVerdict::Kind> add_claims(const network::sync::StoreStateChunk& job);
    Result<> begin_at(const network::sync::FinishStateSync& job);
    Result<> drop_state();

    chain::Chain& chain_;
    BlockPipeline& pipeline_;
    ChainJobs& jobs_;
    KeyValueStore& database_;
    const grandpa::WarpSet genesis_set_;  ///< meaningful while the chain is at genesis
    std::optional<Checkpoint> checkpoint_;
    std::unique_ptr<state::store::StateDownload> download_;
};

/// The chain as sync wants to know it.
network::sync::ChainStart chain_start(const chain::Chain& chain);

}  // namespace stipple::node
