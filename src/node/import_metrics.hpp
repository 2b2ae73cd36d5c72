// What happens to blocks and justifications that sync gave to the chain thread, under the names of
// the Rust node. One instance counts; threads may share it.
#pragma once

#include "node/effect_jobs.hpp"
#include "node/metrics.hpp"

#include <array>

namespace stipple::node {

class ImportMetrics {
 public:
    explicit ImportMetrics(Metrics& metrics);
    void count(const network::sync::ImportBlocks& job);
    void count(const network::sync::ImportJustification& job);
    /// The same work; its time and its answer are counted. The result lives no longer than this.
    std::function<void(const EffectJob::Tell&)> observed(
        std::function<void(const EffectJob::Tell&)> work);

 private:
    void note(const SyncAnswer& answer, double seconds);

    static constexpr std::size_t kVerdicts = 10;  ///< of BlockVerdict
    Metric& blocks_submitted_;
    Metric& justifications_submitted_;
    std::array<Metric*, kVerdicts> processed_{};  ///< by BlockVerdict
    Histogram& block_time_;
    Histogram& justification_time_;
};

}  // namespace stipple::node
