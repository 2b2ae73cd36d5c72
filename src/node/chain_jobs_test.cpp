// The author at work: a real runtime, a clock of the test.
#include "node/chain_jobs.hpp"

#include "base/memory_store.hpp"
#include "crypto/suri.hpp"
#include "executor/real_runtimes.hpp"
#include "node/signature_cache.hpp"
#include "tests/support/shared_data.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

namespace stipple::node {
namespace {

using namespace std::chrono_literals;
constexpr std::uint64_t kSlotMs = 6000;

/// Alice alone on a chain in memory. Each reading of the clock may take time.
class LoneAuthor {
 public:
    explicit LoneAuthor(const std::string& spec_path,
                        std::optional<authoring::Backoff> backoff = std::nullopt) {
        spec_ = *chain::load_chain_spec(spec_path);
        chain_ = *chain::Chain::open(store_, spec_, executor::testing::shared_executor(), {});
        pipeline_ = *BlockPipeline::open(store_, *chain_);
        RunConfig config;
        config.well_known_key = "Alice";
        keys_ = *open_keys(config, folder_.path());
        ChainJobsConfig jobs{.force_authoring = true, .validator = true, .backoff = backoff};
        jobs.clock.now = [this] { return now_ = now_ + reading_takes; };
        jobs.clock.wall = [this] { return wall_; };
        jobs_.emplace(jobs, *chain_, *pipeline_, keys_, store_, signatures_);
    }
    /// `late`: how far into the slot the work begins.
    Event author(Slot slot, Duration late = 0s) {
        const Instant began{std::chrono::milliseconds(slot.value * kSlotMs)};
        now_ = began + late;
        wall_.value = static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::milliseconds>(now_.since_origin).count());
        AuthorSlot effect{
            .slot = slot,
            .offline = false,
            .deadline = began + authoring::proposal_time(std::chrono::milliseconds(kSlotMs)),
            .transactions = chain::pool::Pool({}, chain_->heads().best).ready(),
            .order = std::nullopt};
        return jobs_->author(effect);
    }
    bool makes_block(Slot slot, Duration late = 0s) {
        return std::holds_alternative<BlockImported>(author(slot, late));
    }

    SignedBlock best_block() const {
        const BlockHash best = chain_->heads().best.hash;
        return {{**chain_->header(best), **chain_->body(best)}, std::nullopt};
    }

    /// As a peer's block.
    void import(const SignedBlock& block, UnixMillis now) {
        auto imported = pipeline_->import(block, now, nullptr);
        CHECK(imported.has_value());
        static_cast<void>(jobs_->describe(*std::move(imported)));
    }
    auto finalize(const BlockHash& block) { return jobs_->finalize(block); }
    BlockImported describe(Imported imported) { return jobs_->describe(std::move(imported)); }
    std::string stopped() const { return keys_.journal->stopped(); }

    Duration reading_takes = 0s;
    MemoryStore store_;
    std::unique_ptr<chain::Chain> chain_;
    std::unique_ptr<BlockPipeline> pipeline_;

 private:
    const stipple::testing::TemporaryFolder folder_;
    Instant now_;
    UnixMillis wall_;
    chain::ChainSpec spec_;
    SignatureCache signatures_;
    Keys keys_;
    std::optional<ChainJobs> jobs_;
};

constexpr Slot kFirst(280'000'000);
constexpr UnixMillis kLater{(kFirst.value + 10) * kSlotMs};

TEST(Author, stops_when_its_key_signs_on_another_machine) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/rococo-dev-1.14.json");
    LoneAuthor node(path);
    LoneAuthor copy(path);
    ASSERT_TRUE(node.makes_block(kFirst));
    copy.import(node.best_block(), kLater);
    EXPECT_NE(copy.stopped().find("babe_block"), std::string::npos);
    const Event refused = copy.author(kFirst + 1);
    ASSERT_TRUE(std::holds_alternative<SlotPassed>(refused));
    EXPECT_NE(std::get<SlotPassed>(refused).reason.find("resume"), std::string::npos);
    EXPECT_EQ(node.stopped(), "");
    EXPECT_TRUE(node.makes_block(kFirst + 1));
}

TEST(Author, leaves_slots_out_while_finality_lags_and_none_when_it_is_back) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/rococo-dev-1.14.json");
    LoneAuthor node(path, authoring::Backoff{.slots_max = 10, .unfinalized = 2});
    std::string made;
    for (std::uint64_t i = 0; i < 12; ++i) {
        made += node.makes_block(kFirst + i) ? 'x' : '.';
    }
    EXPECT_EQ(made, "xxxx.x.x..x.");  // 3, 4 blocks: no pause; 5, 6: one slot; 7: two
    ASSERT_TRUE(node.pipeline_->finalize(node.chain_->heads().best.hash, std::nullopt));
    EXPECT_TRUE(node.makes_block(kFirst + 12));
    EXPECT_TRUE(node.makes_block(kFirst + 13));
}

TEST(Author, throws_away_a_block_that_is_ready_too_late) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/rococo-dev-1.14.json");
    LoneAuthor node(path);
    ASSERT_TRUE(node.makes_block(kFirst));
    node.reading_takes = 1500ms;  // the deadline is at four seconds
    const Event late = node.author(kFirst + 1);
    ASSERT_TRUE(std::holds_alternative<SlotPassed>(late));
    EXPECT_NE(std::get<SlotPassed>(late).reason.find("too long"), std::string::npos);
    EXPECT_EQ(node.chain_->heads().best.number, 1u);
    node.reading_takes = 0s;
    EXPECT_FALSE(node.makes_block(kFirst + 2, 13s)) << "no time is left";
    EXPECT_TRUE(node.makes_block(kFirst + 3));
}

TEST(Author, has_more_time_after_slots_without_a_block) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/rococo-dev-1.14.json");
    LoneAuthor node(path);
    ASSERT_TRUE(node.makes_block(kFirst));
    node.reading_takes = 1500ms;  // six seconds for a block
    EXPECT_FALSE(node.makes_block(kFirst + 1));
    EXPECT_TRUE(node.makes_block(kFirst + 2));  // one missed: four seconds more
    EXPECT_FALSE(node.makes_block(kFirst + 3));
    node.reading_takes = 3s;
    EXPECT_FALSE(node.makes_block(kFirst + 4));
    EXPECT_TRUE(node.makes_block(kFirst + 7));  // four missed: sixteen more
}

TEST(Author, never_builds_on_a_block_it_knows_to_be_bad) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/rococo-dev-1.14.json");
    LoneAuthor node(path);
    LoneAuthor other(path);
    ASSERT_TRUE(node.makes_block(kFirst));
    const BlockRef good = node.chain_->heads().best;
    ASSERT_TRUE(other.pipeline_->import(node.best_block(), kLater, nullptr));
    ASSERT_TRUE(other.makes_block(kFirst + 1));

    // The next block, as its author sealed it, but over another state: the header verifies, the
    // execution does not.
    SignedBlock bad = other.best_block();
    bad.block.header.digest.pop_back();
    bad.block.header.state_root.bytes[0] ^= 1;
    const auto alice = *crypto::sr25519_from_suri("//Alice");
    bad.block.header.digest.emplace_back(
        SealDigest{kBabeEngine, to_bytes(alice.sign(bad.block.header.hash()).view())});
    const auto refused = node.pipeline_->import(bad, kLater, nullptr);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, PipelineErrorKind::bad_block);

    const Event made = node.author(kFirst + 2);
    ASSERT_TRUE(std::holds_alternative<BlockImported>(made));
    EXPECT_EQ(std::get<BlockImported>(made).imported.header.parent_hash, good.hash);
    // A child that somebody else builds on the bad block is not taken either.
    SignedBlock child = bad;
    child.block.header.parent_hash = bad.block.header.hash();
    ++child.block.header.number;
    const auto orphan = node.pipeline_->import(child, kLater, nullptr);
    ASSERT_FALSE(orphan);
    EXPECT_EQ(orphan.error().kind, PipelineErrorKind::unknown_parent);
}

TEST(Author, keeps_to_the_first_of_two_equal_blocks_of_one_slot_and_notices_the_double_seal) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/rococo-dev-1.14.json");
    LoneAuthor node(path);
    LoneAuthor copy(path);  // the same keys on another machine
    ASSERT_TRUE(node.makes_block(kFirst));
    ASSERT_TRUE(copy.makes_block(kFirst, 1s));
    const BlockRef first = node.chain_->heads().best;
    const auto imported = node.pipeline_->import(copy.best_block(), kLater, nullptr);
    ASSERT_TRUE(imported);
    EXPECT_FALSE(imported->import.is_new_best);
    ASSERT_TRUE(imported->equivocation);
    EXPECT_EQ(imported->equivocation->slot, kFirst);
    EXPECT_EQ(node.chain_->heads().best, first);
    EXPECT_EQ(node.chain_->leaves().size(), 2u);
    // The other side grows: its fork is longer and wins, whoever was first.
    ASSERT_TRUE(copy.makes_block(kFirst + 1));
    ASSERT_TRUE(node.pipeline_->import(copy.best_block(), kLater, nullptr));
    EXPECT_EQ(node.chain_->heads().best, copy.chain_->heads().best);
}

/// Two blocks of one slot: the first is the best, the other is in the chain beside it.
struct Fork {
    explicit Fork(const std::string& path) : node(path), copy(path) {
        CHECK(node.makes_block(kFirst) && copy.makes_block(kFirst, 1s));
        first = node.chain_->heads().best;
        body = node.best_block().block.body;
        auto done = node.pipeline_->import(copy.best_block(), kLater, nullptr);
        CHECK(done.has_value());
        imported = *std::move(done);
        other = copy.chain_->heads().best;
        CHECK(node.chain_->heads().best == first);
    }
    void expect_switched(const chain::pool::BestBlockChange& change) const {
        EXPECT_EQ(change.best, other);
        ASSERT_EQ(change.retracted.size(), 1u);
        EXPECT_EQ(change.retracted[0].block, first);
        EXPECT_EQ(change.retracted[0].parent.number, 0u);
        EXPECT_EQ(change.retracted[0].body, body);
        ASSERT_EQ(change.enacted.size(), 1u);
        EXPECT_EQ(change.enacted[0].block, other);
        EXPECT_FALSE(change.enacted[0].body.empty());
    }
    LoneAuthor node;
    LoneAuthor copy;
    BlockRef first;
    BlockRef other;
    Body body;
    Imported imported;
};

TEST(PoolChange, has_the_bodies_of_blocks_that_finality_dropped) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/rococo-dev-1.14.json");
    Fork fork(path);
    const auto finalized = fork.node.finalize(fork.other.hash);
    ASSERT_TRUE(finalized);
    EXPECT_TRUE(finalized->finalized.outcome.best_changed);
    EXPECT_FALSE(fork.node.chain_->body(fork.first.hash)->has_value()) << "it is dropped";
    fork.expect_switched(finalized->pool_change);
}

TEST(PoolChange, of_a_block_that_its_justification_makes_the_best_one) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/rococo-dev-1.14.json");
    Fork fork(path);
    auto finalized = fork.node.pipeline_->finalize(fork.other.hash, std::nullopt);
    ASSERT_TRUE(finalized);
    fork.imported.finality = std::move(finalized->outcome);  // as import does with both at once
    const BlockImported told = fork.node.describe(std::move(fork.imported));
    EXPECT_TRUE(told.imported.import.is_new_best);
    EXPECT_EQ(told.imported.import.enacted, std::vector{fork.other});
    fork.expect_switched(told.pool_change);
}

}  // namespace
}  // namespace stipple::node
