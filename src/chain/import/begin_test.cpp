// Beginning at a block whose state came from another node, with the first blocks of Westend.
#include "base/memory_store.hpp"
#include "chain/import/real_chain.hpp"
#include "state/trie/range_proof.hpp"

#include <gtest/gtest.h>

namespace stipple::chain {
namespace {

using testing::RealBlock;
using testing::to_import;

constexpr BlockNumber kTarget = 20;

struct Node {
    ChainSpec spec = testing::spec_at("westend.json");
    ChainConfig config;
    MemoryStore database;
    std::unique_ptr<Chain> chain;

    Node() { open(); }
    void open() {
        chain.reset();
        auto opened = Chain::open(database, spec, testing::shared_executor(), config);
        ASSERT_TRUE(opened) << opened.error().message();
        chain = *std::move(opened);
    }
    void import(const std::vector<RealBlock>& blocks, BlockNumber up_to, bool without_state) {
        for (BlockNumber n = chain->heads().best.number + 1; n <= up_to; ++n) {
            BlockToImport block = to_import(blocks[n - 1], *chain);
            block.without_state = without_state;
            const auto outcome = chain->import_block(block);
            ASSERT_TRUE(outcome) << outcome.error().message;
        }
    }
    /// Takes the state of the target from another node, and begins there.
    void begin(const Chain& source, const RealBlock& target) {
        const auto begun = try_begin(source, target);
        ASSERT_TRUE(begun) << begun.error().message();
    }
    Result<> try_begin(const Chain& source, const RealBlock& target) {
        const Header& header = target.signed_block.block.header;
        auto download = chain->download_state(header.ref(), header.state_root);
        CHECK(download);
        const auto state = source.state(target.hash);
        CHECK(state);
        while (!(*download)->complete()) {
            const auto proof = state::prove_range(**state, (*download)->next(), 200'000);
            CHECK(proof && *proof);
            const auto added = (*download)->add(**proof);
            CHECK(added && *added);
        }
        const auto reader = (*download)->reader();
        CHECK(reader);
        const auto runtime = chain->runtime_of(header.ref(), **reader);
        CHECK(runtime);
        NewBeginning beginning;
        beginning.block = target.signed_block.block;
        beginning.justification = Justification{kGrandpaEngine, Bytes{1, 2, 3}};
        beginning.consensus_rows.put(Column::consensus, to_bytes("with it"), {7});
        return chain->begin_at(std::move(beginning), **download);
    }
};

PastBlock past(const RealBlock& block) {
    return {block.hash, block.signed_block.block.header, &block.signed_block.block.body};
}

#define SKIP_WITHOUT_WESTEND() \
    STIPPLE_SHARED_DATA_OR_SKIP(data_path, "westend-blocks/westend_blocks.yaml")

TEST(ChainBeginning, at_a_downloaded_state_goes_on_and_takes_the_past_downwards) {
    SKIP_WITHOUT_WESTEND();
    const auto blocks = testing::westend_blocks();
    Node source;
    source.import(blocks, kTarget, false);
    Node node;
    const BlockHash genesis = node.chain->heads().genesis;
    node.begin(*source.chain, blocks[kTarget - 1]);
    for (int opening = 0; opening < 2; ++opening) {
        const auto heads = node.chain->heads();
        EXPECT_EQ(heads.best.number, kTarget);
        EXPECT_EQ(heads.finalized, heads.best);
        EXPECT_EQ(heads.genesis, genesis);
        EXPECT_EQ(*node.chain->canonical_hash(kTarget), heads.best.hash);
        EXPECT_EQ(*node.chain->canonical_hash(kTarget - 1), std::nullopt);
        EXPECT_EQ((*node.chain->justifications(heads.best.hash))->front().data, (Bytes{1, 2, 3}));
        EXPECT_EQ(*node.database.get(Column::consensus, as_bytes("with it")), Bytes{7});
        ASSERT_TRUE(node.chain->gap());
        EXPECT_EQ(node.chain->gap()->highest, blocks[kTarget - 2].signed_block.block.header.ref());
        const auto old = node.chain->state(genesis);
        ASSERT_FALSE(old);
        EXPECT_NE(old.error().message().find("state pruned"), std::string::npos);
        node.open();
    }
    // The next blocks are executed on the new state.
    node.import(blocks, kTarget + 3, false);

    // The past, in two pieces with a restart between them; what does not fit is refused whole.
    EXPECT_EQ(*node.chain->fill_gap({past(blocks[kTarget - 3])}), PastVerdict::not_linked);
    RealBlock altered = blocks[kTarget - 2];
    altered.signed_block.block.body.pop_back();
    EXPECT_EQ(*node.chain->fill_gap({past(altered)}), PastVerdict::bad_body);
    std::vector<PastBlock> piece;
    for (BlockNumber n = kTarget - 1; n > 10; --n) {
        piece.push_back(past(blocks[n - 1]));
    }
    EXPECT_EQ(*node.chain->fill_gap(piece), PastVerdict::stored);
    node.open();
    EXPECT_EQ(node.chain->gap()->highest.number, 10U);
    EXPECT_EQ(*node.chain->canonical_hash(11), blocks[10].hash);
    EXPECT_FALSE(node.chain->is_known(blocks[9].hash));
    piece.clear();
    for (BlockNumber n = 10; n > 0; --n) {
        piece.push_back(past(blocks[n - 1]));
    }
    EXPECT_EQ(*node.chain->fill_gap(piece), PastVerdict::stored);
    EXPECT_FALSE(node.chain->gap());
    EXPECT_EQ(**node.chain->body(blocks[4].hash), blocks[4].signed_block.block.body);
    EXPECT_NE(node.chain->state(blocks[4].hash).error().message().find("state pruned"),
              std::string::npos);
    node.open();
    EXPECT_EQ(node.chain->heads().best.number, kTarget + 3);
}

TEST(ChainBeginning, blocks_without_state_come_first_in_a_fast_sync) {
    SKIP_WITHOUT_WESTEND();
    const auto blocks = testing::westend_blocks();
    Node source;
    source.import(blocks, kTarget, false);
    Node node;
    ASSERT_TRUE(node.chain->become_stateless());
    RealBlock altered = blocks[0];
    altered.signed_block.block.body.pop_back();
    BlockToImport bad = to_import(altered, *node.chain);
    bad.without_state = true;
    EXPECT_EQ(node.chain->import_block(bad).error().kind, ImportErrorKind::bad_extrinsics_root);
    node.import(blocks, 10, true);
    node.open();
    EXPECT_TRUE(node.chain->is_stateless());
    node.import(blocks, kTarget + 2, true);
    ASSERT_TRUE(node.chain->finalize(blocks[kTarget - 1].hash, std::nullopt));
    EXPECT_FALSE(node.chain->revert(1, false));
    node.open();
    EXPECT_FALSE(node.chain->state(blocks[kTarget - 1].hash));
    node.begin(*source.chain, blocks[kTarget - 1]);
    EXPECT_FALSE(node.chain->is_stateless());
    EXPECT_FALSE(node.chain->gap());
    // What stood above comes again, and is executed.
    EXPECT_FALSE(node.chain->is_known(blocks[kTarget].hash));
    EXPECT_EQ(*node.chain->canonical_hash(kTarget + 1), std::nullopt);
    node.import(blocks, kTarget + 3, false);
    EXPECT_EQ(*node.chain->canonical_hash(5), blocks[4].hash);
    node.open();
    EXPECT_EQ(node.chain->heads().best.number, kTarget + 3);
}

TEST(ChainBeginning, is_refused_below_what_is_final_already) {
    SKIP_WITHOUT_WESTEND();
    const auto blocks = testing::westend_blocks();
    Node source;
    source.import(blocks, kTarget, false);
    Node node;
    ASSERT_TRUE(node.chain->become_stateless());
    node.import(blocks, kTarget + 2, true);
    ASSERT_TRUE(node.chain->finalize(blocks[kTarget].hash, std::nullopt));
    const auto begun = node.try_begin(*source.chain, blocks[kTarget - 1]);
    ASSERT_FALSE(begun);
    EXPECT_NE(begun.error().message().find("finality"), std::string::npos);
    EXPECT_TRUE(node.chain->is_stateless());
    EXPECT_EQ(node.chain->heads().finalized.number, kTarget + 1);
}

}  // namespace
}  // namespace stipple::chain
