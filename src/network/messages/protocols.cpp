#include "network/messages/protocols.hpp"

#include "network/messages/limits.hpp"

#include <string_view>

namespace stipple::network {
namespace {

struct Row {
    std::string_view suffix;
    /// Appended to the protocol id; empty: no legacy name of that form.
    bool has_legacy;
};
Row row(Protocol protocol) {
    switch (protocol) {
        case Protocol::block_announces:
            return {"/block-announces/1", true};
        case Protocol::transactions:
            return {"/transactions/1", true};
        case Protocol::grandpa:
            return {"/grandpa/1", false};
        case Protocol::beefy:
            return {"/beefy/2", false};
        case Protocol::sync:
            return {"/sync/2", true};
        case Protocol::state:
            return {"/state/2", true};
        case Protocol::warp:
            return {"/sync/warp", true};
        case Protocol::light:
            return {"/light/2", true};
        case Protocol::beefy_justifications:
            return {"/beefy/justifications/1", false};
        case Protocol::kademlia:
            return {"/kad", true};
    }
    return {};
}

}  // namespace

std::vector<std::string> protocol_names(Protocol protocol, const ChainNames& chain) {
    const Row names = row(protocol);
    std::string name = "/" + to_hex(chain.genesis);
    if (!chain.fork_id.empty()) {
        name += "/" + chain.fork_id;
    }
    name += names.suffix;
    std::vector<std::string> out{std::move(name)};
    if (protocol == Protocol::grandpa) {
        out.emplace_back("/paritytech/grandpa/1");
    } else if (names.has_legacy && !chain.protocol_id.empty()) {
        out.push_back("/" + chain.protocol_id + std::string(names.suffix));
    }
    return out;
}

ProtocolLimits limits_of(Protocol protocol) {
    using std::chrono::seconds;
    switch (protocol) {
        case Protocol::block_announces:
            return {.request_bytes_max = kBlockAnnounceBytesMax};
        case Protocol::transactions:
            return {.request_bytes_max = kTransactionsBytesMax};
        case Protocol::grandpa:
        case Protocol::beefy:
            return {.request_bytes_max = kConsensusGossipBytesMax};
        case Protocol::sync:
            return {kRequestBytesMax, kResponseBytesMax, seconds(20)};
        case Protocol::state:
            return {kRequestBytesMax, kResponseBytesMax, seconds(40)};
        case Protocol::warp:
            return {kWarpRequestBytes, kResponseBytesMax, seconds(10)};
        case Protocol::light:
            return {kRequestBytesMax, kResponseBytesMax, seconds(15)};
        case Protocol::beefy_justifications:
            return {kWarpRequestBytes, kConsensusGossipBytesMax, seconds(3)};
        case Protocol::kademlia:
            return {.request_bytes_max = kRequestBytesMax};
    }
    return {};
}

}  // namespace stipple::network
