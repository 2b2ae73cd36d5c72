// Keeps the chain at its head: finds out what peers have, asks them for it, hands it to import.
//
//   start ─▶ waiting ─▶ warp proofs ─▶ target block ─▶ state ─▶ finishing ─┐   (warp)
//     │                                     ▲                              ▼
//     └───────────────▶ following ──────────┘ (fast, once)          following (+ history)
//
// While following, four kinds of downloads share the peers, one request per peer at a time:
//
//   line      far behind: windows of blocks by number above a common ancestor, from many peers at
//             once, put in order and checked to link before they go to import (block_line.hpp)
//   fetch     near the head: a block by hash and its unknown ancestors, downwards (fetches.hpp)
//   justifications of blocks that change the authority set (justifications.hpp)
//   history   of a warp-synced chain, downwards by hash, when nothing else is to do (history.hpp)
//
// No byte of a peer is believed: what arrives must hash and link to what was asked for, and import
// is the node's verdict. A peer that lies is reported and dropped, one that fails is left alone for
// a while and then dropped; what it did not give is asked of others. A line fed by liars falls with
// its first bad block and begins anew.
//
// Spec: chap-sync, sect-sync-warp. Sans-I/O, deterministic: events in, effects out (effects.hpp),
// the next deadline is a question. Bounds: limits.hpp. Not thread-safe. Answers are decoded here,
// some milliseconds for the largest.
#pragma once

#include "base/prng.hpp"
#include "base/time.hpp"
#include "network/messages/block_announce.hpp"
#include "network/sync/bad_blocks.hpp"
#include "network/sync/block_line.hpp"
#include "network/sync/fetches.hpp"
#include "network/sync/history.hpp"
#include "network/sync/import_queue.hpp"
#include "network/sync/justifications.hpp"
#include "network/sync/known_blocks.hpp"
#include "network/sync/peer_table.hpp"
#include "network/sync/state_download.hpp"

namespace stipple::network::sync {

class Sync {
 public:
    /// Warp and fast sync happen only on a chain that is at genesis; others are followed in full.
    Sync(SyncConfig config, const ChainStart& start, Seed seed);

    // ---- peers: full nodes and authorities on block-announces ----
    /// `best` as in the handshake, unverified. A light peer is not noted.
    void on_peer_connected(Instant now, PeerKey peer, Role role, const BlockRef& best,
                           Effects& effects);
    void on_peer_disconnected(Instant now, PeerKey peer, Effects& effects);
    /// `block` is that of the announced header.
    void on_block_announce(Instant now, PeerKey peer, const BlockAnnounce& announce,
                           const BlockRef& block, Effects& effects);
    void on_response(Instant now, RequestId request,
                     const std::expected<Bytes, RequestFailure>& answer, Effects& effects);

    // ---- answers to jobs ----
    /// One result per block of the job, in its order.
    void on_blocks_imported(Instant now, JobId job, const std::vector<ImportResult>& results,
                            Effects& effects);
    void on_header_verified(Instant now, JobId job, BlockVerdict verdict, Effects& effects);
    void on_justification_imported(Instant now, JobId job, JustificationVerdict verdict,
                                   Effects& effects);
    void on_warp_verified(Instant now, JobId job, const WarpVerdict& verdict, Effects& effects);
    void on_state_stored(Instant now, JobId job, const StateVerdict& verdict, Effects& effects);
    /// The chain begins anew at the synced block; absent: it could not be done, tried again later.
    void on_state_finished(Instant now, JobId job, const std::optional<ChainStart>& chain,
                           Effects& effects);
    /// The body that came with the target is not the one its header commits to.
    void on_state_body_refused(Instant now, JobId job, Effects& effects);
    void on_history_stored(Instant now, JobId job, HistoryVerdict verdict, Effects& effects);

    // ---- the chain ----
    /// A block is in the chain, whoever brought it. Blocks of our own import jobs may be told
    /// before or after their verdicts, or not at all.
    void on_block_added(Instant now, const BlockRef& block, const BlockHash& parent,
                        Effects& effects);
    void on_best_block(Instant now, const BlockRef& best, Effects& effects);
    void on_finalized(Instant now, const BlockRef& finalized, Effects& effects);

    // ---- wishes of others ----
    /// A justification for a block of the chain (a finality engine is stuck without it).
    void request_justification(Instant now, const BlockRef& block, Effects& effects);
    /// A block that others speak of (votes, disputes); `peers` may be empty: whoever might have it.
    void request_block(Instant now, const BlockRef& block, const std::vector<PeerKey>& peers,
                       Effects& effects);

    // ---- time ----
    void on_wake(Instant now, Effects& effects);
    std::optional<Instant> wake_at() const;

    SyncStatus status() const;
    bool is_major_syncing() const;
    /// The chain is to begin anew at a state that is still to come: nothing may be built or voted
    /// on what there is now.
    bool takes_state() const { return config_.mode != SyncMode::full; }
    std::size_t peer_count() const { return peers_.size(); }
    /// Best block a peer told of.
    std::optional<BlockRef> best_of(PeerKey peer) const;
    /// Requests, jobs and downloaded blocks, all told; zero when there is nothing to do.
    std::size_t open_work() const;

 private:
    enum class Phase : std::uint8_t {
        waiting_for_peers,
        warp_proofs,
        state_target,
        state,
        state_finishing,
        following,
    };
    /// Why a request was sent.
    enum class Purpose : std::uint8_t {
        search,
        line,
        fetch,
        justification,
        history,
        warp,
        state_target,
        state
    };
    struct OpenRequest {
        PeerKey peer;
        Purpose purpose = Purpose::line;
        std::variant<BlockRequest, StateRequest, WarpRequest> body;
        BlockHash about;  ///< fetch: its target; justification: its block
        Instant deadline;
    };
    struct HeaderJob {
        Header header;
        BlockHash hash;
        std::vector<PeerKey> peers;  ///< that announced it
        PeerKey caused_by;
    };

    // sync.cpp: what happens next
    void advance(Instant now, Effects& effects);
    void follow(Instant now, Effects& effects);
    void start_line(Instant now, Effects& effects);
    void feed_line(Instant now, Effects& effects);
    void feed_fetches(Instant now, Effects& effects);
    void feed_justifications(Instant now, Effects& effects);
    void feed_history(Instant now, Effects& effects);
    void feed_imports(Effects& effects);
    void seek_near_heads(Instant now);
    bool wants_line(const Peer& peer) const;
    bool should_take_state() const;
    void on_deadlines(Instant now, Effects& effects);

    // sync_requests.cpp: requests and their answers
    void send(Instant now, PeerKey peer, Purpose purpose,
              std::variant<BlockRequest, StateRequest, WarpRequest> body, const BlockHash& about,
              Effects& effects);
    void fail_request(Instant now, RequestId id, const OpenRequest& request, Conduct conduct,
                      Effects& effects);
    void release(RequestId id, const OpenRequest& request);
    void on_search_answer(Instant now, const OpenRequest& request, ByteView answer,
                          Effects& effects);
    void on_line_answer(Instant now, RequestId id, const OpenRequest& request, ByteView answer,
                        Effects& effects);
    void on_fetch_answer(Instant now, RequestId id, const OpenRequest& request, ByteView answer,
                         Effects& effects);
    void on_justification_answer(Instant now, RequestId id, const OpenRequest& request,
                                 ByteView answer, Effects& effects);
    void on_history_answer(Instant now, RequestId id, const OpenRequest& request, ByteView answer,
                           Effects& effects);
    void link_line(Instant now, Effects& effects);
    void finish_fetches(Instant now, Effects& effects);
    /// Blames a peer: its requests stay open until answered, it gets no new ones for a while.
    void strike(Instant now, PeerKey peer, Conduct conduct, Effects& effects);
    void drop(PeerKey peer, Conduct conduct, Effects& effects);
    std::uint8_t wanted_parts() const;

    // sync_state.cpp: warp and state
    void drive_warp(Instant now, Effects& effects);
    void drive_state(Instant now, Effects& effects);
    void begin_state(const BlockRef& target, bool is_warp);
    void resume_state(const StateResume& resume);
    void refuse_state(Instant now, PeerKey peer, Effects& effects);
    void on_warp_answer(Instant now, RequestId id, const OpenRequest& request, ByteView answer,
                        Effects& effects);
    void on_target_answer(Instant now, RequestId id, const OpenRequest& request, ByteView answer,
                          Effects& effects);
    void on_state_answer(Instant now, RequestId id, const OpenRequest& request, ByteView answer,
                         Effects& effects);

    // sync_results.cpp: verdicts
    void on_bad_block(Instant now, const QueuedBlock& block, bool is_bad_for_all, Effects& effects);
    /// A run that stands on a block refused before: who gave it is dropped. False: it does not.
    bool refuse_bad_run(const std::vector<DownloadedBlock>& ascending, Effects& effects);
    void restart_line(Instant now, Duration pause);
    void want_fetch(Instant now, const BlockRef& target, std::optional<PeerKey> peer,
                    bool parent_known);
    void begin_chain(const ChainStart& start);
    bool is_known_or_queued(const BlockHash& hash) const;

    // sync_status.cpp: of the best blocks of peers that may be asked
    std::optional<BlockNumber> median_best() const;
    /// False without peers.
    bool median_is_ahead_by(BlockNumber blocks) const;

    JobId next_job() { return JobId(next_job_++); }

    SyncConfig config_;
    Prng prng_;
    Phase phase_ = Phase::following;
    KnownBlocks known_;
    BlockRef best_;
    PeerTable peers_;
    BadBlocks bad_;
    BlockLine line_;
    std::optional<PeerKey> line_starter_;  ///< whose search gave the anchor
    BlockRef line_anchor_;
    ImportQueue queue_;
    Fetches fetches_;
    JustificationRequests justifications_;
    std::optional<HistoryDownload> history_;

    // warp and state
    std::optional<Instant> waiting_since_;
    BlockHash warp_begin_;
    std::optional<JobId> warp_job_;
    PeerKey warp_from_;  ///< of what the job verifies
    std::size_t warp_fragments_ = 0;
    std::size_t warp_bytes_ = 0;
    std::size_t warp_empty_ = 0;  ///< answers in a row that proved nothing
    std::optional<StateDownload> state_;
    std::optional<JobId> finish_job_;

    std::map<RequestId, OpenRequest> requests_;  ///< at most one per peer
    std::map<JobId, HeaderJob> header_jobs_;     ///< kHeadersVerifyingMax
    std::optional<Instant> paused_until_;        ///< after a failure of our own
    Instant last_now_;
    std::uint64_t next_request_ = 1;
    std::uint64_t next_job_ = 1;
};

}  // namespace stipple::network::sync
