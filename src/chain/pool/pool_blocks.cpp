// The pool and the chain: blocks that come and go, finality, and validating again.
#include "chain/pool/pool.hpp"

#include <algorithm>

namespace stipple::chain::pool {

void Pool::on_new_best(Instant now, const BestBlockChange& change, PoolEffects& effects) {
    best_ = change.best;
    bans_.expire(now);
    // A transaction may leave one block and stand in another: retraction is told first.
    for (const BlockContent& block : change.retracted) {
        retract(block, effects);
    }
    if (!change.retracted.empty()) {
        queues_.forget_pruned_tags();
    }
    std::set<ExtrinsicHash> included;
    for (const BlockContent& block : change.enacted) {
        for (const Extrinsic& extrinsic : block.body) {
            included.insert(extrinsic.hash());
        }
        enact(now, block, effects);
    }
    take_back(change.retracted, included, effects);
    reject(now, queues_.remove_expired(best_.number), effects);
    enforce_limits(now, effects);

    blocks_since_revalidation_ += static_cast<std::uint32_t>(change.enacted.size());
    const bool long_ago = last_revalidation_ && now - *last_revalidation_ >= kRevalidationTime;
    if (!last_revalidation_) {
        last_revalidation_ = now;
    }
    if (blocks_since_revalidation_ >= kRevalidationBlocks || long_ago ||
        !change.retracted.empty()) {
        schedule_revalidation(now);
    }
}

void Pool::retract(const BlockContent& block, PoolEffects& effects) {
    std::vector<WatchList::Notice> notices;
    watches_.note_retracted(block.block.hash, notices);
    tell(std::move(notices), effects);
    for (const Extrinsic& extrinsic : block.body) {
        bans_.lift(extrinsic.hash());
    }
    for (auto job = jobs_.begin(); job != jobs_.end();) {
        const auto current = job++;
        const bool here = current->second.at == block.block;
        const bool learning = current->second.purpose == Purpose::learn_tags;
        if ((learning && current->second.learnt_from == block.block.hash) ||
            (here && current->second.purpose == Purpose::revalidation)) {
            take_job(current);
        } else if (here) {
            current->second.off_chain = true;
        }
    }
}

// Takes the block's transactions out by their tags; what goes with them without being in the block
// is validated again.
void Pool::enact(Instant now, const BlockContent& block, PoolEffects& effects) {
    queues_.start_block();
    const bool has_rivals = queues_.ready().size() + queues_.future().size() + arriving_.size() > 0;
    std::vector<Tag> tags;
    std::vector<WatchList::Notice> notices;
    std::set<ExtrinsicHash> included;
    for (std::size_t i = 0; i < block.body.size(); ++i) {
        const ExtrinsicHash hash = block.body[i].hash();
        const auto index = static_cast<std::uint32_t>(i);
        included.insert(hash);
        bans_.ban(now, hash);
        if (const auto arriving = arriving_.find(hash); arriving != arriving_.end()) {
            // The block was faster than the validation: it did get through.
            answer(take_job(jobs_.find(arriving->second)), {}, effects);
        }
        watches_.note_in_block(hash, block.block.hash, index, notices);
        if (const TransactionPtr known = queues_.find(hash)) {
            tags.insert(tags.end(), known->provides_tags.begin(), known->provides_tags.end());
        } else if (has_rivals && has_room(block.body[i].data.size())) {
            Job job;
            job.purpose = Purpose::learn_tags;
            job.hash = hash;
            job.extrinsic = std::make_shared<const Extrinsic>(block.body[i]);
            job.source = Source::in_block;
            job.at = block.parent;
            job.learnt_from = block.block.hash;
            start(std::move(job), effects);
        }
    }
    QueueChanges changes = queues_.prune_tags(tags);
    tell(std::move(notices), effects);
    std::erase_if(changes.failed, [&](const TransactionPtr& transaction) {
        return included.contains(transaction->hash);
    });
    report(changes, effects);
    for (const TransactionPtr& pruned : changes.pruned) {
        if (!included.contains(pruned->hash)) {
            resubmit(pruned->hash, pruned->extrinsic, pruned->source, effects);
        }
    }
}

// They stood in a valid block, and are asked about as such. Deviation: the Rust node takes them for
// external ones, which runtimes refuse when they are reports of equivocations (sent by who saw
// them, taken from nobody else), so that a reorganisation would lose a report for good.
void Pool::take_back(const std::vector<BlockContent>& retracted,
                     const std::set<ExtrinsicHash>& enacted, PoolEffects& effects) {
    // Oldest first, so that predecessors come back before those that need them.
    for (auto block = retracted.rbegin(); block != retracted.rend(); ++block) {
        for (const Extrinsic& extrinsic : block->body) {
            const ExtrinsicHash hash = extrinsic.hash();
            if (!enacted.contains(hash)) {
                resubmit(hash, std::make_shared<const Extrinsic>(extrinsic), Source::in_block,
                         effects);
            }
        }
    }
}

void Pool::finish_learning(const Job& job, const Result<TransactionValidity>& verdict,
                           PoolEffects& effects) {
    if (!verdict || !verdict->has_value()) {
        return;  // an inherent, or of another time: provides nothing
    }
    const QueueChanges changes = queues_.prune_tags((*verdict)->provides_tags);
    report(changes, effects);
    for (const TransactionPtr& pruned : changes.pruned) {
        if (pruned->hash != job.hash) {
            resubmit(pruned->hash, pruned->extrinsic, pruned->source, effects);
        }
    }
}

void Pool::on_finalized(const std::vector<BlockRef>& finalized, PoolEffects& effects) {
    for (const BlockRef& block : finalized) {
        std::vector<WatchList::Notice> notices;
        watches_.note_finalized(block.hash, notices);
        tell(std::move(notices), effects);
    }
}

// ---- validating again ----

void Pool::schedule_revalidation(Instant now) {
    blocks_since_revalidation_ = 0;
    last_revalidation_ = now;
    revalidation_.clear();
    for (const TransactionPtr& transaction : queues_.ready().all()) {
        revalidation_.push_back(transaction->hash);
    }
    if (!revalidation_.empty() && !next_batch_) {
        next_batch_ = now;
    }
}

std::optional<Instant> Pool::wake_at() const {
    // While a batch is out, its answers come first.
    return revalidation_.empty() || revalidating_ > 0 ? std::nullopt : next_batch_;
}

void Pool::on_wake(Instant now, PoolEffects& effects) {
    if (revalidation_.empty() || revalidating_ > 0 || (next_batch_ && now < *next_batch_)) {
        return;
    }
    std::size_t left = std::max(kRevalidationBatchMin, revalidation_.size() / 4);
    while (left > 0 && !revalidation_.empty()) {
        const TransactionPtr transaction = queues_.ready().find(revalidation_.front());
        if (transaction != nullptr) {
            if (!has_room(transaction->extrinsic->data.size())) {
                break;
            }
            Job job;
            job.purpose = Purpose::revalidation;
            job.hash = transaction->hash;
            job.extrinsic = transaction->extrinsic;
            job.source = transaction->source;
            start(std::move(job), effects);
            --left;
        }
        revalidation_.pop_front();
    }
    next_batch_ =
        revalidation_.empty() ? std::nullopt : std::optional<Instant>(now + kRevalidationPause);
}

void Pool::finish_revalidation(Instant now, const Job& job,
                               const Result<TransactionValidity>& verdict, PoolEffects& effects) {
    const TransactionPtr old = queues_.ready().find(job.hash);
    if (old == nullptr || !verdict) {
        return;  // gone meanwhile, or no verdict
    }
    const TransactionValidity& validity = *verdict;
    if (!validity) {
        if (std::holds_alternative<InvalidTransaction>(validity.error())) {
            reject(now, queues_.remove(job.hash), effects);
        }
        return;
    }
    if (validity->provides_tags.empty()) {
        reject(now, queues_.remove(job.hash), effects);
        return;
    }
    report(queues_.update(transaction_of(job, *validity)), effects);
    enforce_limits(now, effects);
}

}  // namespace stipple::chain::pool
