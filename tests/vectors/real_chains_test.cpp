// Real chains from genesis on: every block is executed and every root must be the one in its
// header.
#include "base/memory_store.hpp"
#include "base/prng.hpp"
#include "chain/files/export.hpp"
#include "chain/import/real_chain.hpp"
#include "io/database/database.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <sstream>
#include <zlib.h>

namespace stipple::chain {
namespace {

using testing::exported_blocks;
using testing::RealBlock;
using testing::shared_executor;
using testing::spec_at;
using testing::to_import;
using testing::westend_blocks;

constexpr const char* kWestendBlocks = "westend-blocks/westend_blocks.yaml";

ChainConfig archive() {
    ChainConfig config;
    config.state.pruning.mode = state::store::Pruning::Mode::archive;
    return config;
}

std::unique_ptr<Chain> open_chain(KeyValueStore& database, const ChainSpec& spec,
                                  const ChainConfig& config) {
    auto chain = Chain::open(database, spec, shared_executor(), config);
    EXPECT_TRUE(chain.has_value()) << chain.error().message();
    return chain ? *std::move(chain) : nullptr;
}

/// A database in a directory of its own, gone afterwards.
struct DiskDatabase {
    std::filesystem::path path;
    std::unique_ptr<io::Database> database;

    explicit DiskDatabase(const char* name)
        : path(std::filesystem::path(::testing::TempDir()) / name) {
        std::filesystem::remove_all(path);
        open();
    }
    ~DiskDatabase() {
        database.reset();
        std::filesystem::remove_all(path);
    }
    void open() {
        database.reset();
        auto opened = io::open_database(path, {});
        CHECK(opened.has_value());
        database = *std::move(opened);
    }
};

void import_in_order(Chain& chain, const std::vector<RealBlock>& blocks) {
    for (const RealBlock& block : blocks) {
        const auto outcome = chain.import_block(to_import(block, chain));
        ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
        EXPECT_EQ(outcome->block.hash, block.hash);
        EXPECT_TRUE(outcome->is_new_best);
        EXPECT_EQ(outcome->enacted, std::vector{outcome->block});
    }
}

/// Every imported state can be read and has the root of the header.
void expect_all_states(const Chain& chain, const std::vector<RealBlock>& blocks) {
    for (const RealBlock& block : blocks) {
        const auto state = chain.state(block.hash);
        ASSERT_TRUE(state.has_value()) << state.error().message();
        const auto root = (*state)->root(state::TrieId::main());
        ASSERT_TRUE(root.has_value());
        EXPECT_TRUE(equal(*root, block.signed_block.block.header.state_root));
    }
}

TEST(RealChains, westend_1_to_256_in_order) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, kWestendBlocks);
    const ChainSpec spec = spec_at("westend.json");
    MemoryStore database;
    const auto chain = open_chain(database, spec, archive());
    ASSERT_NE(chain, nullptr);
    const auto blocks = westend_blocks();
    ASSERT_EQ(blocks.size(), 256U);
    import_in_order(*chain, blocks);
    EXPECT_EQ(chain->heads().best.number, 256U);
    expect_all_states(*chain, blocks);
}

/// A sibling that executes alike: only the seal differs, and consensus is not asked here.
RealBlock sibling_of(const RealBlock& block, std::uint8_t mark) {
    RealBlock other = block;
    auto& seal = std::get<SealDigest>(other.signed_block.block.header.digest.back());
    seal.data.front() = static_cast<std::uint8_t>(seal.data.front() ^ mark);
    other.hash = other.signed_block.block.header.hash();
    return other;
}

TEST(RealChains, westend_shuffled_and_forked_on_disk_with_finality) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, kWestendBlocks);
    const ChainSpec spec = spec_at("westend.json");
    DiskDatabase disk("stipple-real-chains-westend");
    auto chain = open_chain(*disk.database, spec, {});
    ASSERT_NE(chain, nullptr);

    const auto blocks = westend_blocks();
    std::deque<RealBlock> waiting(blocks.begin(), blocks.end());
    for (std::size_t i = 4; i < blocks.size(); i += 9) {
        waiting.insert(waiting.begin() + static_cast<std::ptrdiff_t>(i),
                       sibling_of(blocks[i], static_cast<std::uint8_t>(i + 1)));
    }
    Prng random(Seed{3});
    for (std::size_t i = 0; i + 1 < waiting.size(); ++i) {
        const std::size_t reach = std::min<std::size_t>(24, waiting.size() - i);
        std::swap(waiting[i], waiting[i + random.below(reach)]);
    }
    std::multimap<BlockHash, RealBlock> orphans;  // by the parent they wait for
    std::size_t retried = 0;
    std::size_t too_late = 0;
    while (!waiting.empty()) {
        const RealBlock block = waiting.front();
        waiting.pop_front();
        const auto outcome = chain->import_block(to_import(block, *chain));
        if (!outcome && outcome.error().kind == ImportErrorKind::unknown_parent) {
            orphans.emplace(block.signed_block.block.header.parent_hash, block);
            ++retried;
            continue;
        }
        if (!outcome && outcome.error().kind == ImportErrorKind::not_on_finalized_chain) {
            ++too_late;  // a sibling of what is final by now
            continue;
        }
        ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
        const auto [first, last] = orphans.equal_range(block.hash);
        for (auto at = first; at != last; ++at) {
            waiting.push_front(at->second);
        }
        orphans.erase(first, last);
        // Finality trails the best real block, and sometimes the node restarts.
        const BlockNumber number = outcome->block.number;
        if (number % 40 == 0 && number > chain->heads().finalized.number + 20) {
            const auto final = chain->finalize(blocks[number - 11].hash, std::nullopt);
            ASSERT_TRUE(final.has_value()) << final.error().message();
            EXPECT_EQ(chain->heads().finalized.number, number - 10);
        }
        if (number % 64 == 0) {
            const Heads before = chain->heads();
            const auto leaves = chain->leaves();
            chain.reset();
            disk.open();
            chain = open_chain(*disk.database, spec, {});
            ASSERT_NE(chain, nullptr);
            EXPECT_EQ(chain->heads().best, before.best);
            EXPECT_EQ(chain->heads().finalized, before.finalized);
            EXPECT_EQ(chain->leaves(), leaves);
        }
    }
    EXPECT_GT(retried, 50U);
    EXPECT_LT(too_late, 20U);
    EXPECT_TRUE(chain->is_known(blocks.back().hash));
    EXPECT_TRUE(orphans.empty());
    const auto final = chain->finalize(blocks.back().hash, std::nullopt);
    ASSERT_TRUE(final.has_value()) << final.error().message();
    EXPECT_EQ(chain->heads().best.hash, blocks.back().hash);
    for (const RealBlock& block : blocks) {
        EXPECT_EQ(chain->canonical_hash(block.signed_block.block.header.number).value(),
                  block.hash);
    }
}

std::string unpacked_gzip(const std::filesystem::path& path) {
    const gzFile file = gzopen(path.c_str(), "rb");
    CHECK(file != nullptr);
    std::string text;
    std::array<char, 65536> chunk{};
    for (int count = 0; (count = gzread(file, chunk.data(), chunk.size())) > 0;) {
        text.append(chunk.data(), static_cast<std::size_t>(count));
    }
    gzclose(file);
    return text;
}

std::string exported(const Chain& chain) {
    std::ostringstream out;
    const auto count = export_blocks(chain, out, BlockFileFormat::binary, 1, std::nullopt);
    EXPECT_TRUE(count.has_value()) << count.error().message();
    return out.str();
}

TEST(RealChains, rococo_dev_of_a_rust_node_imports_and_exports_alike) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "rococo-dev-chain/blocks.bin");
    const ChainSpec spec = spec_at("rococo-dev-1.14.json");
    MemoryStore database;
    const auto chain = open_chain(database, spec, archive());
    ASSERT_NE(chain, nullptr);
    const auto blocks = exported_blocks(path);
    ASSERT_EQ(blocks.size(), 102U);
    import_in_order(*chain, blocks);
    const auto final = chain->finalize(blocks[94].hash, std::nullopt);
    ASSERT_TRUE(final.has_value()) << final.error().message();
    expect_all_states(*chain, blocks);
    EXPECT_TRUE(exported(*chain) == stipple::testing::read_text(path));

    const auto state = export_state(*chain, blocks[29].hash);
    ASSERT_TRUE(state.has_value()) << state.error().message();
    const auto expected =
        unpacked_gzip(testing::shared_data_path("rococo-dev-chain/state-at-30.json.gz"));
    EXPECT_TRUE(*state == expected) << "the state after block 30 differs from the Rust node's";
}

TEST(RealChains, rococo_local_of_four_rust_validators_on_disk) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "rococo-local-chain/blocks.bin");
    const ChainSpec spec = spec_at("rococo-local-bulk-1.15.json");
    DiskDatabase disk("stipple-real-chains-rococo");
    const auto chain = open_chain(*disk.database, spec, archive());
    ASSERT_NE(chain, nullptr);
    const auto blocks = exported_blocks(path);
    ASSERT_EQ(blocks.size(), 107U);
    import_in_order(*chain, blocks);
    expect_all_states(*chain, blocks);
    EXPECT_TRUE(exported(*chain) == stipple::testing::read_text(path));
}

}  // namespace
}  // namespace stipple::chain
