// What `export-blocks` and `export-state` write, from an open chain.
//
// Spec: none; the formats are the Rust node's, so that its tools and ours read each other's files.
#pragma once

#include "chain/files/block_file.hpp"
#include "chain/import/chain.hpp"

namespace stipple::chain {

/// Blocks of the best chain from `first` to `last`, both included; an absent `last` is the best
/// block. Errors: an empty range, a block that is not there (pruned body). Gives how many.
Result<std::uint64_t> export_blocks(const Chain& chain, std::ostream& out, BlockFileFormat format,
                                    BlockNumber first, std::optional<BlockNumber> last);

/// Everything in a state, as a genesis: child tries apart, their roots left out of the main trie.
Result<RawGenesis> state_as_genesis(const state::Reader& state);

/// A raw chain specification whose genesis is the state after the block.
Result<std::string> export_state(const Chain& chain, const BlockHash& block);

/// A block with what is stored of it; absent when header or body is not there.
Result<std::optional<SignedBlock>> signed_block(const Chain& chain, const BlockHash& hash);

}  // namespace stipple::chain
