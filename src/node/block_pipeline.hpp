// From a block somebody sent to a block of our chain: where BABE, GRANDPA and the chain meet.
//
//   header ─ BABE: slot, author, seal, epoch ─▶ execute, compare root, commit ─▶ GRANDPA: set
//   changes
//          ─ justification, if any: verify with the present set ─▶ finalise
//
// The consensus rows of a block (epochs, authority set changes) are committed in the batch of its
// import. What finalisation changes is committed behind it and made good by `open` after a crash in
// between. All methods run on the chain thread; `import-blocks` calls them directly.
#pragma once

#include "chain/import/chain.hpp"
#include "consensus/babe/epoch_tree.hpp"
#include "consensus/babe/equivocation.hpp"
#include "consensus/beefy/justification.hpp"
#include "consensus/grandpa/authority_set.hpp"
#include "consensus/grandpa/warp.hpp"

namespace stipple::node {

enum class PipelineErrorKind : std::uint8_t {
    already_known,      ///< nothing to do
    unknown_parent,     ///< may come later
    in_future,          ///< the slot has not come yet
    bad_header,         ///< BABE refuses the header: the sender's fault
    bad_block,          ///< execution, roots or lists refuse it: the sender's fault
    wrong_body,         ///< not the body its header commits to: the sender's fault, not the block's
    bad_change,         ///< the authority change in it is not allowed: the sender's fault
    bad_justification,  ///< a justification that does not hold: the sender's fault
    early_justification,  ///< a block below it that ends the set is to be final first: no verdict
    missing_state,        ///< the parent's state is pruned: no verdict
    environment,          ///< no verdict: disk, code that does not compile here
};
struct PipelineError {
    PipelineErrorKind kind;
    std::string message;  ///< one line that names the block
};

struct Imported {
    Header header;
    chain::ImportOutcome import;
    std::optional<chain::FinalityOutcome> finality;  ///< when a justification finalised it
    /// It changes the GRANDPA set, which waits for its finality, and it is not final yet.
    bool needs_justification = false;
    bool set_changed = false;  ///< the GRANDPA set is another one now
    /// A justification came with the block and does not hold: the block was imported without it.
    std::optional<std::string> bad_justification;
    std::optional<babe::EquivocationProof> equivocation;
    crypto::Sr25519Public author;
    Slot slot;
    /// A BEEFY proof that came with the block and holds in the set the block's state names; it is
    /// kept with the block. One that does not hold is dropped.
    std::optional<beefy::FinalityProof> beefy_proof{};
    bool bad_beefy_proof = false;  ///< one came and was dropped
};
struct Finalized {
    chain::FinalityOutcome outcome;
    bool set_changed = false;
};

/// Where a chain begins anew: what was verified of the block and of the sets before it.
struct Beginning {
    Block block;
    std::optional<Justification> justification;
    std::optional<grandpa::WarpSet> set;  ///< after warp sync; else the set we have got to
    std::vector<grandpa::AuthoritySet::PastSet> past;
    WriteBatch rows;  ///< of the caller, for the same batch
};

class BlockPipeline {
 public:
    /// Reads the consensus state of the chain, or makes it from genesis. References outlive this.
    static Result<std::unique_ptr<BlockPipeline>> open(KeyValueStore& database,
                                                       chain::Chain& chain);

    /// `now` decides what is in the future. `signatures` may be null.
    std::expected<Imported, PipelineError> import(const SignedBlock& block, UnixMillis now,
                                                  executor::SignatureCachePort* signatures);
    /// The header alone, as far as its parent allows: what an announcement is worth.
    std::expected<void, PipelineError> check_header(const Header& header, UnixMillis now);
    /// A block built here: its difference is known and not computed again.
    std::expected<Imported, PipelineError> import_own(
        Block block, std::shared_ptr<const state::Difference> difference, UnixMillis now);
    /// Finality by our own voter; `justification` (encoded) is stored when given.
    Result<Finalized> finalize(const BlockHash& hash, std::optional<Bytes> justification);
    /// Verifies a GRANDPA justification for a known block with the present set, then finalises.
    std::expected<Finalized, PipelineError> import_justification(const BlockRef& block,
                                                                 ByteView encoded);

    /// Takes the chain back to a block of the best chain, final or not (development chains). Below
    /// finality epochs and authorities are those that the block's own state tells.
    Result<> rewind(const BlockRef& target);
    /// After a state sync. REQUIRES a complete download, and a body that fits its header. What
    /// fails changes nothing.
    Result<> begin_at(Beginning beginning, state::store::StateDownload& download);
    /// While the state of the finalised block is downloaded it stays the finalised block.
    void hold_finality(bool hold) { finality_held_ = hold; }
    bool is_finality_held() const { return finality_held_; }

    const babe::EpochTree& epochs() const { return epochs_; }
    const grandpa::AuthoritySet& authority_set() const { return set_; }
    const grandpa::BlockTree& unfinalized() const { return tree_; }

 private:
    BlockPipeline(KeyValueStore& database, chain::Chain& chain, babe::EpochTree epochs,
                  grandpa::AuthoritySet set);
    Result<> catch_up();
    Result<> follow_final(const BlockRef& finalized);
    std::expected<babe::VerifiedHeader, PipelineError> verify_header(const Header& header,
                                                                     UnixMillis now) const;
    /// A GRANDPA justification for this block, by the present set?
    /// Takes away a justification that does not hold, or not yet; what is wrong with it.
    std::optional<std::string> drop_unproven(const Header& header,
                                             std::optional<Justifications>& justifications) const;
    std::expected<void, PipelineError> verify(const BlockRef& block,
                                              const std::optional<BlockRef>& parent,
                                              ByteView justification) const;
    std::expected<Imported, PipelineError> import_verified(
        Block block, std::optional<Justifications> justifications,
        std::shared_ptr<const state::Difference> difference, UnixMillis now,
        executor::SignatureCachePort* signatures);
    std::optional<beefy::FinalityProof> keep_beefy_proof(const BlockRef& block,
                                                         const Bytes& encoded);
    Result<Finalized> finalize_checked(const BlockHash& hash,
                                       const std::optional<Justification>& justification);

    KeyValueStore& database_;
    chain::Chain& chain_;
    babe::EpochTree epochs_;
    babe::EquivocationBook equivocations_;
    grandpa::AuthoritySet set_;
    grandpa::BlockTree tree_;
    /// The newest header that was checked: its block follows, mostly, and is not verified again.
    std::optional<babe::VerifiedHeader> verified_;
    bool finality_held_ = false;
};

/// Asks the runtime of a block, over its state, without keeping what it writes.
Result<Bytes> call_runtime(const chain::Chain& chain, const BlockHash& at, std::string_view method,
                           ByteView arguments, const executor::CallContext& context = {});

}  // namespace stipple::node
