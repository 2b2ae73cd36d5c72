#include "libp2p/multiformats/multiaddr.hpp"

#include "base/check.hpp"
#include "base/result.hpp"
#include "libp2p/multiformats/addr_protocols.hpp"
#include "libp2p/multiformats/varint.hpp"

namespace stipple::libp2p {

namespace {

struct Part {
    const AddrProtocolInfo* info;
    ByteView value;
};

/// Takes the part at the front of `rest`.
std::expected<Part, MultiaddrError> take_part(ByteView& rest) {
    const auto code = decode_varint(rest);
    if (!code) {
        return std::unexpected(MultiaddrError::malformed);
    }
    rest = rest.subspan(code->size);
    const AddrProtocolInfo* info = find_addr_protocol(code->value);
    if (info == nullptr) {
        return std::unexpected(MultiaddrError::unknown_protocol);
    }
    std::uint64_t size = 0;
    if (const auto fixed = fixed_size(info->value)) {
        size = *fixed;
    } else {
        const auto length = decode_varint(rest);
        if (!length) {
            return std::unexpected(MultiaddrError::malformed);
        }
        rest = rest.subspan(length->size);
        size = length->value;
    }
    if (size > rest.size()) {
        return std::unexpected(MultiaddrError::malformed);
    }
    const ByteView value = rest.first(static_cast<std::size_t>(size));
    rest = rest.subspan(value.size());
    if (!is_valid_value(info->value, value)) {
        return std::unexpected(MultiaddrError::bad_value);
    }
    return Part{.info = info, .value = value};
}

void append_part(Bytes& out, const AddrProtocolInfo& info, ByteView value) {
    append_varint(out, static_cast<std::uint64_t>(info.protocol));
    if (fixed_size(info.value)) {
        append(out, value);
    } else {
        append_frame(out, value);
    }
}

/// Up to the next '/'; takes the slash too.
std::string_view take_word(std::string_view& text) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    const std::string_view word = text.substr(0, slash);
    text.remove_prefix(std::min(slash + 1, text.size()));
    return word;
}

bool is_local_name(std::string_view name) {
    return name == "localhost" || name.ends_with(".localhost") || name.ends_with(".local");
}

std::optional<std::variant<IpAddress, DnsName>> host_of(const AddrPart& part) {
    IpAddress ip{.v6 = part.protocol == AddrProtocol::ip6, .bytes = {}};
    switch (part.protocol) {
        case AddrProtocol::ip4:
        case AddrProtocol::ip6:
            std::copy(part.value.begin(), part.value.end(), ip.bytes.begin());
            return ip;
        case AddrProtocol::dns:
            return DnsName{std::string(as_text(part.value)), DnsName::Family::any};
        case AddrProtocol::dns4:
            return DnsName{std::string(as_text(part.value)), DnsName::Family::v4};
        case AddrProtocol::dns6:
            return DnsName{std::string(as_text(part.value)), DnsName::Family::v6};
        default:
            return std::nullopt;
    }
}

/// What stands behind the port, without the peer: nothing, /ws, /wss, /tls/ws or /tls/sni/…/ws.
std::optional<DialLayer> layer_of(std::span<const AddrPart> parts) {
    const auto is = [&](std::size_t index, AddrProtocol protocol) {
        return parts[index].protocol == protocol;
    };
    if (parts.empty()) {
        return DialLayer::tcp;
    }
    if (parts.size() == 1) {
        return is(0, AddrProtocol::ws)    ? std::optional(DialLayer::websocket)
               : is(0, AddrProtocol::wss) ? std::optional(DialLayer::websocket_tls)
                                          : std::nullopt;
    }
    const bool sni = parts.size() == 3 && is(1, AddrProtocol::sni);
    const bool tls = is(0, AddrProtocol::tls) && (parts.size() == 2 || sni) &&
                     is(parts.size() - 1, AddrProtocol::ws);
    return tls ? std::optional(DialLayer::websocket_tls) : std::nullopt;
}

}  // namespace

std::expected<Multiaddr, MultiaddrError> Multiaddr::decode(ByteView bytes) {
    if (bytes.size() > kMultiaddrBytesMax) {
        return std::unexpected(MultiaddrError::too_long);
    }
    ByteView rest = bytes;
    for (std::size_t count = 0; !rest.empty(); ++count) {
        if (count == kMultiaddrPartsMax) {
            return std::unexpected(MultiaddrError::too_long);
        }
        TRY(take_part(rest));
    }
    Multiaddr address;
    address.bytes_ = to_bytes(bytes);
    return address;
}

std::expected<Multiaddr, MultiaddrError> Multiaddr::parse(std::string_view text) {
    if (text.size() > kMultiaddrTextMax) {
        return std::unexpected(MultiaddrError::too_long);
    }
    if (!text.starts_with('/')) {
        return std::unexpected(MultiaddrError::malformed);
    }
    text.remove_prefix(1);
    Multiaddr address;
    for (std::size_t count = 0; !text.empty(); ++count) {
        const AddrProtocolInfo* info = find_addr_protocol(take_word(text));
        if (info == nullptr) {
            return std::unexpected(MultiaddrError::unknown_protocol);
        }
        Bytes value;
        if (info->value != AddrValue::none) {
            auto parsed = parse_value(info->value, take_word(text));
            if (!parsed) {
                return std::unexpected(MultiaddrError::bad_value);
            }
            value = std::move(*parsed);
        }
        append_part(address.bytes_, *info, value);
        if (count == kMultiaddrPartsMax || address.bytes_.size() > kMultiaddrBytesMax) {
            return std::unexpected(MultiaddrError::too_long);
        }
    }
    return address;
}

Multiaddr Multiaddr::tcp(const IpAddress& ip, std::uint16_t port) {
    Bytes port_bytes;
    append_be(port_bytes, port);
    return Multiaddr()
        .with(ip.v6 ? AddrProtocol::ip6 : AddrProtocol::ip4, ip.view())
        .with(AddrProtocol::tcp, port_bytes);
}

std::string Multiaddr::text() const {
    std::string text;
    for (const AddrPart& part : parts()) {
        const AddrProtocolInfo* info =
            find_addr_protocol(static_cast<std::uint64_t>(part.protocol));
        text += '/';
        text += info->name;
        if (info->value != AddrValue::none) {
            text += '/';
            text += value_text(info->value, part.value);
        }
    }
    return text.empty() ? "/" : text;
}

std::vector<AddrPart> Multiaddr::parts() const {
    std::vector<AddrPart> parts;
    for (ByteView rest = bytes_; !rest.empty();) {
        const auto part = take_part(rest);
        CHECK(part.has_value());
        parts.push_back({.protocol = part->info->protocol, .value = part->value});
    }
    return parts;
}

Multiaddr Multiaddr::with(AddrProtocol protocol, ByteView value) const {
    const AddrProtocolInfo* info = find_addr_protocol(static_cast<std::uint64_t>(protocol));
    CHECK(info != nullptr && is_valid_value(info->value, value));
    Multiaddr longer = *this;
    append_part(longer.bytes_, *info, value);
    CHECK(longer.bytes_.size() <= kMultiaddrBytesMax && parts().size() < kMultiaddrPartsMax);
    return longer;
}

std::optional<PeerId> Multiaddr::peer() const {
    const auto all = parts();
    if (all.empty() || all.back().protocol != AddrProtocol::p2p) {
        return std::nullopt;
    }
    return PeerId{.bytes = to_bytes(all.back().value)};
}

Multiaddr Multiaddr::without_peer() const {
    const auto named = peer();
    if (!named) {
        return *this;
    }
    Bytes last;
    append_part(last, *find_addr_protocol("p2p"), named->bytes);
    Multiaddr shorter;
    shorter.bytes_.assign(bytes_.begin(), bytes_.end() - static_cast<std::ptrdiff_t>(last.size()));
    return shorter;
}

std::optional<Multiaddr> Multiaddr::with_peer(const PeerId& peer) const {
    Multiaddr address = without_peer();
    append_part(address.bytes_, *find_addr_protocol("p2p"), peer.bytes);
    const auto checked = decode(address.bytes_);
    return checked ? std::optional(address) : std::nullopt;
}

std::optional<IpAddress> Multiaddr::ip() const {
    const auto all = parts();
    const auto host = all.empty() ? std::nullopt : host_of(all.front());
    const auto* address = host ? std::get_if<IpAddress>(&*host) : nullptr;
    return address == nullptr ? std::nullopt : std::optional(*address);
}

Reach Multiaddr::reach() const {
    const auto all = parts();
    if (all.empty()) {
        return Reach::unspecified;
    }
    if (all.front().protocol == AddrProtocol::dnsaddr) {
        return is_local_name(as_text(all.front().value)) ? Reach::local : Reach::global;
    }
    const auto host = host_of(all.front());
    if (!host) {
        return Reach::unspecified;
    }
    if (const auto* address = std::get_if<IpAddress>(&*host)) {
        return address->reach();
    }
    const std::string& name = std::get<DnsName>(*host).name;
    return name == "localhost" || name.ends_with(".localhost") ? Reach::loopback
           : is_local_name(name)                               ? Reach::local
                                                               : Reach::global;
}

std::string host_text(const DialTarget& target) {
    if (!target.server_name.empty()) {
        return target.server_name;
    }
    const auto* ip = std::get_if<IpAddress>(&target.host);
    return ip == nullptr ? std::get<DnsName>(target.host).name : ip->text();
}

std::optional<DialTarget> Multiaddr::dial_target() const {
    const auto all = parts();
    std::span<const AddrPart> rest(all);
    DialTarget target;
    if (rest.size() >= 2 && rest.back().protocol == AddrProtocol::p2p) {
        target.peer = PeerId{.bytes = to_bytes(rest.back().value)};
        rest = rest.first(rest.size() - 1);
    }
    const auto host = rest.size() >= 2 ? host_of(rest[0]) : std::nullopt;
    if (!host || rest[1].protocol != AddrProtocol::tcp) {
        return std::nullopt;
    }
    target.host = *host;
    target.port = load_be<std::uint16_t>(rest[1].value);
    const auto layer = layer_of(rest.subspan(2));
    if (!layer || target.port == 0) {
        return std::nullopt;
    }
    target.layer = *layer;
    if (rest.size() == 5) {  // /tls/sni/<name>/ws behind host and port
        target.server_name = std::string(as_text(rest[3].value));
    }
    return target;
}

}  // namespace stipple::libp2p
