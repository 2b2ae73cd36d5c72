// Proofs that a block is final, for `grandpa_proveFinality`.
//
// A proof names the last block of the authority set in which the block became final, that block's
// justification, and the headers between the two: whoever knows the set can check it. For a block
// of the present set the newest justification there is serves. Read from what is committed, so on
// any thread.
//
//   FinalityProof = block hash ‖ Vec<u8> justification ‖ Vec<header> unknown headers
//
// Spec: defn-grandpa-justification.
#pragma once

#include "chain/import/chain.hpp"

namespace stipple::node {

/// Headers one proof may carry, as in the field.
inline constexpr std::size_t kUnknownHeadersMax = 100'000;

/// Absent when no justification was kept that covers the block; an error (in the words clients
/// know) when the block is not final yet or older than what this node has followed.
std::expected<std::optional<Bytes>, std::string> prove_finality(const chain::Chain& chain,
                                                                const StoreReader& store,
                                                                BlockNumber number);

}  // namespace stipple::node
