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
#include "state/store/download.hpp"

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
    /// Body and extrinsics root are checked, nothing is executed. REQUIRES is_stateless().
    bool without_state = false;
};

/// The finalised chain below a block at which a node began: headers and bodies that are missing.
struct HistoryGap {
    BlockRef highest;         ///< named by its child, which is here; the lowest missing one is #1
    bool with_bodies = true;  ///< false where bodies of such age are pruned
    static auto fields(auto& self) { return std::tie(self.highest, self.with_bodies); }
};
/// Where a chain begins anew: a block that is proved final, with a state that was downloaded.
struct NewBeginning {
    Block block;
    std::optional<Justification> justification;  ///< verified
    WriteBatch consensus_rows;
};
/// A block of the gap: the header links up, the body is looked at.
struct PastBlock {
    BlockHash hash;
    const Header& header;
    const Body* body;  ///< null when bodies are not kept
};
enum class PastVerdict : std::uint8_t { stored, bad_body, not_linked };

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
    std::vector<BlockRef> newly_finalized;   ///< oldest first
    std::vector<BlockRef> dropped;           ///< blocks of losing forks, leaves first
    std::vector<BlockHash> dropped_parents;  ///< of each of them
    bool best_changed = false;
    ImportOutcome reorganization;    ///< meaningful when best_changed
    std::vector<Block> retracted{};  ///< its retracted blocks, which the chain has dropped
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
    std::size_t leaf_count() const;  ///< without a walk over the tree
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
    /// Blocks come without states, until `begin_at` (fast sync under way). On disk.
    bool is_stateless() const;
    std::optional<HistoryGap> gap() const;

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

    // ---- beginning elsewhere than at genesis (begin.cpp), the same thread ----
    /// From now on blocks are taken without states. REQUIRES a chain at genesis.
    Result<> become_stateless();
    Result<std::unique_ptr<state::store::StateDownload>> download_state(
        const BlockRef& block, const HeaderStateRoot& root);
    /// The runtime of a state that is not (yet) one of this chain's.
    std::expected<std::shared_ptr<const executor::Runtime>, executor::CodeError> runtime_of(
        const BlockRef& block, const state::Reader& state) const;
    /// The block becomes finalised and best, its state the first one; what stood above genesis and
    /// is not finalised goes. One batch: a crash leaves the chain of before, or this one.
    /// REQUIRES a complete download of the block's state and a body that fits.
    Result<> begin_at(NewBeginning beginning, state::store::StateDownload& state);
    /// Stores blocks of the gap, highest first.
    Result<PastVerdict> fill_gap(const std::vector<PastBlock>& blocks);

 private:
    struct Inner;
    explicit Chain(std::unique_ptr<Inner> inner);
    std::unique_ptr<Inner> inner_;
};

/// Executes a block on its parent's state without committing: what import and `check-block` do.
std::expected<state::Difference, ImportError> execute_block(
    const Block& block, const state::Reader& parent_state, const executor::Runtime& runtime,
    executor::SignatureCachePort* signatures);

/// Whether the header commits to the body. Which of the two trie versions it was made with is the
/// runtime's affair; a body that fits by either is the one.
bool fits_body(const Header& header, const Body& body);

/// Trie root over the encoded extrinsics.
ExtrinsicsRoot extrinsics_root(const Body& body, state::StateVersion version);

}  // namespace stipple::chain
