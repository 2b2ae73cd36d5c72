// Answers the requests of peers: parses them, keeps each peer to its share, lets a job read the
// answer, and keeps answers for others who ask the same.
//
//     request ─ parse ─ rate ─ asked too often? ─ answered lately? ─ being read? ─ wait ─▶ job
//        │        │       │          │                  │                               │
//        │      refuse  refuse   refuse, report      Respond              Respond to all who asked
//
// A peer that repeats a question which was answered is reported, as in the field: block and state
// answers are large. Small ones (headers and justifications) are answered all the same. Spec:
// sect-msg-block-request, sect-msg-state-request, sect-msg-warp-sync, sect-light-msg; that for
// BEEFY proofs is the field's (protocols.md section 8). Bounds: limits.hpp. Sans-I/O,
// deterministic, not thread-safe.
#pragma once

#include "base/time.hpp"
#include "network/messages/beefy_request.hpp"
#include "network/messages/conduct.hpp"
#include "network/messages/light_request.hpp"
#include "network/messages/protocols.hpp"
#include "network/messages/state_request.hpp"
#include "network/messages/warp_request.hpp"
#include "network/requests/block_answer.hpp"
#include "network/requests/limits.hpp"
#include "network/requests/same_requests.hpp"

#include <deque>
#include <map>
#include <memory>

namespace stipple::network::requests {

struct InboundTag;
struct JobTag;
/// A request of a peer, as the node numbers them (a substream that waits).
using InboundId = StrongNumber<std::uint64_t, InboundTag>;
using JobId = StrongNumber<std::uint64_t, JobTag>;

// ---- jobs: each is answered once by RequestServer::on_answer ----

/// answer_blocks(request, …)
struct ReadBlocks {
    JobId job;
    BlockRequest request;
};
/// An encoded StateResponse of about `bytes_target`: a compact proof of the keys behind
/// `request.start`, or entries when the request says no_proof.
struct ReadState {
    JobId job;
    StateRequest request;
    std::size_t bytes_target = kStateResponseBytesTarget;
};
/// answer_warp(begin, …)
struct BuildWarpProof {
    JobId job;
    BlockHash begin;
};
/// An encoded LightResponse with is_call: the proof of a runtime call.
struct LightCall {
    JobId job;
    LightCallRequest request;
};
/// An encoded LightResponse: the proof of reads.
struct LightRead {
    JobId job;
    LightReadRequest request;
};
/// The encoded BEEFY finality proof of a block on the best chain; absent: there is none.
struct ReadBeefyProof {
    JobId job;
    BlockNumber block = 0;
};

// ---- to the peer ----

struct Respond {
    InboundId request;
    std::shared_ptr<const Bytes> response;
};
/// Close the substream without an answer.
struct Refuse {
    InboundId request;
};

using Effect = std::variant<ReadBlocks, ReadState, BuildWarpProof, LightCall, LightRead,
                            ReadBeefyProof, Respond, Refuse, ReportPeer>;
using Effects = std::vector<Effect>;

class RequestServer {
 public:
    /// `protocol` is sync, state, warp, light or beefy_justifications; others are refused.
    void on_request(Instant now, PeerKey peer, InboundId request, Protocol protocol,
                    ByteView payload, Effects& effects);
    /// Absent: it cannot be answered (pruned, unknown, environment).
    void on_answer(Instant now, JobId job, std::optional<Answer> answer, Effects& effects);
    void on_peer_disconnected(PeerKey peer);
    /// The best chain has changed: answers by number may be others now.
    void on_best_block();
    void on_wake(Instant now, Effects& effects);
    std::optional<Instant> wake_at() const;

    /// How requests of a protocol ended, since the start.
    struct Counts {
        std::uint64_t answered = 0;
        std::uint64_t refused = 0;
    };
    Counts counts(Protocol protocol) const {
        const auto found = counts_.find(protocol);
        return found == counts_.end() ? Counts{} : found->second;
    }
    std::size_t open_requests() const { return open_requests_; }
    std::size_t cached_bytes() const { return cached_bytes_; }
    std::size_t peer_count() const { return peers_.size(); }

 private:
    using Question = std::variant<BlockRequest, StateRequest, WarpRequest, LightCallRequest,
                                  LightReadRequest, BeefyProofRequest>;
    struct Asker {
        PeerKey peer;
        InboundId request;
    };
    struct Work {
        QuestionKey key;
        Question question;
        std::vector<Asker> askers;
        Instant deadline;
    };
    struct Cached {
        std::shared_ptr<const Bytes> response;
        Instant until;
        std::uint64_t order = 0;
        bool by_number = false;
        bool has_data = true;
    };
    struct PeerState {
        std::uint32_t open = 0;
        std::uint32_t tokens = kBurstRequests;
        Instant refilled_at;
    };

    static Decoded<Question> parse(Protocol protocol, ByteView payload);
    bool take_token(Instant now, PeerKey peer);
    bool answer_from_cache(Instant now, const QuestionKey& key, const Asker& asker,
                           Effects& effects);
    bool join(const QuestionKey& key, const Asker& asker);
    void start_jobs(Instant now, Effects& effects);
    void refuse(InboundId request, Effects& effects) { effects.emplace_back(Refuse{request}); }
    void close(const Asker& asker);
    void take_request(Instant now, PeerKey peer, InboundId id, Protocol protocol, ByteView payload,
                      Effects& effects);
    /// Of the effects from this one on.
    void count(Protocol protocol, const Effects& effects, std::size_t from);
    void keep(Instant now, const Work& work, std::shared_ptr<const Bytes> response, bool has_data);

    std::map<PeerKey, PeerState> peers_;  ///< kPeersMax
    SameRequests same_;
    std::deque<Work> waiting_;             ///< kWaitingMax
    std::map<JobId, Work> jobs_;           ///< kJobsMax
    std::map<QuestionKey, Cached> cache_;  ///< kCachedAnswersMax, kCachedBytesMax
    std::size_t cached_bytes_ = 0;
    std::size_t open_requests_ = 0;
    std::map<Protocol, Counts> counts_;
    std::uint64_t next_order_ = 0;
    std::uint64_t next_job_ = 1;
};

}  // namespace stipple::network::requests
