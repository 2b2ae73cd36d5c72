// Between the network thread, which has the sockets, and the core, which has the protocol: values.
//
//     network thread ── NetworkEvent ──▶ core        peers, messages, requests, answers
//                    ◀── NetworkCommand ──           messages, requests, answers, reputation
//
// The network thread knows peers by identity and address, substreams and reputations; the core
// knows them by PeerKey. A peer is there for the core from PeerJoined (both directions of
// block-announces are open and its genesis is ours) to PeerLeft. Requests may come from any
// connected peer, light clients among them, and are answered once by their token or dropped;
// PeerLeft tells of the end of those peers, too.
#pragma once

#include "base/compiled_once.hpp"
#include "network/discovery/authority_discovery.hpp"
#include "network/messages/block_announce.hpp"
#include "network/messages/conduct.hpp"
#include "network/messages/protocols.hpp"
#include "network/requests/server.hpp"
#include "network/sync/effects.hpp"

#include <variant>

namespace stipple::node {

/// A request of a peer that waits for its answer.
using RequestToken = network::requests::InboundId;

// ---- events ----

struct PeerJoined {
    PeerKey peer;
    PeerId id;
    network::Role role = network::Role::full;
    BlockRef best;  ///< as it says
};
struct PeerLeft {
    PeerKey peer;
};
/// A further notification protocol is open with a joined peer, both ways.
struct ProtocolOpened {
    PeerKey peer;
    network::Protocol protocol = network::Protocol::grandpa;
};
struct ProtocolClosed {
    PeerKey peer;
    network::Protocol protocol = network::Protocol::grandpa;
};
struct NotificationReceived {
    PeerKey peer;
    network::Protocol protocol = network::Protocol::grandpa;
    Bytes message;
    std::shared_ptr<void> charge{};  ///< counts the bytes for as long as they wait
};
struct RequestReceived {
    PeerKey peer;
    RequestToken token;
    network::Protocol protocol = network::Protocol::sync;
    Bytes request;
    std::shared_ptr<void> charge{};
};
struct ResponseReceived {
    network::sync::RequestId request;
    std::expected<Bytes, network::sync::RequestFailure> answer;
};
/// Of the distributed hash table, for authority discovery: a value of a key that was looked up.
struct DhtValueFound {
    network::discovery::RecordKey key;
    Bytes value;
    std::optional<PeerId> holder;  ///< absent: our own store
};
struct DhtLookupDone {
    network::discovery::RecordKey key;
    bool found = false;
};
struct DhtPutDone {
    network::discovery::RecordKey key;
    bool stored = false;
};
/// A peer wants us to keep a record.
struct DhtPutRequested {
    network::discovery::RecordKey key;
    Bytes value;
    PeerId publisher;
    std::shared_ptr<void> charge{};
};
/// Where we can be reached has changed.
struct OwnAddressesChanged {
    std::vector<libp2p::Multiaddr> listening;
    std::vector<libp2p::Multiaddr> confirmed;
    friend bool operator==(const OwnAddressesChanged&, const OwnAddressesChanged&) = default;
};
using DhtEvent =
    std::variant<DhtValueFound, DhtLookupDone, DhtPutDone, DhtPutRequested, OwnAddressesChanged>;
using AnyNetworkEvent =
    std::variant<PeerJoined, PeerLeft, ProtocolOpened, ProtocolClosed, NotificationReceived,
                 RequestReceived, ResponseReceived, DhtEvent>;
using NetworkEvent = CompiledOnce<AnyNetworkEvent>;

// ---- commands ----

struct SendNotification {
    std::vector<PeerKey> to;
    network::Protocol protocol = network::Protocol::grandpa;
    Bytes message;
};
struct SendRequest {
    network::sync::RequestId request;
    PeerKey peer;
    network::Protocol protocol = network::Protocol::sync;
    Bytes body;
};
/// The answer is not wanted any more.
struct CancelRequest {
    network::sync::RequestId request;
};
struct AnswerRequest {
    RequestToken token;
    std::shared_ptr<const Bytes> answer;  ///< null: refused
};
/// What our handshakes say from now on.
struct TellBestBlock {
    BlockRef best;
};
using AnyNetworkCommand =
    std::variant<SendNotification, SendRequest, CancelRequest, AnswerRequest, network::ReportPeer,
                 TellBestBlock, network::discovery::PutRecord, network::discovery::PutRecordTo,
                 network::discovery::GetRecord, network::discovery::StoreRecord>;
using NetworkCommand = CompiledOnce<AnyNetworkCommand>;

}  // namespace stipple::node

namespace stipple {
extern template struct CompiledOnce<node::AnyNetworkEvent>;
extern template struct CompiledOnce<node::AnyNetworkCommand>;
}  // namespace stipple
