#include "rpc/methods/call_scope.hpp"
#include "rpc/methods/network_port.hpp"

namespace stipple::rpc {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

/// As the Rust node writes it: how we are connected, what the peer says it is, the latest ping.
void append_connected(std::string& out, const PeerInfo& peer, const NetworkSnapshot& network) {
    append_json_string(out, peer.peer_id);
    out.append(R"(:{"endpoint":)");
    if (peer.is_inbound) {
        out.append(R"({"listening":{"local_addr":)");
        append_json_string(
            out, network.listen_addresses.empty() ? "" : network.listen_addresses.front());
        out.append(R"(,"send_back_addr":)");
        append_json_string(out, peer.address);
        out.append("}}");
    } else {
        out.append(R"({"dialing":[)");
        append_json_string(out, peer.address);
        out.append(R"(,"dialer"]})");
    }
    out.append(R"(,"versionString":)");
    if (peer.agent.empty()) {
        out.append("null");
    } else {
        append_json_string(out, peer.agent);
    }
    out.append(R"(,"latestPingTime":)");
    if (peer.ping) {
        const auto nanos = peer.ping->count();
        out.append(R"({"secs":)").append(std::to_string(nanos / kNanosPerSecond));
        out.append(R"(,"nanos":)").append(std::to_string(nanos % kNanosPerSecond)).append("}");
    } else {
        out.append("null");
    }
    out.append(R"(,"knownAddresses":[)");
    append_json_string(out, peer.address);
    out.append("]}");
}

}  // namespace

std::string network_state_json(const NetworkSnapshot& network) {
    const auto append = [](std::string& out, const std::vector<std::string>& items) {
        append_list(out, items, [&out](const std::string& item) { append_json_string(out, item); });
    };
    std::string out = R"({"peerId":)";
    append_json_string(out, network.local_peer_id);
    out.append(R"(,"listenedAddresses":)");
    append(out, network.listen_addresses);
    out.append(R"(,"externalAddresses":)");
    append(out, network.external_addresses);
    out.append(R"(,"connectedPeers":{)");
    for (const auto& peer : network.peers) {
        out.append(out.back() == '{' ? "" : ",");
        append_connected(out, peer, network);
    }
    out.append(R"(},"notConnectedPeers":{},"peerset":{"reservedNodes":)");
    append(out, network.reserved_peers);
    return out + "}}";
}

}  // namespace stipple::rpc
