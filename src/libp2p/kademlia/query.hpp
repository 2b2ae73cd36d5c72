// A query: what is wanted of the network, the walk to it, and what was gathered on the way.
//
// Every task walks to its key first (lookup.hpp). Reading tasks gather records or providers from
// the answers; writing tasks hand their message to the closest peers once these are known.
//
//     walking ──▶ handing out (PutValue, Provide) ──▶ done
//        └────────────────────────────────────────────▶
//
// libp2p: kad-dht. Bounds: kFoundRecordsMax, kFoundProvidersMax, those of a lookup.
#pragma once

#include "libp2p/kademlia/lookup.hpp"

#include <variant>

namespace stipple::libp2p::kademlia {

struct QueryTag;
struct RequestTag;
using QueryId = StrongNumber<std::uint64_t, QueryTag>;
using RequestId = StrongNumber<std::uint64_t, RequestTag>;

/// The peers closest to a key; with a peer id as key, that peer itself.
struct FindPeers {
    Bytes key;
};
/// Records of a key; ends when `wanted` were found, each from another peer.
struct GetValue {
    Bytes key;
    std::size_t wanted = 4;
};
/// Stores a record at the peers closest to its key, or at `peers` when there are any.
struct PutValue {
    Record record;
    std::size_t quorum = 1;  ///< peers that have to accept it
    std::vector<PeerInfo> peers;
};
struct GetProviders {
    Bytes key;
};
/// Tells the peers closest to a key that we provide it, once; see Kademlia::start_providing.
struct Provide {
    Bytes key;
    std::size_t quorum = 1;
};
using QueryTask = std::variant<FindPeers, GetValue, PutValue, GetProviders, Provide>;

struct FoundRecord {
    PeerId from;
    Record record;
};
struct FoundPeers {
    std::vector<PeerInfo> peers;  ///< closest first
};
struct FoundValues {
    std::vector<FoundRecord> records;  ///< in the order they came
    std::vector<PeerInfo> closest;     ///< that answered; where the record belongs
};
struct FoundProviders {
    std::vector<PeerInfo> providers;
};
struct HandedOut {
    std::size_t accepted = 0;
    std::size_t asked = 0;
    bool quorum_met = false;
};
using QueryResult = std::variant<FoundPeers, FoundValues, FoundProviders, HandedOut>;

class Query {
 public:
    struct Ask {
        PeerInfo peer;
        Message message;
        bool expects_answer = true;
    };
    Query(QueryTask task, Instant deadline);

    const Bytes& key() const { return key_; }
    const QueryTask& task() const { return task_; }
    Lookup& lookup() { return lookup_; }
    /// `own`: how we appear as a provider.
    std::optional<Ask> next_ask(Instant now, const PeerInfo& own);
    /// False when the answer is none to what was asked: then it counts as a failure. `closer` are
    /// the peers of the answer that may be asked. Without a message: it was sent, which is all
    /// there is to an ADD_PROVIDER.
    bool on_answer(const PeerId& from, const Message* answer, std::span<const PeerInfo> closer);
    /// False when nothing was expected of it any more.
    bool on_failure(const PeerId& peer);
    /// Peers whose time is up.
    std::vector<PeerId> expire(Instant now);
    void add_record(const PeerId& from, const Record& record);
    void add_provider(const PeerInfo& provider);

    bool done(Instant now) const;
    bool timed_out(Instant now) const { return deadline_ <= now; }
    QueryResult result() const;
    Instant wake_at() const;

 private:
    bool is_writing() const;
    std::size_t quorum() const;
    MessageKind walk_kind() const;
    Message hand_out_message(const PeerInfo& own) const;

    QueryTask task_;
    Bytes key_;
    Lookup lookup_;
    Instant deadline_;
    std::vector<FoundRecord> records_;
    std::vector<PeerInfo> providers_;

    bool handing_out_ = false;
    std::vector<PeerInfo> to_hand_;     ///< last one next
    std::map<PeerId, Instant> handed_;  ///< not answered yet, with the end of their time
    std::size_t accepted_ = 0;
    std::size_t asked_ = 0;
};

}  // namespace stipple::libp2p::kademlia
