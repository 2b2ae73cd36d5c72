// What runs on the chain thread: authoring a slot, finalising, and telling the core what came of
// it.
//
// The chain thread is the only writer of the chain. Each job takes an effect of the core and gives
// the event that goes back. References outlive this.
#pragma once

#include "consensus/authoring/block_builder.hpp"
#include "consensus/authoring/pace.hpp"
#include "consensus/babe/clock_watch.hpp"
#include "consensus/babe/slot_claim.hpp"
#include "node/clock.hpp"
#include "node/core_events.hpp"
#include "node/keys.hpp"
#include "node/mmr_gadget.hpp"

namespace stipple::node {

struct ChainJobsConfig {
    bool force_authoring = false;  ///< author without peers, also among several authorities
    BeefyWatch* beefy = nullptr;   ///< null with --no-beefy; outlives this
    MmrGadget* mmr = nullptr;      ///< null without offchain indexing; outlives this
    Clock clock{};                 ///< a simulation has its own
    bool validator = false;        ///< vote with the keys of the keystore
    /// Leave out slots when finality lags.
    std::optional<authoring::Backoff> backoff = std::nullopt;
};

class ChainJobs {
 public:
    ChainJobs(const ChainJobsConfig& config, chain::Chain& chain, BlockPipeline& pipeline,
              Keys& keys, KeyValueStore& database, executor::SignatureCachePort& signatures);

    /// BlockImported when the slot was ours and the block is in, else SlotPassed.
    Event author(AuthorSlot& slot);
    /// Absent when the block is final already. Failing is logged: the next commit tries again.
    std::optional<BlocksFinalized> finalize(const grandpa::Finalize& effect);
    /// The justification made for the newest `finalize`, encoded; for subscribers.
    const std::optional<Bytes>& newest_justification() const { return newest_justification_; }
    /// Without votes: development chains.
    std::expected<BlocksFinalized, std::string> finalize(const BlockHash& block);
    void store(const grandpa::StoreRows& effect);
    void store(const beefy::StoreRows& effect);
    /// Keeps the proof with its block, whose hash is the answer; absent when that failed.
    std::optional<BlockHash> conclude(const beefy::Conclude& effect);

    /// What the core is told of an import and of finality, with the heads as they are now.
    BlockImported describe(Imported imported);
    BlocksFinalized describe(Finalized finalized) const;

    /// Takes the chain back to a block of the best chain; what is gone, as a reorganisation.
    std::expected<ChainRewound, std::string> rewind(const BlockHash& block);
    SetView set_view() const;
    /// Where BEEFY begins at the finalised block; absent when it does not yet, or is off.
    std::optional<BeefyNews> beefy_beginning() const;
    /// How far the voter may vote on the best chain.
    std::optional<BlockNumber> vote_ceiling() const;
    /// Unfinalised blocks, parents first: what Core::start wants.
    std::vector<std::pair<BlockRef, BlockHash>> unfinalized() const;
    /// Those of them that enact a change of authorities: each needs a justification.
    std::vector<BlockRef> unjustified() const;

 private:
    std::expected<Imported, std::string> author_block(AuthorSlot& slot);
    std::optional<babe::SlotClaim> claim(Slot slot, const babe::ParentContext& context) const;
    /// Whether to make this block, which is ours to make: finality must keep up.
    bool is_wanted(const AuthorSlot& slot, const babe::ParentContext& context) const;
    /// When the block has to be ready: later when no block was made for a while.
    Instant proposing_ends(const AuthorSlot& slot, const babe::ParentContext& context) const;
    /// The block without its seal. What the runtime refuses goes to `refused_`.
    std::expected<authoring::BuiltBlock, std::string> build(AuthorSlot& slot,
                                                            const BlockRef& parent,
                                                            const babe::SlotClaim& claim,
                                                            UnixMillis time);
    std::expected<BlockRef, std::string> parent_of(const AuthorSlot& slot) const;
    /// The block's time; on order also picks the slot.
    UnixMillis time_for(AuthorSlot& slot, const BlockRef& parent) const;
    void fill(AuthorSlot& slot, authoring::BlockBuilder& builder);
    std::expected<Block, std::string> seal(Slot slot, const crypto::Sr25519Public& author,
                                           Header header, Body body);
    /// A block by a key of ours that was made elsewhere stops signing.
    void watch_author(const Imported& imported) const;
    /// Warns when the clock jumped or seems to be behind.
    void watch_clock();
    void watch_clock(const Imported& imported);
    std::optional<BeefyNews> beefy_news(const chain::FinalityOutcome& outcome) const;
    /// `dropped`: blocks of it that the chain has no more.
    chain::pool::BestBlockChange pool_change(const chain::ImportOutcome& outcome,
                                             const std::vector<Block>& dropped) const;
    std::optional<chain::pool::BlockContent> content(const BlockRef& block,
                                                     const std::vector<Block>& dropped) const;

    const ChainJobsConfig config_;
    babe::ClockWatch clock_watch_;
    Slot began_;  ///< blocks of earlier slots are history that is being synced
    chain::Chain& chain_;
    BlockPipeline& pipeline_;
    Keys& keys_;
    KeyValueStore& database_;
    executor::SignatureCachePort& signatures_;
    std::optional<Bytes> newest_justification_;
    /// Of the blocks made on order: after a rewind no slot is used twice.
    Slot newest_slot_{0};
    std::vector<ExtrinsicHash> refused_;  ///< by the runtime, while the present block was built
};

}  // namespace stipple::node
