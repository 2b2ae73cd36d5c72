// What reaches the core and what it asks for: values, so that a run can be recorded, replayed and
// tested.
#pragma once

#include "chain/pool/pool.hpp"
#include "consensus/grandpa/effects.hpp"
#include "node/beefy_watch.hpp"
#include "node/block_pipeline.hpp"
#include "node/network/events.hpp"

namespace stipple::node {

/// The GRANDPA set in force after a block, and how far it may vote.
struct SetView {
    AuthoritySetId id;
    grandpa::AuthorityList authorities;
    /// GRANDPA keys of this node's keystore, when it may vote: they change while it runs.
    std::vector<grandpa::AuthorityId> own_keys;
};

// ---- events ----

struct TransactionSubmitted {
    chain::pool::RequestId request = 0;
    Extrinsic extrinsic;
    bool watch = false;
    chain::pool::Source source = chain::pool::Source::external;
};
struct TransactionUnwatched {
    ExtrinsicHash hash;
};
struct TransactionsToRemove {
    std::vector<ExtrinsicHash> hashes;
    std::function<void(std::vector<ExtrinsicHash>)> reply;
};
/// Asks for a copy of something the core owns; `answer` runs on the core thread and must be quick.
struct CoreQuestion {
    std::function<void(const class Core&)> answer;
};
struct TransactionValidated {
    chain::pool::JobId job = 0;
    Result<chain::pool::TransactionValidity> verdict;
};
/// A block is in the chain: with what the pool and the voter need to follow.
struct BlockImported {
    Imported imported;
    bool own = false;                    ///< built here just now
    std::vector<ExtrinsicHash> refused;  ///< what the runtime refused while the block was built
    chain::pool::BestBlockChange pool_change;  ///< meaningful for a new best block
    BlockRef best;
    std::optional<BlockNumber> vote_ceiling;
    SetView set;
    std::optional<BeefyNews> beefy{};  ///< when it finalised something
};
/// A slot went by without a block of ours; `reason` is empty when it was simply not our slot.
struct SlotPassed {
    Slot slot;
    std::string reason;
    std::vector<ExtrinsicHash> refused;
};
struct BlocksFinalized {
    Finalized finalized;
    chain::pool::BestBlockChange pool_change;  ///< meaningful when the best block changed
    BlockRef best;
    std::optional<BlockNumber> vote_ceiling;
    SetView set;
    std::optional<BeefyNews> beefy{};
};
struct VotesVerified {
    grandpa::JobId job;
    std::vector<bool> verdicts;
};
struct VoteSigned {
    grandpa::VoteClaim claim;
};
/// The journal has another vote of this phase, from before a restart.
struct VoteSignedBefore {
    grandpa::SignedBefore before;
};
struct BeefyVerified {
    beefy::JobId job;
    std::vector<bool> verdicts;
};
struct BeefySigned {
    beefy::VoteMessage vote;
};
struct BeefyNotSigned {
    BlockNumber block = 0;
};
/// What came of a job of sync; `node/sync_jobs.hpp` does them.
struct BlocksJobDone {
    network::sync::JobId job;
    std::vector<network::sync::ImportResult> results;
};
struct HeaderJobDone {
    network::sync::JobId job;
    network::sync::BlockVerdict verdict = network::sync::BlockVerdict::environment;
};
struct JustificationJobDone {
    network::sync::JobId job;
    network::sync::JustificationVerdict verdict = network::sync::JustificationVerdict::environment;
};
struct WarpJobDone {
    network::sync::JobId job;
    network::sync::WarpVerdict verdict;
};
struct StateJobDone {
    network::sync::JobId job;
    network::sync::StateVerdict verdict;
};
struct StateFinishDone {
    network::sync::JobId job;
    std::optional<network::sync::ChainStart> chain;  ///< absent: it could not be done
    bool is_bad_body = false;                        ///< because of the target's body
};
struct HistoryJobDone {
    network::sync::JobId job;
    network::sync::HistoryVerdict verdict = network::sync::HistoryVerdict::environment;
};
using SyncAnswer = std::variant<BlocksJobDone, HeaderJobDone, JustificationJobDone, WarpJobDone,
                                StateJobDone, StateFinishDone, HistoryJobDone>;
/// The chain has begun anew at a block whose state was downloaded; StateFinishDone follows.
struct ChainBegun {
    Header header;
    BlockRef block;
    SetView set;
};
/// What came of a job of authority discovery.
struct AuthoritiesKnown {
    std::vector<network::discovery::AuthorityId> authorities;  ///< of this session and the next
    std::vector<network::discovery::AuthorityId> own_keys;     ///< in our keystore
};
struct RecordSigned {
    network::discovery::JobId job;
    std::vector<std::pair<network::discovery::AuthorityId, crypto::Sr25519Signature>> signatures;
    std::optional<network::discovery::PeerSignature> peer;
};
struct RecordVerified {
    network::discovery::JobId job;
    std::expected<network::discovery::VerifiedRecord, network::discovery::RecordError> record;
};
using DiscoveryAnswer = std::variant<AuthoritiesKnown, RecordSigned, RecordVerified>;
/// The answer to a peer's request, as a worker read it; none: it cannot be answered.
struct RequestJobDone {
    network::requests::JobId job;
    std::optional<network::requests::Answer> answer;
};
/// What a block made on order is to be; by slots none of this is said.
struct SealOrder {
    bool create_empty = true;  ///< also without a transaction
    bool finalize = false;     ///< at once, without votes
    std::optional<BlockHash> parent;
    std::optional<UnixMillis> not_before;  ///< the block's time is this or later
    std::vector<std::pair<Bytes, std::optional<Bytes>>> storage;  ///< put into its state
    /// Called on the chain thread; may be empty.
    std::function<void(std::expected<BlockHash, std::string>)> reply;
};
/// Make a block now (development chains).
struct SealRequested {
    SealOrder order;
};
/// Make a known block final, without votes (development chains).
struct FinalizeRequested {
    BlockHash block;
    std::function<void(std::expected<void, std::string>)> reply;
};
/// Take the chain back to a block of it (development chains).
struct RewindRequested {
    BlockHash block;
    std::function<void(std::expected<void, std::string>)> reply;
};
/// The chain was taken back; what stood in the blocks that are gone is as after a reorganisation.
struct ChainRewound {
    chain::pool::BestBlockChange pool_change;
    BlockRef finalized;
    Header header;  ///< of the best block
};
/// Nothing but time has passed.
struct Woken {};
using AnyEvent =
    std::variant<TransactionSubmitted, TransactionUnwatched, TransactionsToRemove, CoreQuestion,
                 TransactionValidated, BlockImported, SlotPassed, BlocksFinalized, VotesVerified,
                 VoteSigned, VoteSignedBefore, BeefyVerified, BeefySigned, BeefyNotSigned,
                 NetworkEvent, SyncAnswer, ChainBegun, DiscoveryAnswer, RequestJobDone,
                 SealRequested, FinalizeRequested, RewindRequested, ChainRewound, Woken>;
using Event = CompiledOnce<AnyEvent>;

// ---- effects ----

/// Claim the slot and, if it is ours, build on the best block, seal and import.
struct AuthorSlot {
    Slot slot;
    bool offline = false;  ///< no peers: among several authorities the block would be alone
    Instant deadline;      ///< the block is to be ready by then, but for lenience
    chain::pool::ReadyIterator transactions;
    std::optional<SealOrder> order;  ///< then the slot is the next one that is free
};
/// Tell subscribers; the core keeps no list of them.
struct AnnounceImport {
    chain::ImportOutcome outcome;
    Header header;
};
struct AnnounceFinality {
    chain::FinalityOutcome outcome;
};
/// Tell subscribers that blocks they know are gone.
struct AnnounceRewind {
    Header header;  ///< of the best block
};
/// An author sealed two blocks in one slot: tell the chain.
struct ReportDoubleSeal {
    babe::EquivocationProof proof;
};
using AnyEffect = std::variant<
    chain::pool::Validate, chain::pool::Submitted, chain::pool::StatusChanged, AuthorSlot,
    grandpa::VerifyClaims, grandpa::SignVote, grandpa::OwnVoteSeen, grandpa::Finalize,
    grandpa::ReportEquivocation, ReportDoubleSeal, grandpa::StoreRows, beefy::VerifyVotes,
    beefy::VerifyProof, beefy::SignVote, beefy::Conclude, beefy::StoreRows,
    beefy::ReportDoubleVoting, AnnounceImport, AnnounceFinality, AnnounceRewind, FinalizeRequested,
    RewindRequested, NetworkCommand, network::sync::ImportBlocks, network::sync::VerifyHeader,
    network::sync::ImportJustification, network::sync::VerifyWarpProof, network::sync::ChooseState,
    network::sync::StoreStateChunk, network::sync::FinishStateSync, network::sync::DropState,
    network::sync::StoreHistory, network::requests::ReadBlocks, network::requests::ReadState,
    network::requests::BuildWarpProof, network::requests::LightCall, network::requests::LightRead,
    network::requests::ReadBeefyProof, network::discovery::QueryAuthorities,
    network::discovery::SignRecord, network::discovery::VerifyRecord>;
using Effect = CompiledOnce<AnyEffect>;
using EffectList = std::vector<Effect>;

}  // namespace stipple::node

namespace stipple {
extern template struct CompiledOnce<node::AnyEvent>;
extern template struct CompiledOnce<node::AnyEffect>;
}  // namespace stipple
