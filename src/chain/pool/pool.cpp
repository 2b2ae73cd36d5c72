#include "chain/pool/pool.hpp"

#include "base/check.hpp"
#include "scale/codec.hpp"

#include <limits>

namespace stipple::chain::pool {
namespace {

/// The first of each, in order.
std::vector<Tag> without_repeats(const std::vector<Tag>& tags) {
    std::set<Tag, ByteLess> seen;
    std::vector<Tag> unique;
    for (const Tag& tag : tags) {
        if (seen.insert(tag).second) {
            unique.push_back(tag);
        }
    }
    return unique;
}

std::size_t encoded_size(const Extrinsic& extrinsic) {
    Bytes prefix;
    scale::encode_compact(prefix, extrinsic.data.size());
    return prefix.size() + extrinsic.data.size();
}

PoolError error_of(const ValidityError& error) {
    if (const auto* invalid = std::get_if<InvalidTransaction>(&error)) {
        return {.kind = PoolErrorKind::invalid, .invalid = *invalid};
    }
    return {.kind = PoolErrorKind::unknown, .unknown = std::get<UnknownTransaction>(error)};
}

}  // namespace

PoolConfig PoolConfig::with_limits(std::size_t count, std::size_t kbytes) {
    PoolConfig config;
    config.ready = {count, kbytes * 1024};
    config.future = {count / kFutureShare, kbytes * 1024 / kFutureShare};
    return config;
}

Pool::Pool(const PoolConfig& config, const BlockRef& best)
    : config_(config),
      best_(best),
      bans_(config.ban_time, kBansPerTransaction * (config.ready.count + config.future.count)) {}

// ---- arrival ----

void Pool::submit(Instant now, Extrinsic extrinsic, const SubmitOptions& options,
                  PoolEffects& effects) {
    Job job;
    job.hash = extrinsic.hash();
    job.request = options.request;
    job.source = options.source;
    job.extrinsic = std::make_shared<const Extrinsic>(std::move(extrinsic));
    const auto refuse = [&](PoolErrorKind kind) {
        effects.emplace_back(
            Submitted{job.request, job.hash, std::unexpected(PoolError{.kind = kind})});
    };
    if (bans_.is_banned(now, job.hash)) {
        return refuse(PoolErrorKind::banned);
    }
    if (queues_.contains(job.hash) || arriving_.contains(job.hash)) {
        return refuse(PoolErrorKind::already_imported);
    }
    const std::size_t bytes = encoded_size(*job.extrinsic);
    if (bytes > config_.ready.bytes || !has_room(bytes)) {
        return refuse(PoolErrorKind::immediately_dropped);
    }
    job.watch = options.watch && !watches_.is_watched(job.hash) && watches_.watch(job.hash);
    start(std::move(job), effects);
}

bool Pool::has_room(std::size_t bytes) const {
    return jobs_.size() < kValidationsMax && job_bytes_ + bytes <= kValidationBytesMax;
}

void Pool::start(Job job, PoolEffects& effects) {
    if (job.purpose != Purpose::learn_tags) {
        job.at = best_;
    }
    const JobId id = ++last_job_;
    if (job.purpose == Purpose::submission || job.purpose == Purpose::resubmission) {
        arriving_.emplace(job.hash, id);
    }
    revalidating_ += static_cast<std::size_t>(job.purpose == Purpose::revalidation);
    job_bytes_ += job.extrinsic->data.size();
    effects.emplace_back(Validate{id, job.at, job.source, job.extrinsic});
    jobs_.emplace(id, std::move(job));
}

void Pool::resubmit(const ExtrinsicHash& hash, std::shared_ptr<const Extrinsic> extrinsic,
                    Source source, PoolEffects& effects) {
    if (queues_.contains(hash) || arriving_.contains(hash)) {
        return;
    }
    if (!has_room(extrinsic->data.size())) {
        tell(hash, {.kind = StatusKind::dropped}, effects);
        return;
    }
    Job job;
    job.purpose = Purpose::resubmission;
    job.hash = hash;
    job.extrinsic = std::move(extrinsic);
    job.source = source;
    start(std::move(job), effects);
}

void Pool::on_validated(Instant now, JobId id, const Result<TransactionValidity>& verdict,
                        PoolEffects& effects) {
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) {
        return;
    }
    Job job = take_job(found);
    switch (job.purpose) {
        case Purpose::submission:
        case Purpose::resubmission:
            finish_arrival(now, job, verdict, effects);
            return;
        case Purpose::revalidation:
            finish_revalidation(now, job, verdict, effects);
            return;
        case Purpose::learn_tags:
            finish_learning(job, verdict, effects);
            return;
    }
}

Pool::Job Pool::take_job(std::map<JobId, Job>::iterator position) {
    Job job = std::move(position->second);
    jobs_.erase(position);
    job_bytes_ -= job.extrinsic->data.size();
    if (job.purpose == Purpose::submission || job.purpose == Purpose::resubmission) {
        arriving_.erase(job.hash);
    }
    revalidating_ -= static_cast<std::size_t>(job.purpose == Purpose::revalidation);
    return job;
}

void Pool::finish_arrival(Instant now, Job& job, const Result<TransactionValidity>& verdict,
                          PoolEffects& effects) {
    if (!verdict) {
        answer(job,
               std::unexpected(PoolError{.kind = PoolErrorKind::environment,
                                         .message = verdict.error().message()}),
               effects);
        return;
    }
    const TransactionValidity& validity = *verdict;
    // The best block moved meanwhile: what was wrong there may be right here, and a verdict from a
    // fork that was left proves nothing.
    const bool outdated = validity ? job.off_chain : job.at != best_;
    if (outdated && !job.retried && has_room(job.extrinsic->data.size())) {
        job.retried = true;
        job.off_chain = false;
        start(std::move(job), effects);
        return;
    }
    if (validity) {
        import(now, job, *validity, effects);
        return;
    }
    const PoolError error = error_of(validity.error());
    if (error.kind == PoolErrorKind::invalid) {
        bans_.ban(now, job.hash);
    }
    answer(job, std::unexpected(error), effects);
}

TransactionPtr Pool::transaction_of(const Job& job, const ValidTransaction& valid) {
    constexpr std::uint64_t kForEver = std::numeric_limits<std::uint64_t>::max();
    return std::make_shared<const Transaction>(Transaction{
        .hash = job.hash,
        .extrinsic = job.extrinsic,
        .bytes = encoded_size(*job.extrinsic),
        .source = job.source,
        .priority = valid.priority,
        .valid_till =
            valid.longevity > kForEver - job.at.number ? kForEver : job.at.number + valid.longevity,
        .requires_tags = without_repeats(valid.requires_tags),
        .provides_tags = without_repeats(valid.provides_tags),
        .propagate = valid.propagate,
    });
}

void Pool::import(Instant now, const Job& job, const ValidTransaction& valid,
                  PoolEffects& effects) {
    const auto refuse = [&](PoolErrorKind kind) {
        answer(job, std::unexpected(PoolError{.kind = kind}), effects);
    };
    if (!valid.propagate && !config_.is_validator) {
        return refuse(PoolErrorKind::unactionable);
    }
    if (valid.provides_tags.empty()) {
        return refuse(PoolErrorKind::no_tags);
    }
    const TransactionPtr transaction = transaction_of(job, valid);
    auto changes = queues_.import(transaction);
    if (!changes) {
        answer(job, std::unexpected(changes.error()), effects);
        return;
    }
    PoolEffects told;
    if (changes->ready) {
        tell(job.hash, {.kind = StatusKind::ready}, told);
        if (transaction->propagate) {
            told.emplace_back(Announce{transaction});
        }
    } else {
        tell(job.hash, {.kind = StatusKind::future}, told);
    }
    report(*changes, told);
    // The answer stands before what follows from it, and says whether there was room.
    const auto removed = queues_.enforce(config_.ready, config_.future);
    for (const TransactionPtr& gone : removed) {
        bans_.ban(now, gone->hash);
        if (gone->hash != job.hash) {
            tell(gone->hash, {.kind = StatusKind::dropped}, told);
        }
    }
    if (!queues_.contains(job.hash)) {
        std::erase_if(told, [&](const PoolEffect& effect) {
            const auto* status = std::get_if<StatusChanged>(&effect);
            const auto* announce = std::get_if<Announce>(&effect);
            return (status != nullptr && status->hash == job.hash) ||
                   (announce != nullptr && announce->transaction->hash == job.hash);
        });
        refuse(PoolErrorKind::immediately_dropped);
    } else {
        answer(job, {}, effects);
    }
    effects.insert(effects.end(), std::make_move_iterator(told.begin()),
                   std::make_move_iterator(told.end()));
}

void Pool::answer(const Job& job, std::expected<void, PoolError> verdict, PoolEffects& effects) {
    if (job.purpose == Purpose::submission) {
        if (!verdict && job.watch) {
            watches_.unwatch(job.hash);
        }
        effects.emplace_back(Submitted{job.request, job.hash, std::move(verdict)});
        return;
    }
    if (verdict) {
        return;
    }
    // One that was in the pool before: its watchers hear what became of it.
    switch (verdict.error().kind) {
        case PoolErrorKind::immediately_dropped:
            tell(job.hash, {.kind = StatusKind::dropped}, effects);
            return;
        case PoolErrorKind::already_imported:
            return;
        default:
            tell(job.hash, {.kind = StatusKind::invalid}, effects);
    }
}

// ---- what changes set off ----

void Pool::report(const QueueChanges& changes, PoolEffects& effects) {
    for (const TransactionPtr& failed : changes.failed) {
        tell(failed->hash, {.kind = StatusKind::invalid}, effects);
    }
    for (const Usurped& usurped : changes.usurped) {
        tell(usurped.transaction->hash, {.kind = StatusKind::usurped, .usurper = usurped.by},
             effects);
    }
    for (const TransactionPtr& promoted : changes.promoted) {
        tell(promoted->hash, {.kind = StatusKind::ready}, effects);
        if (promoted->propagate) {
            effects.emplace_back(Announce{promoted});
        }
    }
}

void Pool::reject(Instant now, const std::vector<TransactionPtr>& removed, PoolEffects& effects) {
    for (const TransactionPtr& gone : removed) {
        bans_.ban(now, gone->hash);
        tell(gone->hash, {.kind = StatusKind::invalid}, effects);
    }
}

void Pool::enforce_limits(Instant now, PoolEffects& effects) {
    for (const TransactionPtr& gone : queues_.enforce(config_.ready, config_.future)) {
        bans_.ban(now, gone->hash);
        tell(gone->hash, {.kind = StatusKind::dropped}, effects);
    }
}

void Pool::tell(const ExtrinsicHash& hash, TransactionStatus status, PoolEffects& effects) {
    if (!watches_.is_watched(hash)) {
        return;
    }
    if (is_last(status.kind)) {
        watches_.unwatch(hash);
    }
    effects.emplace_back(StatusChanged{hash, std::move(status)});
}

void Pool::tell(std::vector<WatchList::Notice> notices, PoolEffects& effects) {
    for (WatchList::Notice& notice : notices) {
        effects.emplace_back(StatusChanged{notice.hash, std::move(notice.status)});
    }
}

std::vector<ExtrinsicHash> Pool::remove(Instant now, const std::vector<ExtrinsicHash>& hashes,
                                        PoolEffects& effects) {
    std::vector<ExtrinsicHash> removed;
    for (const ExtrinsicHash& hash : hashes) {
        const std::vector<TransactionPtr> gone = queues_.remove(hash);
        for (const TransactionPtr& transaction : gone) {
            removed.push_back(transaction->hash);
        }
        reject(now, gone, effects);
    }
    return removed;
}

void Pool::on_broadcast(const ExtrinsicHash& hash, std::vector<std::string> peers,
                        PoolEffects& effects) {
    tell(hash, {.kind = StatusKind::broadcast, .peers = std::move(peers)}, effects);
}

// ---- questions ----

std::vector<TransactionPtr> Pool::pending() const {
    std::vector<TransactionPtr> result;
    ReadyIterator walk = ready();
    while (TransactionPtr next = walk.next()) {
        result.push_back(std::move(next));
    }
    return result;
}

PoolCounts Pool::counts() const {
    return {.ready = queues_.ready().size(),
            .ready_bytes = queues_.ready().bytes(),
            .future = queues_.future().size(),
            .future_bytes = queues_.future().bytes(),
            .validating = jobs_.size()};
}

std::string Pool::find_inconsistency() const {
    const PoolCounts now = counts();
    if (now.ready > config_.ready.count || now.ready_bytes > config_.ready.bytes ||
        now.future > config_.future.count || now.future_bytes > config_.future.bytes) {
        return "a queue is longer than its limit";
    }
    if (jobs_.size() > kValidationsMax || watches_.size() > kWatchedMax ||
        watches_.waiting_blocks() > kFinalityWatchBlocksMax) {
        return "a table is longer than its bound";
    }
    std::size_t bytes = 0;
    std::size_t arriving = 0;
    std::size_t revalidating = 0;
    for (const auto& [id, job] : jobs_) {
        bytes += job.extrinsic->data.size();
        revalidating += static_cast<std::size_t>(job.purpose == Purpose::revalidation);
        if (job.purpose == Purpose::submission || job.purpose == Purpose::resubmission) {
            ++arriving;
            if (!arriving_.contains(job.hash)) {
                return "an arriving transaction is not indexed";
            }
        }
    }
    if (bytes != job_bytes_ || arriving != arriving_.size() || revalidating != revalidating_) {
        return "the jobs are miscounted";
    }
    return queues_.find_inconsistency();
}

}  // namespace stipple::chain::pool
