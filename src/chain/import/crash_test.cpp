// A crash loses the newest batches, never an older one and never half of one. So the chain must
// open from every prefix of what it committed, and go on from there.
#include "base/memory_store.hpp"
#include "chain/import/real_chain.hpp"

#include <gtest/gtest.h>

namespace stipple::chain {
namespace {

using testing::RealBlock;
using testing::shared_executor;
using testing::spec_at;
using testing::to_import;

/// Remembers every batch.
class RecordingStore final : public KeyValueStore {
 public:
    Result<std::optional<Bytes>> get(Column column, ByteView key) const override {
        return store_.get(column, key);
    }
    std::unique_ptr<StoreIterator> iterate(Column column, ByteView lower,
                                           ByteView upper) const override {
        return store_.iterate(column, lower, upper);
    }
    Result<> commit(const WriteBatch& batch, Durability durability) override {
        batches_.push_back(batch);
        return store_.commit(batch, durability);
    }
    std::shared_ptr<const StoreReader> snapshot() const override { return store_.snapshot(); }
    void set_history_floor(std::uint64_t floor) override { store_.set_history_floor(floor); }

    const std::vector<WriteBatch>& batches() const { return batches_; }

 private:
    MemoryStore store_;
    std::vector<WriteBatch> batches_;
};

TEST(Chain, opens_from_every_prefix_of_its_writes_and_goes_on) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "westend-blocks/westend_blocks.yaml");
    const ChainSpec spec = spec_at("westend.json");
    const auto blocks = testing::westend_blocks();
    constexpr BlockNumber kBlocks = 7;
    RecordingStore recorded;
    {
        auto chain = Chain::open(recorded, spec, shared_executor(), {});
        ASSERT_TRUE(chain.has_value()) << chain.error().message();
        for (BlockNumber number = 1; number <= kBlocks; ++number) {
            ASSERT_TRUE((*chain)->import_block(to_import(blocks[number - 1], **chain)).has_value());
            if (number % 3 == 0) {
                const auto& final = blocks[number - 2].hash;
                ASSERT_TRUE((*chain)->finalize(final, std::nullopt).has_value());
            }
        }
    }
    ASSERT_GT(recorded.batches().size(), kBlocks + 3U);
    BlockNumber best_before = 0;
    for (std::size_t kept = 0; kept <= recorded.batches().size(); ++kept) {
        MemoryStore database;
        for (std::size_t i = 0; i < kept; ++i) {
            ASSERT_TRUE(database.commit(recorded.batches()[i], Durability::buffered).has_value());
        }
        auto chain = Chain::open(database, spec, shared_executor(), {});
        ASSERT_TRUE(chain.has_value())
            << "after " << kept << " batches: " << chain.error().message();
        const Heads heads = (*chain)->heads();
        EXPECT_GE(heads.best.number, best_before) << "after " << kept << " batches";
        best_before = heads.best.number;
        EXPECT_TRUE((*chain)->state(heads.best.hash).has_value());
        EXPECT_TRUE((*chain)->state(heads.finalized.hash).has_value());
        const RealBlock& next = blocks[heads.best.number];
        const auto outcome = (*chain)->import_block(to_import(next, **chain));
        ASSERT_TRUE(outcome.has_value())
            << "after " << kept << " batches: " << outcome.error().message;
        const auto final = (*chain)->finalize(next.hash, std::nullopt);
        ASSERT_TRUE(final.has_value()) << final.error().message();
    }
    EXPECT_EQ(best_before, kBlocks);
}

}  // namespace
}  // namespace stipple::chain
