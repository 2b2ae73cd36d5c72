#include "network/messages/block_announce.hpp"

namespace stipple::network {

std::optional<Role> decode_role(std::uint8_t byte) {
    constexpr std::uint8_t kAllBits = 7;
    if (byte > kAllBits) {
        return std::nullopt;
    }
    // Bits may be combined; the strongest one says what the peer can do for us.
    if ((byte & static_cast<std::uint8_t>(Role::authority)) != 0) {
        return Role::authority;
    }
    if ((byte & static_cast<std::uint8_t>(Role::full)) != 0) {
        return Role::full;
    }
    return byte == 0 ? Role::none : Role::light;
}

Bytes encode(const BlockAnnounceHandshake& handshake) {
    Bytes out;
    out.push_back(static_cast<std::uint8_t>(handshake.role));
    append_le(out, handshake.best.number);
    append(out, handshake.best.hash);
    append(out, handshake.genesis);
    return out;
}

Decoded<BlockAnnounceHandshake> decode_block_announce_handshake(ByteView bytes) {
    if (bytes.size() > kBlockAnnounceBytesMax) {
        return std::unexpected(MessageError::over_limit);
    }
    scale::Decoder in(bytes);
    const auto role = decode_role(in.u8());
    BlockAnnounceHandshake handshake;
    handshake.best.number = in.u32();
    scale::decode_from(in, handshake.best.hash);
    scale::decode_from(in, handshake.genesis);
    if (!in.ok()) {
        return std::unexpected(MessageError::bad_scale);
    }
    if (!role) {
        return std::unexpected(MessageError::bad_value);
    }
    handshake.role = *role;
    return handshake;
}

Bytes encode_role_handshake(Role role) {
    return {static_cast<std::uint8_t>(role)};
}

Decoded<Role> decode_role_handshake(ByteView bytes) {
    if (bytes.empty()) {
        return std::unexpected(MessageError::missing_field);
    }
    const auto role = decode_role(bytes.front());
    if (!role) {
        return std::unexpected(MessageError::bad_value);
    }
    return *role;
}

Bytes encode(const BlockAnnounce& announce) {
    Bytes out = scale::encode(announce.header);
    out.push_back(announce.is_best ? 1 : 0);
    scale::encode_byte_string(out, announce.data);
    return out;
}

Decoded<BlockAnnounce> decode_block_announce(ByteView bytes) {
    if (bytes.size() > kBlockAnnounceBytesMax) {
        return std::unexpected(MessageError::over_limit);
    }
    scale::Decoder in(bytes);
    BlockAnnounce announce;
    decode_from(in, announce.header);
    if (!in.ok()) {
        return std::unexpected(MessageError::bad_scale);
    }
    if (in.remaining() > 0) {
        const std::uint8_t state = in.u8();
        if (state > 1) {
            return std::unexpected(MessageError::bad_value);
        }
        announce.is_best = state == 1;
    }
    if (in.remaining() > 0) {
        announce.data = to_bytes(in.byte_string());
        if (!in.ok()) {
            return std::unexpected(MessageError::bad_scale);
        }
    }
    return announce;
}

}  // namespace stipple::network
