#include "crypto/ss58.hpp"

#include "base/check.hpp"
#include "crypto/hash.hpp"

#include <array>

namespace stipple::crypto {

namespace {

constexpr std::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::size_t kTextMax = 128;
constexpr std::uint16_t kOneBytePrefixes = 64;
constexpr std::uint16_t kFormats = 16384;

constexpr std::array<std::int8_t, 256> kDigits = [] {
    std::array<std::int8_t, 256> digits{};
    digits.fill(-1);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
        digits[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::int8_t>(i);
    }
    return digits;
}();

/// Bytes of checksum behind a payload of this length; 0 when addresses do not have this length.
std::size_t checksum_bytes(std::size_t payload) {
    switch (payload) {
        case 32:
        case 33:
            return 2;
        case 1:
        case 2:
        case 4:
        case 8:
            return 1;
        default:
            return 0;
    }
}

Hash512 checksum(ByteView prefix_and_payload) {
    Bytes input = to_bytes("SS58PRE");
    append(input, prefix_and_payload);
    return blake2b_512(input);
}

/// Two bytes hold 14 bits: 01 and bits 2-7 of the number, then its bits 0-1 above bits 8-13.
Bytes prefix_of(std::uint16_t format) {
    if (format < kOneBytePrefixes) {
        return {static_cast<std::uint8_t>(format)};
    }
    return {static_cast<std::uint8_t>(((format & 0x00fc) >> 2) | 0x40),
            static_cast<std::uint8_t>((format >> 8) | ((format & 0x0003) << 6))};
}

}  // namespace

const char* describe(Ss58Error error) {
    switch (error) {
        case Ss58Error::bad_base58:
            return "not base58 (letters and digits without 0, O, I, l)";
        case Ss58Error::bad_length:
            return "not as long as an address";
        case Ss58Error::bad_prefix:
            return "reserved network prefix";
        case Ss58Error::bad_checksum:
            return "checksum does not match: mistyped?";
    }
    return "unknown";
}

std::string ss58_encode(ByteView payload, std::uint16_t format) {
    CHECK(format < kFormats);
    Bytes bytes = prefix_of(format);
    append(bytes, payload);
    const std::size_t count = checksum_bytes(payload.size());
    CHECK(count > 0);
    append(bytes, checksum(bytes).view().first(count));
    return base58_encode(bytes);
}

std::expected<Ss58Address, Ss58Error> ss58_decode(std::string_view text) {
    const auto bytes = base58_decode(text);
    if (!bytes) {
        return std::unexpected(Ss58Error::bad_base58);
    }
    if (bytes->size() < 2) {
        return std::unexpected(Ss58Error::bad_length);
    }
    const std::uint8_t first = (*bytes)[0];
    if (first >= 128) {
        return std::unexpected(Ss58Error::bad_prefix);
    }
    const std::size_t prefix = first < kOneBytePrefixes ? 1 : 2;
    Ss58Address address;
    address.format = first;
    if (prefix == 2) {
        const std::uint8_t second = (*bytes)[1];
        address.format = static_cast<std::uint16_t>(((first & 0x3f) << 2) | (second >> 6) |
                                                    ((second & 0x3f) << 8));
        // A number below 64 has one form only, the short one.
        if (address.format < kOneBytePrefixes) {
            return std::unexpected(Ss58Error::bad_prefix);
        }
    }
    for (const std::size_t count : {std::size_t{2}, std::size_t{1}}) {
        if (bytes->size() <= prefix + count ||
            checksum_bytes(bytes->size() - prefix - count) != count) {
            continue;
        }
        const ByteView all(*bytes);
        const ByteView body = all.first(all.size() - count);
        if (!equal(checksum(body).view().first(count), all.last(count))) {
            return std::unexpected(Ss58Error::bad_checksum);
        }
        address.payload = to_bytes(body.subspan(prefix));
        return address;
    }
    return std::unexpected(Ss58Error::bad_length);
}

std::string base58_encode(ByteView bytes) {
    const auto first = std::find_if(bytes.begin(), bytes.end(), [](auto b) { return b != 0; });
    const auto zeros = static_cast<std::size_t>(first - bytes.begin());
    std::vector<std::uint8_t> digits;  // base 58, lowest first
    for (const std::uint8_t byte : bytes.subspan(zeros)) {
        unsigned carry = byte;
        for (std::uint8_t& digit : digits) {
            carry += unsigned{digit} << 8;
            digit = static_cast<std::uint8_t>(carry % 58);
            carry /= 58;
        }
        for (; carry > 0; carry /= 58) {
            digits.push_back(static_cast<std::uint8_t>(carry % 58));
        }
    }
    std::string text(zeros, kAlphabet[0]);
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
        text.push_back(kAlphabet[*digit]);
    }
    return text;
}

std::optional<Bytes> base58_decode(std::string_view text) {
    if (text.size() > kTextMax) {
        return std::nullopt;
    }
    const std::size_t zeros = std::min(text.find_first_not_of(kAlphabet[0]), text.size());
    Bytes bytes;  // lowest first
    for (const char letter : text.substr(zeros)) {
        const std::int8_t value = kDigits[static_cast<std::uint8_t>(letter)];
        if (value < 0) {
            return std::nullopt;
        }
        auto carry = static_cast<unsigned>(value);
        for (std::uint8_t& byte : bytes) {
            carry += byte * 58U;
            byte = static_cast<std::uint8_t>(carry & 0xff);
            carry >>= 8;
        }
        if (carry > 0) {
            bytes.push_back(static_cast<std::uint8_t>(carry));
        }
    }
    bytes.insert(bytes.end(), zeros, 0);
    std::reverse(bytes.begin(), bytes.end());
    return bytes;
}

}  // namespace stipple::crypto
