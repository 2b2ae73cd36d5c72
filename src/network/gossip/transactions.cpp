#include "network/gossip/transactions.hpp"

#include <algorithm>

namespace stipple::network::gossip {

void TransactionGossip::on_peer_opened(Instant now, PeerKey peer, Role role) {
    if (peers_.size() < kPeersMax) {
        peers_.try_emplace(peer).first->second.role = role;
        offer_soon(now);
    }
}

void TransactionGossip::on_peer_closed(PeerKey peer) {
    if (peers_.erase(peer) == 0) {
        return;
    }
    for (auto& [hash, senders] : validating_) {
        std::erase(senders, peer);
    }
}

void TransactionGossip::on_message(PeerKey key, ByteView message, TransactionEffects& effects) {
    const auto peer = peers_.find(key);
    if (peer == peers_.end() || is_major_sync_) {
        return;
    }
    const auto transactions = decode_transactions_message(message);
    if (!transactions) {
        effects.emplace_back(ReportPeer{key, Conduct::bad_message, false});
        return;
    }
    for (const auto& transaction : *transactions) {
        const ExtrinsicHash hash = transaction.hash();
        peer->second.known.insert(hash);
        const auto under_way = validating_.find(hash);
        if (under_way != validating_.end()) {
            auto& senders = under_way->second;
            if (senders.size() < kSendersPerTransactionMax &&
                std::ranges::find(senders, key) == senders.end()) {
                effects.emplace_back(ReportPeer{key, Conduct::any_transaction, false});
                senders.push_back(key);
                ++peer->second.validating;
            }
            continue;
        }
        if (validating_.size() >= kValidatingMax ||
            peer->second.validating >= kValidatingPerPeerMax) {
            return;
        }
        // Validation costs us: the sender pays now and is refunded when it was worth it.
        effects.emplace_back(ReportPeer{key, Conduct::any_transaction, false});
        validating_.emplace(hash, std::vector{key});
        ++peer->second.validating;
        effects.emplace_back(ValidateTransaction{hash, transaction});
    }
}

void TransactionGossip::on_validated(const ExtrinsicHash& hash, TransactionVerdict verdict,
                                     TransactionEffects& effects) {
    const auto senders = validating_.extract(hash);
    if (senders.empty()) {
        return;
    }
    for (const PeerKey key : senders.mapped()) {
        const auto peer = peers_.find(key);
        if (peer == peers_.end()) {
            continue;
        }
        --peer->second.validating;
        switch (verdict) {
            case TransactionVerdict::new_good:
                effects.emplace_back(ReportPeer{key, Conduct::good_transaction, false});
                break;
            case TransactionVerdict::known_good:
                effects.emplace_back(ReportPeer{key, Conduct::any_transaction_refund, false});
                break;
            case TransactionVerdict::bad:
                effects.emplace_back(ReportPeer{key, Conduct::bad_transaction, false});
                break;
            case TransactionVerdict::undecided:
                break;
        }
    }
}

void TransactionGossip::on_pool_transaction(const Extrinsic& transaction,
                                            TransactionEffects& effects) {
    if (!is_major_sync_) {
        std::map<PeerKey, std::size_t> sent;
        send(transaction, sent, effects);
    }
}

void TransactionGossip::on_pool(Instant now, std::span<const Extrinsic> transactions,
                                TransactionEffects& effects) {
    if (is_major_sync_) {
        return;
    }
    was_cut_ = false;
    std::map<PeerKey, std::size_t> sent;
    for (const auto& transaction : transactions) {
        send(transaction, sent, effects);
    }
    if (was_cut_) {
        offer_soon(now);
    }
}

void TransactionGossip::send(const Extrinsic& transaction, std::map<PeerKey, std::size_t>& sent,
                             TransactionEffects& effects) {
    const ExtrinsicHash hash = transaction.hash();
    std::vector<PeerKey> to;
    for (auto& [key, peer] : peers_) {
        if (!is_full(peer.role) || peer.known.contains(hash)) {
            continue;
        }
        if (sent[key] >= kSendsPerFlushMax) {
            was_cut_ = true;
            continue;
        }
        ++sent[key];
        peer.known.insert(hash);
        to.push_back(key);
    }
    if (!to.empty()) {
        effects.emplace_back(SendTransaction{
            std::move(to), hash,
            std::make_shared<const Bytes>(encode_transaction_message(transaction))});
    }
}

void TransactionGossip::offer_soon(Instant now) {
    if (!offer_at_) {
        offer_at_ = now + kFlushInterval;
    }
}

void TransactionGossip::set_major_sync(Instant now, bool is_major) {
    if (is_major_sync_ && !is_major) {
        offer_soon(now);
    }
    is_major_sync_ = is_major;
}

void TransactionGossip::on_wake(Instant now, TransactionEffects& effects) {
    if (!offer_at_ || *offer_at_ > now) {
        return;
    }
    offer_at_.reset();
    if (!is_major_sync_ && !peers_.empty()) {
        effects.emplace_back(OfferPool{});
    }
}

}  // namespace stipple::network::gossip
