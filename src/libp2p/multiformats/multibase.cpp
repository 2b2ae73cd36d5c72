#include "libp2p/multiformats/multibase.hpp"

#include "crypto/ss58.hpp"

namespace stipple::libp2p {

namespace {

constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kBase32 = "abcdefghijklmnopqrstuvwxyz234567";

/// `bits` of the input per character, the last one filled with zeros.
std::string encode(char prefix, std::string_view alphabet, unsigned bits, ByteView bytes) {
    std::string text(1, prefix);
    std::uint32_t held = 0;
    unsigned held_bits = 0;
    const std::uint32_t mask = (1U << bits) - 1;
    for (const std::uint8_t byte : bytes) {
        held = (held << 8) | byte;
        held_bits += 8;
        for (; held_bits >= bits; held_bits -= bits) {
            text.push_back(alphabet[(held >> (held_bits - bits)) & mask]);
        }
    }
    if (held_bits > 0) {
        text.push_back(alphabet[(held << (bits - held_bits)) & mask]);
    }
    return text;
}

std::optional<Bytes> decode(std::string_view alphabet, unsigned bits, std::string_view text) {
    Bytes bytes;
    std::uint32_t held = 0;
    unsigned held_bits = 0;
    for (const char letter : text) {
        const std::size_t value = alphabet.find(letter);
        if (value == std::string_view::npos) {
            return std::nullopt;
        }
        held = (held << bits) | static_cast<std::uint32_t>(value);
        held_bits += bits;
        if (held_bits >= 8) {
            held_bits -= 8;
            bytes.push_back(static_cast<std::uint8_t>(held >> held_bits));
        }
    }
    const std::uint32_t left_over = held & ((1U << held_bits) - 1);
    if (held_bits >= bits || left_over != 0) {
        return std::nullopt;
    }
    return bytes;
}

}  // namespace

std::string multibase_base64url(ByteView bytes) {
    return encode('u', kBase64Url, 6, bytes);
}

std::string multibase_base32(ByteView bytes) {
    return encode('b', kBase32, 5, bytes);
}

std::optional<Bytes> multibase_decode(std::string_view text) {
    if (text.empty()) {
        return std::nullopt;
    }
    const std::string_view rest = text.substr(1);
    switch (text[0]) {
        case 'u':
            return decode(kBase64Url, 6, rest);
        case 'b':
            return decode(kBase32, 5, rest);
        case 'z':
            return crypto::base58_decode(rest);
        default:
            return std::nullopt;
    }
}

}  // namespace stipple::libp2p
