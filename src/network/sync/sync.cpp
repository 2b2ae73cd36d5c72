#include "network/sync/sync.hpp"

#include "base/check.hpp"

namespace stipple::network::sync {
namespace {

constexpr std::uint8_t kBlockParts =
    block_part::kHeader | block_part::kBody | block_part::kJustification;

BlockNumber distance(BlockNumber higher, BlockNumber lower) {
    return higher > lower ? higher - lower : 0;
}

}  // namespace

Sync::Sync(SyncConfig config, const ChainStart& start, Seed seed)
    : config_(std::move(config)), prng_(seed), known_(start.finalized) {
    CHECK(config_.blocks_per_request > 0 && config_.blocks_per_request <= kBlocksPerResponseMax);
    begin_chain(start);
    warp_begin_ = config_.warp_begin.value_or(start.genesis);
    const bool at_genesis = start.best.number == 0;
    if (start.stateless) {
        if (config_.mode != SyncMode::fast_unsafe) {
            config_.mode = SyncMode::fast;  // the only way on
        }
    } else if (!at_genesis) {
        config_.mode = SyncMode::full;
    }
    if (config_.mode == SyncMode::warp) {
        phase_ = Phase::waiting_for_peers;
    }
    if (config_.resume && takes_state() &&
        config_.resume->is_warp == (config_.mode == SyncMode::warp)) {
        resume_state(*config_.resume);
    }
}

void Sync::begin_chain(const ChainStart& start) {
    known_.reset(start.finalized);
    for (const auto& block : start.unfinalized) {
        known_.add(block.block, block.parent);
    }
    best_ = start.best;
    history_.reset();
    if (start.gap) {
        history_.emplace(*start.gap);
    }
}

std::uint8_t Sync::wanted_parts() const {
    return kBlockParts;
}

// ---- what happens next ----

void Sync::advance(Instant now, Effects& effects) {
    last_now_ = now;
    if (paused_until_ && *paused_until_ <= now) {
        paused_until_.reset();
    }
    switch (phase_) {
        case Phase::waiting_for_peers:
        case Phase::warp_proofs:
            drive_warp(now, effects);
            break;
        case Phase::state_target:
        case Phase::state:
            drive_state(now, effects);
            break;
        case Phase::state_finishing:
            if (!finish_job_) {
                drive_state(now, effects);
            }
            break;
        case Phase::following:
            follow(now, effects);
            break;
    }
}

void Sync::follow(Instant now, Effects& effects) {
    if (takes_state() && best_.number == 0 && median_best() == BlockNumber{0}) {
        config_.mode = SyncMode::full;  // a new chain: there is no state but that of genesis
    }
    if (!paused_until_) {
        feed_imports(effects);
        if (line_.active()) {
            feed_line(now, effects);
        }
        if (!line_.active()) {
            start_line(now, effects);
        }
        seek_near_heads(now);
        feed_fetches(now, effects);
        feed_imports(effects);
    }
    feed_justifications(now, effects);
    if (should_take_state()) {
        begin_state(known_.finalized(), false);
        effects.emplace_back(ChooseState{state_->target});
        drive_state(now, effects);
        return;
    }
    if (!line_.active()) {
        feed_history(now, effects);
    }
}

bool Sync::wants_line(const Peer& peer) const {
    return peer.is_usable() && distance(peer.best.number, best_.number) > kNearBlocks;
}

/// Starts at a block that a search has found, else keeps searches going.
void Sync::start_line(Instant now, Effects& effects) {
    if (!queue_.empty()) {
        return;  // what we have is about to change
    }
    std::size_t searching = 0;
    std::vector<PeerKey> found;
    std::vector<PeerKey> candidates;
    for (auto& [key, peer] : peers_) {
        if (!wants_line(peer)) {
            peer.search.reset();
            continue;
        }
        if (peer.common && known_.contains(peer.common->hash)) {
            found.push_back(key);
        } else if (peer.search) {
            ++searching;
        } else if (peer.is_free(now)) {
            candidates.push_back(key);
        }
    }
    // With nothing above the finalised block there is only one place to start at.
    if (found.empty() && best_ == known_.finalized() && !candidates.empty()) {
        found.push_back(candidates[prng_.below(candidates.size())]);
        peers_.find(found.front())->common = best_;
    }
    if (!found.empty()) {
        line_starter_ = found[prng_.below(found.size())];
        line_anchor_ = *peers_.find(*line_starter_)->common;
        line_.start(line_anchor_);
        for (auto& [key, peer] : peers_) {
            peer.off_line = false;
            peer.common.reset();
            peer.search.reset();
        }
        feed_line(now, effects);
        return;
    }
    while (searching < kSearchesMax && !candidates.empty()) {
        const std::size_t index = prng_.below(candidates.size());
        Peer& peer = *peers_.find(candidates[index]);
        candidates.erase(candidates.begin() + static_cast<std::ptrdiff_t>(index));
        peer.search.emplace(best_.number, known_.finalized());
        ++searching;
    }
    for (auto& [key, peer] : peers_) {
        if (peer.search && peer.is_free(now)) {
            BlockRequest request{.parts = block_part::kHeader,
                                 .from = peer.search->next(),
                                 .direction = Direction::ascending,
                                 .max_blocks = 1};
            send(now, key, Purpose::search, request, {}, effects);
        }
    }
}

/// Hands on what links, asks for what is wanted, and ends the line when nobody has more.
void Sync::feed_line(Instant now, Effects& effects) {
    link_line(now, effects);
    if (!line_.active()) {
        return;
    }
    std::optional<BlockNumber> target;
    for (const auto& [key, peer] : peers_) {
        if (peer.is_usable() && !peer.off_line && peer.best.number > line_.tip().number) {
            target = std::max(target.value_or(0), peer.best.number);
        }
    }
    if (!target) {
        line_.clear_windows();
        if (queue_.empty()) {
            line_.stop();
        }
        return;
    }
    line_.set_target(*target, config_.blocks_per_request);
    for (const auto& want : line_.wanted()) {
        if (line_.asked() >= config_.parallel_downloads) {
            break;
        }
        const auto peer = peers_.pick(prng_, [&](PeerKey, const Peer& candidate) {
            return candidate.is_free(now) && !candidate.off_line &&
                   candidate.best.number >= want.first && candidate.bodies_from <= want.first;
        });
        if (!peer) {
            continue;
        }
        BlockRequest request{.parts = wanted_parts(),
                             .from = want.first,
                             .direction = Direction::ascending,
                             .max_blocks = want.count};
        line_.assign(want, RequestId(next_request_));
        send(now, *peer, Purpose::line, request, {}, effects);
    }
    // The front may be for nobody (its peer has no bodies so far back, or has left the line).
    const bool has_source = std::ranges::any_of(peers_, [&](const auto& entry) {
        const Peer& peer = entry.second;
        return peer.is_usable() && !peer.off_line && peer.best.number > line_.tip().number &&
               peer.bodies_from <= line_.tip().number + 1;
    });
    if (!has_source && line_.asked() == 0) {
        line_.clear_windows();
        if (queue_.empty()) {
            line_.stop();
        }
    }
}

void Sync::link_line(Instant now, Effects& effects) {
    while (line_.active() && queue_.has_room()) {
        auto taken = line_.take();
        if (!taken) {
            return;
        }
        if (!taken->misfit) {
            if (refuse_bad_run(taken->blocks, effects)) {
                restart_line(now, {});
                return;
            }
            queue_.push(std::move(taken->blocks));
            continue;
        }
        if (Peer* peer = peers_.find(*taken->misfit)) {
            peer->off_line = true;
            // Others only joined the line; this one has said that it continues the anchor.
            if (taken->misfit == line_starter_ && line_.tip() == line_anchor_) {
                strike(now, *taken->misfit, Conduct::no_block, effects);
            }
        }
    }
}

/// Peers that are a little ahead of us: their best block is fetched by hash.
void Sync::seek_near_heads(Instant now) {
    if (median_is_ahead_by(kNearBlocks + 1)) {
        return;
    }
    for (const auto& [key, peer] : peers_) {
        if (peer.is_free(now) && peer.best.number > best_.number &&
            distance(peer.best.number, best_.number) <= kNearBlocks) {
            want_fetch(now, peer.best, key, false);
        }
    }
}

void Sync::want_fetch(Instant now, const BlockRef& target, std::optional<PeerKey> from,
                      bool parent_known) {
    if (target.number <= known_.finalized().number || is_known_or_queued(target.hash) ||
        bad_.contains(target.hash)) {
        return;
    }
    if (from) {
        fetches_.want(now, target, *from, parent_known);
        return;
    }
    for (const auto& [key, peer] : peers_) {
        if (peer.is_usable() && peer.best.number >= target.number) {
            fetches_.want(now, target, key, parent_known);
        }
    }
}

void Sync::feed_fetches(Instant now, Effects& effects) {
    for (auto& [hash, fetch] : fetches_) {
        if (fetch.requests.size() >= kRequestsPerFetchMax ||
            is_known_or_queued(fetch.next_hash()) ||
            (!fetch.requests.empty() && now < fetch.asked_at + kOvertakeAfter)) {
            continue;
        }
        const auto peer = peers_.pick(prng_, [&](PeerKey key, const Peer& candidate) {
            return candidate.is_free(now) && fetch.peers.contains(key);
        });
        if (!peer) {
            continue;
        }
        BlockRequest request{.parts = wanted_parts(),
                             .from = fetch.next_hash(),
                             .direction = Direction::descending,
                             .max_blocks = fetch.parent_known ? 1 : config_.blocks_per_request};
        fetch.requests.insert(RequestId(next_request_));
        fetch.asked_at = now;
        send(now, *peer, Purpose::fetch, request, hash, effects);
    }
}

void Sync::feed_justifications(Instant now, Effects& effects) {
    for (auto* wanted : justifications_.active(now)) {
        if (!wanted->is_idle() || wanted->retry_at > now) {
            continue;
        }
        const auto has_it = [&](PeerKey key, const Peer& peer) {
            return peer.is_usable() && peer.best.number >= wanted->block.number &&
                   !wanted->tried.contains(key);
        };
        const auto peer = peers_.pick(prng_, [&](PeerKey key, const Peer& candidate) {
            return has_it(key, candidate) && candidate.is_free(now);
        });
        if (!peer) {
            const bool any_left = std::ranges::any_of(
                peers_, [&](const auto& entry) { return has_it(entry.first, entry.second); });
            if (!any_left && !wanted->tried.empty()) {  // all were asked: begin anew, later
                wanted->tried.clear();
                wanted->retry_at = now + kJustificationRetry;
            }
            continue;
        }
        BlockRequest request{.parts = block_part::kJustification,
                             .from = wanted->block.hash,
                             .direction = Direction::ascending,
                             .max_blocks = 1};
        wanted->request = RequestId(next_request_);
        send(now, *peer, Purpose::justification, request, wanted->block.hash, effects);
    }
}

void Sync::feed_history(Instant now, Effects& effects) {
    if (!history_ || paused_until_) {
        return;
    }
    if (auto blocks = history_->start_job(JobId(next_job_))) {
        effects.emplace_back(StoreHistory{next_job(), std::move(*blocks)});
    }
    const auto request = history_->wanted();
    if (!request) {
        return;
    }
    const BlockNumber lowest = history_->gap().highest.number;
    const auto peer = peers_.pick(prng_, [&](PeerKey, const Peer& candidate) {
        return candidate.is_free(now) && candidate.bodies_from < lowest;
    });
    if (peer) {
        history_->on_sent(RequestId(next_request_));
        send(now, *peer, Purpose::history, *request, {}, effects);
    }
}

void Sync::feed_imports(Effects& effects) {
    while (queue_.can_start()) {
        const JobId job = next_job();
        effects.emplace_back(
            ImportBlocks{job, queue_.start(job),
                         config_.mode != SyncMode::fast && config_.mode != SyncMode::fast_unsafe});
    }
}

// ---- time ----

void Sync::on_wake(Instant now, Effects& effects) {
    on_deadlines(now, effects);
    advance(now, effects);
}

void Sync::on_deadlines(Instant now, Effects& effects) {
    std::vector<RequestId> late;
    for (const auto& [id, request] : requests_) {
        if (request.deadline <= now) {
            late.push_back(id);
        }
    }
    for (const RequestId id : late) {
        const auto request = requests_.extract(id);
        effects.emplace_back(CancelRequest{id});
        fail_request(now, id, request.mapped(), Conduct::timeout, effects);
    }
}

std::optional<Instant> Sync::wake_at() const {
    std::optional<Instant> earliest;
    const auto consider = [&](Instant at) {
        if (!earliest || at < *earliest) {
            earliest = at;
        }
    };
    for (const auto& [id, request] : requests_) {
        consider(request.deadline);
    }
    if (paused_until_) {
        consider(*paused_until_);
    }
    for (const auto& [key, peer] : peers_) {
        if (peer.is_usable() && peer.idle_until > last_now_) {
            consider(peer.idle_until);
        }
    }
    if (phase_ == Phase::waiting_for_peers && waiting_since_) {
        consider(*waiting_since_ + config_.warp_patience);
    }
    for (const auto& [hash, fetch] : fetches_) {
        if (fetch.requests.size() == 1 && fetch.asked_at + kOvertakeAfter > last_now_) {
            consider(fetch.asked_at + kOvertakeAfter);
        }
    }
    if (const auto retry = justifications_.retry_at(last_now_)) {
        consider(*retry);
    }
    return earliest;
}

}  // namespace stipple::network::sync
