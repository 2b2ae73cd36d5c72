// Who a peer is: the identity it proves, and the number we know it by while it is connected.
//
// A `PeerId` is opaque here (libp2p/multiformats reads and writes it); machines above the network
// name connected peers by `PeerKey`, which is small, ordered by arrival and never used again.
#pragma once

#include "base/strong.hpp"

namespace stipple {

/// Multihash of a peer's public key: 38 bytes for ed25519, 34 for hashed keys, at most 64.
struct PeerId {
    Bytes bytes;
    friend auto operator<=>(const PeerId&, const PeerId&) = default;
    friend bool operator==(const PeerId&, const PeerId&) = default;
};

struct PeerKeyTag;
/// A connected peer, for as long as it stays; a later connection gets another number.
using PeerKey = StrongNumber<std::uint64_t, PeerKeyTag>;

}  // namespace stipple
