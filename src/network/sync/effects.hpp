// What the sync machine asks of the node, and how it is answered.
//
// Whatever has to be verified, executed or stored leaves as an effect with a JobId and comes back
// by the input named at it; jobs may be answered in any order and late answers are ignored. Spec:
// chap-sync. Bounds: the number of jobs and requests open at a time is bounded (limits.hpp), so the
// list of one input is, too.
#pragma once

#include "network/messages/conduct.hpp"
#include "network/messages/protocols.hpp"
#include "network/messages/state_request.hpp"
#include "network/messages/warp_request.hpp"
#include "network/sync/blocks.hpp"

namespace stipple::network::sync {

struct RequestTag;
struct JobTag;
using RequestId = StrongNumber<std::uint64_t, RequestTag>;
using JobId = StrongNumber<std::uint64_t, JobTag>;

// ---- to peers ----

/// Send, and answer by Sync::on_response. The machine keeps its own deadline, a late answer does no
/// harm.
struct SendRequest {
    RequestId id;
    PeerKey peer;
    std::variant<BlockRequest, StateRequest, WarpRequest> body;
    Duration timeout{};

    Protocol protocol() const;
    Bytes payload() const;
};
/// The answer is not wanted any more.
struct CancelRequest {
    RequestId id;
};
enum class RequestFailure : std::uint8_t {
    timeout,      ///< no answer in time
    refused,      ///< the peer closed the substream without an answer, or does not speak this
    disconnected  ///< the connection is gone (on_peer_disconnected follows)
};

// ---- blocks ----

/// Import in this order, after the jobs given out before (a parent may be in one); stop at the
/// first that fails (the rest are `cancelled`). Answer by on_blocks_imported, a result per block.
struct ImportBlocks {
    JobId job;
    std::vector<DownloadedBlock> blocks;
    /// False in fast sync: verify header and body, but do not execute; there is no state yet.
    bool execute = true;
};
enum class BlockVerdict : std::uint8_t {
    imported,
    already_known,
    unknown_parent,
    in_future,   ///< its slot has not come
    bad_header,  ///< the sender's fault
    /// The body is not the one the header commits to (extrinsics root): the sender's fault, and
    /// others may have the right one. Never to be confused with bad_block.
    wrong_body,
    bad_block,      ///< execution, state root or lists refuse it: nobody has a good one
    missing_state,  ///< its fork has been pruned meanwhile: nobody's fault
    environment,    ///< no verdict: disk, code
    cancelled,      ///< not tried, because one before it failed
};
struct ImportResult {
    BlockVerdict verdict = BlockVerdict::imported;
    /// The block changes the authority set: it has to be finalised by a justification, and the one
    /// that came with it (if any) did not do so.
    bool needs_justification = false;
    bool bad_justification = false;  ///< imported, but its justification does not hold
};

/// Check an announced header as far as its parent (which is in the chain) allows: slot, author,
/// seal. Answer by on_header_verified. BlockVerdict::imported means good.
struct VerifyHeader {
    JobId job;
    Header header;
    PeerKey from;
};

/// Verify and finalise. Answer by on_justification_imported.
struct ImportJustification {
    JobId job;
    BlockRef block;
    Justification justification;
    PeerKey from;
};
enum class JustificationVerdict : std::uint8_t {
    finalized,
    bad,
    unknown_block,
    too_early,  ///< a lower block has to be final first: its set is not the present one yet
    environment,
};

// ---- warp and state ----

/// Verify against the authorities at `begin` (the start of warp sync, or what the last fragment
/// handed over to). Answer by on_warp_verified.
struct VerifyWarpProof {
    JobId job;
    BlockHash begin;
    WarpProof proof;
    PeerKey from;
};
struct WarpVerdict {
    bool good = false;
    BlockHash next_begin;  ///< hash of the last header proved
    /// The proof was finished: the block to sync to. Its header is verified.
    std::optional<Header> target;
};

/// The state of this block is sought, the last final one as far as sync knows (fast sync). If it is
/// so, nothing above it becomes final until its state is here or dropped; if not, sync hears of
/// the finality above it and chooses again. Not answered.
struct ChooseState {
    BlockRef target;
};

/// Verify a stretch of state against the target's root and store it. Answer by on_state_stored.
struct StoreStateChunk {
    JobId job;
    BlockRef target;
    HeaderStateRoot root;
    std::vector<Bytes> start;  ///< what the answer should begin behind
    StateResponse answer;
    bool no_proof = false;  ///< fast-unsafe: entries without proof, judged by the root at the end
    PeerKey from;
};
struct StateVerdict {
    enum class Kind : std::uint8_t {
        stored,    ///< go on behind `next_start`
        complete,  ///< everything is here and the root is right
        bad,       ///< the proof does not hold, or the answer makes no progress
        bad_root,  ///< no_proof only: all is here and the root is wrong; what was stored is void
        environment
    };
    Kind kind = Kind::bad;
    std::vector<Bytes> next_start;
};

/// The state is complete: make the target the chain's base (and, after warp sync, its finalised and
/// best block). Answer by on_state_finished.
struct FinishStateSync {
    JobId job;
    DownloadedBlock target;
    bool is_warp = false;
};

/// Nobody has the state that was sought any more: forget what is stored of it, so that another
/// block's may be. Not answered.
struct DropState {};

/// Store blocks of the past, highest first. Their hashes link up to what is stored; bodies are to
/// be checked against their extrinsics roots. Answer by on_history_stored.
struct StoreHistory {
    JobId job;
    std::vector<DownloadedBlock> blocks;
};
enum class HistoryVerdict : std::uint8_t { stored, bad_body, environment };

using Effect = std::variant<SendRequest, CancelRequest, ImportBlocks, VerifyHeader,
                            ImportJustification, VerifyWarpProof, ChooseState, StoreStateChunk,
                            FinishStateSync, DropState, StoreHistory, ReportPeer>;
using Effects = std::vector<Effect>;

// ---- what the chain is, for start and restart ----

struct KnownBlock {
    BlockRef block;
    BlockHash parent;
};
/// A stretch of the finalised chain whose headers and bodies are missing (after warp sync).
struct HistoryGap {
    BlockRef highest;        ///< hash known from its child, which is stored
    BlockNumber lowest = 1;  ///< the last to fetch
    bool with_bodies = true;
};
/// Everything sync knows about the chain; the rest it forgets on restart.
struct ChainStart {
    BlockHash genesis;
    BlockRef finalized;
    BlockRef best;
    std::vector<KnownBlock> unfinalized;  ///< above `finalized`, parents first
    std::optional<HistoryGap> gap;
    bool stateless = false;  ///< a fast sync is under way: its blocks have no states yet
};
/// The state an earlier process was downloading: its target is verified, and what is stored of it.
struct StateResume {
    BlockRef target;
    bool is_warp = false;
    std::vector<Bytes> start;  ///< the last keys stored
    std::size_t bytes = 0;
    bool is_complete = false;
};

enum class SyncMode : std::uint8_t {
    full,         ///< every block is executed
    fast,         ///< blocks without execution, then the state of a finalised one, with proofs
    fast_unsafe,  ///< the same, state without proofs
    warp,         ///< proofs of finality, state, then blocks; history in the background
};
struct SyncConfig {
    SyncMode mode = SyncMode::full;
    std::uint32_t parallel_downloads = 5;
    std::uint32_t blocks_per_request = 64;  ///< at most kBlocksPerResponseMax
    std::size_t warp_peers_min = 3;
    /// With fewer peers than `warp_peers_min` for this long, warp sync begins all the same.
    Duration warp_patience = std::chrono::seconds(60);
    /// Where proofs of finality begin: genesis, or the block of a light sync state.
    std::optional<BlockHash> warp_begin{};
    std::optional<StateResume> resume{};
};

enum class SyncState : std::uint8_t {
    idle,
    waiting_for_peers,
    warp_proofs,
    state_target,  ///< header and body of the block whose state is taken
    state,
    state_finishing,
    downloading,
    importing,
};
const char* describe(SyncState state);

struct SyncStatus {
    SyncState state = SyncState::idle;
    BlockNumber best = 0;
    std::optional<BlockNumber> target;  ///< median of the peers' best, while above ours
    std::size_t peers = 0;
    std::size_t queued_blocks = 0;
    std::size_t fork_targets = 0;           ///< blocks fetched by hash
    std::size_t wanted_justifications = 0;  ///< of blocks whose finality is stuck without
    std::size_t warp_fragments = 0;
    std::size_t warp_bytes = 0;
    std::size_t state_bytes = 0;
    std::uint32_t state_percent = 0;               ///< by the first byte of the last key
    std::optional<BlockNumber> history_remaining;  ///< blocks of the past still to come
    bool is_major = false;
    bool takes_state = false;  ///< the chain is about to begin anew at a downloaded state
};

}  // namespace stipple::network::sync
