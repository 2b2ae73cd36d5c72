// The protocols of addresses: names, lengths, and values between bytes and text. For multiaddr.cpp.
//
// libp2p: addressing
#pragma once

#include "libp2p/multiformats/multiaddr.hpp"

namespace stipple::libp2p {

enum class AddrValue : std::uint8_t { none, ip4, ip6, port, number, name, peer, hash };

struct AddrProtocolInfo {
    AddrProtocol protocol;
    std::string_view name;
    AddrValue value;
};
const AddrProtocolInfo* find_addr_protocol(std::uint64_t code);
/// Also takes `ipfs`, the old name of p2p.
const AddrProtocolInfo* find_addr_protocol(std::string_view name);

/// Bytes of a value of fixed size; absent when a length stands before it.
std::optional<std::size_t> fixed_size(AddrValue value);
bool is_valid_value(AddrValue kind, ByteView value);
/// REQUIRES is_valid_value.
std::string value_text(AddrValue kind, ByteView value);
/// Absent when the text is no value of the kind.
std::optional<Bytes> parse_value(AddrValue kind, std::string_view text);

}  // namespace stipple::libp2p
