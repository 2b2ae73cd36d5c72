// What the node tells subscribers of the chain.
#pragma once

#include "primitives/header.hpp"

#include <variant>

namespace stipple::rpc {

/// A block was imported.
struct BlockImported {
    BlockRef block;
    Header header;
    bool is_new_best = false;
    bool runtime_changed = false;  ///< `:code` was written by this block
};
/// Blocks became final; the last one is told.
struct BlockFinalized {
    BlockRef block;
    Header header;
};
/// GRANDPA finalised with this encoded justification.
struct JustificationMade {
    Bytes justification;
};
/// Blocks are gone, final ones among them (development chains); this one is the best now.
struct ChainRewound {
    BlockRef block;
    Header header;
};
/// BEEFY proved a block with this encoded finality proof.
struct BeefyProofMade {
    BlockHash block;
    Bytes proof;
};
using ChainEvent =
    std::variant<BlockImported, BlockFinalized, JustificationMade, ChainRewound, BeefyProofMade>;

}  // namespace stipple::rpc
