#include "libp2p/noise/handshake.hpp"

#include "base/check.hpp"
#include "base/result.hpp"
#include "libp2p/multiformats/peer_id.hpp"

namespace stipple::libp2p::noise {

namespace {

HandshakeError of(NoiseError error) {
    switch (error) {
        case NoiseError::too_short:
            return HandshakeError::too_short;
        case NoiseError::not_decrypted:
            return HandshakeError::not_decrypted;
        case NoiseError::weak_key:
            break;
    }
    return HandshakeError::weak_key;
}

HandshakeError of(PayloadError error) {
    switch (error) {
        case PayloadError::malformed:
            return HandshakeError::bad_payload;
        case PayloadError::bad_identity_key:
            return HandshakeError::bad_identity;
        case PayloadError::unsupported_key:
            return HandshakeError::unsupported_key;
        case PayloadError::bad_signature:
            break;
    }
    return HandshakeError::bad_signature;
}

}  // namespace

const char* describe(HandshakeError error) {
    switch (error) {
        case HandshakeError::too_long:
            return "noise handshake message too long";
        case HandshakeError::too_short:
            return "noise handshake message too short";
        case HandshakeError::not_decrypted:
            return "noise handshake message cannot be decrypted";
        case HandshakeError::weak_key:
            return "noise key of small order";
        case HandshakeError::bad_payload:
            return "noise payload is malformed";
        case HandshakeError::bad_identity:
            return "identity key is malformed";
        case HandshakeError::unsupported_key:
            return "identity key of a kind that is not supported";
        case HandshakeError::bad_signature:
            return "identity has not signed the noise key";
        case HandshakeError::unexpected_peer:
            return "another peer than expected";
        case HandshakeError::ended:
            return "stream ended during the noise handshake";
    }
    return "unknown";
}

LocalIdentity::LocalIdentity(const crypto::Ed25519Keypair& identity,
                             const crypto::Secret<32>& static_key)
    : static_key_(static_key),
      payload_(encode_payload(signed_payload(identity, x25519_public(static_key)))),
      peer_(peer_id_of(identity.public_key)) {}

Handshake::Handshake(const LocalIdentity& local, Config config)
    : state_(config.role, {.fixed = local.static_key(), .ephemeral = config.ephemeral}),
      own_payload_(to_bytes(local.payload())),
      expected_peer_(std::move(config.expected_peer)),
      role_(config.role) {}

HandshakeStep Handshake::exchange(ByteExchange& stream) {
    while (!state_.finished()) {
        const auto moved = state_.may_write() ? send(stream) : receive(stream);
        if (!moved) {
            return moved.error();
        }
        if (!*moved) {
            return NeedMore{};
        }
    }
    CHECK(remote_.has_value());
    return Established{.peer = peer_id_of(remote_->identity_key),
                       .key = remote_->identity_key,
                       .stream_muxers = remote_->stream_muxers,
                       .transport = Transport(state_.split())};
}

std::expected<bool, HandshakeError> Handshake::send(ByteExchange& stream) {
    // The first message is in the clear: it carries nothing.
    const bool first = role_ == Role::dialer && !remote_;
    const ByteView payload = first ? ByteView() : ByteView(own_payload_);
    const std::size_t size = state_.overhead() + payload.size();
    if (stream.allowance < kLengthBytes + size) {
        return false;
    }
    const std::size_t before = stream.output->size();
    append_be(*stream.output, static_cast<std::uint16_t>(size));
    const auto written = state_.write_message(payload, *stream.output);
    if (!written) {
        stream.output->resize(before);
        return std::unexpected(of(written.error()));
    }
    stream.allowance -= kLengthBytes + size;
    CHECK(stream.output->size() == before + kLengthBytes + size);
    return true;
}

std::expected<bool, HandshakeError> Handshake::receive(ByteExchange& stream) {
    const auto incomplete = [&]() -> std::expected<bool, HandshakeError> {
        if (stream.input_ended) {
            return std::unexpected(HandshakeError::ended);
        }
        return false;
    };
    if (stream.unread.size() < kLengthBytes) {
        return incomplete();
    }
    const std::size_t length = load_be<std::uint16_t>(stream.unread);
    if (length > kHandshakeMessageBytesMax) {
        return std::unexpected(HandshakeError::too_long);
    }
    if (stream.unread.size() < kLengthBytes + length) {
        return incomplete();
    }
    const auto payload = state_.read_message(stream.unread.subspan(kLengthBytes, length));
    if (!payload) {
        return std::unexpected(of(payload.error()));
    }
    stream.take(kLengthBytes + length);
    // What the dialer says before there is a key is nobody's word.
    if (state_.remote_static()) {
        TRY(accept(*payload));
    }
    return true;
}

std::expected<void, HandshakeError> Handshake::accept(ByteView bytes) {
    auto payload = decode_payload(bytes);
    if (!payload) {
        return std::unexpected(of(payload.error()));
    }
    const auto verdict = verify_payload(*payload, *state_.remote_static());
    if (!verdict) {
        return std::unexpected(of(verdict.error()));
    }
    if (expected_peer_ && peer_id_of(payload->identity_key) != *expected_peer_) {
        return std::unexpected(HandshakeError::unexpected_peer);
    }
    remote_ = std::move(*payload);
    return {};
}

}  // namespace stipple::libp2p::noise
