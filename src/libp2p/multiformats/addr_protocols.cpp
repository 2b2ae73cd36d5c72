#include "libp2p/multiformats/addr_protocols.hpp"

#include "libp2p/multiformats/multibase.hpp"
#include "libp2p/multiformats/multihash.hpp"

#include <charconv>

namespace stipple::libp2p {

namespace {

constexpr AddrProtocolInfo kProtocols[] = {
    {AddrProtocol::ip4, "ip4", AddrValue::ip4},
    {AddrProtocol::tcp, "tcp", AddrValue::port},
    {AddrProtocol::ip6, "ip6", AddrValue::ip6},
    {AddrProtocol::ip6zone, "ip6zone", AddrValue::name},
    {AddrProtocol::dns, "dns", AddrValue::name},
    {AddrProtocol::dns4, "dns4", AddrValue::name},
    {AddrProtocol::dns6, "dns6", AddrValue::name},
    {AddrProtocol::dnsaddr, "dnsaddr", AddrValue::name},
    {AddrProtocol::udp, "udp", AddrValue::port},
    {AddrProtocol::webrtc_direct, "webrtc-direct", AddrValue::none},
    {AddrProtocol::webrtc, "webrtc", AddrValue::none},
    {AddrProtocol::p2p_circuit, "p2p-circuit", AddrValue::none},
    {AddrProtocol::p2p, "p2p", AddrValue::peer},
    {AddrProtocol::tls, "tls", AddrValue::none},
    {AddrProtocol::sni, "sni", AddrValue::name},
    {AddrProtocol::noise, "noise", AddrValue::none},
    {AddrProtocol::quic, "quic", AddrValue::none},
    {AddrProtocol::quic_v1, "quic-v1", AddrValue::none},
    {AddrProtocol::webtransport, "webtransport", AddrValue::none},
    {AddrProtocol::certhash, "certhash", AddrValue::hash},
    {AddrProtocol::ws, "ws", AddrValue::none},
    {AddrProtocol::wss, "wss", AddrValue::none},
    {AddrProtocol::http, "http", AddrValue::none},
    {AddrProtocol::memory, "memory", AddrValue::number},
};

template <class T>
std::optional<Bytes> parse_number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    Bytes out;
    append_be(out, value);
    return out;
}

std::optional<Bytes> parse_ip(std::string_view text, bool v6) {
    const auto address = IpAddress::parse(text);
    return address && address->v6 == v6 ? std::optional(to_bytes(address->view())) : std::nullopt;
}

/// Printable ASCII without '/': text and bytes are one to one.
bool is_name(ByteView value) {
    return !value.empty() && value.size() <= kDnsNameBytesMax &&
           std::all_of(value.begin(), value.end(),
                       [](std::uint8_t c) { return c > ' ' && c < 0x7f && c != '/'; });
}

IpAddress ip_of(ByteView value) {
    IpAddress address{.v6 = value.size() == 16, .bytes = {}};
    std::copy(value.begin(), value.end(), address.bytes.begin());
    return address;
}

}  // namespace

const AddrProtocolInfo* find_addr_protocol(std::uint64_t code) {
    const auto* found = std::find_if(
        std::begin(kProtocols), std::end(kProtocols),
        [&](const auto& info) { return static_cast<std::uint64_t>(info.protocol) == code; });
    return found == std::end(kProtocols) ? nullptr : found;
}

const AddrProtocolInfo* find_addr_protocol(std::string_view name) {
    const std::string_view wanted = name == "ipfs" ? "p2p" : name;
    const auto* found = std::find_if(std::begin(kProtocols), std::end(kProtocols),
                                     [&](const auto& info) { return info.name == wanted; });
    return found == std::end(kProtocols) ? nullptr : found;
}

std::optional<std::size_t> fixed_size(AddrValue value) {
    switch (value) {
        case AddrValue::none:
            return 0;
        case AddrValue::ip4:
            return 4;
        case AddrValue::ip6:
            return 16;
        case AddrValue::port:
            return 2;
        case AddrValue::number:
            return 8;
        case AddrValue::name:
        case AddrValue::peer:
        case AddrValue::hash:
            return std::nullopt;
    }
    return std::nullopt;
}

bool is_valid_value(AddrValue kind, ByteView value) {
    switch (kind) {
        case AddrValue::name:
            return is_name(value);
        case AddrValue::peer:
            return decode_peer_id(value).has_value();
        case AddrValue::hash:
            return decode_multihash(value).has_value();
        default:
            return fixed_size(kind) == value.size();
    }
}

std::string value_text(AddrValue kind, ByteView value) {
    switch (kind) {
        case AddrValue::ip4:
        case AddrValue::ip6:
            return ip_of(value).text();
        case AddrValue::port:
            return std::to_string(load_be<std::uint16_t>(value));
        case AddrValue::number:
            return std::to_string(load_be<std::uint64_t>(value));
        case AddrValue::name:
            return std::string(as_text(value));
        case AddrValue::peer:
            return to_text(PeerId{.bytes = to_bytes(value)});
        case AddrValue::hash:
            return multibase_base64url(value);
        case AddrValue::none:
            break;
    }
    return {};
}

std::optional<Bytes> parse_value(AddrValue kind, std::string_view text) {
    std::optional<Bytes> value;
    switch (kind) {
        case AddrValue::none:
            return std::nullopt;
        case AddrValue::ip4:
        case AddrValue::ip6:
            return parse_ip(text, kind == AddrValue::ip6);
        case AddrValue::port:
            return parse_number<std::uint16_t>(text);
        case AddrValue::number:
            return parse_number<std::uint64_t>(text);
        case AddrValue::name:
            value = to_bytes(text);
            break;
        case AddrValue::peer: {
            auto peer = parse_peer_id(text);
            return peer ? std::optional(std::move(peer->bytes)) : std::nullopt;
        }
        case AddrValue::hash:
            value = multibase_decode(text);
            break;
    }
    return value && is_valid_value(kind, *value) ? value : std::nullopt;
}

}  // namespace stipple::libp2p
