#include "node/peering.hpp"

namespace stipple::node {

namespace gossip = network::gossip;
namespace requests = network::requests;
namespace sync = network::sync;
using network::Protocol;

Peering::Peering(const PeeringConfig& config, const sync::ChainStart& start, Seed seed)
    : sync_(config.sync, start, seed),
      authorities_(config.authorities, Seed{seed.value ^ 0xa0d1'5c0fULL}) {}

void Peering::on_event(Instant now, const NetworkEvent& event, EffectList& effects) {
    std::visit([&](const auto& what) { on(now, what, effects); }, event);
    transactions_.set_major_sync(now, sync_.is_major_syncing());
}

void Peering::on(Instant now, const PeerJoined& event, EffectList& effects) {
    peers_[event.peer] = {event.id, event.role, event.best};
    announcer_.on_peer_opened(event.peer, event.role, event.best.hash);
    if (network::is_full(event.role)) {
        sync::Effects synced;
        sync_.on_peer_connected(now, event.peer, event.role, event.best, synced);
        take(std::move(synced), effects);
    }
}

void Peering::on(Instant now, const PeerLeft& event, EffectList& effects) {
    const auto left = peers_.extract(event.peer);
    server_.on_peer_disconnected(event.peer);
    announcer_.on_peer_closed(event.peer);
    transactions_.on_peer_closed(event.peer);
    if (!left.empty() && network::is_full(left.mapped().role)) {
        sync::Effects synced;
        sync_.on_peer_disconnected(now, event.peer, synced);
        take(std::move(synced), effects);
    }
}

void Peering::on(Instant now, const ProtocolOpened& event, EffectList& /*effects*/) {
    const auto peer = peers_.find(event.peer);
    if (event.protocol == Protocol::transactions && peer != peers_.end()) {
        transactions_.on_peer_opened(now, event.peer, peer->second.role);
    }
}

void Peering::on(Instant /*now*/, const ProtocolClosed& event, EffectList& /*effects*/) {
    if (event.protocol == Protocol::transactions) {
        transactions_.on_peer_closed(event.peer);
    }
}

void Peering::on(Instant now, const NotificationReceived& event, EffectList& effects) {
    if (event.protocol == Protocol::block_announces) {
        on_announce(now, event, effects);
    } else if (event.protocol == Protocol::transactions) {
        gossip::TransactionEffects spread;
        transactions_.on_message(event.peer, event.message, spread);
        take(std::move(spread), effects);
    }
}

void Peering::on_announce(Instant now, const NotificationReceived& event, EffectList& effects) {
    if (!heard_ || heard_->message != event.message) {
        auto announce = network::decode_block_announce(event.message);
        if (!announce) {
            effects.emplace_back(NetworkCommand{
                network::ReportPeer{event.peer, network::Conduct::bad_message, true}});
            return;
        }
        const BlockRef block = announce->header.ref();
        heard_ = {event.message, *std::move(announce), block};
    }
    const auto peer = peers_.find(event.peer);
    if (peer == peers_.end()) {
        return;
    }
    announcer_.on_announced_by(event.peer, heard_->block.hash);
    if (heard_->announce.is_best) {
        peer->second.best = heard_->block;
    }
    if (network::is_full(peer->second.role)) {
        sync::Effects synced;
        sync_.on_block_announce(now, event.peer, heard_->announce, heard_->block, synced);
        take(std::move(synced), effects);
    }
}

void Peering::on(Instant now, const RequestReceived& event, EffectList& effects) {
    requests::Effects served;
    server_.on_request(now, event.peer, event.token, event.protocol, event.request, served);
    take(std::move(served), effects);
}

void Peering::on(Instant now, const ResponseReceived& event, EffectList& effects) {
    sync::Effects synced;
    sync_.on_response(now, event.request, event.answer, synced);
    take(std::move(synced), effects);
}

void Peering::on_answer(Instant now, const SyncAnswer& answer, EffectList& effects) {
    sync::Effects synced;
    const auto tell = [&](const auto& done) {
        using Done = std::decay_t<decltype(done)>;
        if constexpr (std::is_same_v<Done, BlocksJobDone>) {
            sync_.on_blocks_imported(now, done.job, done.results, synced);
        } else if constexpr (std::is_same_v<Done, HeaderJobDone>) {
            sync_.on_header_verified(now, done.job, done.verdict, synced);
        } else if constexpr (std::is_same_v<Done, JustificationJobDone>) {
            sync_.on_justification_imported(now, done.job, done.verdict, synced);
        } else if constexpr (std::is_same_v<Done, WarpJobDone>) {
            sync_.on_warp_verified(now, done.job, done.verdict, synced);
        } else if constexpr (std::is_same_v<Done, StateJobDone>) {
            sync_.on_state_stored(now, done.job, done.verdict, synced);
        } else if constexpr (std::is_same_v<Done, HistoryJobDone>) {
            sync_.on_history_stored(now, done.job, done.verdict, synced);
        } else if (done.is_bad_body) {
            sync_.on_state_body_refused(now, done.job, synced);
        } else {
            sync_.on_state_finished(now, done.job, done.chain, synced);
        }
    };
    std::visit(tell, answer);
    take(std::move(synced), effects);
}

void Peering::on_answer(Instant now, RequestJobDone& answer, EffectList& effects) {
    requests::Effects served;
    server_.on_answer(now, answer.job, std::move(answer.answer), served);
    take(std::move(served), effects);
}

void Peering::on_answer(Instant now, const DiscoveryAnswer& answer, EffectList& effects) {
    authorities_.on_answer(now, answer, effects);
}

void Peering::on_block_imported(Instant now, const Header& header, const BlockRef& block,
                                bool is_best, EffectList& effects) {
    sync::Effects synced;
    sync_.on_block_added(now, block, header.parent_hash, synced);
    if (is_best) {
        sync_.on_best_block(now, block, synced);
        server_.on_best_block();
        effects.emplace_back(NetworkCommand{TellBestBlock{block}});
    }
    take(std::move(synced), effects);
    if (sync_.is_major_syncing()) {
        return;
    }
    if (auto told = announcer_.announce(header, block, is_best)) {
        effects.emplace_back(NetworkCommand{
            SendNotification{std::move(told->to), Protocol::block_announces, *told->message}});
    }
}

void Peering::on_pool_transaction(const Extrinsic& transaction, EffectList& effects) {
    gossip::TransactionEffects spread;
    transactions_.on_pool_transaction(transaction, spread);
    take(std::move(spread), effects);
}

void Peering::on_verdict(const ExtrinsicHash& hash, gossip::TransactionVerdict verdict,
                         EffectList& effects) {
    gossip::TransactionEffects spread;
    transactions_.on_validated(hash, verdict, spread);
    take(std::move(spread), effects);
}

void Peering::on_pool(Instant now, std::span<const Extrinsic> transactions, EffectList& effects) {
    wants_pool_ = false;
    gossip::TransactionEffects spread;
    transactions_.on_pool(now, transactions, spread);
    take(std::move(spread), effects);
}

void Peering::on_finalized(Instant now, const BlockRef& block, EffectList& effects) {
    sync::Effects synced;
    sync_.on_finalized(now, block, synced);
    take(std::move(synced), effects);
}

void Peering::want_justification(Instant now, const BlockRef& block, EffectList& effects) {
    sync::Effects synced;
    sync_.request_justification(now, block, synced);
    take(std::move(synced), effects);
}

void Peering::want_block(Instant now, const BlockRef& block, const std::vector<PeerKey>& peers,
                         EffectList& effects) {
    sync::Effects synced;
    sync_.request_block(now, block, peers, synced);
    take(std::move(synced), effects);
}

void Peering::on_chain_begun(const Header& header, EffectList& effects) {
    server_.on_best_block();
    effects.emplace_back(NetworkCommand{TellBestBlock{header.ref()}});
}

void Peering::on_wake(Instant now, UnixMillis wall, EffectList& effects) {
    authorities_.on_wake(now, wall, effects);
    if (const auto at = sync_.wake_at(); at && *at <= now) {
        sync::Effects synced;
        sync_.on_wake(now, synced);
        take(std::move(synced), effects);
    }
    if (const auto at = server_.wake_at(); at && *at <= now) {
        requests::Effects served;
        server_.on_wake(now, served);
        take(std::move(served), effects);
    }
    if (const auto at = transactions_.wake_at(); at && *at <= now) {
        gossip::TransactionEffects spread;
        transactions_.on_wake(now, spread);
        take(std::move(spread), effects);
    }
}

std::optional<Instant> Peering::wake_at() const {
    std::optional<Instant> first;
    for (const auto& at :
         {sync_.wake_at(), server_.wake_at(), transactions_.wake_at(), authorities_.wake_at()}) {
        if (at && (!first || *at < *first)) {
            first = at;
        }
    }
    return first;
}

std::vector<Peering::PeerFacts> Peering::peers() const {
    std::vector<PeerFacts> facts;
    for (const auto& [key, peer] : peers_) {
        facts.push_back({key, peer.id, peer.role, sync_.best_of(key).value_or(peer.best)});
    }
    return facts;
}

Peering::Tables Peering::tables() const {
    return {.peers = peers_.size() + sync_.peer_count() + server_.peer_count() +
                     announcer_.peer_count() + transactions_.peer_count(),
            .requests = server_.open_requests(),
            .sync_work = sync_.open_work(),
            .validating = transactions_.validating()};
}

void Peering::take(sync::Effects&& synced, EffectList& out) {
    for (auto& effect : synced) {
        if (auto* request = std::get_if<sync::SendRequest>(&effect)) {
            out.emplace_back(NetworkCommand{
                SendRequest{request->id, request->peer, request->protocol(), request->payload()}});
        } else if (auto* cancel = std::get_if<sync::CancelRequest>(&effect)) {
            out.emplace_back(NetworkCommand{CancelRequest{cancel->id}});
        } else if (auto* report = std::get_if<network::ReportPeer>(&effect)) {
            out.emplace_back(NetworkCommand{*report});
        } else {
            std::visit(
                [&](auto& job) {
                    if constexpr (std::is_constructible_v<Effect, decltype(std::move(job))>) {
                        out.emplace_back(std::move(job));
                    }
                },
                effect);
        }
    }
}

void Peering::take(requests::Effects&& served, EffectList& out) {
    for (auto& effect : served) {
        std::visit(
            [&](auto& what) {
                using What = std::decay_t<decltype(what)>;
                if constexpr (std::is_same_v<What, requests::Respond>) {
                    out.emplace_back(NetworkCommand{AnswerRequest{what.request, what.response}});
                } else if constexpr (std::is_same_v<What, requests::Refuse>) {
                    out.emplace_back(NetworkCommand{AnswerRequest{what.request, nullptr}});
                } else if constexpr (std::is_same_v<What, network::ReportPeer>) {
                    out.emplace_back(NetworkCommand{what});
                } else {
                    out.emplace_back(std::move(what));
                }
            },
            effect);
    }
}

void Peering::take(gossip::TransactionEffects&& spread, EffectList& out) {
    for (auto& effect : spread) {
        if (auto* validate = std::get_if<gossip::ValidateTransaction>(&effect)) {
            to_validate_.push_back(std::move(*validate));
        } else if (auto* send = std::get_if<gossip::SendTransaction>(&effect)) {
            out.emplace_back(NetworkCommand{
                SendNotification{std::move(send->to), Protocol::transactions, *send->message}});
        } else if (const auto* report = std::get_if<network::ReportPeer>(&effect)) {
            out.emplace_back(NetworkCommand{*report});
        } else {
            wants_pool_ = true;
        }
    }
}

}  // namespace stipple::node
