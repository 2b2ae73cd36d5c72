// The chain as this node knows it: headers, bodies, justifications, states, the tree of forks, and
// the two ways it grows: importing a block and finalising one.
//
// Threads: writes (`import_block`, `finalize`, `revert`) come from one thread; every reading method
// may be called from any thread and answers from what is committed. A block's import is one atomic
// batch (header, body, justifications, leaves, best block, state layer, consensus rows), so a crash
// at any instant leaves a chain that opens at a consistent block.
//
//   Block ─ header checks (consensus/babe, the caller) ─ execute ─ compare root ─ commit ─▶
//   ImportOutcome
//
// Spec: sect-block-validation, chap-sync. Fork choice: more primary slots (weight) wins, then the
// higher number, else first seen; never off the finalised chain (protocols.md section 5).
#pragma once

#include "chain/spec/chain_spec.hpp"
#include "executor/executor.hpp"
#include "primitives/block.hpp"
#include "state/store/store.hpp"

#include <memory>
#include <mutex>
#include <vector>

namespace stipple::chain {

struct ChainConfig {
    state::store::StoreConfig state;
    /// Bodies of finalised blocks kept; absent: all (archive).
    std::optional<std::uint32_t> body_pruning;
};

struct Heads {
    BlockRef best;
    BlockRef finalized;
    BlockHash genesis;
};

/// A block whose header consensus has verified; what else it wants written with the block.
struct BlockToImport {
    Block block;  ///< seal included in the header
    std::optional<Justifications> justifications;
    std::uint64_t weight = 0;   ///< primary slots since genesis, this block included
    WriteBatch consensus_rows;  ///< committed in the same batch (column `consensus`)
    /// Set when the block was built here and its difference is known: execution is skipped.
    std::shared_ptr<const state::Difference> known_difference;
    executor::SignatureCachePort* signatures = nullptr;
};

enum class ImportErrorKind : std::uint8_t {
    already_known,  ///< not an error for the peer; nothing was done
    unknown_parent,
    bad_block_listed,        ///< the spec's badBlocks
    fork_block_mismatch,     ///< the spec's forkBlocks ask for another hash at this number
    not_on_finalized_chain,  ///< forks off below the finalised block
    bad_number,              ///< not the parent's number + 1
    bad_extrinsics_root,
    bad_state_root,
    execution_failed,      ///< the runtime refused the block (trap)
    parent_state_missing,  ///< pruned: cannot execute
    code_unusable,         ///< the parent's `:code` does not compile or lacks host functions
    environment,           ///< disk, deadline: no verdict on the block
};
struct ImportError {
    ImportErrorKind kind;
    std::string message;  ///< one line: what, which block, expected and found
    bool is_block_fault() const;
};

struct ImportOutcome {
    BlockRef block;
    bool is_new_best = false;
    std::vector<BlockRef> retracted;  ///< old best chain down to the fork, newest first
    std::vector<BlockRef>
        enacted;  ///< new best chain up from the fork, oldest first, the block last
    bool runtime_changed = false;  ///< `:code` or `:heappages` was written
};

struct FinalityOutcome {
    BlockRef finalized;
    std::vector<BlockRef> newly_finalized;  ///< oldest first
    std::vector<BlockRef> dropped;          ///< blocks of losing forks, leaves first
    bool best_changed = false;
    ImportOutcome reorganization;  ///< meaningful when best_changed
};

class Chain {
 public:
    /// Opens the chain in `database`, writing genesis into an empty one. Errors name what is wrong:
    /// another chain's genesis, a newer format, damage. All references outlive the chain.
    static Result<std::unique_ptr<Chain>> open(KeyValueStore& database, const ChainSpec& spec,
                                               executor::Executor& executor,
                                               const ChainConfig& config);
    ~Chain();

    // ---- reading, any thread ----
    Heads heads() const;
    Result<std::optional<Header>> header(const BlockHash& hash) const;
    Result<std::optional<BlockNumber>> number(const BlockHash& hash) const;
    Result<std::optional<Body>> body(const BlockHash& hash) const;
    Result<std::optional<Justifications>> justifications(const BlockHash& hash) const;
    /// Hash on the best chain at a number.
    Result<std::optional<BlockHash>> canonical_hash(BlockNumber number) const;
    bool is_known(const BlockHash& hash) const;
    std::vector<BlockRef> leaves() const;
    /// Unfinalised children and ancestry; false for unknown blocks.
    bool is_descendant(const BlockHash& ancestor, const BlockHash& descendant) const;
    std::optional<std::uint64_t> weight(const BlockHash& hash) const;
    /// The state after the block; fails with "state pruned" or "unknown block".
    Result<std::shared_ptr<const state::Reader>> state(const BlockHash& hash) const;
    /// The runtime that executes children of the block (its `:code`, code substitutes of the spec
    /// applied).
    std::expected<std::shared_ptr<const executor::Runtime>, executor::CodeError> runtime(
        const BlockHash& hash) const;
    /// Keys a block changed, for storage subscriptions.
    Result<std::vector<std::pair<state::TrieId, Bytes>>> changed_keys(const BlockHash& hash) const;
    const ChainSpec& spec() const;

    // ---- writing, one thread ----
    std::expected<ImportOutcome, ImportError> import_block(const BlockToImport& block);
    /// Marks a known block and its ancestors final, storing its justification. REQUIRES a
    /// descendant of the finalised block; an older block is an error.
    Result<FinalityOutcome> finalize(const BlockHash& hash,
                                     const std::optional<Justification>& justification);
    /// Adds a justification to a known block (an engine's one is replaced).
    Result<> add_justification(const BlockHash& hash, const Justification& justification);
    /// Takes back `count` best blocks, not below the finalised one unless `below_finality`.
    Result<BlockRef> revert(std::uint32_t count, bool below_finality);

 private:
    struct Inner;
    explicit Chain(std::unique_ptr<Inner> inner);
    std::unique_ptr<Inner> inner_;
};

/// Executes a block on its parent's state without committing: what import and `check-block` do.
std::expected<state::Difference, ImportError> execute_block(
    const Block& block, const state::Reader& parent_state, const executor::Runtime& runtime,
    executor::SignatureCachePort* signatures);

/// Trie root over the encoded extrinsics.
ExtrinsicsRoot extrinsics_root(const Body& body, state::StateVersion version);

}  // namespace stipple::chain
