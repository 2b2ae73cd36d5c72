// Epochs over forks, with headers sealed by //Alice.
#include "consensus/babe/epoch_tree.hpp"

#include "base/memory_store.hpp"
#include "consensus/babe/equivocation.hpp"
#include "consensus/babe/limits.hpp"
#include "consensus/babe/slot_claim.hpp"
#include "crypto/suri.hpp"

#include <gtest/gtest.h>

namespace stipple::babe {
namespace {

const crypto::Sr25519Keypair& alice() {
    static const auto pair = *crypto::sr25519_from_suri("//Alice");
    return pair;
}

Configuration ten_slots() {
    return {
        6000, 10, {1, 4}, {{alice().public_key, 1}}, {}, AllowedSlots::primary_and_secondary_plain};
}

class Epochs : public ::testing::Test {
 protected:
    static constexpr std::uint64_t kFirst = 1000;

    // A child of `parent` at a slot, with an announcement where one is due.
    VerifiedHeader author(const BlockRef& parent, std::uint64_t slot, std::uint8_t salt = 0,
                          std::optional<EpochConfig> config = {}) {
        const auto context = tree_.context(parent.hash, Slot(slot));
        CHECK(context.has_value());
        Header header;
        header.parent_hash = parent.hash;
        header.number = parent.number + 1;
        header.state_root.bytes[0] = salt;
        const ClaimKeys keys{{alice().public_key},
                             [](const auto&, const auto& t) { return alice().vrf_in_out(t); },
                             [](const auto&, const auto& t) { return alice().vrf_sign(t); }};
        const auto claim = claim_slot(context->epoch, Slot(slot), keys);
        CHECK(claim.has_value());  // a lone authority owns every slot
        header.digest.push_back(pre_digest_item(claim->pre_digest));
        const auto log = [&](const ConsensusLog& value) {
            header.digest.push_back(ConsensusDigest{kBabeEngine, scale::encode(value)});
        };
        if (context->first_in_epoch) {
            log(NextEpochData{{{alice().public_key, 1}}, {}});
            if (config) {
                log(NextConfigData{*config});
            }
        }
        header.digest.push_back(seal_item(alice().sign(header.hash())));
        const auto verified = verify_header(header, *context, Slot(slot));
        CHECK(verified.has_value());
        return *verified;
    }
    BlockRef grow(const BlockRef& parent, std::uint64_t slot, std::uint8_t salt = 0) {
        const VerifiedHeader block = author(parent, slot, salt);
        CHECK(tree_.insert(block).has_value());
        return block.header().ref();
    }
    EpochView epoch(const BlockRef& parent, std::uint64_t slot) {
        return tree_.context(parent.hash, Slot(slot))->epoch;
    }

    BlockRef genesis_{BlockHash({9}), 0};
    EpochTree tree_{ten_slots(), genesis_.hash};
};

TEST_F(Epochs, begin_at_the_slot_of_block_1_and_run_their_length) {
    const BlockRef one = grow(genesis_, kFirst);
    EXPECT_EQ(epoch(one, kFirst + 9).index, EpochIndex(0));
    EXPECT_FALSE(tree_.context(one.hash, Slot(kFirst + 9))->first_in_epoch);
    EXPECT_EQ(epoch(one, kFirst + 10).index, EpochIndex(1));
    EXPECT_TRUE(tree_.context(one.hash, Slot(kFirst + 10))->first_in_epoch);
    EXPECT_EQ(epoch(one, kFirst + 10).start, Slot(kFirst + 10));
}

TEST_F(Epochs, that_nobody_authored_are_skipped_with_their_data_reused) {
    const BlockRef one = grow(genesis_, kFirst);
    EXPECT_EQ(epoch(one, kFirst + 35).index, EpochIndex(3));
    EXPECT_EQ(epoch(one, kFirst + 35).start, Slot(kFirst + 30));
    const BlockRef two = grow(one, kFirst + 35);
    EXPECT_FALSE(tree_.context(two.hash, Slot(kFirst + 36))->first_in_epoch);
    EXPECT_EQ(epoch(two, kFirst + 36).index, EpochIndex(3));
    EXPECT_EQ(epoch(two, kFirst + 40).index, EpochIndex(4));
    EXPECT_TRUE(tree_.context(two.hash, Slot(kFirst + 40))->first_in_epoch);
}

TEST_F(Epochs, differ_by_fork) {
    const BlockRef one = grow(genesis_, kFirst);
    const BlockRef other_one = grow(genesis_, kFirst + 4);
    EXPECT_EQ(epoch(one, kFirst + 11).index, EpochIndex(1));
    EXPECT_EQ(epoch(other_one, kFirst + 11).index, EpochIndex(0));
    EXPECT_EQ(epoch(other_one, kFirst + 14).index, EpochIndex(1));
}

TEST_F(Epochs, take_a_new_configuration_and_keep_it) {
    const EpochConfig config{{1, 2}, AllowedSlots::primary_and_secondary_vrf};
    const VerifiedHeader one = author(genesis_, kFirst, 0, config);
    ASSERT_TRUE(tree_.insert(one));
    EXPECT_EQ(epoch(one.header().ref(), kFirst + 9).data->config, ten_slots().epoch_config());
    EXPECT_EQ(epoch(one.header().ref(), kFirst + 10).data->config, config);
    const BlockRef two = grow(one.header().ref(), kFirst + 10);
    EXPECT_EQ(epoch(two, kFirst + 20).data->config, config);
}

TEST_F(Epochs, of_dead_forks_go_at_finality_and_the_rest_survives_a_restart) {
    MemoryStore store;
    ASSERT_TRUE(store.commit(tree_.genesis_rows(), Durability::buffered));
    const auto put = [&](const BlockRef& parent, std::uint64_t slot, std::uint8_t salt) {
        const VerifiedHeader block = author(parent, slot, salt);
        auto rows = tree_.insert(block);
        CHECK(rows.has_value() && store.commit(*rows, Durability::buffered).has_value());
        return block.header().ref();
    };
    const BlockRef one = put(genesis_, kFirst, 0);
    const BlockRef two = put(one, kFirst + 10, 0);
    const BlockRef dead = put(one, kFirst + 12, 1);
    const BlockRef three = put(two, kFirst + 20, 0);
    ASSERT_TRUE(store.commit(tree_.on_finalized(two.hash), Durability::buffered));
    EXPECT_FALSE(tree_.contains(dead.hash));
    EXPECT_FALSE(tree_.contains(one.hash));
    auto loaded = EpochTree::load(store);
    ASSERT_TRUE(loaded && *loaded);
    tree_ = std::move(**loaded);
    EXPECT_EQ(tree_.size(), 2u);
    EXPECT_EQ(epoch(two, kFirst + 13).index, EpochIndex(1));
    EXPECT_EQ(epoch(two, kFirst + 20).index, EpochIndex(2));
    EXPECT_EQ(epoch(three, kFirst + 30).index, EpochIndex(3));
    EXPECT_FALSE(tree_.context(dead.hash, Slot(kFirst + 40)));
}

TEST_F(Epochs, of_a_block_that_was_not_imported_are_forgotten) {
    const BlockRef one = grow(genesis_, kFirst);
    const BlockRef two = grow(one, kFirst + 10);
    grow(two, kFirst + 20);
    tree_.forget(two.hash);
    EXPECT_EQ(tree_.size(), 2u);
    EXPECT_TRUE(tree_.contains(one.hash));
    EXPECT_EQ(epoch(one, kFirst + 20).index, EpochIndex(2));
}

TEST_F(Epochs, can_start_over_at_a_synced_block) {
    grow(genesis_, kFirst);
    Epoch current{
        EpochIndex(7), Slot(5000), 10, {{alice().public_key, 1}}, {}, ten_slots().epoch_config()};
    Epoch next = current;
    next.index = EpochIndex(8);
    next.start = Slot(5010);
    const BlockRef synced{BlockHash({5}), 300};
    MemoryStore store;
    ASSERT_TRUE(store.commit(tree_.genesis_rows(), Durability::buffered));
    ASSERT_TRUE(store.commit(tree_.reset(synced, Slot(5004), current, next), Durability::buffered));
    tree_ = std::move(**EpochTree::load(store));
    EXPECT_EQ(epoch(synced, 5005).index, EpochIndex(7));
    EXPECT_FALSE(tree_.context(synced.hash, Slot(5005))->first_in_epoch);
    const BlockRef after = grow(synced, 5010);
    EXPECT_EQ(epoch(after, 5011).index, EpochIndex(8));
}

TEST_F(Epochs, start_over_at_genesis_as_a_new_chain) {
    MemoryStore store;
    ASSERT_TRUE(store.commit(tree_.genesis_rows(), Durability::buffered));
    const BlockRef one = grow(genesis_, kFirst);
    const Epoch unseen = *tree_.context(one.hash, Slot(kFirst + 1))->epoch.data;
    ASSERT_TRUE(store.commit(tree_.reset(genesis_, Slot(0), unseen, unseen), Durability::buffered));
    tree_ = std::move(**EpochTree::load(store));
    EXPECT_FALSE(tree_.contains(one.hash));
    // The first block begins the first epoch, wherever it stands.
    const BlockRef again = grow(genesis_, kFirst + 35);
    EXPECT_EQ(epoch(again, kFirst + 36).start, Slot(kFirst + 35));
}

TEST_F(Epochs, remember_authors_and_prove_a_second_header_for_a_slot) {
    EquivocationBook book;
    const VerifiedHeader first = author(genesis_, kFirst, 0);
    const VerifiedHeader second = author(genesis_, kFirst, 1);
    EXPECT_FALSE(book.note(first, Slot(kFirst)));
    EXPECT_FALSE(book.note(first, Slot(kFirst)));
    const auto proof = book.note(second, Slot(kFirst));
    ASSERT_TRUE(proof);
    EXPECT_EQ(proof->offender, alice().public_key);
    EXPECT_EQ(proof->slot, Slot(kFirst));
    EXPECT_EQ(proof->first, first.header());
    EXPECT_EQ(proof->second, second.header());
    EXPECT_FALSE(book.note(author(genesis_, kFirst + 1, 2), Slot(kFirst + kEquivocationSlots + 9)));
    EXPECT_EQ(book.size(), 0u);  // too old to report
}

}  // namespace
}  // namespace stipple::babe
