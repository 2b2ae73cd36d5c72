// Warp and fast sync of a chain that four Rust validators made (107 blocks, seven set changes),
// with the real machine, jobs and answers; the process ends after each job in turn.
#include "node/state_sync_jobs.hpp"

#include "base/memory_store.hpp"
#include "chain/import/real_chain.hpp"
#include "network/sync/sync.hpp"
#include "node/request_jobs.hpp"
#include "node/signature_cache.hpp"
#include "node/sync_jobs.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace stipple::node {
namespace {

namespace sync = network::sync;
namespace requests = network::requests;

constexpr const char* kSpec = "rococo-local-bulk-1.15.json";
/// The newest block of the file that has a justification.
constexpr BlockNumber kTarget = 99;
constexpr std::size_t kRangeBytes = 150'000;

/// A node's chain over a database that outlives it.
struct Place {
    MemoryStore& store;
    const chain::ChainSpec& spec;
    stipple::testing::TemporaryFolder folder;
    SignatureCache signatures;
    std::unique_ptr<chain::Chain> chain;
    std::unique_ptr<BlockPipeline> pipeline;
    Keys keys;
    std::optional<ChainJobs> jobs;
    std::optional<SyncJobs> blocks;
    std::optional<StateSyncJobs> states;

    Place(MemoryStore& database, const chain::ChainSpec& chain_spec)
        : store(database), spec(chain_spec) {
        auto opened = chain::Chain::open(store, spec, executor::testing::shared_executor(), {});
        CHECK(opened);
        chain = *std::move(opened);
        pipeline = *BlockPipeline::open(store, *chain);
        keys = *open_keys(RunConfig{}, folder.path());
        jobs.emplace(ChainJobsConfig{}, *chain, *pipeline, keys, store, signatures);
        blocks.emplace(*chain, *pipeline, *jobs, signatures);
        states.emplace(*chain, *pipeline, *jobs, store);
    }
};

/// What the peer has: all blocks, imported and final as far as the file justifies.
struct Source {
    chain::ChainSpec spec = chain::testing::spec_at(kSpec);
    MemoryStore store;
    std::optional<Place> place;
    std::optional<RequestJobs> answers;

    Source() {
        place.emplace(store, spec);
        for (const auto& block : chain::testing::exported_blocks(
                 stipple::testing::shared_data_path("rococo-local-chain/blocks.bin"))) {
            const auto imported =
                place->pipeline->import(block.signed_block, io::unix_now(), nullptr);
            CHECK(imported);
        }
        answers.emplace(*place->chain, store);
    }
    Bytes answer(const sync::SendRequest& request) const {
        std::optional<requests::Answer> answer;
        if (const auto* blocks = std::get_if<network::BlockRequest>(&request.body)) {
            answer = answers->answer(requests::ReadBlocks{{}, *blocks});
        } else if (const auto* state = std::get_if<network::StateRequest>(&request.body)) {
            answer = answers->answer(requests::ReadState{{}, *state, kRangeBytes});
        } else {
            answer = answers->answer(
                requests::BuildWarpProof{{}, std::get<network::WarpRequest>(request.body).begin});
        }
        CHECK(answer);
        return std::move(answer->response);
    }
};

const Source& source() {
    static const Source made;
    return made;
}

/// One run of a node: from opening its database to the end of the process.
class NodeRun {
 public:
    NodeRun(MemoryStore& store, sync::SyncMode mode) : place_(store, source().spec) {
        sync::SyncConfig config;
        config.mode = mode;
        config.warp_peers_min = 1;
        CHECK(place_.states->resume(config));
        resumed_ = config.resume;
        sync_.emplace(config, start(), Seed{1});
        sync::Effects effects;
        sync_->on_peer_connected(now_, PeerKey{1}, network::Role::full,
                                 source().place->chain->heads().best, effects);
        take(std::move(effects));
    }
    /// Until nothing is left to do, or `jobs_max` jobs are done; their answers may be lost.
    bool work(std::size_t jobs_max) {
        while (!open_.empty()) {
            sync::Effect effect = std::move(open_.front());
            open_.pop_front();
            sync::Effects next;
            if (auto* request = std::get_if<sync::SendRequest>(&effect)) {
                sync_->on_response(now_, request->id, source().answer(*request), next);
            } else if (auto answer = do_job(effect)) {
                if (++jobs_done_ >= jobs_max) {
                    return false;
                }
                tell(*answer, next);
            }
            take(std::move(next));
        }
        return true;
    }
    Place& place() { return place_; }
    std::size_t ranges() const { return ranges_; }
    const std::optional<sync::StateResume>& resumed() const { return resumed_; }
    const sync::Sync& machine() const { return *sync_; }

 private:
    sync::ChainStart start() const {
        auto start = chain_start(*place_.chain);
        for (const auto& [block, parent] : place_.jobs->unfinalized()) {
            start.unfinalized.push_back({block, parent});
        }
        return start;
    }
    void take(sync::Effects effects) { std::ranges::move(effects, std::back_inserter(open_)); }
    std::optional<SyncAnswer> do_job(sync::Effect& effect) {
        const auto heard = [this](Event event) { heard_.push_back(std::move(event)); };
        if (const auto* job = std::get_if<sync::ImportBlocks>(&effect)) {
            return place_.blocks->import(*job, heard);
        }
        if (const auto* job = std::get_if<sync::VerifyWarpProof>(&effect)) {
            return place_.states->verify(*job);
        }
        if (const auto* job = std::get_if<sync::StoreStateChunk>(&effect)) {
            ++ranges_;
            return place_.states->store(*job);
        }
        if (const auto* job = std::get_if<sync::FinishStateSync>(&effect)) {
            return place_.states->finish(*job, heard);
        }
        if (const auto* job = std::get_if<sync::StoreHistory>(&effect)) {
            return place_.states->store(*job);
        }
        EXPECT_FALSE(std::holds_alternative<network::ReportPeer>(effect)) << "an honest peer";
        return std::nullopt;
    }
    void tell(const SyncAnswer& answer, sync::Effects& next) {
        for (const Event& event : std::exchange(heard_, {})) {
            if (const auto* imported = std::get_if<BlockImported>(&event)) {
                const auto& outcome = imported->imported;
                if (outcome.finality) {
                    sync_->on_finalized(now_, outcome.finality->finalized, next);
                }
                if (outcome.import.is_new_best) {
                    sync_->on_best_block(now_, imported->best, next);
                }
            }
        }
        if (const auto* blocks = std::get_if<BlocksJobDone>(&answer)) {
            sync_->on_blocks_imported(now_, blocks->job, blocks->results, next);
        } else if (const auto* warp = std::get_if<WarpJobDone>(&answer)) {
            sync_->on_warp_verified(now_, warp->job, warp->verdict, next);
        } else if (const auto* state = std::get_if<StateJobDone>(&answer)) {
            EXPECT_NE(state->verdict.kind, sync::StateVerdict::Kind::bad);
            sync_->on_state_stored(now_, state->job, state->verdict, next);
        } else if (const auto* finished = std::get_if<StateFinishDone>(&answer)) {
            EXPECT_TRUE(finished->chain);
            sync_->on_state_finished(now_, finished->job, finished->chain, next);
        } else if (const auto* history = std::get_if<HistoryJobDone>(&answer)) {
            sync_->on_history_stored(now_, history->job, history->verdict, next);
        }
    }

    Place place_;
    std::optional<sync::Sync> sync_;
    std::optional<sync::StateResume> resumed_;
    std::deque<sync::Effect> open_;
    std::vector<Event> heard_;
    std::size_t jobs_done_ = 0;
    std::size_t ranges_ = 0;
    Instant now_{};
};

void expect_whole_chain(Place& place, bool is_warp) {
    const auto& theirs = *source().place->chain;
    EXPECT_EQ(place.chain->heads().best, theirs.heads().best);
    EXPECT_FALSE(place.chain->gap());
    for (BlockNumber n = 1; n <= theirs.heads().best.number; ++n) {
        const auto hash = **theirs.canonical_hash(n);
        ASSERT_EQ(*place.chain->canonical_hash(n), hash) << n;
        ASSERT_EQ(*place.chain->body(hash), *theirs.body(hash)) << n;
    }
    EXPECT_FALSE(place.chain->state(place.chain->heads().genesis));
    const auto& sets = place.pipeline->authority_set();
    const auto& expected = source().place->pipeline->authority_set();
    EXPECT_EQ(sets.id(), expected.id());
    EXPECT_EQ(sets.authorities(), expected.authorities());
    ASSERT_EQ(sets.past_sets().size(), expected.past_sets().size());
    for (std::size_t n = 0; n < sets.past_sets().size(); ++n) {
        EXPECT_EQ(sets.past_sets()[n].last_block, expected.past_sets()[n].last_block);
    }
    // It can prove finality to others as well as its source can.
    const RequestJobs answers(*place.chain, place.store);
    const requests::BuildWarpProof question{{}, place.chain->heads().genesis};
    if (is_warp) {
        const auto proof = answers.answer(question);
        ASSERT_TRUE(proof);
        EXPECT_EQ(proof->response, source().answers->answer(question)->response);
    }
}

#define SKIP_WITHOUT_THE_CHAIN() \
    STIPPLE_SHARED_DATA_OR_SKIP(data_path, "rococo-local-chain/blocks.bin")

TEST(StateSyncJobs, warp_to_the_newest_justified_block_and_on_to_the_head) {
    SKIP_WITHOUT_THE_CHAIN();
    MemoryStore store;
    NodeRun run(store, sync::SyncMode::warp);
    EXPECT_TRUE(run.machine().takes_state());
    ASSERT_TRUE(run.work(SIZE_MAX));
    EXPECT_FALSE(run.machine().takes_state());
    EXPECT_GT(run.ranges(), 1U);
    EXPECT_EQ(run.machine().open_work(), 0U);
    expect_whole_chain(run.place(), true);
    EXPECT_TRUE(run.place().chain->state(**run.place().chain->canonical_hash(kTarget)));
    const auto before = run.place().chain->state(**run.place().chain->canonical_hash(kTarget - 1));
    ASSERT_FALSE(before);
    EXPECT_NE(before.error().message().find("state pruned"), std::string::npos);
}

TEST(StateSyncJobs, go_on_where_they_were_when_the_process_ends_after_any_job) {
    SKIP_WITHOUT_THE_CHAIN();
    for (const auto mode : {sync::SyncMode::warp, sync::SyncMode::fast}) {
        MemoryStore whole;
        NodeRun uninterrupted(whole, mode);
        ASSERT_TRUE(uninterrupted.work(SIZE_MAX));
        MemoryStore store;
        std::size_t ranges = 0;
        std::size_t runs = 0;
        bool done = false;
        bool resumed = false;
        for (; !done && runs < 200; ++runs) {
            NodeRun run(store, mode);
            resumed = resumed || run.resumed();
            // The answer of the last job is lost: what it did is not.
            done = run.work(runs % 3 + 1);
            ranges += run.ranges();
            if (done) {
                expect_whole_chain(run.place(), mode == sync::SyncMode::warp);
            }
        }
        EXPECT_TRUE(done);
        EXPECT_TRUE(resumed);
        EXPECT_GE(runs, 5U);
        EXPECT_EQ(ranges, uninterrupted.ranges()) << "verified state was asked for again";
    }
}

TEST(StateSyncJobs, believe_no_altered_proof) {
    SKIP_WITHOUT_THE_CHAIN();
    MemoryStore store;
    Place place(store, source().spec);
    const BlockHash genesis = place.chain->heads().genesis;
    const auto answer = source().answers->answer(requests::BuildWarpProof{{}, genesis});
    const auto proof = *network::decode_warp_proof(answer->response);
    ASSERT_GT(proof.fragments.size(), 3U);
    const auto refuses = [&](const std::function<void(network::WarpProof&)>& alter) {
        network::WarpProof altered = proof;
        alter(altered);
        const auto done = std::get<WarpJobDone>(
            place.states->verify({sync::JobId(1), genesis, std::move(altered), PeerKey{1}}));
        EXPECT_FALSE(done.verdict.target);
        return !done.verdict.good;
    };
    EXPECT_TRUE(refuses([](auto& p) { p.fragments.erase(p.fragments.begin()); }));
    EXPECT_TRUE(refuses([](auto& p) { std::swap(p.fragments[1], p.fragments[2]); }));
    EXPECT_TRUE(refuses([](auto& p) { p.fragments[0].header.state_root.bytes[0] ^= 1; }));
    EXPECT_TRUE(refuses([](auto& p) {
        p.fragments.back().justification.commit.precommits[0].signature.bytes[3] ^= 1;
    }));
    // Nothing of it is on disk: the next process begins at the beginning.
    sync::SyncConfig config;
    config.mode = sync::SyncMode::warp;
    ASSERT_TRUE(place.states->resume(config));
    EXPECT_FALSE(config.warp_begin);
    EXPECT_FALSE(config.resume);
    EXPECT_FALSE(refuses([](auto& p) {
        p.is_finished = false;
        p.fragments.resize(2);
    }));
    ASSERT_TRUE(place.states->resume(config));
    EXPECT_EQ(config.warp_begin, proof.fragments[1].header.hash());
}

TEST(StateSyncJobs, take_the_block_where_they_begin_for_a_target_when_nothing_is_newer) {
    SKIP_WITHOUT_THE_CHAIN();
    MemoryStore store;
    Place place(store, source().spec);
    const auto verify = [&](const BlockHash& begin, network::WarpProof proof) {
        return std::get<WarpJobDone>(
                   place.states->verify({sync::JobId(1), begin, std::move(proof), PeerKey{1}}))
            .verdict;
    };
    const auto ask = [&](const BlockHash& begin) {
        return *network::decode_warp_proof(
            source().answers->answer(requests::BuildWarpProof{{}, begin})->response);
    };
    // The newest justified block of this chain ends a set. The answer was cut behind it.
    const BlockHash genesis = place.chain->heads().genesis;
    network::WarpProof proof = ask(genesis);
    const Header last = proof.fragments.back().header;
    proof.is_finished = false;
    const auto begun = verify(genesis, std::move(proof));
    ASSERT_TRUE(begun.good) << "#" << last.number << " ends no set";
    ASSERT_EQ(begun.next_begin, last.hash());
    EXPECT_FALSE(begun.target);

    const network::WarpProof again = ask(last.hash());
    ASSERT_EQ(again.fragments.size(), 1U);
    ASSERT_EQ(again.fragments.front().header, last);
    ASSERT_TRUE(again.is_finished);
    const auto verdict = verify(last.hash(), again);
    EXPECT_TRUE(verdict.good);
    EXPECT_EQ(verdict.target, last);
    sync::SyncConfig config;
    config.mode = sync::SyncMode::warp;
    ASSERT_TRUE(place.states->resume(config));
    ASSERT_TRUE(config.resume);
    EXPECT_EQ(config.resume->target, last.ref());
}

}  // namespace
}  // namespace stipple::node
