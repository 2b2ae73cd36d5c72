// The names under which peers find each other's protocols, and what each may carry.
//
//     /<genesis hash, hex>[/<fork id>]/block-announces/1     the name we propose
//     /<protocol id>/block-announces/1                       the old one, accepted and fallen back
//     to
//
// A chain that shares its genesis with another one sets a fork id; chains of old have a protocol id
// (`dot`, `ksmcc3`). Peers of another genesis simply have no protocol in common with us.
//
// Spec: sect-networking (sect-protocols). protocols.md section 10.
#pragma once

#include "base/time.hpp"
#include "primitives/ids.hpp"

#include <string>
#include <vector>

namespace stipple::network {

enum class Protocol : std::uint8_t {
    block_announces,
    transactions,
    grandpa,
    beefy,
    sync,   ///< requests for blocks
    state,  ///< requests for state
    warp,   ///< requests for proofs of finality
    light,  ///< requests of light clients
    beefy_justifications,
    kademlia,
};
inline constexpr Protocol kProtocols[] = {Protocol::block_announces,
                                          Protocol::transactions,
                                          Protocol::grandpa,
                                          Protocol::beefy,
                                          Protocol::sync,
                                          Protocol::state,
                                          Protocol::warp,
                                          Protocol::light,
                                          Protocol::beefy_justifications,
                                          Protocol::kademlia};

/// What the names of a chain's protocols are made of (its specification).
struct ChainNames {
    BlockHash genesis;
    std::string fork_id;      ///< empty: none
    std::string protocol_id;  ///< legacy; empty: none
};

/// By preference: the name to propose first, then the one old nodes know, if there is any.
std::vector<std::string> protocol_names(Protocol protocol, const ChainNames& chain);

struct ProtocolLimits {
    std::size_t request_bytes_max = 0;   ///< of a notification, for notification protocols
    std::size_t response_bytes_max = 0;  ///< 0 for notification protocols
    Duration timeout{};                  ///< of a request; zero otherwise
};
ProtocolLimits limits_of(Protocol protocol);

}  // namespace stipple::network
