// The BEEFY voter between finality, the network and the jobs.
#include "node/core.hpp"

namespace stipple::node {
namespace {

/// Requests on `beefy/justifications/1`, apart from those of sync.
constexpr std::uint64_t kBeefyRequests = std::uint64_t{1} << 63;

network::Conduct conduct_of(beefy::PeerFault fault) {
    switch (fault) {
        case beefy::PeerFault::past_message:
            return network::Conduct::past_vote;
        case beefy::PeerFault::future_message:
            return network::Conduct::future_vote;
        case beefy::PeerFault::unknown_voter:
            return network::Conduct::unknown_voter;
        case beefy::PeerFault::bad_signature:
            return network::Conduct::bad_vote;
        case beefy::PeerFault::bad_proof:
            return network::Conduct::bad_finality_proof;
        case beefy::PeerFault::refused_proof:
            return network::Conduct::refused_proof;
    }
    return network::Conduct::bad_message;
}

std::expected<Bytes, beefy::FetchFailure> fetched(const ResponseReceived& response) {
    if (response.answer) {
        return *response.answer;
    }
    return std::unexpected(response.answer.error() == network::sync::RequestFailure::refused
                               ? beefy::FetchFailure::refused
                               : beefy::FetchFailure::failed);
}

}  // namespace

void Core::on_beefy_news(Instant now, const std::optional<BeefyNews>& news, EffectList& effects) {
    if (!beefy_ || !news) {
        return;
    }
    beefy::VoterEffects voting;
    beefy_->set_keys(news->own_keys);
    if (news->beginning) {
        static_cast<void>(beefy_->begin(now, *news->beginning, news->finalized, voting));
    } else {
        beefy_->on_finalized(now, news->finalized, news->sessions, voting);
    }
    take(std::move(voting), effects);
}

void Core::on_beefy_import(Instant now, const Imported& imported, EffectList& effects) {
    if (!beefy_) {
        return;
    }
    if (imported.bad_beefy_proof) {
        beefy_->on_bad_import();
    }
    if (imported.beefy_proof) {
        beefy::VoterEffects voting;
        beefy_->on_imported_proof(now, *imported.beefy_proof, voting);
        take(std::move(voting), effects);
    }
}

void Core::on_event(Instant now, BeefyVerified& event, EffectList& effects) {
    if (beefy_) {
        beefy::VoterEffects voting;
        beefy_->on_verified(now, event.job, event.verdicts, voting);
        take(std::move(voting), effects);
    }
}

void Core::on_event(Instant now, BeefySigned& event, EffectList& effects) {
    if (beefy_) {
        beefy::VoterEffects voting;
        beefy_->on_signed(now, event.vote, voting);
        take(std::move(voting), effects);
    }
}

void Core::on_event(Instant /*now*/, BeefyNotSigned& event, EffectList& /*effects*/) {
    if (beefy_) {
        beefy_->on_not_signed(event.block);
    }
}

void Core::on_beefy(Instant now, const NetworkEvent& event, EffectList& effects) {
    if (!beefy_) {
        return;
    }
    beefy::VoterEffects voting;
    if (const auto* opened = std::get_if<ProtocolOpened>(&event)) {
        if (opened->protocol == network::Protocol::beefy) {
            beefy_->on_peer_connected(now, opened->peer, voting);
        }
    } else if (const auto* closed = std::get_if<ProtocolClosed>(&event)) {
        if (closed->protocol == network::Protocol::beefy) {
            beefy_->on_peer_disconnected(closed->peer);
        }
    } else if (const auto* left = std::get_if<PeerLeft>(&event)) {
        beefy_->on_peer_disconnected(left->peer);
    } else if (const auto* note = std::get_if<NotificationReceived>(&event);
               note != nullptr && note->protocol == network::Protocol::beefy) {
        if (const auto message = beefy::decode_gossip(note->message)) {
            beefy_->on_message(now, note->peer, *message, voting);
        } else {
            effects.emplace_back(NetworkCommand{
                network::ReportPeer{note->peer, network::Conduct::bad_message, false}});
        }
    } else if (const auto* response = std::get_if<ResponseReceived>(&event);
               response != nullptr && response->request.value >= kBeefyRequests) {
        beefy_->on_fetched(now, beefy::FetchId(response->request.value - kBeefyRequests),
                           fetched(*response), voting);
    }
    take(std::move(voting), effects);
}

void Core::follow_beefy(Instant now, EffectList& effects) {
    if (beefy_) {
        beefy::VoterEffects voting;
        beefy_->set_major_syncing(now, peering_.is_major_syncing(), voting);
        if (const auto at = beefy_->wake_at(); at && *at <= now) {
            beefy_->on_wake(now, voting);
        }
        take(std::move(voting), effects);
    }
}

void Core::take(beefy::VoterEffects&& effects, EffectList& out) {
    for (auto& effect : effects) {
        std::visit(
            [&](auto& what) {
                using What = std::decay_t<decltype(what)>;
                if constexpr (std::is_same_v<What, beefy::SendMessage>) {
                    out.emplace_back(NetworkCommand{SendNotification{std::move(what.to),
                                                                     network::Protocol::beefy,
                                                                     scale::encode(what.message)}});
                } else if constexpr (std::is_same_v<What, beefy::FetchProof>) {
                    out.emplace_back(NetworkCommand{
                        SendRequest{network::sync::RequestId(kBeefyRequests + what.fetch.value),
                                    what.peer, network::Protocol::beefy_justifications,
                                    network::encode(network::BeefyProofRequest{what.block})}});
                } else if constexpr (std::is_same_v<What, beefy::ReportPeer>) {
                    out.emplace_back(NetworkCommand{
                        network::ReportPeer{what.peer, conduct_of(what.fault), false}});
                } else {
                    out.emplace_back(std::move(what));
                }
            },
            effect);
    }
}

}  // namespace stipple::node
