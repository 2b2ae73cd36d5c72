// How import errors name their block: "block #12 (0x1234abcd…): <what>".
//
// Spec: none; the wording is ours.
#pragma once

#include "chain/import/chain.hpp"

#include <string>
#include <string_view>

namespace stipple::chain {

/// Enough of a hash to find the block in a log.
inline std::string short_hash(const BlockHash& hash) {
    return hash.hex().substr(0, 18) + "…";
}

inline ImportError import_error(ImportErrorKind kind, BlockRef block, std::string_view what) {
    return {kind, "block #" + std::to_string(block.number) + " (" + short_hash(block.hash) +
                      "): " + std::string(what)};
}
/// For the failing path only: it hashes the header.
inline ImportError import_error(ImportErrorKind kind, const Header& header, std::string_view what) {
    return import_error(kind, header.ref(), what);
}

}  // namespace stipple::chain
