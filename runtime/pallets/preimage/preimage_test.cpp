#include "pallets/preimage/preimage.hpp"

#include "pallets/testing.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime {
namespace {

constexpr Balance kUnit = config::kUnit;

struct PreimageTest : ::testing::Test {
    TestBlock block;
    AccountId alice = block.endow(1, 1000 * kUnit);
    Origin as_alice = Origin::signed_by(alice);
    Origin as_bob = Origin::signed_by(block.endow(2, 1000 * kUnit));
    Bytes bytes = Bytes(1000, 7);
    Hash hash = host::blake2_256(bytes);
    Balance deposit = config::kPreimageDepositBase + 1000 * config::kPreimageDepositPerByte;

    Balance held() const {
        return Balances::balance_on_hold(
            hold_reason(Preimage::index(), Preimage::HoldReason::preimage), alice);
    }
    bool stored() const { return Preimage::preimages.contains({hash, 1000}); }
    static DispatchError error(const ModuleErrorInfo& why) { return Preimage::error(why); }
};

TEST_F(PreimageTest, is_noted_for_a_deposit_and_taken_back) {
    const auto noted = Preimage::note_preimage(as_alice, bytes);
    ASSERT_TRUE(noted);
    EXPECT_EQ(noted->pays_fee, Pays::yes);
    EXPECT_EQ(held(), deposit);
    EXPECT_EQ(Preimage::preimages.get({hash, 1000})->items, bytes);
    EXPECT_EQ(Preimage::statuses.get(hash),
              (Preimage::Status{Preimage::Unrequested{{alice, {deposit}}, 1000}}));
    EXPECT_TRUE(block.has_event(Preimage::encode_event(Preimage::kNoted, hash)));
    EXPECT_EQ(Preimage::note_preimage(as_bob, bytes).error().error, error(Preimage::kAlreadyNoted));
    EXPECT_EQ(Preimage::unnote_preimage(as_bob, hash).error(), error(Preimage::kNotAuthorized));
    ASSERT_TRUE(Preimage::unnote_preimage(as_alice, hash));
    EXPECT_EQ(Balances::free_balance(alice), 1000 * kUnit);
    EXPECT_FALSE(stored());
    EXPECT_TRUE(block.has_event(Preimage::encode_event(Preimage::kCleared, hash)));
    EXPECT_EQ(Preimage::unnote_preimage(as_alice, hash).error(), error(Preimage::kNotNoted));
}
TEST_F(PreimageTest, that_was_requested_is_noted_for_nothing) {
    EXPECT_EQ(Preimage::request_preimage(as_alice, hash).error(), DispatchError::bad_origin());
    ASSERT_TRUE(Preimage::request_preimage(Origin::root(), hash));
    EXPECT_TRUE(block.has_event(Preimage::encode_event(Preimage::kRequestedEvent, hash)));
    const auto noted = Preimage::note_preimage(as_alice, bytes);
    ASSERT_TRUE(noted);
    EXPECT_EQ(noted->pays_fee, Pays::no);
    EXPECT_EQ(held(), 0U);
    EXPECT_EQ(Preimage::unnote_preimage(as_alice, hash).error(), error(Preimage::kNotAuthorized));
    ASSERT_TRUE(Preimage::unrequest_preimage(Origin::root(), hash));
    EXPECT_FALSE(stored());
    EXPECT_EQ(Preimage::unrequest_preimage(Origin::root(), hash).error(),
              error(Preimage::kNotRequested));
}
TEST_F(PreimageTest, stays_while_it_is_requested) {
    ASSERT_TRUE(Preimage::note_preimage(as_alice, bytes));
    ASSERT_TRUE(Preimage::request_preimage(Origin::root(), hash));
    ASSERT_TRUE(Preimage::request_preimage(Origin::root(), hash));
    ASSERT_TRUE(Preimage::unrequest_preimage(Origin::root(), hash));
    EXPECT_EQ(Preimage::statuses.get(hash),
              (Preimage::Status{Preimage::Requested{{{alice, {deposit}}}, 1, 1000}}));
    ASSERT_TRUE(Preimage::unnote_preimage(as_alice, hash));
    EXPECT_EQ(held(), 0U);
    EXPECT_TRUE(stored());
    ASSERT_TRUE(Preimage::unrequest_preimage(Origin::root(), hash));
    EXPECT_FALSE(stored());
}
TEST_F(PreimageTest, belongs_to_its_owner_again_after_the_last_request) {
    ASSERT_TRUE(Preimage::note_preimage(as_alice, bytes));
    ASSERT_TRUE(Preimage::request_preimage(Origin::root(), hash));
    ASSERT_TRUE(Preimage::unrequest_preimage(Origin::root(), hash));
    EXPECT_EQ(held(), deposit);
    ASSERT_TRUE(Preimage::unnote_preimage(as_alice, hash));
    EXPECT_EQ(held(), 0U);
}
TEST_F(PreimageTest, of_too_many_bytes_or_without_the_deposit_is_refused) {
    EXPECT_EQ(Preimage::note_preimage(as_alice, Bytes(config::kMaxPreimageBytes + 1)).error().error,
              error(Preimage::kTooBig));
    const Origin poor = Origin::signed_by(test_account(9));
    EXPECT_EQ(Preimage::note_preimage(poor, bytes).error().error,
              DispatchError(TokenError::funds_unavailable));
    EXPECT_EQ(Preimage::note_preimage(Origin::none(), bytes).error().error,
              DispatchError::bad_origin());
}
TEST_F(PreimageTest, keeps_long_calls_for_other_pallets) {
    const auto short_call = RuntimeCall::make(System::index(), 0, Bytes(10));
    EXPECT_EQ(Preimage::bound(short_call)->value.index(), 1U);
    EXPECT_EQ(Preimage::peek(*Preimage::bound(short_call)), short_call);

    const auto long_call = RuntimeCall::make(System::index(), 0, Bytes(500));
    const BoundedCall kept = *Preimage::bound(long_call);
    EXPECT_EQ(kept.lookup_bytes(), long_call.encoded().size());
    EXPECT_EQ(Preimage::peek(kept), long_call);
    EXPECT_EQ(Preimage::bound(long_call), kept);
    Preimage::drop(kept);
    EXPECT_EQ(Preimage::peek(kept), long_call);
    Preimage::drop(kept);
    EXPECT_EQ(Preimage::peek(kept), std::nullopt);
    EXPECT_FALSE(Preimage::statuses.contains(long_call.hash()));
}

}  // namespace
}  // namespace stipple::runtime
