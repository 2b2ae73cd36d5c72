// The core's side of the network: what its machines do with the peers there are.
//
//     NetworkEvent ─▶ sync ─▶ imports on the chain thread, requests to peers
//                  ─▶ request server ─▶ jobs that read the chain, answers
//                  ─▶ gossip of blocks and transactions
//                  ─▶ authority discovery
//
// GRANDPA's messages go between the voter and the network by way of the core. Sans-I/O as the
// machines it owns; it holds nothing a peer can grow beyond them but the list of joined peers,
// which the network thread bounds by its slots.
#pragma once

#include "network/gossip/block_announcer.hpp"
#include "network/gossip/transactions.hpp"
#include "network/sync/sync.hpp"
#include "node/authorities.hpp"
#include "node/core_events.hpp"

#include <map>

namespace stipple::node {

struct PeeringConfig {
    network::sync::SyncConfig sync;
    AuthoritiesConfig authorities;
    std::optional<network::sync::HistoryGap> gap;  ///< of the chain, see ChainStart
    bool stateless = false;
};

class Peering {
 public:
    Peering(const PeeringConfig& config, const network::sync::ChainStart& start, Seed seed);

    void on_event(Instant now, const NetworkEvent& event, EffectList& effects);
    void on_answer(Instant now, const SyncAnswer& answer, EffectList& effects);
    void on_answer(Instant now, RequestJobDone& answer, EffectList& effects);
    void on_answer(Instant now, const DiscoveryAnswer& answer, EffectList& effects);
    void start(Instant now) { authorities_.start(now); }

    // ---- the chain and the pool ----
    void on_block_imported(Instant now, const Header& header, const BlockRef& block, bool is_best,
                           EffectList& effects);
    void on_finalized(Instant now, const BlockRef& block, EffectList& effects);
    /// The block changes the authorities: peers may have its justification.
    void want_justification(Instant now, const BlockRef& block, EffectList& effects);
    /// Votes speak of a block that is not here; `peers` may be empty: whoever might have it.
    void want_block(Instant now, const BlockRef& block, const std::vector<PeerKey>& peers,
                    EffectList& effects);
    /// The chain begins anew here; the answer to sync follows.
    void on_chain_begun(const Header& header, EffectList& effects);
    /// The pool took a transaction and lets it be spread.
    void on_pool_transaction(const Extrinsic& transaction, EffectList& effects);
    /// The verdict of the pool on a transaction that peers sent.
    void on_verdict(const ExtrinsicHash& hash, network::gossip::TransactionVerdict verdict,
                    EffectList& effects);
    /// What the pool lets be spread, by priority: asked for by a wish of `wants_pool`.
    void on_pool(Instant now, std::span<const Extrinsic> transactions, EffectList& effects);
    bool wants_pool() const { return wants_pool_; }
    /// Transactions of peers that the pool is to judge, since the last call.
    std::vector<network::gossip::ValidateTransaction> take_transactions() {
        return std::exchange(to_validate_, {});
    }

    void on_new_session(EffectList& effects) { authorities_.on_new_session(effects); }
    /// `wall` goes into what authority discovery publishes.
    void on_wake(Instant now, UnixMillis wall, EffectList& effects);
    std::optional<Instant> wake_at() const;

    bool is_major_syncing() const { return sync_.is_major_syncing(); }
    bool takes_state() const { return sync_.takes_state(); }
    bool is_offline() const { return peers_.empty(); }
    std::size_t peer_count() const { return peers_.size(); }
    network::requests::RequestServer::Counts requests(network::Protocol protocol) const {
        return server_.counts(protocol);
    }
    const Authorities& authorities() const { return authorities_; }
    network::sync::SyncStatus status() const { return sync_.status(); }
    /// As it said when it joined; `none` when it is not here.
    network::Role role(PeerKey peer) const {
        const auto found = peers_.find(peer);
        return found == peers_.end() ? network::Role::none : found->second.role;
    }
    struct PeerFacts {
        PeerKey key;
        PeerId id;
        network::Role role;
        BlockRef best;
    };
    std::vector<PeerFacts> peers() const;
    /// What is kept on behalf of peers: all zero when there are none and their jobs are done.
    struct Tables {
        std::size_t peers = 0;     ///< by all machines together
        std::size_t requests = 0;  ///< of peers, not answered yet
        std::size_t sync_work = 0;
        std::size_t validating = 0;  ///< transactions of peers
        std::size_t sum() const { return peers + requests + sync_work + validating; }
    };
    Tables tables() const;

 private:
    void on(Instant now, const PeerJoined& event, EffectList& effects);
    void on(Instant now, const PeerLeft& event, EffectList& effects);
    void on(Instant now, const NotificationReceived& event, EffectList& effects);
    void on(Instant now, const RequestReceived& event, EffectList& effects);
    void on(Instant now, const ResponseReceived& event, EffectList& effects);
    void take(network::sync::Effects&& effects, EffectList& out);
    void take(network::requests::Effects&& effects, EffectList& out);
    void take(network::gossip::TransactionEffects&& effects, EffectList& out);
    void on(Instant now, const ProtocolOpened& event, EffectList& effects);
    void on(Instant now, const ProtocolClosed& event, EffectList& effects);
    void on(Instant now, const DhtEvent& event, EffectList& effects) {
        authorities_.on_event(now, event, effects);
    }
    void on_announce(Instant now, const NotificationReceived& event, EffectList& effects);

    struct Joined {
        PeerId id;
        network::Role role = network::Role::full;
        BlockRef best;
    };
    network::sync::Sync sync_;
    network::requests::RequestServer server_;
    network::gossip::BlockAnnouncer announcer_;
    /// The newest announcement heard: all peers say the same, and it is looked into once.
    struct Heard {
        Bytes message;
        network::BlockAnnounce announce;
        BlockRef block;
    };
    std::optional<Heard> heard_;
    network::gossip::TransactionGossip transactions_;
    Authorities authorities_;
    std::vector<network::gossip::ValidateTransaction> to_validate_;
    bool wants_pool_ = false;
    std::map<PeerKey, Joined> peers_;
};

}  // namespace stipple::node
