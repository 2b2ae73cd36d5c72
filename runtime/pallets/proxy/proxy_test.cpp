#include "pallets/proxy/proxy.hpp"

#include "pallets/testing.hpp"
#include "pallets/utility/utility.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime {
namespace {

constexpr Balance kUnit = config::kUnit;
constexpr Balance kOne = config::kProxyDepositBase + config::kProxyDepositFactor;
constexpr Balance kOneAnnounced =
    config::kAnnouncementDepositBase + config::kAnnouncementDepositFactor;

RuntimeCall transfer(const AccountId& to, Balance value) {
    return RuntimeCall::make(Balances::index(), 0, MultiAddress::of(to), Compact<Balance>{value});
}
RuntimeCall remark() {
    return RuntimeCall::make(System::index(), 7, to_bytes("hello"));
}
RuntimeCall batch_all(const std::vector<RuntimeCall>& calls) {
    return RuntimeCall::make(Utility::index(), 2, calls);
}
DispatchError call_filtered() {
    return System::error(System::kCallFiltered);
}

struct ProxyTest : ::testing::Test {
    TestBlock block;
    AccountId alice = block.endow(1, 1000 * kUnit);
    AccountId bob = block.endow(2, 1000 * kUnit);
    AccountId carol = test_account(3);
    Origin as_alice = Origin::signed_by(alice);
    Origin as_bob = Origin::signed_by(bob);
    MultiAddress to_alice = MultiAddress::of(alice);
    MultiAddress to_bob = MultiAddress::of(bob);

    DispatchResult add(ProxyType type, BlockNumber delay = 0) {
        return Proxy::add_proxy(as_alice, to_bob, type, delay);
    }
    DispatchResult call(const RuntimeCall& what, Proxy::ForcedType type = {}) {
        return Proxy::proxy(as_bob, to_alice, type, what);
    }
    bool executed(DispatchResult result) {
        const bool seen =
            block.has_event(Proxy::encode_event(Proxy::kProxyExecuted, {std::move(result)}));
        System::reset_events();
        return seen;
    }
    bool executed(DispatchError error) { return executed(DispatchResult(std::unexpected(error))); }
    static DispatchError error(const ModuleErrorInfo& why) { return Proxy::error(why); }
};

TEST_F(ProxyTest, acts_for_the_account_until_removed) {
    EXPECT_EQ(call(remark()).error(), error(Proxy::kNotProxy));
    ASSERT_TRUE(add(ProxyType::any));
    EXPECT_EQ(Balances::reserved_balance(alice), kOne);
    EXPECT_TRUE(
        block.has_event(Proxy::encode_event(Proxy::kProxyAdded, alice, bob, ProxyType::any, 0)));
    ASSERT_TRUE(call(transfer(carol, 7 * kUnit)));
    EXPECT_TRUE(executed(DispatchResult()));
    EXPECT_EQ(Balances::free_balance(carol), 7 * kUnit);
    ASSERT_TRUE(call(transfer(carol, 7000 * kUnit)));
    EXPECT_TRUE(executed(TokenError::funds_unavailable));
    ASSERT_TRUE(Proxy::remove_proxy(as_alice, to_bob, ProxyType::any, 0));
    EXPECT_TRUE(
        block.has_event(Proxy::encode_event(Proxy::kProxyRemoved, alice, bob, ProxyType::any, 0)));
    EXPECT_EQ(Balances::reserved_balance(alice), 0U);
    EXPECT_FALSE(Proxy::proxies.contains(alice));
    EXPECT_EQ(call(remark()).error(), error(Proxy::kNotProxy));
    EXPECT_EQ(Proxy::remove_proxy(as_alice, to_bob, ProxyType::any, 0).error(),
              error(Proxy::kNotFound));
}
TEST_F(ProxyTest, of_a_type_makes_only_the_calls_of_that_type) {
    ASSERT_TRUE(add(ProxyType::non_transfer));
    EXPECT_EQ(call(remark(), ProxyType::any).error(), error(Proxy::kNotProxy));
    ASSERT_TRUE(call(remark(), ProxyType::non_transfer));
    EXPECT_TRUE(executed(DispatchResult()));
    ASSERT_TRUE(call(transfer(carol, kUnit)));
    EXPECT_TRUE(executed(call_filtered()));
    // Calls within calls are bound too, also behind a derived account.
    ASSERT_TRUE(call(batch_all({remark(), transfer(carol, kUnit)})));
    EXPECT_TRUE(executed(call_filtered()));
    const AccountId derived = Utility::derivative_account(alice, 3);
    ASSERT_TRUE(Balances::mint_into(derived, 10 * kUnit));
    ASSERT_TRUE(
        call(RuntimeCall::make(Utility::index(), 1, std::uint16_t{3}, transfer(carol, kUnit))));
    EXPECT_TRUE(executed(call_filtered()));
    EXPECT_EQ(Balances::free_balance(carol), 0U);
}
TEST_F(ProxyTest, gives_nobody_more_than_it_has) {
    ASSERT_TRUE(add(ProxyType::non_transfer));
    const auto add_carol = [&](ProxyType type) {
        return RuntimeCall::make(Proxy::index(), 1, MultiAddress::of(carol), type, BlockNumber{0});
    };
    ASSERT_TRUE(call(add_carol(ProxyType::any)));
    EXPECT_TRUE(executed(call_filtered()));
    ASSERT_TRUE(call(add_carol(ProxyType::cancel_proxy)));
    EXPECT_TRUE(executed(DispatchResult()));
    ASSERT_TRUE(call(RuntimeCall::make(Proxy::index(), 3)));  // remove_proxies
    EXPECT_TRUE(executed(call_filtered()));
    EXPECT_EQ(std::get<0>(Proxy::proxies.get(alice)).size(), 2U);
}
TEST_F(ProxyTest, list_is_sorted_bounded_and_without_doubles) {
    EXPECT_EQ(Proxy::add_proxy(as_alice, to_alice, ProxyType::any, 0).error(),
              error(Proxy::kNoSelfProxy));
    for (BlockNumber delay = config::kMaxProxies; delay > 0; --delay) {
        ASSERT_TRUE(add(ProxyType::any, delay));
    }
    EXPECT_EQ(add(ProxyType::any, 5).error(), error(Proxy::kDuplicate));
    EXPECT_EQ(add(ProxyType::any, 1000).error(), error(Proxy::kTooMany));
    const auto [list, deposit] = Proxy::proxies.get(alice);
    EXPECT_TRUE(std::is_sorted(list.begin(), list.end()));
    EXPECT_EQ(deposit,
              config::kProxyDepositBase + config::kMaxProxies * config::kProxyDepositFactor);
    EXPECT_EQ(Balances::reserved_balance(alice), deposit);
    ASSERT_TRUE(Proxy::remove_proxies(as_alice));
    EXPECT_EQ(Balances::free_balance(alice), 1000 * kUnit);
    EXPECT_EQ(Proxy::add_proxy(Origin::signed_by(carol), to_bob, ProxyType::any, 0).error(),
              Balances::error(Balances::kInsufficientBalance));
}
TEST_F(ProxyTest, with_a_delay_announces_and_waits) {
    ASSERT_TRUE(add(ProxyType::any, 2));
    const RuntimeCall sent = transfer(carol, 5 * kUnit);
    EXPECT_EQ(call(sent).error(), error(Proxy::kUnannounced));
    ASSERT_TRUE(Proxy::announce(as_bob, to_alice, sent.hash()));
    EXPECT_TRUE(block.has_event(Proxy::encode_event(Proxy::kAnnounced, alice, bob, sent.hash())));
    EXPECT_EQ(Balances::reserved_balance(bob), kOneAnnounced);
    block.next();
    const Origin anybody = Origin::signed_by(carol);
    EXPECT_EQ(Proxy::proxy_announced(anybody, to_bob, to_alice, {}, sent).error(),
              error(Proxy::kUnannounced));
    block.next();
    ASSERT_TRUE(Proxy::proxy_announced(anybody, to_bob, to_alice, {}, sent));
    EXPECT_TRUE(executed(DispatchResult()));
    EXPECT_EQ(Balances::free_balance(carol), 5 * kUnit);
    EXPECT_EQ(Balances::reserved_balance(bob), 0U);
    EXPECT_FALSE(Proxy::announcements.contains(bob));
}
TEST_F(ProxyTest, announcements_are_taken_back_rejected_and_bounded) {
    EXPECT_EQ(Proxy::announce(as_bob, to_alice, Hash{}).error(), error(Proxy::kNotProxy));
    ASSERT_TRUE(add(ProxyType::any, 2));
    Hash hash;
    ASSERT_TRUE(Proxy::announce(as_bob, to_alice, hash));
    hash.bytes[0] = 1;
    ASSERT_TRUE(Proxy::announce(as_bob, to_alice, hash));
    EXPECT_EQ(Proxy::remove_announcement(as_bob, to_bob, hash).error(), error(Proxy::kNotFound));
    ASSERT_TRUE(Proxy::remove_announcement(as_bob, to_alice, hash));
    EXPECT_EQ(Balances::reserved_balance(bob), kOneAnnounced);
    EXPECT_EQ(Proxy::reject_announcement(as_alice, to_bob, hash).error(), error(Proxy::kNotFound));
    ASSERT_TRUE(Proxy::reject_announcement(as_alice, to_bob, Hash{}));
    EXPECT_EQ(Balances::free_balance(bob), 1000 * kUnit);
    for (std::uint32_t i = 0; i < config::kMaxPendingAnnouncements; ++i) {
        ASSERT_TRUE(Proxy::announce(as_bob, to_alice, hash));
    }
    EXPECT_EQ(Proxy::announce(as_bob, to_alice, hash).error(), error(Proxy::kTooMany));
}
TEST_F(ProxyTest, makes_and_kills_accounts_without_keys) {
    ASSERT_TRUE(Proxy::create_pure(as_alice, ProxyType::any, 0, 0));
    const AccountId pure = Proxy::pure_account(alice, ProxyType::any, 0, 1, 0);
    EXPECT_TRUE(block.has_event(
        Proxy::encode_event(Proxy::kPureCreated, pure, alice, ProxyType::any, std::uint16_t{0})));
    EXPECT_EQ(Balances::reserved_balance(alice), kOne);
    EXPECT_EQ(Proxy::create_pure(as_alice, ProxyType::any, 0, 0).error(), error(Proxy::kDuplicate));
    ASSERT_TRUE(Proxy::create_pure(as_alice, ProxyType::any, 0, 1));
    ASSERT_TRUE(Balances::mint_into(pure, 10 * kUnit));
    ASSERT_TRUE(Proxy::proxy(as_alice, MultiAddress::of(pure), {}, transfer(carol, kUnit)));
    EXPECT_EQ(Balances::free_balance(pure), 9 * kUnit);

    EXPECT_EQ(Proxy::kill_pure(as_alice, to_alice, ProxyType::any, 0, {1}, {0}).error(),
              error(Proxy::kNoPermission));
    ASSERT_TRUE(Proxy::proxy(
        as_alice, MultiAddress::of(pure), {},
        RuntimeCall::make(Proxy::index(), 5, to_alice, ProxyType::any, std::uint16_t{0},
                          Compact<BlockNumber>{1}, Compact<std::uint32_t>{0})));
    EXPECT_FALSE(Proxy::proxies.contains(pure));
    EXPECT_EQ(Balances::reserved_balance(alice), kOne);  // of the second one
}
TEST(ProxyAccount, without_a_key_is_the_hash_that_clients_derive) {
    native_host::reset();
    // BLAKE2b-256 of "modlpy/proxy____", Alice, block 1, extrinsic 0, Any, index 0.
    const auto alice = AccountId::copy(
        *from_hex("d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"));
    EXPECT_EQ(Proxy::pure_account(alice, ProxyType::any, 0, 1, 0).hex(),
              "0xd8ec105f2356d60d0f7dafe5722069e4750490942aca9465bcb73b815275d6a9");
}

}  // namespace
}  // namespace stipple::runtime
