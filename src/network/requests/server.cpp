#include "network/requests/server.hpp"

#include "base/check.hpp"
#include "crypto/hash.hpp"

namespace stipple::network::requests {
namespace {

template <class T>
auto widen(Decoded<T> request) {
    using Out = std::variant<BlockRequest, StateRequest, WarpRequest, LightCallRequest,
                             LightReadRequest, BeefyProofRequest>;
    if (!request) {
        return Decoded<Out>(std::unexpected(request.error()));
    }
    return Decoded<Out>(Out(std::move(*request)));
}

template <class... Fs>
struct Overloaded : Fs... {
    using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

/// Equal questions have equal bytes here, however the peer has encoded them.
Bytes canonical(const auto& question) {
    return std::visit(
        Overloaded{[](const LightCallRequest& call) { return encode(LightRequest(call)); },
                   [](const LightReadRequest& read) { return encode(LightRequest(read)); },
                   [](const auto& other) { return encode(other); }},
        question);
}

bool is_small(const BlockRequest& request) {
    constexpr std::uint8_t kSmallParts = block_part::kHeader | block_part::kJustification;
    return (request.parts & ~kSmallParts) == 0;
}

}  // namespace

Decoded<RequestServer::Question> RequestServer::parse(Protocol protocol, ByteView payload) {
    switch (protocol) {
        case Protocol::sync: {
            auto request = decode_block_request(payload);
            if (request &&
                (request->max_blocks == 0 || request->max_blocks > kBlocksPerResponseMax)) {
                request->max_blocks = kBlocksPerResponseMax;  // the same question in both forms
            }
            return widen(std::move(request));
        }
        case Protocol::state:
            return widen(decode_state_request(payload));
        case Protocol::warp:
            return widen(decode_warp_request(payload));
        case Protocol::beefy_justifications:
            return widen(decode_beefy_proof_request(payload));
        case Protocol::light: {
            auto request = decode_light_request(payload);
            if (!request) {
                return std::unexpected(request.error());
            }
            return std::visit([](auto& inner) { return Question(std::move(inner)); }, *request);
        }
        default:
            return std::unexpected(MessageError::bad_value);
    }
}

void RequestServer::on_request(Instant now, PeerKey peer, InboundId id, Protocol protocol,
                               ByteView payload, Effects& effects) {
    const std::size_t before = effects.size();
    take_request(now, peer, id, protocol, payload, effects);
    count(protocol, effects, before);
}

void RequestServer::count(Protocol protocol, const Effects& effects, std::size_t from) {
    for (std::size_t i = from; i < effects.size(); ++i) {
        counts_[protocol].answered += std::holds_alternative<Respond>(effects[i]) ? 1U : 0U;
        counts_[protocol].refused += std::holds_alternative<Refuse>(effects[i]) ? 1U : 0U;
    }
}

void RequestServer::take_request(Instant now, PeerKey peer, InboundId id, Protocol protocol,
                                 ByteView payload, Effects& effects) {
    if (!take_token(now, peer)) {
        effects.emplace_back(ReportPeer{peer, Conduct::too_many_requests, false});
        refuse(id, effects);
        return;
    }
    auto question = parse(protocol, payload);
    if (!question) {
        effects.emplace_back(ReportPeer{peer, Conduct::bad_message, false});
        refuse(id, effects);
        return;
    }
    const QuestionKey key{protocol, QuestionHash(crypto::blake2b_256(canonical(*question)).bytes)};
    const bool is_watched = protocol == Protocol::sync || protocol == Protocol::state;
    if (is_watched && same_.is_too_often(now, peer, key)) {
        const auto* blocks = std::get_if<BlockRequest>(&*question);
        const bool small = blocks != nullptr && is_small(*blocks);
        effects.emplace_back(
            ReportPeer{peer, small ? Conduct::same_small_request : Conduct::same_request, false});
        if (!small) {
            refuse(id, effects);
            return;
        }
    }
    const Asker asker{peer, id};
    if (answer_from_cache(now, key, asker, effects)) {
        return;
    }
    PeerState& state = peers_.at(peer);
    if (state.open >= kRequestsPerPeerMax) {
        refuse(id, effects);
        return;
    }
    if (!join(key, asker)) {
        if (waiting_.size() >= kWaitingMax) {
            refuse(id, effects);
            return;
        }
        waiting_.push_back({key, std::move(*question), {asker}, {}});
    }
    ++state.open;
    ++open_requests_;
    start_jobs(now, effects);
}

bool RequestServer::take_token(Instant now, PeerKey peer) {
    auto found = peers_.find(peer);
    if (found == peers_.end()) {
        if (peers_.size() >= kPeersMax) {
            return false;
        }
        found = peers_.emplace(peer, PeerState{.refilled_at = now}).first;
    }
    PeerState& state = found->second;
    constexpr Duration kTokenTime = Duration(std::chrono::seconds(1)) / kRequestsPerSecond;
    static_assert(kTokenTime > Duration{});
    const auto refill = (now - state.refilled_at) / kTokenTime;
    if (refill > 0) {
        const auto room = static_cast<Duration::rep>(kBurstRequests - state.tokens);
        state.tokens += static_cast<std::uint32_t>(std::min(refill, room));
        state.refilled_at = state.refilled_at + kTokenTime * refill;
    }
    if (state.tokens == 0) {
        return false;
    }
    --state.tokens;
    return true;
}

bool RequestServer::answer_from_cache(Instant now, const QuestionKey& key, const Asker& asker,
                                      Effects& effects) {
    const auto found = cache_.find(key);
    if (found == cache_.end() || found->second.until <= now) {
        return false;
    }
    if (found->second.has_data) {
        same_.on_answered(now, asker.peer, key);
    }
    effects.emplace_back(Respond{asker.request, found->second.response});
    return true;
}

/// Somebody has asked the same and has no answer yet: one job serves both.
bool RequestServer::join(const QuestionKey& key, const Asker& asker) {
    const auto try_join = [&](Work& work) {
        if (work.key != key || work.askers.size() >= kAskersPerQuestionMax) {
            return false;
        }
        work.askers.push_back(asker);
        return true;
    };
    return std::ranges::any_of(jobs_, [&](auto& entry) { return try_join(entry.second); }) ||
           std::ranges::any_of(waiting_, try_join);
}

void RequestServer::start_jobs(Instant now, Effects& effects) {
    while (!waiting_.empty() && jobs_.size() < kJobsMax) {
        Work work = std::move(waiting_.front());
        waiting_.pop_front();
        work.deadline = now + kJobTimeout;
        const JobId job(next_job_++);
        std::visit(Overloaded{[&](const BlockRequest& request) {
                                  effects.emplace_back(ReadBlocks{job, request});
                              },
                              [&](const StateRequest& request) {
                                  effects.emplace_back(ReadState{job, request});
                              },
                              [&](const WarpRequest& request) {
                                  effects.emplace_back(BuildWarpProof{job, request.begin});
                              },
                              [&](const LightCallRequest& request) {
                                  effects.emplace_back(LightCall{job, request});
                              },
                              [&](const LightReadRequest& request) {
                                  effects.emplace_back(LightRead{job, request});
                              },
                              [&](const BeefyProofRequest& request) {
                                  effects.emplace_back(ReadBeefyProof{job, request.block});
                              }},
                   work.question);
        jobs_.emplace(job, std::move(work));
    }
}

void RequestServer::on_answer(Instant now, JobId job, std::optional<Answer> answer,
                              Effects& effects) {
    const auto extracted = jobs_.extract(job);
    if (extracted.empty()) {
        return;
    }
    const Work& work = extracted.mapped();
    const std::size_t before = effects.size();
    std::shared_ptr<const Bytes> response;
    if (answer && answer->response.size() <= kResponseBytesMax) {
        response = std::make_shared<const Bytes>(std::move(answer->response));
        keep(now, work, response, answer->has_data);
    }
    for (const auto& asker : work.askers) {
        close(asker);
        if (!response) {
            refuse(asker.request, effects);
            continue;
        }
        if (answer->has_data) {
            same_.on_answered(now, asker.peer, work.key);
        }
        effects.emplace_back(Respond{asker.request, response});
    }
    count(work.key.protocol, effects, before);
    start_jobs(now, effects);
}

void RequestServer::close(const Asker& asker) {
    --open_requests_;
    if (const auto peer = peers_.find(asker.peer); peer != peers_.end()) {
        --peer->second.open;
    }
}

void RequestServer::keep(Instant now, const Work& work, std::shared_ptr<const Bytes> response,
                         bool has_data) {
    if (response->size() > kCachedBytesMax / 2) {
        return;
    }
    const auto* blocks = std::get_if<BlockRequest>(&work.question);
    const bool by_number =
        std::holds_alternative<BeefyProofRequest>(work.question) ||
        (blocks != nullptr && (blocks->direction == Direction::ascending ||
                               std::holds_alternative<BlockNumber>(blocks->from)));
    const bool is_warp = work.key.protocol == Protocol::warp;
    cached_bytes_ += response->size();
    Cached& entry = cache_[work.key];
    if (entry.response) {
        cached_bytes_ -= entry.response->size();
    }
    entry = {std::move(response), now + (is_warp ? Duration(kWarpCachedFor) : Duration(kCachedFor)),
             next_order_++, by_number || !has_data, has_data};
    while (cache_.size() > kCachedAnswersMax || cached_bytes_ > kCachedBytesMax) {
        const auto oldest = std::ranges::min_element(
            cache_, {}, [](const auto& cached) { return cached.second.order; });
        cached_bytes_ -= oldest->second.response->size();
        cache_.erase(oldest);
    }
}

void RequestServer::on_best_block() {
    for (auto entry = cache_.begin(); entry != cache_.end();) {
        if (entry->second.by_number) {
            cached_bytes_ -= entry->second.response->size();
            entry = cache_.erase(entry);
        } else {
            ++entry;
        }
    }
}

void RequestServer::on_peer_disconnected(PeerKey peer) {
    const auto leave = [&](Work& work) {
        open_requests_ -=
            std::erase_if(work.askers, [&](const Asker& asker) { return asker.peer == peer; });
        return work.askers.empty();
    };
    std::erase_if(waiting_, leave);
    for (auto& [job, work] : jobs_) {
        leave(work);  // the job runs on: its answer is kept for others
    }
    peers_.erase(peer);
    same_.remove_peer(peer);
}

void RequestServer::on_wake(Instant now, Effects& effects) {
    std::vector<JobId> late;
    for (const auto& [job, work] : jobs_) {
        if (work.deadline <= now) {
            late.push_back(job);
        }
    }
    for (const JobId job : late) {
        on_answer(now, job, std::nullopt, effects);
    }
    for (auto entry = cache_.begin(); entry != cache_.end();) {
        if (entry->second.until <= now) {
            cached_bytes_ -= entry->second.response->size();
            entry = cache_.erase(entry);
        } else {
            ++entry;
        }
    }
}

std::optional<Instant> RequestServer::wake_at() const {
    std::optional<Instant> earliest;
    const auto consider = [&](Instant at) {
        if (!earliest || at < *earliest) {
            earliest = at;
        }
    };
    for (const auto& [job, work] : jobs_) {
        consider(work.deadline);
    }
    for (const auto& [key, cached] : cache_) {
        consider(cached.until);
    }
    return earliest;
}

}  // namespace stipple::network::requests
