#include "pallets/babe/babe.hpp"

#include "pallets/system/system.hpp"
#include "pallets/testing.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace stipple::runtime {
namespace {

constexpr std::uint64_t kFirstSlot = 1000;

babe::AuthorityList authors(std::uint8_t seed) {
    babe::Authority one;
    one.id.bytes.fill(seed);
    one.weight = 1;
    return {one};
}
bool is_announced(const babe::ConsensusLog& log) {
    const auto logs = System::digest.get().logs;
    return std::ranges::find(logs, DigestItem(ConsensusDigest{kBabeEngine, scale::encode(log)})) !=
           logs.end();
}
/// A chain whose first block stands in slot kFirstSlot.
struct BabeTest : ::testing::Test {
    BlockNumber number = 0;

    BabeTest() {
        native_host::reset();
        Babe::set_genesis_authorities(authors(1));
        Babe::epoch_config.set({{1, 4}, babe::AllowedSlots::primary_and_secondary_vrf});
        begin(kFirstSlot);
    }
    void begin(std::uint64_t slot) { begin_with(babe::SecondaryPlainPreDigest{0, Slot(slot)}); }
    void begin_with(const babe::PreDigest& digest) {
        Header header;
        header.number = ++number;
        header.digest = {babe::pre_digest_item(digest)};
        System::reset_events();
        System::start_block(header);
        Babe::on_initialize(number);
    }
};

TEST_F(BabeTest, begins_with_the_slot_of_the_first_block) {
    EXPECT_EQ(Babe::genesis_slot.get(), Slot(kFirstSlot));
    EXPECT_TRUE(is_announced(babe::NextEpochData{authors(1), {}}));
    EXPECT_FALSE(Babe::should_end_epoch(1));
    begin(kFirstSlot + config::kEpochSlots - 1);
    EXPECT_FALSE(Babe::should_end_epoch(number));
    EXPECT_EQ(Babe::lateness.get(), config::kEpochSlots - 2);
    begin(kFirstSlot + config::kEpochSlots);
    EXPECT_TRUE(Babe::should_end_epoch(number));
    EXPECT_FALSE(Babe::genesis_slot.get() == Babe::current_slot.get());
}
TEST_F(BabeTest, announces_an_epoch_before_it_begins) {
    begin(kFirstSlot + config::kEpochSlots);
    Babe::start_epoch(authors(1), authors(2), 1);
    EXPECT_EQ(Babe::epoch_index.get(), 1U);
    EXPECT_TRUE(is_announced(babe::NextEpochData{authors(2), Babe::next_randomness.get()}));
    const babe::Epoch next = Babe::next_epoch();
    EXPECT_EQ(next.authorities, authors(2));
    EXPECT_EQ(next.start, Slot(kFirstSlot + 2 * config::kEpochSlots));
    begin(kFirstSlot + 2 * config::kEpochSlots);
    Babe::start_epoch(authors(2), authors(3), 2);
    EXPECT_EQ(Babe::current_epoch().authorities, authors(2));
    EXPECT_EQ(Babe::current_epoch().randomness, next.randomness);
}
TEST_F(BabeTest, mixes_the_outputs_of_primary_blocks_into_what_comes_after_the_next_epoch) {
    babe::PrimaryPreDigest primary{0, Slot(kFirstSlot + 1), {}};
    primary.vrf.pre_output.bytes.fill(7);
    begin_with(primary);
    Babe::on_finalize(number);
    Bytes material = to_bytes("BabeVRFInOutContext");
    append(material, primary.vrf.pre_output);
    const Hash output = host::blake2_256(material);
    EXPECT_EQ(Babe::author_vrf_randomness.get(), Babe::Randomness(output.bytes));
    // A secondary block's output counts for no epoch.
    begin(kFirstSlot + config::kEpochSlots);
    Bytes mixed(32, 0);  // what was known of the epoch at hand
    append(mixed, scale::encode(std::uint64_t{2}));
    append(mixed, output);
    Babe::start_epoch(authors(1), authors(1), 1);
    EXPECT_EQ(Babe::next_randomness.get(), Babe::Randomness(host::blake2_256(mixed).bytes));
    EXPECT_EQ(Babe::randomness.get(), Babe::Randomness());
}
TEST_F(BabeTest, changes_its_configuration_one_epoch_after_it_is_announced) {
    NextConfigDescriptor plan;
    auto& v1 = *std::get_if<0>(&plan.value);
    v1 = {{1, 2}, babe::AllowedSlots::primary};
    EXPECT_EQ(Babe::plan_config_change(Origin::none(), plan).error(), DispatchError::bad_origin());
    ASSERT_TRUE(Babe::plan_config_change(Origin::root(), plan));
    const babe::EpochConfig planned{v1.c, v1.allowed_slots};
    begin(kFirstSlot + config::kEpochSlots);
    Babe::start_epoch(authors(1), authors(1), 1);
    EXPECT_TRUE(is_announced(babe::NextConfigData{planned}));
    EXPECT_FALSE(Babe::epoch_config.get() == planned);
    EXPECT_EQ(Babe::next_epoch().config, planned);
    begin(kFirstSlot + 2 * config::kEpochSlots);
    Babe::start_epoch(authors(1), authors(1), 2);
    EXPECT_TRUE(Babe::epoch_config.get() == planned);
    for (const babe::SlotShare impossible :
         {babe::SlotShare{1, 0}, babe::SlotShare{3, 2}, babe::SlotShare{0, 1}}) {
        v1.c = impossible;
        EXPECT_EQ(Babe::plan_config_change(Origin::root(), plan).error(),
                  Babe::error(Babe::kInvalidConfiguration));
    }
}
TEST_F(BabeTest, skips_epochs_without_a_block) {
    begin(kFirstSlot + 3 * config::kEpochSlots + 4);
    Babe::start_epoch(authors(1), authors(1), 1);
    EXPECT_EQ(Babe::epoch_index.get(), 3U);
    EXPECT_EQ(Babe::session_of_epoch(0), 0U);
    EXPECT_EQ(Babe::session_of_epoch(3), 1U);
    EXPECT_EQ(Babe::session_of_epoch(4), 2U);
    EXPECT_EQ(Babe::current_epoch().start, Slot(kFirstSlot + 3 * config::kEpochSlots));
}

}  // namespace
}  // namespace stipple::runtime
