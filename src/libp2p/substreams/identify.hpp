// Identify: who a peer says it is, where it listens, what it speaks, and how it sees us.
//
//     /ipfs/id/1.0.0        dialer asks (IdentifyReceive), accepter tells (IdentifySend)
//     /ipfs/id/push/1.0.0   dialer tells (IdentifySend), accepter listens (IdentifyReceive)
//
// One message, protobuf with a varint length, then the teller ends its direction:
//
//     public_key 1, listen_addresses 2*, protocols 3*, observed_address 4,
//     protocol_version 5 ("/substrate/1.0"), agent_version 6 ("name/version (node name)")
//
// All of it is a claim. The identity is proved by Noise and only compared with the key here; the
// addresses are guesses to be tried. What is kept is bounded by limits.hpp: addresses that do not
// decode (newer transports) and names too long are left out, texts are cut and made printable.
//
// Spec: sect-networking. libp2p: identify.
#pragma once

#include "libp2p/multiformats/multiaddr.hpp"
#include "libp2p/substreams/limits.hpp"
#include "libp2p/substreams/message_io.hpp"

#include <string>

namespace stipple::libp2p {

struct IdentifyInfo {
    std::optional<PublicKey> public_key;
    std::vector<Multiaddr> listen_addresses;
    std::vector<std::string> protocols;
    std::optional<Multiaddr> observed_address;
    std::string protocol_version;
    std::string agent_version;
    friend bool operator==(const IdentifyInfo&, const IdentifyInfo&) = default;
};

enum class IdentifyError : std::uint8_t {
    malformed,       ///< no protobuf, or a field of another type
    bad_public_key,  ///< a key is there and is none
};
std::expected<IdentifyInfo, IdentifyError> decode_identify(ByteView message);
/// At most kIdentifySentBytesMax: the last listen addresses, then the last protocols, are left out.
Bytes encode_identify(const IdentifyInfo& info);

/// The side that tells.
class IdentifySend {
 public:
    IdentifySend(const IdentifyInfo& info, Instant now);
    SubstreamStep exchange(ByteExchange& exchange);
    /// timed_out.
    SubstreamFailure failure() const { return SubstreamFailure::timed_out; }

 private:
    Instant deadline_;
    MessageWriter writer_;
};

/// The side that is told; `finished` when `info` is there.
class IdentifyReceive {
 public:
    explicit IdentifyReceive(Instant now);
    SubstreamStep exchange(ByteExchange& exchange);
    /// REQUIRES `finished`.
    IdentifyInfo take_info() { return std::move(info_); }
    /// refused, truncated, bad_length, too_long, malformed or timed_out.
    SubstreamFailure failure() const { return failure_; }

 private:
    SubstreamStep fail(SubstreamFailure failure);

    Instant deadline_;
    MessageReader reader_;
    IdentifyInfo info_;
    SubstreamFailure failure_ = SubstreamFailure::timed_out;
};

}  // namespace stipple::libp2p
