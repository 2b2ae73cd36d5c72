// Content identifiers: https://github.com/multiformats/cid. In text a multibase letter and, behind
// it, version, codec, hash function, length and digest, the numbers as varints.
//
// No runtime of a relay chain indexes transactions, so there are none to give: what is well asked
// is not found.
#include "rpc/methods/bitswap.hpp"

#include "rpc/methods/registry.hpp"

#include <algorithm>
#include <array>

namespace stipple::rpc {
namespace {

constexpr std::string_view kBase32 = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::size_t kTextBytesMax = 256;
constexpr std::size_t kDigestBytes = 32;
constexpr std::array<std::uint64_t, 3> kHashCodes{0x12, 0xb220, 0x1b};  // SHA-2, BLAKE2b, Keccak

/// Base 32 in lower case without padding; absent for other letters and bits left over.
std::optional<Bytes> decode_base32(std::string_view text) {
    Bytes out;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char letter : text) {
        const std::size_t digit = kBase32.find(letter);
        if (digit == std::string_view::npos) {
            return std::nullopt;
        }
        bits = (bits << 5 | static_cast<std::uint32_t>(digit)) & 0x1fff;
        count += 5;
        if (count >= 8) {
            count -= 8;
            out.push_back(static_cast<std::uint8_t>(bits >> count));
        }
    }
    const bool clean = count < 5 && (bits & ((1U << count) - 1)) == 0;
    return clean ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<std::uint64_t> take_varint(ByteView& rest) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 63 && !rest.empty(); shift += 7) {
        const std::uint8_t byte = rest.front();
        rest = rest.subspan(1);
        value |= std::uint64_t{byte & 0x7fU} << shift;
        if (byte < 0x80) {
            return byte == 0 && shift > 0 ? std::nullopt : std::optional(value);
        }
    }
    return std::nullopt;
}

RpcError bitswap_error(int code, std::string message, std::string_view variant) {
    return {code, std::move(message), R"({"variant":")" + std::string(variant) + "\"}"};
}

RpcResult<> get(CallScope& scope) {
    TRY_ASSIGN(const std::string text, scope.params.text("cid"));
    if (const auto good = check_content_id(text); !good) {
        return std::unexpected(
            bitswap_error(kInvalidParams, "Invalid CID: " + good.error(), "InvalidCid"));
    }
    constexpr int kNotFound = -32810;
    constexpr int kTryAgainLater = -32812;
    const auto& health = scope.context.ports.health;
    return std::unexpected(
        health && health().is_syncing
            ? bitswap_error(kTryAgainLater, "Node is major syncing", "MajorSyncing")
            : bitswap_error(kNotFound, "Transaction not found", "NotFound"));
}

}  // namespace

std::expected<void, std::string> check_content_id(std::string_view text) {
    constexpr std::size_t kVersion0Letters = 46;
    if (text.size() == kVersion0Letters && text.starts_with("Qm")) {
        return std::unexpected("Only CIDv1 is supported");
    }
    if (text.size() > kTextBytesMax || !text.starts_with('b')) {
        return std::unexpected("Failed to parse multihash");
    }
    const auto bytes = decode_base32(text.substr(1));
    if (!bytes) {
        return std::unexpected("Failed to parse multihash");
    }
    ByteView rest(*bytes);
    const auto version = take_varint(rest);
    const auto codec = take_varint(rest);
    const auto hash = take_varint(rest);
    const auto length = take_varint(rest);
    if (!version || !codec || !hash || !length || rest.size() != *length) {
        return std::unexpected("Failed to parse multihash");
    }
    if (*version != 1) {
        return std::unexpected("Unrecognized CID version");
    }
    if (std::ranges::find(kHashCodes, *hash) == kHashCodes.end()) {
        return std::unexpected(
            "Only sha2-256, blake2b-256 & keccak-256 hash functions are supported");
    }
    if (*length != kDigestBytes) {
        return std::unexpected("Only 256-bit hash digests are supported");
    }
    return {};
}

void register_bitswap(Registry& registry, const RpcContext& /*context*/) {
    registry.add("bitswap_v1_get", get);
}

}  // namespace stipple::rpc
