// Between sockets and the core: every connection with its protocols, whom we are connected to, and
// which messages belong to whom. Sans-I/O: a network thread runs it over sockets (thread.hpp), a
// simulator over anything.
//
//     socket bytes ─▶ exchange(connection) ─▶ Host ─▶ events ─┬▶ slots: who may stay, whom to dial
//                                                             ├▶ Kademlia: discovery
//                                                             └▶ NetworkEvent ─▶ core
//     core ─▶ perform(NetworkCommand) ─▶ Host ─▶ exchange(connection) ─▶ socket bytes
//
// A peer is told to the core (PeerJoined) once block-announces is open both ways and its handshake
// names our genesis; the other notification protocols are opened then, and all end with it
// (PeerLeft). Requests are answered for whoever is connected: light clients need no slot.
//
// Spec: sect-networking. Bounds: those of Host, PeerSlots and Kademlia per connection and in all;
// requests to the core that wait for their answer: kRequestsWaitingMax; answers that peers do not
// read: kAnswerBytesHeldMax.
#pragma once

#include "libp2p/host/host.hpp"
#include "libp2p/kademlia/kademlia.hpp"
#include "network/peers/own_addresses.hpp"
#include "network/peers/slots.hpp"
#include "node/network/events.hpp"
#include "node/network/numbers.hpp"

#include <functional>

namespace stipple::node {

/// Requests of peers that wait for the core, over all connections; further ones are refused.
inline constexpr std::size_t kRequestsWaitingMax = 4096;
/// Bytes of answers that peers have not read yet, over all connections: eight peers that read
/// nothing of the most one may hold. When a further answer exceeds it, whoever holds most loses
/// what it holds; who reads holds next to nothing, so its answers come. The asker itself is
/// refused.
inline constexpr std::size_t kAnswerBytesHeldMax = 8 * libp2p::kAnswerBytesHeldMax;

using libp2p::Multiaddr;
using network::ConnectionId;

struct BootNode {
    PeerId peer;
    Multiaddr address;
};

struct SwitchboardConfig {
    network::ChainNames names;
    network::Role role = network::Role::full;
    BlockRef best;  ///< for the first handshakes
    network::SlotConfig slots;
    std::vector<BootNode> boot_nodes;
    std::vector<BootNode> reserved;
    std::vector<Multiaddr> public_addresses;
    bool local_addresses = false;  ///< tell and dial addresses that are not global
    bool discovery = true;         ///< speak Kademlia and walk
    bool beefy = false;            ///< speak BEEFY's two protocols
    std::string agent;             ///< "stipple/0.1.0 (name)"
    std::size_t answer_bytes_held_max = kAnswerBytesHeldMax;
};

// ---- what whoever owns the sockets has to do ----

/// Connect, then on_connected, or on_dial_failed.
struct DialAddress {
    ConnectionId connection;
    Multiaddr address;
};
/// Call exchange() soon: there is something to send.
struct TouchConnection {
    ConnectionId connection;
};
/// Close the socket; on_closed follows.
struct DropConnection {
    ConnectionId connection;
};
using SocketEffect = std::variant<DialAddress, TouchConnection, DropConnection>;

struct SwitchboardEffects {
    std::vector<SocketEffect> sockets;
    std::vector<NetworkEvent> core;
};

/// For `system_peers`, metrics and the log.
struct PeerView {
    PeerId id;
    network::Role role = network::Role::full;
    BlockRef best;
    std::string agent;
    Multiaddr address;
    bool inbound = false;
    std::optional<Duration> ping;
};

class Switchboard {
 public:
    /// `identity` and its static key outlive this. `fresh_secret` gives secret bytes.
    Switchboard(const SwitchboardConfig& config, const libp2p::noise::LocalIdentity& identity,
                const crypto::Ed25519Public& public_key, Seed seed,
                std::function<crypto::Secret<32>()> fresh_secret);

    void start(Instant now, std::vector<Multiaddr> listening, SwitchboardEffects& effects);

    // ---- sockets ----
    /// Absent: close it at once.
    std::optional<ConnectionId> on_accept(Instant now, const Multiaddr& remote, bool websocket);
    void on_connected(Instant now, ConnectionId connection);
    void on_dial_failed(Instant now, ConnectionId connection, SwitchboardEffects& effects);
    void exchange(ConnectionId connection, libp2p::ByteExchange& bytes,
                  SwitchboardEffects& effects);
    void on_closed(Instant now, ConnectionId connection, SwitchboardEffects& effects);

    // ---- the core and operators ----
    /// Heard of on the local network: somewhere to dial, no more.
    void on_local_peer(Instant now, const PeerId& peer, std::span<const Multiaddr> addresses);
    void perform(Instant now, NetworkCommand& command, SwitchboardEffects& effects);
    void add_reserved(Instant now, const BootNode& node, SwitchboardEffects& effects);
    void remove_reserved(Instant now, const PeerId& peer, SwitchboardEffects& effects);

    void on_wake(Instant now, SwitchboardEffects& effects);
    std::optional<Instant> wake_at() const;

    std::vector<PeerView> peers() const;
    network::PeerStore& peer_store() { return slots_.store(); }
    const std::set<PeerId>& reserved() const { return slots_.reserved(); }
    const network::PeerSlots& slots() const { return slots_; }
    /// Bytes a connection makes us hold above the socket; contacts and records of the hash table.
    std::size_t held_bytes(ConnectionId connection) const {
        const auto link = links_.find(connection);
        return link == links_.end() || !link->second.host ? 0 : link->second.host->held_bytes();
    }
    const network::ChainNames& names() const { return config_.names; }
    /// All but the bytes.
    NetworkNumbers numbers(Instant now) const;
    std::size_t contacts() const { return kademlia_ ? kademlia_->table().size() : 0; }
    std::size_t records() const { return kademlia_ ? kademlia_->store().record_count() : 0; }
    /// Stated by the operator or confirmed by peers.
    std::vector<Multiaddr> external_addresses(Instant now) const;
    std::vector<Multiaddr> own_addresses(Instant now) const { return own_addresses_.told(now); }

 private:
    struct Link {
        std::unique_ptr<libp2p::Host> host;  ///< null while dialling
        Multiaddr remote;
        bool inbound = false;
        std::optional<PeerKey> peer;
        std::optional<PeerId> id;  ///< proved
        bool used = false;
        std::string agent;
        std::optional<Duration> ping;  ///< the latest round trip
    };
    /// A dial of several addresses, one after the other.
    struct Dialling {
        PeerId peer;
        std::vector<Multiaddr> left;  ///< the next one last
        Multiaddr present;
        ConnectionId connection;
    };
    /// How far a notification protocol has come with a peer.
    struct Channel {
        std::optional<ConnectionId> out;  ///< our direction: on which connection
        std::optional<ConnectionId> in;
        bool out_open = false;
        bool in_open = false;
        bool offered = false;  ///< by the peer, not decided
        bool told = false;
        Bytes handshake;  ///< the peer's
        bool both() const { return out_open && in_open; }
    };
    struct Peer {
        PeerId id;
        ConnectionId connection;  ///< to open substreams on
        std::map<network::Protocol, Channel> channels;
        bool joined = false;
        bool asked = false;  ///< the core has had requests of it
        network::Role role = network::Role::full;
        BlockRef best;
    };
    struct Waiting {
        ConnectionId connection;
        libp2p::InboundRequestId request;
        network::Protocol protocol;
        Instant since;
    };
    struct KademliaAsked {
        libp2p::kademlia::RequestId id;
    };
    using AskedFor = std::variant<network::sync::RequestId, KademliaAsked>;
    struct Asked {
        AskedFor purpose;
        network::Protocol protocol;
        Instant since;
    };

    // switchboard.cpp: connections and slots
    void take(Instant now, network::SlotEffects&& slot_effects, SwitchboardEffects& effects);
    void dial_next(Instant now, Dialling dialling, SwitchboardEffects& effects);
    /// After a dial that came to nothing; nothing for other connections.
    void try_next_address(Instant now, ConnectionId failed, SwitchboardEffects& effects);
    void make_host(Instant now, Link& link, bool websocket, std::optional<PeerId> expected,
                   std::string websocket_host);
    void on_proved(Instant now, ConnectionId id, Link& link, SwitchboardEffects& effects);
    ConnectionId next_connection() { return ConnectionId(next_connection_++); }
    void apply(Instant now, const network::Dial& dial, SwitchboardEffects& effects);
    void apply(Instant now, const network::CloseConnection& close, SwitchboardEffects& effects);
    void apply(Instant now, const network::PeerConnected& connected, SwitchboardEffects& effects);
    void apply(Instant now, const network::ConnectionJoined& joined, SwitchboardEffects& effects);
    void apply(Instant now, const network::PeerDisconnected& gone, SwitchboardEffects& effects);
    void apply(Instant now, const network::OpenSlot& open, SwitchboardEffects& effects);
    void apply(Instant now, const network::CloseSlot& close, SwitchboardEffects& effects);
    void touch(ConnectionId id, SwitchboardEffects& effects);
    void note_use(Instant now, ConnectionId id, Link& link);
    libp2p::Host* host_of(ConnectionId id);

    // switchboard_events.cpp: what hosts report
    void on_host_event(Instant now, ConnectionId id, libp2p::HostEvent& event,
                       SwitchboardEffects& effects);
    void on_identified(Instant now, ConnectionId id, Link& link, const libp2p::IdentifyInfo& info,
                       SwitchboardEffects& effects);
    void on_offered(Instant now, ConnectionId id, Link& link,
                    const libp2p::NotificationsOffered& offer, SwitchboardEffects& effects);
    void on_opened(Instant now, ConnectionId id, Link& link,
                   const libp2p::NotificationsOpened& opened, SwitchboardEffects& effects);
    void on_channel_down(Instant now, ConnectionId id, Link& link, network::Protocol protocol,
                         bool refused, SwitchboardEffects& effects);
    void join(Instant now, PeerKey key, Peer& peer, SwitchboardEffects& effects);
    void open_channel(Instant now, Peer& peer, network::Protocol protocol,
                      SwitchboardEffects& effects);
    /// The peer may speak; it is heard when the core knows that it can answer.
    void accept_channel(ConnectionId id, network::Protocol protocol, SwitchboardEffects& effects);
    void hear(const Channel& channel, network::Protocol protocol, SwitchboardEffects& effects);
    void close_channel(const Channel& channel, network::Protocol protocol,
                       SwitchboardEffects& effects);
    void close_channels(Peer& peer, SwitchboardEffects& effects);
    void report(Instant now, PeerKey key, network::Conduct conduct, SwitchboardEffects& effects);
    void apply_command(Instant now, SendNotification& send, SwitchboardEffects& effects);
    void apply_command(Instant now, SendRequest& send, SwitchboardEffects& effects);
    void apply_command(Instant now, CancelRequest& cancel, SwitchboardEffects& effects);
    void apply_command(Instant now, AnswerRequest& answer, SwitchboardEffects& effects);
    bool make_room(ConnectionId asker, std::size_t bytes, SwitchboardEffects& effects);
    void apply_command(Instant now, network::ReportPeer& what, SwitchboardEffects& effects);
    void apply_command(Instant now, TellBestBlock& tell, SwitchboardEffects& effects);
    void apply_command(Instant now, network::discovery::PutRecord& put,
                       SwitchboardEffects& effects);
    void apply_command(Instant now, network::discovery::PutRecordTo& put,
                       SwitchboardEffects& effects);
    void apply_command(Instant now, network::discovery::GetRecord& get,
                       SwitchboardEffects& effects);
    void apply_command(Instant now, network::discovery::StoreRecord& store,
                       SwitchboardEffects& effects);
    void leave(PeerKey key, Peer& peer, SwitchboardEffects& effects);
    void on_request(Instant now, ConnectionId id, Link& link, libp2p::RequestReceived& request,
                    SwitchboardEffects& effects);
    void on_answer(Instant now, ConnectionId id, libp2p::RequestId request,
                   std::expected<Bytes, libp2p::RequestFailure> answer,
                   SwitchboardEffects& effects);
    Bytes handshake(network::Protocol protocol) const;

    // switchboard_records.cpp: records in the distributed hash table
    /// What a query of ours was for.
    struct RecordQuery {
        network::discovery::RecordKey key;
        enum class Kind : std::uint8_t { get, put, correct } kind = Kind::get;
    };
    bool start_record_query(Instant now, libp2p::kademlia::QueryTask task, RecordQuery query,
                            SwitchboardEffects& effects);
    void on_record_query_done(const RecordQuery& query, libp2p::kademlia::QueryResult& result,
                              SwitchboardEffects& effects);
    void on_record_offered(const libp2p::kademlia::RecordOffered& offer,
                           SwitchboardEffects& effects);
    void note_own_addresses(Instant now, SwitchboardEffects& effects);

    // switchboard_discovery.cpp: Kademlia
    void take(Instant now, libp2p::kademlia::KademliaEffects&& found, SwitchboardEffects& effects);
    void on_kademlia_request(Instant now, ConnectionId id, Link& link,
                             const libp2p::KademliaRequest& request, SwitchboardEffects& effects);
    void on_kademlia_answer(Instant now, libp2p::kademlia::RequestId request,
                            const std::expected<Bytes, libp2p::RequestFailure>& answer,
                            SwitchboardEffects& effects);
    /// Now, or when the peer is connected.
    void deliver(Instant now, const libp2p::kademlia::SendRequest& request,
                 SwitchboardEffects& effects);
    void ask_kademlia(Instant now, ConnectionId id, const libp2p::kademlia::SendRequest& request,
                      SwitchboardEffects& effects);
    void release_waiting(Instant now, const PeerId& peer, bool connected,
                         SwitchboardEffects& effects);
    std::shared_ptr<const libp2p::IdentifyInfo> identify_info(Instant now) const;

    // switchboard_counts.cpp
    void count_answer(Instant now, const Asked& asked,
                      const std::expected<Bytes, libp2p::RequestFailure>& answer);

    SwitchboardConfig config_;
    const libp2p::noise::LocalIdentity& identity_;
    crypto::Ed25519Public public_key_;
    Prng prng_;
    std::function<crypto::Secret<32>()> fresh_secret_;
    std::shared_ptr<const libp2p::ProtocolTable> protocols_;
    network::PeerSlots slots_;
    network::OwnAddresses own_addresses_;
    std::optional<libp2p::kademlia::Kademlia> kademlia_;
    std::map<libp2p::kademlia::QueryId, RecordQuery> record_queries_;  ///< of kademlia_
    std::optional<OwnAddressesChanged> told_addresses_;
    std::map<ConnectionId, Link> links_;
    std::map<ConnectionId, Dialling> dials_;
    std::map<PeerKey, Peer> peers_;
    std::map<RequestToken, Waiting> waiting_;
    std::map<std::pair<ConnectionId, libp2p::RequestId>, Asked> asked_;
    std::map<network::sync::RequestId, std::pair<ConnectionId, libp2p::RequestId>> asked_by_id_;
    /// Kademlia's requests to peers that are being dialled.
    std::map<PeerId, std::vector<libp2p::kademlia::SendRequest>> undelivered_;
    NetworkNumbers counts_;  ///< those since the start
    std::uint64_t next_connection_ = 1;
    std::uint64_t next_token_ = 1;
    std::uint64_t next_request_ = 1;
};

/// The numbers of protocols in our ProtocolTable.
libp2p::NotificationProtocolId notification_id(network::Protocol protocol);
libp2p::RequestProtocolId request_id(network::Protocol protocol);
network::Protocol protocol_of(libp2p::NotificationProtocolId id);
network::Protocol protocol_of(libp2p::RequestProtocolId id);

}  // namespace stipple::node
