// Spreading transactions from pool to pool.
//
//     a peer's message ─ decode ─ known? ─▶ Validate ─▶ verdict: paid or reported
//     our pool has a new one ─▶ sent to every full peer that does not have it, one per message
//
// A peer is told of each transaction at most once, never of one it sent. New transactions go out as
// they are imported; when a peer is new, major sync has ended or a round was cut short, the whole
// pool is offered again within kFlushInterval. Nothing is sent or taken during major sync, and
// light peers are not told. Spec: sect-msg-transactions. RFC-0056. Bounds: limits.hpp. Sans-I/O,
// deterministic, not thread-safe.
#pragma once

#include "base/time.hpp"
#include "network/gossip/known_set.hpp"
#include "network/gossip/limits.hpp"
#include "network/messages/block_announce.hpp"
#include "network/messages/conduct.hpp"
#include "network/messages/transactions.hpp"

#include <map>
#include <memory>
#include <span>
#include <variant>
#include <vector>

namespace stipple::network::gossip {

/// Submit to the pool; answer by TransactionGossip::on_validated.
struct ValidateTransaction {
    ExtrinsicHash hash;
    Extrinsic transaction;
};
/// A notification on `transactions/1`.
struct SendTransaction {
    std::vector<PeerKey> to;
    ExtrinsicHash hash;
    std::shared_ptr<const Bytes> message;
};
/// Somebody may lack transactions of the pool: answer by TransactionGossip::on_pool.
struct OfferPool {};
using TransactionEffect = std::variant<ValidateTransaction, SendTransaction, OfferPool, ReportPeer>;
using TransactionEffects = std::vector<TransactionEffect>;

enum class TransactionVerdict : std::uint8_t {
    new_good,    ///< not known before, valid
    known_good,  ///< in the pool already
    bad,         ///< invalid
    undecided,   ///< the pool is full, or could not judge
};

class TransactionGossip {
 public:
    void on_peer_opened(Instant now, PeerKey peer, Role role);
    void on_peer_closed(PeerKey peer);
    void on_message(PeerKey peer, ByteView message, TransactionEffects& effects);
    void on_validated(const ExtrinsicHash& hash, TransactionVerdict verdict,
                      TransactionEffects& effects);

    /// The pool took it (from a peer, an RPC client or a retracted block) and lets it be spread.
    void on_pool_transaction(const Extrinsic& transaction, TransactionEffects& effects);
    /// What the pool lets be spread, by priority.
    void on_pool(Instant now, std::span<const Extrinsic> transactions, TransactionEffects& effects);
    void set_major_sync(Instant now, bool is_major);

    void on_wake(Instant now, TransactionEffects& effects);
    std::optional<Instant> wake_at() const { return offer_at_; }

    std::size_t peer_count() const { return peers_.size(); }
    std::size_t validating() const { return validating_.size(); }

 private:
    struct Peer {
        Role role = Role::full;
        KnownSet<ExtrinsicHash> known{kKnownTransactionsMax};
        std::size_t validating = 0;
    };
    /// To all who lack it, as far as their share of the round goes.
    void send(const Extrinsic& transaction, std::map<PeerKey, std::size_t>& sent,
              TransactionEffects& effects);
    void offer_soon(Instant now);

    std::map<PeerKey, Peer> peers_;                             ///< kPeersMax
    std::map<ExtrinsicHash, std::vector<PeerKey>> validating_;  ///< to senders: kValidatingMax
    std::optional<Instant> offer_at_;
    bool was_cut_ = false;  ///< a peer has had its share of this round
    bool is_major_sync_ = false;
};

}  // namespace stipple::network::gossip
