// What JSON-RPC wants to know of the network, and may ask of it: the port that a network service
// fills in. Without one a node has no peers, and says so.
//
// All functions are called on RPC threads, at any time and at once; they answer from a copy and
// never wait for the network.
#pragma once

#include "primitives/ids.hpp"

#include <chrono>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace stipple::rpc {

struct PeerInfo {
    std::string peer_id;  ///< base58
    std::string roles;    ///< "FULL", "LIGHT", "AUTHORITY"
    BlockHash best_hash;
    BlockNumber best_number = 0;
    std::string address;  ///< multiaddress of the connection
    bool is_inbound = false;
    std::string agent;  ///< as it tells by identify; empty: not told yet
    std::optional<std::chrono::nanoseconds> ping;
};

struct NetworkSnapshot {
    std::string local_peer_id;  ///< base58
    /// Multiaddresses with /p2p/ and our peer id behind them.
    std::vector<std::string> listen_addresses;
    std::vector<std::string> external_addresses;
    std::vector<PeerInfo> peers;              ///< block announcements are open with them
    std::vector<std::string> reserved_peers;  ///< peer ids in base58
    bool is_syncing = false;                  ///< far behind: what health says
    bool should_have_peers = true;            ///< false for development chains
    std::optional<BlockNumber> highest_seen;  ///< the best block any peer has told
};

struct NetworkPort {
    std::function<NetworkSnapshot()> snapshot;
    /// Both give why the argument is not understood.
    std::function<std::expected<void, std::string>(std::string multiaddr)> add_reserved_peer;
    std::function<std::expected<void, std::string>(std::string peer_id)> remove_reserved_peer;
};

/// What system_unstable_networkState answers, in the shape of the Rust node.
std::string network_state_json(const NetworkSnapshot& network);

}  // namespace stipple::rpc
