// The network between simulated nodes, at the level at which cores see one: peers that join and
// leave, notifications, requests and answers.
//
//   node a ── NetworkCommand ──▶ Network ── after a while ── NetworkEvent ──▶ node b
//
// Every pair of nodes that are up and not parted has one connection, or soon gets one again. A
// connection is a set of ordered streams: notifications of one protocol and direction arrive in
// order, streams overtake each other, and what is under way when it breaks is lost. Weather draws
// delays, losses, duplicates and breaks; bandwidth makes long messages late. All randomness comes
// from one generator, in the order of the schedule.
//
// What a real network thread does beyond this (reputations that ban, slots, discovery) is left out:
// a report that asks for a disconnect ends the connection, and it comes back later.
#pragma once

#include "base/prng.hpp"
#include "node/network/events.hpp"
#include "sim/schedule.hpp"

#include <map>
#include <set>

namespace stipple::sim {

using NodeIndex = std::size_t;

/// One chance in so many; zero: never.
using OneIn = std::uint64_t;

struct Weather {
    Duration delay_min = std::chrono::milliseconds(5);
    Duration delay_max = std::chrono::milliseconds(100);
    OneIn late = 0;  ///< a message takes `late_max` at most
    Duration late_max = std::chrono::seconds(3);
    OneIn lost = 0;                      ///< a notification is lost (a full queue)
    OneIn doubled = 0;                   ///< a notification arrives twice
    OneIn unanswered = 0;                ///< a request is never answered
    OneIn breaks = 0;                    ///< a message breaks the connection
    std::uint64_t bytes_per_second = 0;  ///< of a connection's direction; zero: any number
};

/// What the network tells whoever watches; for checkers and accounting.
struct NetworkCounts {
    std::uint64_t notifications = 0;
    std::uint64_t requests = 0;
    std::uint64_t bytes = 0;
    std::uint64_t breaks = 0;
    std::uint64_t reports = 0;
    std::map<network::Conduct, std::uint64_t> conduct;
};

class Network {
 public:
    using Deliver = std::function<void(NodeIndex, node::NetworkEvent)>;

    Network(Schedule& schedule, Seed seed, std::size_t nodes, Deliver deliver);

    /// The node is there and wants connections; its handshakes say `best`.
    void node_up(NodeIndex node, const BlockRef& best);
    /// All its connections break; others notice after a while.
    void node_down(NodeIndex node);
    void perform(NodeIndex from, node::NetworkCommand command);

    void set_weather(const Weather& weather) { weather_ = weather; }
    /// Nodes with different numbers do not reach each other.
    void part(std::vector<std::uint32_t> sides);
    void heal();
    /// Breaks one connection, if there is any.
    void break_one();

    const NetworkCounts& counts() const { return counts_; }
    /// The node behind a peer's key, also after it has left.
    NodeIndex node_of(PeerKey key) const;
    std::size_t open_connections() const;

 private:
    static constexpr std::size_t kStreams = std::size(network::kProtocols);
    struct End {
        NodeIndex node = 0;
        PeerKey peer;  ///< how this end calls the other
        bool joined = false;
        std::array<bool, kStreams> open{};     ///< protocols this end knows to be open
        std::array<Instant, kStreams> last{};  ///< arrival of the newest notification here
        /// Came before the protocol was open here.
        std::array<std::vector<std::shared_ptr<const Bytes>>, kStreams> early;
        Instant line_free;  ///< when what was sent here so far is through
    };
    struct Connection {
        std::array<End, 2> ends;
        bool alive = true;
    };
    /// A question under way.
    struct Question {
        std::size_t connection = 0;
        std::size_t asker = 0;  ///< end
        network::sync::RequestId request;
        network::Protocol protocol = network::Protocol::sync;
        bool lost = false;
    };
    /// Where a peer's key leads: our end of which connection.
    struct Place {
        std::size_t connection = 0;
        std::size_t end = 0;
    };

    void plan_connect(NodeIndex a, NodeIndex b, Duration delay);
    void connect(NodeIndex a, NodeIndex b);
    void greet(std::size_t connection, std::size_t end);
    void open(std::size_t connection, std::size_t end, network::Protocol protocol);
    void deliver_early(std::size_t connection, std::size_t end, network::Protocol protocol);
    void break_connection(std::size_t connection, Duration notice_max);
    bool reachable(NodeIndex a, NodeIndex b) const;
    const Place* place_of(NodeIndex node, PeerKey peer) const;
    Connection* alive(std::size_t connection);

    void notify(const Place& from, network::Protocol protocol,
                const std::shared_ptr<const Bytes>& message);
    void on(NodeIndex from, node::SendNotification& command);
    void on(NodeIndex from, node::SendRequest& command);
    void on(NodeIndex from, node::CancelRequest& command);
    void on(NodeIndex from, node::AnswerRequest& command);
    void on(NodeIndex from, network::ReportPeer& command);
    void on(NodeIndex from, node::TellBestBlock& command);
    // There is no distributed hash table here.
    void on(NodeIndex /*from*/, network::discovery::PutRecord& /*command*/) {}
    void on(NodeIndex /*from*/, network::discovery::PutRecordTo& /*command*/) {}
    void on(NodeIndex /*from*/, network::discovery::GetRecord& /*command*/) {}
    void on(NodeIndex /*from*/, network::discovery::StoreRecord& /*command*/) {}
    void answer(std::uint64_t token, std::expected<Bytes, network::sync::RequestFailure> answer);

    bool happens(OneIn chance) { return chance != 0 && prng_.chance(1, chance); }
    Duration draw(Duration low, Duration high);
    Duration delay();
    /// When `bytes` sent now reach `end`.
    Instant arrival(End& end, std::size_t bytes);
    bool node_is_up(NodeIndex node) const { return up_[node].has_value(); }

    Schedule& schedule_;
    Prng prng_;
    Deliver deliver_;
    Weather weather_;
    NetworkCounts counts_;
    std::vector<std::optional<BlockRef>> up_;  ///< best block as told; absent: down
    std::vector<std::uint64_t> incarnation_;   ///< counts how often the node came up
    std::vector<std::uint32_t> sides_;
    std::vector<Connection> connections_;                             ///< also those that are gone
    std::map<std::pair<NodeIndex, NodeIndex>, std::size_t> present_;  ///< alive ones, a < b
    std::set<std::pair<NodeIndex, NodeIndex>> planned_;               ///< to be connected
    std::vector<Place> places_;                                       ///< by PeerKey - 1
    std::map<std::uint64_t, Question> questions_;                     ///< by token
    std::uint64_t next_token_ = 1;
};

}  // namespace stipple::sim
