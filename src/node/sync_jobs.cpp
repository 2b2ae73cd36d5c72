#include "node/sync_jobs.hpp"

#include "base/log.hpp"

namespace stipple::node {

namespace sync = network::sync;

namespace {

sync::BlockVerdict verdict_of(PipelineErrorKind kind) {
    switch (kind) {
        case PipelineErrorKind::already_known:
            return sync::BlockVerdict::already_known;
        case PipelineErrorKind::unknown_parent:
            return sync::BlockVerdict::unknown_parent;
        case PipelineErrorKind::in_future:
            return sync::BlockVerdict::in_future;
        case PipelineErrorKind::bad_header:
            return sync::BlockVerdict::bad_header;
        case PipelineErrorKind::wrong_body:
            return sync::BlockVerdict::wrong_body;
        case PipelineErrorKind::bad_block:
        case PipelineErrorKind::bad_change:
        case PipelineErrorKind::bad_justification:
            return sync::BlockVerdict::bad_block;
        case PipelineErrorKind::early_justification:  // of a justification alone
            return sync::BlockVerdict::environment;
        case PipelineErrorKind::missing_state:
            return sync::BlockVerdict::missing_state;
        case PipelineErrorKind::environment:
            return sync::BlockVerdict::environment;
    }
    return sync::BlockVerdict::environment;
}

void log_refusal(const PipelineError& error) {
    const bool is_ours = error.kind == PipelineErrorKind::environment;
    if (error.kind != PipelineErrorKind::already_known) {
        log(is_ours ? LogLevel::error : LogLevel::debug, "sync", "{}", error.message);
    }
}

}  // namespace

sync::ImportResult SyncJobs::import_one(const sync::DownloadedBlock& block, bool job_executes,
                                        const std::function<void(Event)>& told) {
    if (!block.body) {
        // Sync asks for bodies of what it wants executed.
        return {.verdict = sync::BlockVerdict::wrong_body};
    }
    // Sync executes blocks or does not; the chain has states or not. A job from before the change
    // is asked for anew.
    if (job_executes == chain_.is_stateless()) {
        const bool may_begin = !job_executes && chain_.heads().best.number == 0;
        if (!may_begin) {
            return {.verdict = sync::BlockVerdict::environment};
        }
        if (const auto begun = chain_.become_stateless(); !begun) {
            log(LogLevel::error, "sync", "fast sync: {}", begun.error().message());
            return {.verdict = sync::BlockVerdict::environment};
        }
    }
    const SignedBlock signed_block{{block.header, *block.body}, block.justifications};
    auto imported = pipeline_.import(signed_block, clock_.wall(), &signatures_);
    if (!imported) {
        log_refusal(imported.error());
        return {.verdict = verdict_of(imported.error().kind)};
    }
    sync::ImportResult result;
    result.needs_justification = imported->needs_justification;
    result.bad_justification = imported->bad_justification.has_value();
    if (result.bad_justification) {
        log(LogLevel::debug, "sync", "{}", *imported->bad_justification);
    }
    told(jobs_.describe(*std::move(imported)));
    return result;
}

SyncAnswer SyncJobs::import(const sync::ImportBlocks& job, const std::function<void(Event)>& told) {
    BlocksJobDone done{job.job, {}};
    bool failed = false;
    for (const auto& block : job.blocks) {
        if (failed) {
            done.results.push_back({.verdict = sync::BlockVerdict::cancelled});
            continue;
        }
        done.results.push_back(import_one(block, job.execute, told));
        failed = done.results.back().verdict != sync::BlockVerdict::imported &&
                 done.results.back().verdict != sync::BlockVerdict::already_known;
    }
    return done;
}

SyncAnswer SyncJobs::check(const sync::VerifyHeader& job) const {
    const auto good = pipeline_.check_header(job.header, clock_.wall());
    if (good) {
        return HeaderJobDone{job.job, sync::BlockVerdict::imported};
    }
    log_refusal(good.error());
    return HeaderJobDone{job.job, verdict_of(good.error().kind)};
}

SyncAnswer SyncJobs::import(const sync::ImportJustification& job,
                            const std::function<void(Event)>& told) {
    using Verdict = sync::JustificationVerdict;
    if (!chain_.is_known(job.block.hash)) {
        return JustificationJobDone{job.job, Verdict::unknown_block};
    }
    auto finalized = pipeline_.import_justification(job.block, job.justification.data);
    if (!finalized) {
        log_refusal(finalized.error());
        switch (finalized.error().kind) {
            case PipelineErrorKind::environment:
                return JustificationJobDone{job.job, Verdict::environment};
            case PipelineErrorKind::early_justification:
                return JustificationJobDone{job.job, Verdict::too_early};
            default:
                return JustificationJobDone{job.job, Verdict::bad};
        }
    }
    if (!finalized->outcome.newly_finalized.empty()) {
        told(jobs_.describe(*std::move(finalized)));
    }
    return JustificationJobDone{job.job, Verdict::finalized};
}

}  // namespace stipple::node
