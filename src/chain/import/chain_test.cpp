#include "base/memory_store.hpp"
#include "chain/import/real_chain.hpp"
#include "chain/tree/rows.hpp"

#include <gtest/gtest.h>

namespace stipple::chain {
namespace {

using testing::RealBlock;
using testing::shared_executor;
using testing::spec_at;
using testing::to_import;

/// The first blocks of Westend over a database in memory.
struct Fixture {
    ChainSpec spec = spec_at("westend.json");
    ChainConfig config;
    MemoryStore database;
    std::vector<RealBlock> blocks = testing::westend_blocks();
    std::unique_ptr<Chain> chain;

    Result<> open() {
        chain.reset();
        TRY_ASSIGN(chain, Chain::open(database, spec, shared_executor(), config));
        return {};
    }
    void import_up_to(BlockNumber number) {
        for (BlockNumber n = chain->heads().best.number + 1; n <= number; ++n) {
            const auto outcome = chain->import_block(to_import(blocks[n - 1], *chain));
            ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
        }
    }
    BlockHash hash(BlockNumber number) const { return blocks[number - 1].hash; }
    /// The next block, altered.
    std::expected<ImportOutcome, ImportError> import_altered(
        const std::function<void(Block&)>& alter) {
        RealBlock block = blocks[chain->heads().best.number];
        alter(block.signed_block.block);
        return chain->import_block(to_import(block, *chain));
    }
    ~Fixture() { chain.reset(); }
};

#define SKIP_WITHOUT_WESTEND() \
    STIPPLE_SHARED_DATA_OR_SKIP(data_path, "westend-blocks/westend_blocks.yaml")

TEST(Chain, refuses_bad_blocks_with_a_reason_and_goes_on) {
    SKIP_WITHOUT_WESTEND();
    Fixture f;
    ASSERT_TRUE(f.open().has_value());
    f.import_up_to(3);
    struct Row {
        ImportErrorKind kind;
        bool fault;
        const char* words;
        std::function<void(Block&)> alter;
    };
    using Kind = ImportErrorKind;
    const std::vector<Row> rows = {
        {Kind::bad_state_root, true, "state root",
         [](Block& b) { b.header.state_root.bytes[3] ^= 1; }},
        {Kind::bad_extrinsics_root, true, "extrinsics root",
         [](Block& b) { b.header.extrinsics_root.bytes[0] ^= 1; }},
        {Kind::bad_extrinsics_root, true, "the body's is 0x", [](Block& b) { b.body.pop_back(); }},
        {Kind::bad_number, true, "its parent has number 3", [](Block& b) { b.header.number = 9; }},
        {Kind::unknown_parent, false, "is not known",
         [](Block& b) { b.header.parent_hash.bytes[0] ^= 1; }},
        {Kind::execution_failed, true, "Core_execute_block",
         [](Block& b) {
             b.body[0].data[0] = 0xff;
             b.header.extrinsics_root = extrinsics_root(b.body, state::StateVersion::v0);
         }},
    };
    for (const Row& row : rows) {
        const auto outcome = f.import_altered(row.alter);
        ASSERT_FALSE(outcome.has_value()) << row.words;
        EXPECT_EQ(outcome.error().kind, row.kind) << outcome.error().message;
        EXPECT_EQ(outcome.error().is_block_fault(), row.fault);
        EXPECT_NE(outcome.error().message.find(row.words), std::string::npos)
            << outcome.error().message;
        EXPECT_NE(outcome.error().message.find("block #"), std::string::npos);
        EXPECT_EQ(f.chain->heads().best.number, 3U);
    }
    const auto again = f.chain->import_block(to_import(f.blocks[2], *f.chain));
    EXPECT_EQ(again.error().kind, Kind::already_known);
    f.import_up_to(6);
    EXPECT_EQ(f.chain->heads().best.hash, f.hash(6));
}

TEST(Chain, honours_bad_blocks_and_fork_blocks_of_the_specification) {
    SKIP_WITHOUT_WESTEND();
    Fixture f;
    f.spec.bad_blocks.push_back(f.hash(2));
    ASSERT_TRUE(f.open().has_value());
    f.import_up_to(1);
    EXPECT_EQ(f.import_altered([](Block&) {}).error().kind, ImportErrorKind::bad_block_listed);
    f.spec.bad_blocks.clear();
    f.spec.fork_blocks[2] = f.hash(1);
    EXPECT_EQ(f.import_altered([](Block&) {}).error().kind, ImportErrorKind::fork_block_mismatch);
    f.spec.fork_blocks[2] = f.hash(2);
    EXPECT_TRUE(f.import_altered([](Block&) {}).has_value());
}

Block with_other_seal(Block block) {
    std::get<SealDigest>(block.header.digest.back()).data[0] ^= 1;
    return block;
}

TEST(Chain, finality_drops_losers_and_moves_the_best_block) {
    SKIP_WITHOUT_WESTEND();
    Fixture f;
    ASSERT_TRUE(f.open().has_value());
    f.import_up_to(2);
    const auto fork = f.import_altered([](Block& b) { b = with_other_seal(b); });
    ASSERT_TRUE(fork.has_value()) << fork.error().message;
    ASSERT_TRUE(fork->is_new_best);
    const auto main = f.chain->import_block(to_import(f.blocks[2], *f.chain));
    ASSERT_TRUE(main.has_value()) << main.error().message;
    EXPECT_FALSE(main->is_new_best) << "the one seen first stays";

    const Justification proof{kGrandpaEngine, {1, 2}};
    const auto outcome = f.chain->finalize(f.hash(3), proof);
    ASSERT_TRUE(outcome.has_value()) << outcome.error().message();
    EXPECT_EQ(outcome->newly_finalized.size(), 3U);
    EXPECT_EQ(outcome->dropped, std::vector{fork->block});
    EXPECT_TRUE(outcome->best_changed);
    EXPECT_EQ(outcome->reorganization.retracted, std::vector{fork->block});
    EXPECT_EQ(f.chain->heads().best.hash, f.hash(3));
    EXPECT_EQ(f.chain->canonical_hash(3).value(), f.hash(3));
    EXPECT_FALSE(f.chain->is_known(fork->block.hash));
    EXPECT_EQ(f.chain->justifications(f.hash(3)).value(), Justifications{proof});

    // What forks off below is refused, and so is moving finality back.
    RealBlock late = f.blocks[2];
    late.signed_block.block = with_other_seal(late.signed_block.block);
    EXPECT_EQ(f.chain->import_block(to_import(late, *f.chain)).error().kind,
              ImportErrorKind::not_on_finalized_chain);
    EXPECT_FALSE(f.chain->finalize(f.hash(1), std::nullopt).has_value());
    EXPECT_FALSE(f.chain->finalize(BlockHash{}, std::nullopt).has_value());
}

TEST(Chain, reopens_where_it_was) {
    SKIP_WITHOUT_WESTEND();
    Fixture f;
    ASSERT_TRUE(f.open().has_value());
    f.import_up_to(5);
    ASSERT_TRUE(f.chain->finalize(f.hash(2), std::nullopt).has_value());
    const auto reopened = f.open();
    ASSERT_TRUE(reopened.has_value()) << reopened.error().message();
    EXPECT_EQ(f.chain->heads().best.hash, f.hash(5));
    EXPECT_EQ(f.chain->heads().finalized.hash, f.hash(2));
    f.import_up_to(8);
}

TEST(Chain, names_a_database_that_it_cannot_use) {
    SKIP_WITHOUT_WESTEND();
    Fixture f;
    ASSERT_TRUE(f.open().has_value());
    f.chain.reset();

    auto& genesis = std::get<RawGenesis>(f.spec.genesis);
    genesis.top[to_bytes("one more key")] = {1};
    const auto other = f.open();
    ASSERT_FALSE(other.has_value());
    EXPECT_NE(other.error().message().find("another chain"), std::string::npos);
    EXPECT_NE(other.error().message().find("0xe143f23803ac50e8"), std::string::npos);
    genesis.top.erase(to_bytes("one more key"));

    WriteBatch newer;
    newer.put(Column::meta, to_bytes(kFormatKey), scale::encode(kChainFormat + 1));
    ASSERT_TRUE(f.database.commit(newer, Durability::buffered).has_value());
    const auto format = f.open();
    ASSERT_FALSE(format.has_value());
    EXPECT_NE(format.error().message().find("format 2"), std::string::npos);
}

TEST(Chain, takes_back_blocks_and_imports_them_again) {
    SKIP_WITHOUT_WESTEND();
    Fixture f;
    ASSERT_TRUE(f.open().has_value());
    f.import_up_to(6);
    ASSERT_TRUE(f.chain->finalize(f.hash(2), std::nullopt).has_value());
    EXPECT_EQ(f.chain->revert(2, false).value().hash, f.hash(4));
    EXPECT_FALSE(f.chain->is_known(f.hash(5)));
    EXPECT_FALSE(f.chain->canonical_hash(5).value().has_value());
    f.import_up_to(6);
    EXPECT_EQ(f.chain->revert(100, false).value().hash, f.hash(2));
    f.import_up_to(7);
    const auto below = f.chain->revert(6, true);
    ASSERT_TRUE(below.has_value()) << below.error().message();
    EXPECT_EQ(below->hash, f.hash(1));
    f.import_up_to(4);
    ASSERT_TRUE(f.open().has_value());
    EXPECT_EQ(f.chain->heads().finalized.hash, f.hash(1));
    f.import_up_to(9);
}

TEST(Chain, skips_execution_when_the_difference_is_known) {
    SKIP_WITHOUT_WESTEND();
    Fixture f;
    ASSERT_TRUE(f.open().has_value());
    const Block& block = f.blocks[0].signed_block.block;
    const auto genesis = f.chain->heads().genesis;
    const auto runtime = f.chain->runtime(genesis);
    ASSERT_TRUE(runtime.has_value());
    const auto state = f.chain->state(genesis).value();
    auto difference = execute_block(block, *state, **runtime, nullptr);
    ASSERT_TRUE(difference.has_value()) << difference.error().message;
    BlockToImport request = to_import(f.blocks[0], *f.chain);
    auto wrong = *difference;
    wrong.root.bytes[0] ^= 1;
    request.known_difference = std::make_shared<const state::Difference>(wrong);
    EXPECT_EQ(f.chain->import_block(request).error().kind, ImportErrorKind::bad_state_root);
    request.known_difference = std::make_shared<const state::Difference>(*difference);
    auto cut = request;
    cut.block.body.pop_back();
    EXPECT_EQ(f.chain->import_block(cut).error().kind, ImportErrorKind::bad_extrinsics_root);
    ASSERT_TRUE(f.chain->import_block(request).has_value());
    f.import_up_to(3);
}

TEST(Chain, prunes_bodies_as_finality_moves) {
    SKIP_WITHOUT_WESTEND();
    Fixture f;
    f.config.body_pruning = 3;
    ASSERT_TRUE(f.open().has_value());
    f.import_up_to(8);
    ASSERT_TRUE(f.chain->finalize(f.hash(7), std::nullopt).has_value());
    EXPECT_FALSE(f.chain->body(f.hash(4)).value().has_value());
    EXPECT_TRUE(f.chain->body(f.hash(5)).value().has_value());
    EXPECT_TRUE(f.chain->header(f.hash(4)).value().has_value());
}

TEST(Chain, writes_of_consensus_and_justifications_come_with_the_block) {
    SKIP_WITHOUT_WESTEND();
    Fixture f;
    ASSERT_TRUE(f.open().has_value());
    BlockToImport request = to_import(f.blocks[0], *f.chain);
    request.consensus_rows.put(Column::consensus, {1}, {2});
    ASSERT_TRUE(f.chain->import_block(request).has_value());
    EXPECT_EQ(f.database.get(Column::consensus, Bytes{1}).value(), Bytes{2});
    ASSERT_TRUE(f.chain->add_justification(f.hash(1), {kBeefyEngine, {3}}).has_value());
    ASSERT_TRUE(f.chain->add_justification(f.hash(1), {kBeefyEngine, {4}}).has_value());
    EXPECT_EQ(f.chain->justifications(f.hash(1)).value(), (Justifications{{kBeefyEngine, {4}}}));
    EXPECT_FALSE(f.chain->add_justification(f.hash(9), {kBeefyEngine, {4}}).has_value());
}

TEST(Chain, a_code_substitute_stands_in_while_the_spec_version_is_the_same) {
    SKIP_WITHOUT_WESTEND();
    Fixture f;
    const Bytes code =
        std::get<RawGenesis>(f.spec.genesis).top.find(as_bytes(state::kCodeKey))->second;
    Bytes other = code;  // the same program with one custom section more
    append(other, *from_hex("00020178"));
    f.spec.code_substitutes[2] = other;
    ASSERT_TRUE(f.open().has_value());
    f.import_up_to(4);
    const auto before = f.chain->runtime(f.hash(1));
    const auto after = f.chain->runtime(f.hash(3));
    ASSERT_TRUE(before.has_value() && after.has_value());
    EXPECT_NE((*before)->code_hash(), (*after)->code_hash());
}

}  // namespace
}  // namespace stipple::chain
