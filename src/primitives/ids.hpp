// The names of things: hashes and numbers that do not convert into each other.
#pragma once

#include "base/strong.hpp"
#include "crypto/types.hpp"

#include <tuple>

namespace stipple {

struct BlockHashTag;
struct ExtrinsicHashTag;
struct ExtrinsicsRootTag;
struct CodeHashTag;
using BlockHash = FixedBytes<32, BlockHashTag>;
using ExtrinsicHash = FixedBytes<32, ExtrinsicHashTag>;
using ExtrinsicsRoot = FixedBytes<32, ExtrinsicsRootTag>;
using CodeHash = FixedBytes<32, CodeHashTag>;

using BlockNumber = std::uint32_t;

struct SlotTag;
struct EpochTag;
struct GrandpaRoundTag;
struct AuthoritySetTag;
using Slot = StrongNumber<std::uint64_t, SlotTag>;
using EpochIndex = StrongNumber<std::uint64_t, EpochTag>;
using RoundNumber = StrongNumber<std::uint64_t, GrandpaRoundTag>;
using AuthoritySetId = StrongNumber<std::uint64_t, AuthoritySetTag>;
using AuthorityIndex = std::uint32_t;

/// A block by hash, with its number carried along.
struct BlockRef {
    BlockHash hash;
    BlockNumber number = 0;
    friend auto operator<=>(const BlockRef&, const BlockRef&) = default;
    static auto fields(auto& self) { return std::tie(self.hash, self.number); }
};

/// Four ASCII bytes naming a consensus engine or a key type.
struct FourBytesTag;
using EngineId = FixedBytes<4, FourBytesTag>;
constexpr EngineId engine_id(const char (&text)[5]) {
    return EngineId({static_cast<std::uint8_t>(text[0]), static_cast<std::uint8_t>(text[1]),
                     static_cast<std::uint8_t>(text[2]), static_cast<std::uint8_t>(text[3])});
}
inline constexpr EngineId kBabeEngine = engine_id("BABE");
inline constexpr EngineId kGrandpaEngine = engine_id("FRNK");
inline constexpr EngineId kBeefyEngine = engine_id("BEEF");
inline constexpr EngineId kParachainEngine = engine_id("POL1");

}  // namespace stipple
