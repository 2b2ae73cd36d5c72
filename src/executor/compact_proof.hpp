// A proof that one key has one value, in the form runtimes hand to `ext_trie_*_verify_proof`.
//
// Not a set of whole nodes: the nodes on the way down, root first, with what the verifier can put
// in himself left out: the hash of each child that follows, and the proven value. The verifier
// fills them in from below and compares the root. Everything given must be needed.
//
// Spec: sect-trie-api, `ext_trie_blake2_256_verify_proof`; protocols.md section 3.
#pragma once

#include "crypto/types.hpp"
#include "state/reader.hpp"

#include <span>

namespace stipple::executor {

/// True when the trie with this root has `value` at `key`.
bool verify_compact_proof(const crypto::Hash256& root, std::span<const Bytes> nodes, ByteView key,
                          ByteView value, state::StateVersion version,
                          crypto::Hash256 (*hash)(ByteView));

}  // namespace stipple::executor
