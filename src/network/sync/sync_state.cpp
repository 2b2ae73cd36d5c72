// Warp sync and the download of a state.
#include "base/check.hpp"
#include "network/sync/sync.hpp"

namespace stipple::network::sync {

// ---- proofs of finality ----

void Sync::drive_warp(Instant now, Effects& effects) {
    if (phase_ == Phase::waiting_for_peers) {
        const auto usable = static_cast<std::size_t>(std::ranges::count_if(
            peers_, [](const auto& entry) { return entry.second.is_usable(); }));
        if (usable == 0) {
            waiting_since_.reset();
            return;
        }
        if (!waiting_since_) {
            waiting_since_ = now;
        }
        if (usable < config_.warp_peers_min && now < *waiting_since_ + config_.warp_patience) {
            return;
        }
        waiting_since_.reset();
        phase_ = Phase::warp_proofs;
    }
    const bool is_asked = std::ranges::any_of(
        requests_, [](const auto& entry) { return entry.second.purpose == Purpose::warp; });
    if (is_asked || warp_job_ || paused_until_) {
        return;
    }
    const BlockNumber median = median_best().value_or(0);
    const auto peer = peers_.pick(prng_, [&](PeerKey, const Peer& candidate) {
        return candidate.is_free(now) && candidate.best.number >= median;
    });
    if (peer) {
        send(now, *peer, Purpose::warp, WarpRequest{warp_begin_}, {}, effects);
    }
}

void Sync::on_warp_answer(Instant now, RequestId id, const OpenRequest& request, ByteView answer,
                          Effects& effects) {
    if (phase_ != Phase::warp_proofs || warp_job_) {
        return;
    }
    auto proof = decode_warp_proof(answer);
    if (!proof) {
        fail_request(now, id, request, Conduct::bad_message, effects);
        return;
    }
    if (proof->fragments.empty()) {
        // Nothing is final beyond where we begin, says this peer. If all say so, there is nothing
        // to warp to.
        ++warp_empty_;
        if (proof->is_finished && warp_empty_ >= std::min(peers_.size(), config_.warp_peers_min)) {
            phase_ = Phase::following;
            config_.mode = SyncMode::full;
        } else {
            strike(now, request.peer, Conduct::bad_response, effects);
        }
        return;
    }
    warp_fragments_ += proof->fragments.size();
    warp_bytes_ += answer.size();
    warp_job_ = next_job();
    warp_from_ = request.peer;
    effects.emplace_back(VerifyWarpProof{*warp_job_, warp_begin_, std::move(*proof), request.peer});
}

void Sync::on_warp_verified(Instant now, JobId job, const WarpVerdict& verdict, Effects& effects) {
    if (warp_job_ != job) {
        return;
    }
    warp_job_.reset();
    if (!verdict.good) {
        drop(warp_from_, Conduct::bad_warp_proof, effects);
    } else {
        warp_empty_ = 0;
        warp_begin_ = verdict.next_begin;
        if (Peer* peer = peers_.find(warp_from_)) {
            peer->strikes = 0;
        }
        if (verdict.target) {
            begin_state(verdict.target->ref(), true);
        }
    }
    advance(now, effects);
}

// ---- state ----

bool Sync::should_take_state() const {
    if ((config_.mode != SyncMode::fast && config_.mode != SyncMode::fast_unsafe) ||
        line_.active() || !queue_.empty() || known_.finalized().number == 0) {
        return false;
    }
    const auto median = median_best();
    return median && *median <= known_.finalized().number + kStateFinalityDistance;
}

void Sync::begin_state(const BlockRef& target, bool is_warp) {
    state_.emplace();
    state_->target = target;
    state_->is_warp = is_warp;
    state_->no_proof = config_.mode == SyncMode::fast_unsafe;
    phase_ = Phase::state_target;
}

void Sync::resume_state(const StateResume& resume) {
    begin_state(resume.target, resume.is_warp);
    state_->start = resume.start;
    state_->bytes = resume.bytes;
    state_->is_complete = resume.is_complete;
}

void Sync::drive_state(Instant now, Effects& effects) {
    CHECK(state_.has_value());
    if (!state_->is_idle() || paused_until_) {
        return;
    }
    if (phase_ == Phase::state_finishing) {
        finish_job_ = next_job();
        effects.emplace_back(FinishStateSync{*finish_job_, *state_->block, state_->is_warp});
        return;
    }
    const auto peer = peers_.pick(prng_, [&](PeerKey, const Peer& candidate) {
        return candidate.is_free(now) && candidate.best.number >= state_->target.number;
    });
    if (!peer) {
        return;
    }
    state_->request = RequestId(next_request_);
    if (phase_ == Phase::state_target) {
        BlockRequest request{.parts = wanted_parts(),
                             .from = state_->target.hash,
                             .direction = Direction::descending,
                             .max_blocks = 1};
        send(now, *peer, Purpose::state_target, request, {}, effects);
    } else {
        send(now, *peer, Purpose::state, state_->next_request(), {}, effects);
    }
}

/// One more peer has not what we ask for; after enough of them, other state is sought.
void Sync::refuse_state(Instant now, PeerKey peer, Effects& effects) {
    strike(now, peer, Conduct::no_block, effects);
    if (++state_->refusals < kStateRefusalsMax) {
        return;
    }
    effects.emplace_back(DropState{});
    phase_ = state_->is_warp ? Phase::warp_proofs : Phase::following;
    state_.reset();
}

void Sync::on_target_answer(Instant now, RequestId id, const OpenRequest& request, ByteView answer,
                            Effects& effects) {
    if (!state_ || state_->request != id) {
        return;
    }
    state_->request.reset();
    auto blocks = read_blocks(std::get<BlockRequest>(request.body), answer);
    if (!blocks) {
        fail_request(now, id, request, conduct_of(blocks.error()), effects);
        return;
    }
    if (blocks->empty() || !blocks->front().body) {
        refuse_state(now, request.peer, effects);
        return;
    }
    blocks->front().from = request.peer;
    state_->block = std::move(blocks->front());
    state_->refusals = 0;
    phase_ = state_->is_complete ? Phase::state_finishing : Phase::state;
}

void Sync::on_state_answer(Instant now, RequestId id, const OpenRequest& request, ByteView answer,
                           Effects& effects) {
    if (!state_ || state_->request != id) {
        return;
    }
    state_->request.reset();
    auto response = decode_state_response(answer);
    if (!response) {
        fail_request(now, id, request, Conduct::bad_message, effects);
        return;
    }
    const bool is_empty = state_->no_proof ? response->tries.empty() : response->proof.empty();
    if (is_empty) {
        refuse_state(now, request.peer, effects);
        return;
    }
    state_->bytes += answer.size();
    state_->job = next_job();
    state_->from = request.peer;
    if (state_->no_proof) {
        state_->contributors.insert(request.peer);
    }
    effects.emplace_back(StoreStateChunk{*state_->job, state_->target,
                                         state_->block->header.state_root, state_->start,
                                         std::move(*response), state_->no_proof, request.peer});
}

void Sync::on_state_stored(Instant now, JobId job, const StateVerdict& verdict, Effects& effects) {
    if (!state_ || state_->job != job) {
        return;
    }
    state_->job.reset();
    switch (verdict.kind) {
        case StateVerdict::Kind::stored:
            state_->refusals = 0;
            state_->start = verdict.next_start;
            if (Peer* peer = peers_.find(state_->from)) {
                peer->strikes = 0;
            }
            break;
        case StateVerdict::Kind::complete:
            state_->is_complete = true;
            phase_ = Phase::state_finishing;
            break;
        case StateVerdict::Kind::bad:
            drop(state_->from, Conduct::bad_state, effects);
            break;
        case StateVerdict::Kind::bad_root: {
            state_->start.clear();
            const auto contributors = std::move(state_->contributors);
            state_->contributors.clear();
            for (const PeerKey peer : contributors) {
                strike(now, peer, Conduct::bad_response, effects);
            }
            break;
        }
        case StateVerdict::Kind::environment:
            paused_until_ = now + kOwnFailurePause;
            break;
    }
    advance(now, effects);
}

void Sync::on_state_body_refused(Instant now, JobId job, Effects& effects) {
    if (finish_job_ != job) {
        return;
    }
    finish_job_.reset();
    if (state_->block && state_->block->from) {
        drop(*state_->block->from, Conduct::bad_block, effects);
    }
    state_->block.reset();
    phase_ = Phase::state_target;
    advance(now, effects);
}

void Sync::on_state_finished(Instant now, JobId job, const std::optional<ChainStart>& chain,
                             Effects& effects) {
    if (finish_job_ != job) {
        return;
    }
    finish_job_.reset();
    if (!chain) {
        paused_until_ = now + kOwnFailurePause;
    } else {
        state_.reset();
        config_.mode = SyncMode::full;
        phase_ = Phase::following;
        restart_line(now, {});
        fetches_.clear();
        justifications_.clear();
        begin_chain(*chain);
        for (auto& [key, peer] : peers_) {
            peer.other_fork = false;
        }
    }
    advance(now, effects);
}

}  // namespace stipple::network::sync
