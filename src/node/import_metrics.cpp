#include "node/import_metrics.hpp"

#include "io/clock.hpp"

namespace stipple::node {
namespace {

using network::sync::BlockVerdict;

/// The label of a verdict.
const char* result_of(BlockVerdict verdict) {
    switch (verdict) {
        case BlockVerdict::imported:
        case BlockVerdict::already_known:
            return "success";
        case BlockVerdict::unknown_parent:
            return "unknown_parent";
        case BlockVerdict::in_future:
        case BlockVerdict::bad_header:
        case BlockVerdict::wrong_body:
            return "verification_failed";
        case BlockVerdict::bad_block:
            return "bad_block";
        case BlockVerdict::missing_state:
            return "missing_state";
        case BlockVerdict::environment:
            return "failed";
        case BlockVerdict::cancelled:
            return "cancelled";
    }
    return "failed";
}

// Seconds: the usual ones of the field's client library.
std::vector<double> time_bounds() {
    return {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
}

}  // namespace

ImportMetrics::ImportMetrics(Metrics& metrics)
    : blocks_submitted_(metrics.counter("substrate_sync_import_queue_blocks_submitted",
                                        "Number of blocks submitted to the import queue")),
      justifications_submitted_(
          metrics.counter("substrate_sync_import_queue_justifications_submitted",
                          "Number of justifications submitted to the import queue")),
      block_time_(metrics.histogram("substrate_block_verification_and_import_time",
                                    "Time taken to verify and import a block", time_bounds())),
      justification_time_(metrics.histogram("substrate_justification_import_time",
                                            "Time taken to import a justification",
                                            time_bounds())) {
    for (std::size_t i = 0; i < kVerdicts; ++i) {
        processed_[i] = &metrics.counter("substrate_import_queue_processed_total",
                                         "Blocks processed by the import queue",
                                         {{"result", result_of(static_cast<BlockVerdict>(i))}});
    }
}

void ImportMetrics::count(const network::sync::ImportBlocks& job) {
    blocks_submitted_.add(static_cast<double>(job.blocks.size()));
}

void ImportMetrics::count(const network::sync::ImportJustification& /*job*/) {
    justifications_submitted_.add();
}

std::function<void(const EffectJob::Tell&)> ImportMetrics::observed(
    std::function<void(const EffectJob::Tell&)> work) {
    return [this, work = std::move(work)](const EffectJob::Tell& tell) {
        const Instant began = io::now();
        work([&](Event event) {
            if (const auto* answer = std::get_if<SyncAnswer>(&event)) {
                note(*answer, std::chrono::duration<double>(io::now() - began).count());
            }
            tell(std::move(event));
        });
    };
}

void ImportMetrics::note(const SyncAnswer& answer, double seconds) {
    if (const auto* blocks = std::get_if<BlocksJobDone>(&answer)) {
        std::size_t done = 0;
        for (const auto& result : blocks->results) {
            processed_[static_cast<std::size_t>(result.verdict)]->add();
            done += result.verdict == BlockVerdict::cancelled ? 0U : 1U;
        }
        for (std::size_t i = 0; i < done; ++i) {  // a job's blocks share its time
            block_time_.observe(seconds / static_cast<double>(done));
        }
    } else if (std::holds_alternative<JustificationJobDone>(answer)) {
        justification_time_.observe(seconds);
    }
}

}  // namespace stipple::node
