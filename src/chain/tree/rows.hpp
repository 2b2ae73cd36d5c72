// The rows of the chain in the database: keys, values, the format's version.
//
//     column          key                 value (SCALE)
//     meta            "chain/format"      u32 kChainFormat
//     meta            "chain/genesis"     hash 32 ‖ fingerprint 32 of the specification's genesis
//     meta            "chain/best"        BlockRef
//     meta            "chain/finalized"   BlockRef ‖ weight u64
//     meta            "chain/gap"         HistoryGap: blocks missing below where the node began
//     meta            "chain/stateless"   01, while a fast sync takes blocks without states
//     headers         block hash          Header
//     bodies          block hash          Vec<Vec<u8>>
//     justifications  block hash          Vec<(engine 4, Vec<u8>)>
//     block_hashes    number u32 BE       hash, of the best chain up to the best block
//     leaves          block hash          TreeRow: every known block above the finalised one
//
// Other modules keep their own keys in `meta` and `consensus`; these all begin with "chain/".
#pragma once

#include "base/key_value_store.hpp"
#include "crypto/types.hpp"
#include "primitives/block.hpp"

#include <string_view>

namespace stipple::chain {

/// Grows when rows change their meaning; a database with a greater one is refused.
inline constexpr std::uint32_t kChainFormat = 1;

inline constexpr std::string_view kFormatKey = "chain/format";
inline constexpr std::string_view kGenesisKey = "chain/genesis";
inline constexpr std::string_view kBestKey = "chain/best";
inline constexpr std::string_view kFinalizedKey = "chain/finalized";
inline constexpr std::string_view kGapKey = "chain/gap";
inline constexpr std::string_view kStatelessKey = "chain/stateless";

struct GenesisRow {
    BlockHash hash;
    crypto::Hash256 fingerprint;
    static auto fields(auto& self) { return std::tie(self.hash, self.fingerprint); }
};
struct FinalizedRow {
    BlockRef block;
    std::uint64_t weight = 0;
    static auto fields(auto& self) { return std::tie(self.block, self.weight); }
};
/// What the tree is rebuilt from; `arrival` keeps "first seen" over a restart.
struct TreeRow {
    BlockHash parent;
    BlockNumber number = 0;
    std::uint64_t weight = 0;
    std::uint64_t arrival = 0;
    static auto fields(auto& self) {
        return std::tie(self.parent, self.number, self.weight, self.arrival);
    }
};

inline Bytes number_key(BlockNumber number) {
    Bytes key;
    append_be(key, number);
    return key;
}

}  // namespace stipple::chain
