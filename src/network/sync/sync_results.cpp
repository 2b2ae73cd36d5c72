// Peers, announcements, verdicts of jobs, and changes of the chain.
#include "base/check.hpp"
#include "network/sync/sync.hpp"

namespace stipple::network::sync {

bool Sync::is_known_or_queued(const BlockHash& hash) const {
    return known_.contains(hash) || queue_.contains(hash);
}

// ---- peers ----

void Sync::on_peer_connected(Instant now, PeerKey key, Role role, const BlockRef& best,
                             Effects& effects) {
    if (!is_full(role) || !peers_.add(key, best)) {
        return;
    }
    if (bad_.contains(best.hash)) {
        drop(key, Conduct::bad_block, effects);
    }
    advance(now, effects);
}

void Sync::on_peer_disconnected(Instant now, PeerKey key, Effects& effects) {
    const Peer* peer = peers_.find(key);
    if (peer == nullptr) {
        return;
    }
    if (peer->request) {
        const RequestId id = *peer->request;
        const auto request = requests_.extract(id);
        if (!request.empty()) {
            release(id, request.mapped());
        }
    }
    fetches_.remove_peer(key);
    justifications_.remove_peer(key);
    if (state_) {
        state_->contributors.erase(key);
    }
    for (auto& [job, header] : header_jobs_) {
        std::erase(header.peers, key);
    }
    peers_.remove(key);
    advance(now, effects);
}

void Sync::on_block_announce(Instant now, PeerKey key, const BlockAnnounce& announce,
                             const BlockRef& block, Effects& effects) {
    Peer* peer = peers_.find(key);
    if (peer == nullptr || peer->dropped) {
        return;
    }
    if (bad_.contains(block.hash)) {
        drop(key, Conduct::bad_block, effects);
        return;
    }
    if (announce.is_best) {
        if (peer->best.hash != block.hash) {
            peer->other_fork = false;  // judged anew
        }
        peer->best = block;
    }
    const bool is_near = block.number <= best_.number || block.number - best_.number <= kNearBlocks;
    if (phase_ != Phase::following || block.number <= known_.finalized().number || !is_near ||
        is_known_or_queued(block.hash)) {
        advance(now, effects);
        return;
    }
    if (fetches_.contains(block.hash) || !known_.contains(announce.header.parent_hash)) {
        want_fetch(now, block, key, queue_.contains(announce.header.parent_hash));
        advance(now, effects);
        return;
    }
    for (auto& [job, header] : header_jobs_) {
        if (header.hash == block.hash) {
            if (header.peers.size() < kPeersPerFetchMax &&
                std::ranges::find(header.peers, key) == header.peers.end()) {
                header.peers.push_back(key);
            }
            return;
        }
    }
    if (header_jobs_.size() >= kHeadersVerifyingMax ||
        peer->headers_verifying >= kHeadersVerifyingPerPeerMax) {
        effects.emplace_back(ReportPeer{key, Conduct::spam, false});
        return;
    }
    ++peer->headers_verifying;
    const JobId job = next_job();
    header_jobs_.emplace(job, HeaderJob{announce.header, block.hash, {key}, key});
    effects.emplace_back(VerifyHeader{job, announce.header, key});
}

void Sync::on_header_verified(Instant now, JobId job, BlockVerdict verdict, Effects& effects) {
    const auto extracted = header_jobs_.extract(job);
    if (extracted.empty()) {
        return;
    }
    const HeaderJob& header = extracted.mapped();
    if (Peer* peer = peers_.find(header.caused_by); peer != nullptr) {
        --peer->headers_verifying;
    }
    const BlockRef block{header.hash, header.header.number};
    switch (verdict) {
        case BlockVerdict::imported:
        case BlockVerdict::already_known:
        case BlockVerdict::unknown_parent:
            for (const PeerKey key : header.peers) {
                want_fetch(now, block, key, true);
            }
            break;
        case BlockVerdict::bad_header:
        case BlockVerdict::bad_block:
            bad_.add(header.hash);
            for (const PeerKey key : header.peers) {
                drop(key, Conduct::bad_header, effects);
            }
            break;
        case BlockVerdict::wrong_body:
        case BlockVerdict::in_future:
        case BlockVerdict::missing_state:
        case BlockVerdict::environment:
        case BlockVerdict::cancelled:
            break;  // if it is worth having, it is its peer's best block and sought as such
    }
    advance(now, effects);
}

// ---- import ----

void Sync::on_blocks_imported(Instant now, JobId id, const std::vector<ImportResult>& results,
                              Effects& effects) {
    const auto job = queue_.finish(id);
    if (!job) {
        return;
    }
    CHECK(results.size() == job->blocks.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
        const QueuedBlock& queued = job->blocks[i];
        const ImportResult& result = results[i];
        if (result.verdict == BlockVerdict::imported ||
            result.verdict == BlockVerdict::already_known) {
            known_.add(queued.block, queued.parent);
            if (result.needs_justification) {
                justifications_.want(queued.block);
            }
            Peer* peer = queued.from ? peers_.find(*queued.from) : nullptr;
            if (peer != nullptr) {
                peer->strikes = 0;
                if (result.bad_justification) {
                    drop(*queued.from, Conduct::bad_justification, effects);
                }
            }
            continue;
        }
        if (result.verdict == BlockVerdict::cancelled) {
            break;
        }
        if (result.verdict == BlockVerdict::bad_header ||
            result.verdict == BlockVerdict::bad_block ||
            result.verdict == BlockVerdict::wrong_body) {
            on_bad_block(now, queued, result.verdict != BlockVerdict::wrong_body, effects);
        } else if (!job->is_stale) {
            const bool is_ours = result.verdict == BlockVerdict::environment;
            const bool is_early = result.verdict == BlockVerdict::in_future;
            restart_line(now, is_ours    ? Duration(kOwnFailurePause)
                              : is_early ? Duration(kFutureBlockPause)
                                         : Duration{});
        }
        break;
    }
    finish_fetches(now, effects);
    advance(now, effects);
}

/// The sender pays, and whatever else waits may stand on the bad block.
void Sync::on_bad_block(Instant now, const QueuedBlock& block, bool is_bad_for_all,
                        Effects& effects) {
    if (is_bad_for_all) {
        bad_.add(block.block.hash);
    }
    if (block.from) {
        drop(*block.from, Conduct::bad_block, effects);
    }
    restart_line(now, {});
}

void Sync::restart_line(Instant now, Duration pause) {
    queue_.flush();
    line_.stop();
    for (auto& [key, peer] : peers_) {
        peer.off_line = false;
        peer.common.reset();
        peer.search.reset();
    }
    if (pause > Duration{}) {
        paused_until_ = now + pause;
    }
}

void Sync::on_justification_imported(Instant now, JobId job, JustificationVerdict verdict,
                                     Effects& effects) {
    auto* wanted = justifications_.find_job(job);
    if (wanted == nullptr) {
        return;
    }
    wanted->job.reset();
    switch (verdict) {
        case JustificationVerdict::finalized:
            justifications_.settle(wanted->block.number);
            break;
        case JustificationVerdict::bad: {
            const PeerKey from = wanted->from;
            justifications_.note_tried(*wanted, from);
            drop(from, Conduct::bad_justification, effects);
            break;
        }
        case JustificationVerdict::unknown_block:
        case JustificationVerdict::too_early:
        case JustificationVerdict::environment:
            wanted->retry_at = now + kJustificationRetry;
            break;
    }
    advance(now, effects);
}

void Sync::on_history_stored(Instant now, JobId job, HistoryVerdict verdict, Effects& effects) {
    if (!history_ || !history_->is_job(job)) {
        return;
    }
    const auto from = history_->finish_job(verdict == HistoryVerdict::stored);
    if (verdict == HistoryVerdict::bad_body && from) {
        drop(*from, Conduct::bad_block, effects);
    } else if (verdict == HistoryVerdict::environment) {
        paused_until_ = now + kOwnFailurePause;
    }
    if (history_->is_done()) {
        history_.reset();
    }
    advance(now, effects);
}

// ---- the chain ----

void Sync::on_block_added(Instant now, const BlockRef& block, const BlockHash& parent,
                          Effects& effects) {
    known_.add(block, parent);
    finish_fetches(now, effects);
    advance(now, effects);
}

void Sync::on_best_block(Instant now, const BlockRef& best, Effects& effects) {
    best_ = best;
    advance(now, effects);
}

void Sync::on_finalized(Instant now, const BlockRef& finalized, Effects& effects) {
    if (finalized.number <= known_.finalized().number) {
        return;
    }
    known_.finalize(finalized);
    if (best_.number < finalized.number || !known_.contains(best_.hash)) {
        best_ = finalized;  // until we are told
    }
    justifications_.settle(finalized.number);
    if (state_ && !state_->is_warp && !finish_job_ && finalized.number > state_->target.number) {
        // It became final before the choice was heard of: the state of this block is sought.
        state_.reset();
        phase_ = Phase::following;
    }
    // A search may now go below what is known: it begins anew.
    for (auto& [key, peer] : peers_) {
        peer.search.reset();
    }
    finish_fetches(now, effects);
    advance(now, effects);
}

void Sync::request_justification(Instant now, const BlockRef& block, Effects& effects) {
    if (block.number > known_.finalized().number) {
        justifications_.want(block);
        advance(now, effects);
    }
}

void Sync::request_block(Instant now, const BlockRef& block, const std::vector<PeerKey>& peers,
                         Effects& effects) {
    if (peers.empty()) {
        want_fetch(now, block, std::nullopt, false);
    }
    for (const PeerKey key : peers) {
        if (peers_.find(key) != nullptr) {
            want_fetch(now, block, key, false);
        }
    }
    advance(now, effects);
}

}  // namespace stipple::network::sync
