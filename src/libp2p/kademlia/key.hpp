// The space of Kademlia: SHA-256 of peer ids and record keys, and the XOR distance between them.
//
// libp2p: kad-dht
#pragma once

#include "base/peer.hpp"
#include "libp2p/kademlia/limits.hpp"

namespace stipple::libp2p::kademlia {

struct KeyTag;
struct DistanceTag;
/// A point: SHA-256 of what it stands for.
using Key = FixedBytes<32, KeyTag>;
/// Compares as the big-endian number it is.
using Distance = FixedBytes<32, DistanceTag>;

Key key_of(ByteView preimage);
inline Key key_of(const PeerId& peer) {
    return key_of(peer.bytes);
}
Distance distance(const Key& a, const Key& b);
/// Position of the highest bit, 0 to 255: the number of the bucket. Absent for zero.
std::optional<std::size_t> bucket_of(const Distance& distance);

}  // namespace stipple::libp2p::kademlia
