#include "libp2p/noise/payload.hpp"

#include "libp2p/multiformats/protobuf.hpp"

namespace stipple::libp2p::noise {

namespace {

constexpr std::uint32_t kIdentityKey = 1;
constexpr std::uint32_t kIdentitySignature = 2;
constexpr std::uint32_t kExtensions = 4;
constexpr std::uint32_t kCerthashes = 1;
constexpr std::uint32_t kMuxers = 2;

Bytes signed_bytes(const X25519Public& static_key) {
    Bytes message = to_bytes("noise-libp2p-static-key:");
    append(message, static_key);
    return message;
}

bool read_extensions(ByteView bytes, Payload& payload) {
    ProtobufReader reader(bytes);
    while (const auto field = reader.next()) {
        if (field->number == kMuxers) {
            const std::string_view muxer = reader.text(*field);
            if (payload.stream_muxers.size() < kExtensionItemsMax) {
                payload.stream_muxers.emplace_back(muxer);
            }
        } else if (field->number == kCerthashes) {
            const ByteView hash = reader.bytes(*field);
            if (payload.webtransport_certhashes.size() < kExtensionItemsMax) {
                payload.webtransport_certhashes.push_back(to_bytes(hash));
            }
        }
    }
    return !reader.error();
}

}  // namespace

std::expected<Payload, PayloadError> decode_payload(ByteView bytes) {
    Payload payload;
    std::optional<ByteView> key;
    std::optional<ByteView> signature;
    bool extensions_are_good = true;
    ProtobufReader reader(bytes);
    while (const auto field = reader.next()) {
        switch (field->number) {
            case kIdentityKey:
                key = reader.bytes(*field);
                break;
            case kIdentitySignature:
                signature = reader.bytes(*field);
                break;
            case kExtensions:
                extensions_are_good = read_extensions(reader.bytes(*field), payload);
                break;
            default:
                break;
        }
        if (!extensions_are_good) {
            return std::unexpected(PayloadError::malformed);
        }
    }
    if (reader.error() || !key || !signature) {
        return std::unexpected(PayloadError::malformed);
    }
    auto decoded = decode_public_key(*key);
    if (!decoded) {
        return std::unexpected(PayloadError::bad_identity_key);
    }
    payload.identity_key = std::move(*decoded);
    payload.identity_signature = to_bytes(*signature);
    return payload;
}

Bytes encode_payload(const Payload& payload) {
    ProtobufWriter writer;
    writer.bytes(kIdentityKey, encode_public_key(payload.identity_key))
        .bytes(kIdentitySignature, payload.identity_signature);
    if (!payload.stream_muxers.empty() || !payload.webtransport_certhashes.empty()) {
        ProtobufWriter extensions;
        for (const Bytes& hash : payload.webtransport_certhashes) {
            extensions.bytes(kCerthashes, hash);
        }
        for (const std::string& muxer : payload.stream_muxers) {
            extensions.text(kMuxers, muxer);
        }
        writer.message(kExtensions, extensions);
    }
    return writer.take();
}

Payload signed_payload(const crypto::Ed25519Keypair& identity, const X25519Public& static_key) {
    return {.identity_key = public_key(identity.public_key),
            .identity_signature = to_bytes(identity.sign(signed_bytes(static_key)).view()),
            .stream_muxers = {},
            .webtransport_certhashes = {}};
}

std::expected<void, PayloadError> verify_payload(const Payload& payload,
                                                 const X25519Public& static_key) {
    switch (verify_signature(payload.identity_key, signed_bytes(static_key),
                             payload.identity_signature)) {
        case KeyVerdict::valid:
            return {};
        case KeyVerdict::unsupported_kind:
            return std::unexpected(PayloadError::unsupported_key);
        case KeyVerdict::invalid:
            break;
    }
    return std::unexpected(PayloadError::bad_signature);
}

}  // namespace stipple::libp2p::noise
