// The protocols a node speaks, by name and number: one table, shared unchanged by all connections.
//
// Names stand in order of preference: dialling proposes the first, then the legacy ones; whatever
// name the peer proposes, it is the same protocol. Ping and identify are always there.
//
// Spec: sect-networking (sect-protocols-substreams). Bounds: our own configuration only.
#pragma once

#include "base/strong.hpp"
#include "base/time.hpp"
#include "libp2p/connection/negotiation.hpp"

#include <map>
#include <string>
#include <vector>

namespace stipple::libp2p {

struct RequestProtocolTag;
using RequestProtocolId = StrongNumber<std::uint16_t, RequestProtocolTag>;
struct NotificationProtocolTag;
using NotificationProtocolId = StrongNumber<std::uint16_t, NotificationProtocolTag>;

struct RequestProtocol {
    std::vector<std::string> names;
    std::size_t request_bytes_max = 0;
    std::size_t response_bytes_max = 0;
    Duration timeout{};    ///< from asking to the whole answer, on either side
    bool inbound = false;  ///< we answer, too
};

struct NotificationProtocol {
    std::vector<std::string> names;
    std::size_t message_bytes_max = 0;
    /// The queue of messages to one peer; when it is full the newest is refused.
    std::size_t queue_messages_max = 256;
    std::size_t queue_bytes_max = 4 * 1024 * 1024;
};

struct ProtocolTableConfig {
    std::vector<RequestProtocol> requests;            ///< by RequestProtocolId
    std::vector<NotificationProtocol> notifications;  ///< by NotificationProtocolId
    std::vector<std::string> kademlia;                ///< empty: not spoken
    bool kademlia_inbound = true;                     ///< false: we ask, but answer nobody
};

class ProtocolTable {
 public:
    enum class Kind : std::uint8_t {
        ping,
        identify,
        identify_push,
        request,
        notifications,
        kademlia,
    };
    struct Entry {
        Kind kind{};
        std::uint16_t index = 0;  ///< of a request or notification protocol
    };

    /// REQUIRES at least one name per protocol. A name given twice belongs to the first.
    explicit ProtocolTable(ProtocolTableConfig config);

    /// What a peer may open by this name; absent for names only we dial.
    std::optional<Entry> find(std::string_view name) const;
    /// What peers may open; told in identify.
    const std::shared_ptr<const ProtocolNames>& accepted() const { return accepted_; }

    const RequestProtocol& of(RequestProtocolId id) const { return config_.requests.at(id.value); }
    const NotificationProtocol& of(NotificationProtocolId id) const {
        return config_.notifications.at(id.value);
    }
    const std::vector<std::string>& kademlia() const { return config_.kademlia; }
    std::size_t notification_count() const { return config_.notifications.size(); }

 private:
    void accept(const std::vector<std::string>& names, Entry entry);

    ProtocolTableConfig config_;
    std::map<std::string, Entry, std::less<>> entries_;
    std::shared_ptr<const ProtocolNames> accepted_;
};

inline constexpr std::string_view kPingName = "/ipfs/ping/1.0.0";
inline constexpr std::string_view kIdentifyName = "/ipfs/id/1.0.0";
inline constexpr std::string_view kIdentifyPushName = "/ipfs/id/push/1.0.0";

}  // namespace stipple::libp2p
