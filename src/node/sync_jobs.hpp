// What sync asks of the chain, done on the chain thread: blocks, headers and justifications that
// peers sent.
#pragma once

#include "node/chain_jobs.hpp"

namespace stipple::node {

class SyncJobs {
 public:
    /// References outlive this.
    SyncJobs(chain::Chain& chain, BlockPipeline& pipeline, ChainJobs& jobs,
             executor::SignatureCachePort& signatures, Clock clock = {})
        : chain_(chain),
          pipeline_(pipeline),
          jobs_(jobs),
          signatures_(signatures),
          clock_(std::move(clock)) {}

    /// In order, up to the first that fails. `told` gets a BlockImported for each new block; the
    /// answer for sync comes last.
    SyncAnswer import(const network::sync::ImportBlocks& job,
                      const std::function<void(Event)>& told);
    SyncAnswer check(const network::sync::VerifyHeader& job) const;
    /// `told` gets BlocksFinalized when the justification finalised something.
    SyncAnswer import(const network::sync::ImportJustification& job,
                      const std::function<void(Event)>& told);

 private:
    network::sync::ImportResult import_one(const network::sync::DownloadedBlock& block,
                                           bool job_executes,
                                           const std::function<void(Event)>& told);

    chain::Chain& chain_;
    BlockPipeline& pipeline_;
    ChainJobs& jobs_;
    executor::SignatureCachePort& signatures_;
    const Clock clock_;
};

}  // namespace stipple::node
