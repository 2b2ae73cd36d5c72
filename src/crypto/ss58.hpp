// SS58 addresses: base58(prefix ‖ payload ‖ checksum). protocols.md section 2.
#pragma once

#include "base/bytes.hpp"

#include <expected>
#include <string>
#include <string_view>

namespace stipple::crypto {

enum class Ss58Error : std::uint8_t { bad_base58, bad_length, bad_prefix, bad_checksum };
const char* describe(Ss58Error error);

struct Ss58Address {
    std::uint16_t format = 42;  ///< network prefix, 0 to 16383
    Bytes payload;              ///< 32 bytes of an account, usually
};
std::string ss58_encode(ByteView payload, std::uint16_t format);
std::expected<Ss58Address, Ss58Error> ss58_decode(std::string_view text);

std::string base58_encode(ByteView bytes);
/// Bitcoin alphabet; at most 128 characters.
std::optional<Bytes> base58_decode(std::string_view text);

}  // namespace stipple::crypto
