// Kademlia: a table of peers by distance, and the walks over the network that find peers, records
// and providers.
//
//     auto id = kademlia.start_query(now, GetValue{key}, effects);
//     effects: SendRequest{request, peer, addresses, message}   the caller opens a substream
//     kademlia.on_response(now, request, answer, effects);      or on_failure
//     effects: QueryDone{id, FoundValues{…}}
//
// A server also answers: on_request(now, peer, message) gives the answer. A client only asks.
//
// Who comes into the table: peers that answered us, and those the caller knows to serve the
// protocol (add_address, from identify). What answers tell is a hint for the walk that asked, no
// more, so nobody can fill our table with peers that do not exist; see routing_table.hpp and
// lookup.hpp for what bounds the rest.
//
// Records are data for others to judge: with RecordPolicy::offer an incoming record is an effect,
// and the caller keeps it with keep_record when its signatures are good.
//
// Spec: sect-networking. libp2p: kad-dht. Bounds: limits.hpp.
#pragma once

#include "base/prng.hpp"
#include "libp2p/kademlia/query.hpp"
#include "libp2p/kademlia/record_store.hpp"
#include "libp2p/kademlia/routing_table.hpp"

#include <functional>
#include <set>

namespace stipple::libp2p::kademlia {

enum class Mode : std::uint8_t { client, server };
enum class RecordPolicy : std::uint8_t {
    offer,  ///< incoming records become RecordOffered
    keep,   ///< incoming records that pass `record_passes` are stored
};

struct Config {
    Mode mode = Mode::server;
    RecordPolicy records = RecordPolicy::offer;
    /// A first sight of records, incoming and found; must be cheap. Empty passes all.
    std::function<bool(const Record&)> record_passes;
    /// Private and loopback addresses are taken too: for networks of one machine or office.
    bool allow_local_addresses = false;
    /// A walk to ourselves or to a random key so often; absent leaves that to the caller.
    std::optional<Duration> refresh_interval = std::chrono::minutes(5);
};

/// To be answered with on_response or on_failure, exactly once.
struct SendRequest {
    RequestId request;
    PeerId peer;
    std::vector<Multiaddr> addresses;  ///< may be empty when we are connected
    Message message;
    bool expects_answer = true;  ///< otherwise on_response comes when it was sent, without message
};
struct QueryDone {
    QueryId query;
    QueryResult result;
    bool timed_out = false;
};
/// A new contact of the table.
struct ContactFound {
    PeerInfo contact;
};
struct RecordOffered {
    PeerId from;
    Record record;
};
using KademliaEffect = std::variant<SendRequest, QueryDone, ContactFound, RecordOffered>;
using KademliaEffects = std::vector<KademliaEffect>;

class Kademlia {
 public:
    Kademlia(Config config, PeerId self, Seed seed);

    void set_mode(Mode mode) { config_.mode = mode; }
    /// What others are told when we provide something; at most kOwnAddressesMax are kept.
    void set_own_addresses(std::span<const Multiaddr> addresses);

    /// A peer that serves the protocol, and where; addresses of no use are left out.
    void add_address(Instant now, const PeerId& peer, const Multiaddr& address,
                     KademliaEffects& effects);
    void remove_peer(Instant now, const PeerId& peer);
    void on_connected(const PeerId& peer);
    void on_disconnected(const PeerId& peer);

    /// Absent when kQueriesMax are running or a key or value is above its bound. A query that finds
    /// nobody to ask is done within the call.
    std::optional<QueryId> start_query(Instant now, QueryTask task, KademliaEffects& effects);
    /// Nothing more is heard of it.
    void cancel_query(QueryId query);
    /// Answers nobody waits for (any more) are ignored.
    void on_response(Instant now, RequestId request, const std::optional<Message>& answer,
                     KademliaEffects& effects);
    void on_failure(Instant now, RequestId request, KademliaEffects& effects);

    /// The answer to a request; absent when there is none to give: then the substream is closed.
    std::optional<Message> on_request(Instant now, const PeerId& from, const Message& request,
                                      KademliaEffects& effects);
    /// Stores a record that was offered and found good, or that is ours. False when it is refused.
    bool keep_record(Instant now, const Record& record) { return store_.put(now, record); }
    /// Tells the network that we provide a key, now and before every expiry, until stopped. False
    /// when there are kOwnProvidedKeysMax already.
    bool start_providing(Instant now, ByteView key, KademliaEffects& effects);
    void stop_providing(ByteView key);

    void on_wake(Instant now, KademliaEffects& effects);
    std::optional<Instant> wake_at() const;

    const RoutingTable& table() const { return table_; }
    const RecordStore& store() const { return store_; }
    /// Walks of our own upkeep since the start.
    std::uint64_t refresh_count() const { return refreshes_; }
    std::size_t query_count() const { return queries_.size(); }
    std::size_t request_count() const { return requests_.size(); }

 private:
    struct Running {
        Query query;
        bool reported = true;  ///< false: our own upkeep
    };
    struct Request {
        std::optional<QueryId> query;  ///< absent: a challenge of the table
        PeerInfo peer;
    };

    std::optional<QueryId> start(Instant now, QueryTask task, bool reported,
                                 KademliaEffects& effects);
    void seed_from_here(Instant now, Query& query);
    void advance(Instant now, QueryId id, KademliaEffects& effects);
    void finish(Instant now, QueryId id, KademliaEffects& effects);
    void heard_from(Instant now, const PeerInfo& peer, KademliaEffects& effects);
    void answered(Instant now, const PeerInfo& peer, KademliaEffects& effects);
    void challenge(const PeerId& peer, KademliaEffects& effects);
    void forget_requests(QueryId query);
    void refresh(Instant now, KademliaEffects& effects);
    void renew_provided(Instant now, KademliaEffects& effects);
    std::optional<Message> on_put(Instant now, const PeerId& from, const Message& request,
                                  KademliaEffects& effects);
    std::vector<PeerInfo> usable(std::span<const PeerInfo> told) const;
    std::vector<PeerInfo> closest_to(ByteView key, const PeerId& but) const;
    PeerInfo own_info() const;

    Config config_;
    PeerId self_;
    Prng prng_;
    std::vector<Multiaddr> own_addresses_;
    RoutingTable table_;
    RecordStore store_;
    std::set<PeerId> connected_;  ///< bounded by the connections of the node
    std::map<QueryId, Running> queries_;
    std::map<RequestId, Request> requests_;
    std::map<Bytes, Instant, ByteLess> provided_;  ///< our keys and when to tell again
    QueryId next_query_{1};
    RequestId next_request_{1};
    std::optional<Instant> refresh_at_;
    std::optional<Instant> expire_at_;
    std::uint64_t refreshes_ = 0;
};

}  // namespace stipple::libp2p::kademlia
