// Events from bytes to the whole core: peers that come, speak and leave in any order, transactions,
// blocks, finality, jobs answered late, wrongly or not at all, and time that jumps. Whatever comes,
// requests of peers are answered at most once and waits end; and when everybody has left and the
// jobs are done, no table holds anything for anybody.
//
//   0 p r    peer p joins with role r          7 a n    a transaction of account a is submitted
//   1 p      peer p leaves                     8        a block with what is ready is imported
//   2 t      time passes, up to a day          9        the best block becomes final
//   3 p k …  peer p sends k raw bytes          10 k v   k jobs are answered with verdict v
//   4 p k …  peer p asks with k raw bytes      11 t     the wall clock is set
//   5 p n    peer p announces a block          12 p t   a protocol opens or closes
//   6 v k …  an answer of a peer, or none      13 a n   a transaction by gossip
//   238 p v k   peer p sends a BEEFY vote or proof by k (from 238 on: instead of the above)
//
// The first byte chooses what the node is: author, voter, alone, and whether it has BEEFY.
#include "base/memory_store.hpp"
#include "chain/pool/pool_world.hpp"
#include "consensus/beefy/voter_world.hpp"
#include "consensus/grandpa/voter_world.hpp"
#include "node/core.hpp"
#include "tests/support/bytecode.hpp"

#include <map>
#include <set>

namespace {

using namespace stipple;
using namespace stipple::node;
namespace pool = chain::pool;
namespace sync = network::sync;
using fuzzing::Bytecode;
using network::Protocol;

constexpr int kStepsMax = 200;
constexpr int kWakesMax = 2000;
constexpr std::uint64_t kSlot = 6000;
constexpr std::size_t kPeers = 8;
constexpr std::size_t kBeefyValidators = 3;
constexpr std::uint8_t kBeefyOps = 238;

CoreConfig config_of(std::uint8_t mode) {
    CoreConfig config;
    config.author = (mode & 1) != 0;
    config.vote = (mode & 2) == 0;
    config.force_authoring = (mode & 4) != 0;
    if (config.vote) {
        config.voter.keys = {grandpa::testing::voter_id(0)};
    }
    config.beefy = (mode & 8) != 0;
    return config;
}

/// The node around a core: it keeps what the core asked for until the bytes answer it.
class World {
 public:
    explicit World(std::uint8_t mode)
        : config_(config_of(mode)), core_(config_, heads(), set(), {}, Seed{7}) {
        EffectList effects;
        CHECK(core_.start(now_, wall_, store_, {}, std::nullopt, effects).has_value());
        take(std::move(effects));
    }

    void send(Event event) {
        EffectList effects;
        core_.handle(now_, wall_, std::move(event), effects);
        take(std::move(effects));
    }
    /// Wakes the core whenever it wants to be, as the node's thread does.
    void pass(std::chrono::milliseconds span) {
        const Instant end = now_ + span;
        for (int wakes = 0; wakes < kWakesMax; ++wakes) {
            const auto at = core_.wake_at();
            if (!at || *at > end) {
                break;
            }
            move_to(std::max(now_, *at));
            send(Woken{});
        }
        move_to(end);
        send(Woken{});
    }
    void set_wall(std::uint64_t slots) { wall_.value = (900 + slots) * kSlot; }

    void join(PeerKey peer, network::Role role) {
        if (peers_.insert(peer).second) {
            send(NetworkEvent{PeerJoined{peer, {}, role, best_}});
            send(NetworkEvent{ProtocolOpened{peer, Protocol::grandpa}});
            send(NetworkEvent{ProtocolOpened{peer, Protocol::transactions}});
            send(NetworkEvent{ProtocolOpened{peer, Protocol::beefy}});
        }
    }
    void leave(PeerKey peer) {
        // Also those that only asked are told of when they go.
        if (peers_.erase(peer) + askers_.erase(peer) == 0) {
            return;
        }
        std::vector<sync::RequestId> lost;
        std::erase_if(asked_, [&](const auto& request) {
            if (request.second == peer) {
                lost.push_back(request.first);
            }
            return request.second == peer;
        });
        for (const auto& request : lost) {
            send(NetworkEvent{
                ResponseReceived{request, std::unexpected(sync::RequestFailure::disconnected)}});
        }
        send(NetworkEvent{PeerLeft{peer}});
        std::erase_if(waiting_, [&](const auto& request) { return request.second == peer; });
    }
    bool is_here(PeerKey peer) const { return peers_.contains(peer); }
    void notify(PeerKey peer, Protocol protocol, Bytes message) {
        if (is_here(peer)) {
            send(NetworkEvent{NotificationReceived{peer, protocol, std::move(message), {}}});
        }
    }
    void ask(PeerKey peer, Protocol protocol, Bytes body) {
        const RequestToken token(next_token_++);
        waiting_[token] = peer;
        askers_.insert(peer);
        send(NetworkEvent{RequestReceived{peer, token, protocol, std::move(body), {}}});
    }
    void answer_request(std::expected<Bytes, sync::RequestFailure> answer) {
        if (!asked_.empty()) {
            const auto request = asked_.begin()->first;
            asked_.erase(asked_.begin());
            send(NetworkEvent{ResponseReceived{request, std::move(answer)}});
        }
    }
    void announce(PeerKey peer, std::uint8_t ahead) {
        network::BlockAnnounce announce;
        announce.header.number = best_.number + 1 + ahead;
        announce.header.parent_hash = ahead == 0 ? best_.hash : BlockHash{};
        announce.is_best = true;
        notify(peer, Protocol::block_announces, network::encode(announce));
    }

    void import() {
        Body body;
        for (const auto& transaction : core_.pool().pending()) {
            body.push_back(*transaction->extrinsic);
        }
        auto made = chain_.make_block(best_, body);
        if (!made) {
            made = chain_.make_block(best_, {});
        }
        BlockImported event;
        event.imported.header.parent_hash = best_.hash;
        event.imported.header.number = made->number;
        event.imported.import = {.block = *made,
                                 .is_new_best = true,
                                 .retracted = {},
                                 .enacted = {*made},
                                 .runtime_changed = false};
        event.pool_change = chain_.change(best_, *made);
        event.own = true;
        event.best = best_ = *made;
        event.set = set();
        send(std::move(event));
    }
    void finalize() {
        if (best_.number <= finalized_.number) {
            return;
        }
        BlocksFinalized event;
        event.finalized.outcome.finalized = finalized_ = best_;
        event.finalized.outcome.newly_finalized = {best_};
        event.best = best_;
        event.set = set();
        event.beefy = beefy_news();
        send(std::move(event));
    }
    /// Of a block up to two above finality: mostly counted, sometimes early.
    void speak_beefy(PeerKey peer, std::uint8_t voter, std::uint8_t kind) {
        const BlockNumber block = 1 + kind % (finalized_.number + 2);
        const bool is_proof = voter % 8 >= kBeefyValidators;
        const beefy::GossipMessage message =
            is_proof ? beefy::GossipMessage(beefy::testing::proof_of(
                           beefy::testing::set_of(kBeefyValidators, beefy_set_), block,
                           1 + voter % kBeefyValidators))
                     : beefy::testing::vote_of(voter % 8, block, beefy_set_, kind / 128);
        notify(peer, Protocol::beefy, scale::encode(message));
    }

    /// The oldest `count` jobs, in order.
    void do_jobs(std::size_t count, std::uint8_t verdict) {
        for (; count > 0 && !jobs_.empty(); --count) {
            const Effect job = std::move(jobs_.front());
            jobs_.pop_front();
            std::visit([&](const auto& what) { answer(what, verdict); }, job);
        }
    }
    bool has_jobs() const { return !jobs_.empty(); }

    void check_bounds() const {
        CHECK(core_.peering().peer_count() == peers_.size());
        const auto tables = core_.peering().tables();
        CHECK(tables.peers <= 5 * kPeers);
        CHECK(tables.requests <= waiting_.size());
    }
    void check_empty() const {
        CHECK(core_.peering().tables().sum() == 0);
        CHECK(core_.voter() == nullptr || core_.voter()->peer_count() == 0);
        CHECK(core_.beefy() == nullptr || core_.beefy()->peer_count() == 0);
        CHECK(asked_.empty());
    }

 private:
    static chain::Heads heads() {
        return {pool::World::genesis(), pool::World::genesis(), pool::World::genesis().hash};
    }
    static SetView set() { return {AuthoritySetId(0), grandpa::testing::voter_list(4), {}}; }

    /// BEEFY begins with the first finality, as the second of three validators; every eighth block
    /// begins a session.
    std::optional<BeefyNews> beefy_news() {
        BeefyNews news{.finalized = finalized_.number,
                       .sessions = {},
                       .beginning = std::nullopt,
                       .own_keys = {beefy::testing::id_of(1)}};
        const auto session = [&](BlockNumber start) {
            return beefy::Session{
                start, beefy::testing::set_of(kBeefyValidators, beefy_set_), false, {}};
        };
        if (!core_.beefy() || !core_.beefy()->is_active()) {
            news.beginning.emplace();
            news.beginning->pallet_genesis = finalized_.number;
            news.beginning->sessions = {session(finalized_.number)};
        } else if (finalized_.number >= next_session_) {
            ++beefy_set_;
            news.sessions = {session(finalized_.number)};
        } else {
            return news;
        }
        next_session_ = finalized_.number + 8;
        return news;
    }

    void move_to(Instant at) {
        const auto span = std::chrono::duration_cast<std::chrono::milliseconds>(at - now_);
        now_ = at;
        wall_.value += static_cast<std::uint64_t>(span.count());
    }
    void take(EffectList&& effects) {
        for (Effect& effect : effects) {
            const auto* command = std::get_if<NetworkCommand>(&effect);
            if (command == nullptr) {
                jobs_.push_back(std::move(effect));
            } else if (const auto* request = std::get_if<SendRequest>(command)) {
                CHECK(asked_.emplace(request->request, request->peer).second);
            } else if (const auto* cancel = std::get_if<CancelRequest>(command)) {
                asked_.erase(cancel->request);
            } else if (const auto* answer = std::get_if<AnswerRequest>(command)) {
                CHECK(waiting_.erase(answer->token) == 1);
            }
        }
    }

    void answer(const pool::Validate& job, std::uint8_t verdict) {
        if (verdict == 255) {
            send(TransactionValidated{job.job, fail("no verdict")});
        } else {
            send(TransactionValidated{job.job, chain_.validate(job)});
        }
    }
    void answer(const AuthorSlot& slot, std::uint8_t verdict) {
        verdict % 2 == 0 ? import() : send(SlotPassed{slot.slot, "", {}});
    }
    void answer(const grandpa::VerifyClaims& job, std::uint8_t verdict) {
        send(VotesVerified{job.job, std::vector<bool>(job.claims.size(), verdict % 2 == 0)});
    }
    void answer(const grandpa::SignVote& vote, std::uint8_t) {
        send(VoteSigned{{vote.vote, {}, vote.key, vote.round, vote.set}});
    }
    void answer(const beefy::VerifyVotes& job, std::uint8_t) {
        send(BeefyVerified{job.job, beefy::verify_votes(job.votes)});
    }
    void answer(const beefy::VerifyProof& job, std::uint8_t) {
        send(BeefyVerified{job.job, job.verdict()});
    }
    void answer(const beefy::SignVote& vote, std::uint8_t verdict) {
        CHECK(vote.block <= finalized_.number);
        if (verdict % 4 == 0) {
            send(BeefyNotSigned{vote.block});
        } else {
            send(BeefySigned{beefy::testing::vote_of(1, vote.block, vote.set.value)});
        }
    }
    void answer(const beefy::Conclude& proven, std::uint8_t) {
        CHECK(proven.block <= finalized_.number);
        CHECK(beefy::verify_finality_proof(
                  proven.proof, proven.block,
                  beefy::testing::set_of(kBeefyValidators, proven.proof.commitment().set.value))
                  .has_value());
    }
    void answer(const sync::ImportBlocks& job, std::uint8_t verdict) {
        const sync::ImportResult result{static_cast<sync::BlockVerdict>(verdict % 10),
                                        (verdict & 16) != 0, (verdict & 32) != 0};
        send(SyncAnswer{
            BlocksJobDone{job.job, std::vector<sync::ImportResult>(job.blocks.size(), result)}});
    }
    void answer(const sync::VerifyHeader& job, std::uint8_t verdict) {
        send(SyncAnswer{HeaderJobDone{job.job, static_cast<sync::BlockVerdict>(verdict % 10)}});
    }
    void answer(const sync::ImportJustification& job, std::uint8_t verdict) {
        send(SyncAnswer{
            JustificationJobDone{job.job, static_cast<sync::JustificationVerdict>(verdict % 4)}});
    }
    /// Jobs of the request server have an answer that is bytes; what is told to others has none.
    template <class What>
    void answer(const What& job, std::uint8_t verdict) {
        if constexpr (std::is_same_v<What, network::requests::ReadBlocks> ||
                      std::is_same_v<What, network::requests::ReadState> ||
                      std::is_same_v<What, network::requests::BuildWarpProof> ||
                      std::is_same_v<What, network::requests::LightCall> ||
                      std::is_same_v<What, network::requests::LightRead> ||
                      std::is_same_v<What, network::requests::ReadBeefyProof>) {
            using network::requests::Answer;
            send(RequestJobDone{job.job, verdict == 0
                                             ? std::nullopt
                                             : std::optional(Answer{Bytes(verdict), true})});
        }
    }

    CoreConfig config_;
    Instant now_{std::chrono::seconds(1000)};
    UnixMillis wall_{1'000 * kSlot + 100};
    MemoryStore store_;
    pool::World chain_;
    BlockRef best_ = pool::World::genesis();
    BlockRef finalized_ = pool::World::genesis();
    Core core_;
    std::set<PeerKey> peers_;
    std::set<PeerKey> askers_;
    std::map<sync::RequestId, PeerKey> asked_;  ///< by us
    std::map<RequestToken, PeerKey> waiting_;   ///< for our answer
    std::deque<Effect> jobs_;
    std::uint64_t next_token_ = 1;
    std::uint64_t beefy_set_ = 0;
    BlockNumber next_session_ = 0;
};

void step(World& world, Bytecode& code) {
    const auto peer = [&] { return PeerKey(code.next() % kPeers); };
    const auto extrinsic = [&] {
        return pool::extrinsic_of({.account = code.next() % 4U, .nonce = code.next() % 16U});
    };
    constexpr network::Role kRoles[] = {network::Role::full, network::Role::light,
                                        network::Role::authority};
    const std::uint8_t op = code.next();
    if (op >= kBeefyOps) {
        const PeerKey key = peer();
        const std::uint8_t voter = code.next();
        return world.speak_beefy(key, voter, code.next());
    }
    switch (op % 14) {
        case 0: {
            const PeerKey key = peer();
            return world.join(key, kRoles[code.next() % 3]);
        }
        case 1:
            return world.leave(peer());
        case 2: {
            const std::uint64_t t = code.next();
            return world.pass(std::chrono::milliseconds(t * t * t * 5));
        }
        case 3: {
            const PeerKey key = peer();
            const auto protocol = static_cast<Protocol>(code.next() % 4);
            return world.notify(key, protocol, to_bytes(code.take(code.next())));
        }
        case 4: {
            const PeerKey key = peer();
            const auto protocol = static_cast<Protocol>(code.next() % 10);
            return world.ask(key, protocol, to_bytes(code.take(code.next())));
        }
        case 5: {
            const PeerKey key = peer();
            return world.announce(key, code.next() % 4);
        }
        case 6: {
            const std::uint8_t kind = code.next();
            if (kind % 4 == 3) {
                return world.answer_request(to_bytes(code.take(code.next())));
            }
            return world.answer_request(
                std::unexpected(static_cast<sync::RequestFailure>(kind % 3)));
        }
        case 7:
            return world.send(
                TransactionSubmitted{code.next(), extrinsic(), true, pool::Source::external});
        case 8:
            return world.import();
        case 9:
            return world.finalize();
        case 10: {
            const std::size_t count = code.next();
            return world.do_jobs(count, code.next());
        }
        case 11:
            return world.set_wall(code.next());
        case 12: {
            const PeerKey key = peer();
            const auto protocol = static_cast<Protocol>(code.next() % 4);
            if (!world.is_here(key)) {
                return;
            }
            return code.next() % 2 == 0 ? world.send(NetworkEvent{ProtocolOpened{key, protocol}})
                                        : world.send(NetworkEvent{ProtocolClosed{key, protocol}});
        }
        default: {
            const PeerKey key = peer();
            return world.notify(key, Protocol::transactions,
                                network::encode_transaction_message(extrinsic()));
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytecode code(data, size);
    World world(code.next());
    for (int steps = 0; steps < kStepsMax && code.more(); ++steps) {
        step(world, code);
        world.check_bounds();
    }
    for (std::uint64_t peer = 0; peer < kPeers; ++peer) {
        world.leave(PeerKey(peer));
    }
    // What is under way ends: jobs come back, waits run out.
    for (int rounds = 0; rounds < 4; ++rounds) {
        world.do_jobs(100'000, 1);
        world.pass(std::chrono::minutes(5));
    }
    world.do_jobs(100'000, 1);
    world.check_empty();
    return 0;
}
