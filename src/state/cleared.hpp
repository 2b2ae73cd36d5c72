// Mass deletions: a prefix below which a block left nothing stands in a difference as one range.
#pragma once

#include "state/difference.hpp"

namespace stipple::state {

/// Up to so many removed keys a prefix is listed key by key (design: state, rule 9).
inline constexpr std::uint64_t kClearedKeysMin = 4096;

/// Replaces the removals below `prefix` by one range, if that says the same: `before` has more than
/// `keys_min` keys there, `changes` removes each of them and writes none. Whether it did.
Result<bool> fold_cleared(const Reader& before, const TrieId& trie, ByteView prefix,
                          TrieDifference& changes, std::uint64_t keys_min = kClearedKeysMin);

}  // namespace stipple::state
