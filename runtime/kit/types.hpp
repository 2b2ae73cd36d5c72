// The values every pallet speaks of: accounts, balances, hashes, times.
//
// A runtime is compiled twice from one source: for wasm32, where the host is the node, and
// natively, where the host is a map in memory (kit/native_host.hpp). `runtime::kit` is an inline
// namespace, so a pallet in `runtime` writes `StorageValue` or `kit::StorageValue` as it likes.
#pragma once

#include "primitives/ids.hpp"
#include "scale/codec.hpp"

namespace stipple::runtime::inline kit {

using scale::Compact;

struct AccountIdTag;
struct HashTag;
struct RawTag;
/// An account: a public key, a hash of one, or an address made by a pallet.
using AccountId = FixedBytes<32, AccountIdTag>;
/// BLAKE2b-256 of whatever the context says.
using Hash = FixedBytes<32, HashTag>;
/// The smallest unit of the currency.
using Balance = uint128;
using Nonce = std::uint32_t;
/// Milliseconds since 1970.
using Moment = std::uint64_t;
using SessionIndex = std::uint32_t;
using KeyTypeId = EngineId;

inline constexpr Balance kBalanceMax = ~Balance{0};

/// A number as text. (std::to_string comes with stdio, which no runtime may import.)
inline std::string decimal(std::uint64_t number) {
    std::string text;
    do {
        text.insert(text.begin(), static_cast<char>('0' + number % 10));
        number /= 10;
    } while (number > 0);
    return text;
}

/// The first `sizeof` bytes of a name, padded with zeros: pallet ids, hold ids, lock ids.
template <std::size_t N>
constexpr std::array<std::uint8_t, N> name_bytes(std::string_view text) {
    std::array<std::uint8_t, N> out{};
    for (std::size_t i = 0; i < N && i < text.size(); ++i) {
        out[i] = static_cast<std::uint8_t>(text[i]);
    }
    return out;
}

}  // namespace stipple::runtime::inline kit
