// Requests to peers and what their answers mean.
#include "base/check.hpp"
#include "network/sync/sync.hpp"

namespace stipple::network::sync {
namespace {

Duration timeout_of(const std::variant<BlockRequest, StateRequest, WarpRequest>& body) {
    if (const auto* blocks = std::get_if<BlockRequest>(&body)) {
        return blocks->parts == block_part::kHeader ? Duration(kSearchTimeout)
                                                    : Duration(kBlockTimeout);
    }
    return std::holds_alternative<StateRequest>(body) ? Duration(kStateTimeout)
                                                      : Duration(kWarpTimeout);
}

/// Cuts the blocks from the first without a body on.
void keep_with_bodies(std::vector<DownloadedBlock>& blocks) {
    const auto first_without =
        std::ranges::find_if(blocks, [](const auto& block) { return !block.body; });
    blocks.erase(first_without, blocks.end());
}

}  // namespace

void Sync::send(Instant now, PeerKey key, Purpose purpose,
                std::variant<BlockRequest, StateRequest, WarpRequest> body, const BlockHash& about,
                Effects& effects) {
    Peer& peer = *peers_.find(key);
    CHECK(!peer.request);
    const RequestId id(next_request_++);
    const Duration timeout = timeout_of(body);
    peer.request = id;
    effects.emplace_back(SendRequest{id, key, body, timeout});
    requests_.emplace(id, OpenRequest{key, purpose, std::move(body), about, now + timeout});
}

void Sync::on_response(Instant now, RequestId id,
                       const std::expected<Bytes, RequestFailure>& answer, Effects& effects) {
    const auto extracted = requests_.extract(id);
    if (extracted.empty()) {
        return;
    }
    const OpenRequest& request = extracted.mapped();
    if (!answer) {
        fail_request(
            now, id, request,
            answer.error() == RequestFailure::timeout ? Conduct::timeout : Conduct::refused,
            effects);
        advance(now, effects);
        return;
    }
    if (Peer* peer = peers_.find(request.peer)) {
        peer->request.reset();
    }
    switch (request.purpose) {
        case Purpose::search:
            on_search_answer(now, request, *answer, effects);
            break;
        case Purpose::line:
            on_line_answer(now, id, request, *answer, effects);
            break;
        case Purpose::fetch:
            on_fetch_answer(now, id, request, *answer, effects);
            break;
        case Purpose::justification:
            on_justification_answer(now, id, request, *answer, effects);
            break;
        case Purpose::history:
            on_history_answer(now, id, request, *answer, effects);
            break;
        case Purpose::warp:
            on_warp_answer(now, id, request, *answer, effects);
            break;
        case Purpose::state_target:
            on_target_answer(now, id, request, *answer, effects);
            break;
        case Purpose::state:
            on_state_answer(now, id, request, *answer, effects);
            break;
    }
    advance(now, effects);
}

/// The request is over without a use: what it was for is wanted again, the peer rests.
void Sync::fail_request(Instant now, RequestId id, const OpenRequest& request, Conduct conduct,
                        Effects& effects) {
    release(id, request);
    if (request.purpose == Purpose::fetch) {
        fetches_.fail(now, request.about, request.peer);
    }
    if (request.purpose == Purpose::justification) {
        if (auto* wanted = justifications_.find(request.about)) {
            justifications_.note_tried(*wanted, request.peer);
        }
    }
    if (conduct == Conduct::not_requested) {
        drop(request.peer, conduct, effects);
    } else {
        strike(now, request.peer, conduct, effects);
    }
}

/// What the request was for is free to be asked of others.
void Sync::release(RequestId id, const OpenRequest& request) {
    if (Peer* peer = peers_.find(request.peer)) {
        if (peer->request == id) {
            peer->request.reset();
        }
        if (request.purpose == Purpose::search) {
            peer->search.reset();
        }
    }
    line_.release(id);
    fetches_.release(id);
    justifications_.release(id);
    if (history_) {
        history_->release(id);
    }
    if (state_ && state_->request == id) {
        state_->request.reset();
    }
}

void Sync::strike(Instant now, PeerKey key, Conduct conduct, Effects& effects) {
    Peer* peer = peers_.find(key);
    if (peer == nullptr || peer->dropped) {
        return;
    }
    ++peer->strikes;
    if (peer->strikes >= kStrikesMax) {
        drop(key, conduct, effects);
        return;
    }
    peer->idle_until = now + kStrikePause * peer->strikes;
    effects.emplace_back(ReportPeer{key, conduct, false});
}

void Sync::drop(PeerKey key, Conduct conduct, Effects& effects) {
    Peer* peer = peers_.find(key);
    if (peer == nullptr || peer->dropped) {
        return;
    }
    peer->dropped = true;
    peer->search.reset();
    effects.emplace_back(ReportPeer{key, conduct, true});
    if (peer->request) {
        const RequestId id = *peer->request;
        const auto request = requests_.extract(id);
        if (!request.empty()) {
            release(id, request.mapped());
            effects.emplace_back(CancelRequest{id});
        }
    }
    fetches_.remove_peer(key);
}

void Sync::on_search_answer(Instant now, const OpenRequest& request, ByteView answer,
                            Effects& effects) {
    const auto& asked = std::get<BlockRequest>(request.body);
    const auto blocks = read_blocks(asked, answer);
    Peer* peer = peers_.find(request.peer);
    if (peer == nullptr || !peer->search) {
        return;
    }
    if (!blocks) {
        peer->search.reset();
        fail_request(now, RequestId{}, request, conduct_of(blocks.error()), effects);
        return;
    }
    if (blocks->empty()) {  // its best chain is shorter than it said
        peer->best = best_;
        peer->search.reset();
        strike(now, request.peer, Conduct::no_block, effects);
        return;
    }
    if (std::get<BlockNumber>(asked.from) != peer->search->next()) {
        return;  // the search began anew meanwhile
    }
    const BlockHash& hash = blocks->front().hash;
    switch (peer->search->on_header(hash, known_.contains(hash))) {
        case AncestorSearch::Step::ask:
            break;
        case AncestorSearch::Step::found:
            peer->common = peer->search->common();
            peer->search.reset();
            break;
        case AncestorSearch::Step::other_fork:
            peer->other_fork = true;
            peer->search.reset();
            effects.emplace_back(ReportPeer{request.peer, Conduct::other_fork, false});
            break;
    }
}

void Sync::on_line_answer(Instant now, RequestId id, const OpenRequest& request, ByteView answer,
                          Effects& effects) {
    const auto& asked = std::get<BlockRequest>(request.body);
    const BlockNumber first = std::get<BlockNumber>(asked.from);
    auto blocks = read_blocks(asked, answer);
    if (!blocks) {
        fail_request(now, id, request, conduct_of(blocks.error()), effects);
        return;
    }
    const bool has_headers = !blocks->empty();
    keep_with_bodies(*blocks);
    Peer* peer = peers_.find(request.peer);
    if (peer != nullptr && blocks->empty()) {
        if (has_headers) {
            peer->bodies_from = first + 1;
        } else if (peer->best.number >= first) {
            peer->best = {BlockHash{}, first - 1};  // it told of more than it has
        }
        strike(now, request.peer, Conduct::no_block, effects);
    }
    for (auto& block : *blocks) {
        block.from = request.peer;
    }
    line_.on_blocks(id, request.peer, std::move(*blocks));
}

void Sync::on_fetch_answer(Instant now, RequestId id, const OpenRequest& request, ByteView answer,
                           Effects& effects) {
    const auto& asked = std::get<BlockRequest>(request.body);
    fetches_.release(id);
    auto blocks = read_blocks(asked, answer);
    if (!blocks) {
        fail_request(now, id, request, conduct_of(blocks.error()), effects);
        return;
    }
    keep_with_bodies(*blocks);
    if (blocks->empty()) {
        fail_request(now, id, request, Conduct::no_block, effects);
        return;
    }
    Fetch* fetch = fetches_.find(request.about);
    if (fetch == nullptr || std::get<BlockHash>(asked.from) != fetch->next_hash()) {
        return;  // another peer was faster
    }
    if (fetch->blocks.empty() && blocks->front().header.number != fetch->target.number) {
        // The hash names the block; whoever gave it another number has made that up.
        fetches_.erase(request.about);
        return;
    }
    for (auto& block : *blocks) {
        block.from = request.peer;
    }
    if (!fetches_.add_blocks(*fetch, std::move(*blocks))) {
        fetches_.erase(request.about);
        return;
    }
    fetch->parent_known = false;
    finish_fetches(now, effects);
}

/// Fetches that have met what we have go to import; those that never will, end.
void Sync::finish_fetches(Instant now, Effects& effects) {
    std::vector<BlockHash> ended;
    std::vector<std::vector<DownloadedBlock>> runs;
    for (auto& [hash, fetch] : fetches_) {
        if (fetch.blocks.empty()) {
            if (is_known_or_queued(hash) || fetch.target.number <= known_.finalized().number) {
                ended.push_back(hash);
            }
            continue;
        }
        // Ancestors may have come another way meanwhile.
        const auto known = std::ranges::find_if(fetch.blocks, [&](const auto& block) {
            return is_known_or_queued(block.header.parent_hash);
        });
        if (known != fetch.blocks.end()) {
            if (!queue_.has_room()) {
                continue;  // it stays complete, and waits
            }
            fetch.blocks.erase(std::next(known), fetch.blocks.end());
            std::ranges::reverse(fetch.blocks);
            runs.push_back(fetch.blocks);
            ended.push_back(hash);
        } else if (fetch.blocks.back().header.number <= known_.finalized().number + 1) {
            for (const PeerKey key : fetch.peers) {
                if (Peer* peer = peers_.find(key); peer != nullptr && peer->best.hash == hash) {
                    peer->other_fork = true;
                    effects.emplace_back(ReportPeer{key, Conduct::other_fork, false});
                }
            }
            ended.push_back(hash);
        }
    }
    for (const auto& hash : ended) {
        fetches_.erase(hash);
    }
    for (auto& run : runs) {
        if (!refuse_bad_run(run, effects)) {
            queue_.push(std::move(run));
        }
    }
    last_now_ = now;
}

bool Sync::refuse_bad_run(const std::vector<DownloadedBlock>& ascending, Effects& effects) {
    const auto bad = std::ranges::find_if(ascending, [&](const DownloadedBlock& block) {
        return bad_.contains(block.hash) || bad_.contains(block.header.parent_hash);
    });
    if (bad == ascending.end()) {
        return false;
    }
    for (auto block = bad; block != ascending.end(); ++block) {
        bad_.add(block->hash);
        if (block->from) {
            drop(*block->from, Conduct::bad_block, effects);
        }
    }
    return true;
}

void Sync::on_justification_answer(Instant now, RequestId id, const OpenRequest& request,
                                   ByteView answer, Effects& effects) {
    justifications_.release(id);
    const auto list = read_justifications(request.about, answer);
    if (!list) {
        fail_request(now, id, request, conduct_of(list.error()), effects);
        return;
    }
    auto* wanted = justifications_.find(request.about);
    if (wanted == nullptr || wanted->job) {
        return;
    }
    const auto found = std::ranges::find(*list, kGrandpaEngine, &Justification::engine);
    if (found == list->end()) {
        justifications_.note_tried(*wanted, request.peer);  // it may not have it yet: no fault
        return;
    }
    wanted->job = next_job();
    wanted->from = request.peer;
    effects.emplace_back(ImportJustification{*wanted->job, wanted->block, *found, request.peer});
}

void Sync::on_history_answer(Instant now, RequestId id, const OpenRequest& request, ByteView answer,
                             Effects& effects) {
    if (!history_ || !history_->is_request(id)) {
        return;
    }
    auto blocks = read_blocks(std::get<BlockRequest>(request.body), answer);
    if (!blocks) {
        fail_request(now, id, request, conduct_of(blocks.error()), effects);
        return;
    }
    if (history_->gap().with_bodies) {
        keep_with_bodies(*blocks);
    }
    if (blocks->empty()) {
        if (Peer* peer = peers_.find(request.peer)) {  // it has pruned them, or fills them itself
            peer->bodies_from = history_->gap().highest.number + 1;
        }
        history_->release(id);
        return;
    }
    for (auto& block : *blocks) {
        block.from = request.peer;
    }
    history_->on_blocks(std::move(*blocks));
}

}  // namespace stipple::network::sync
