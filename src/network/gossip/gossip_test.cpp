#include "base/prng.hpp"
#include "network/gossip/block_announcer.hpp"
#include "network/gossip/transactions.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <set>

namespace stipple::network::gossip {
namespace {

Extrinsic transaction(std::uint32_t number) {
    Extrinsic made;
    append_le(made.data, number);
    return made;
}
template <class T>
std::vector<T> all_of(const TransactionEffects& effects) {
    std::vector<T> found;
    for (const auto& effect : effects) {
        if (const auto* one = std::get_if<T>(&effect)) {
            found.push_back(*one);
        }
    }
    return found;
}

struct Fixture : ::testing::Test {
    Fixture() {
        gossip.on_peer_opened(now, full, Role::full);
        gossip.on_peer_opened(now, authority, Role::authority);
        gossip.on_peer_opened(now, light, Role::light);
    }
    PeerKey full{1};
    PeerKey authority{2};
    PeerKey light{3};
    Instant now;
    TransactionGossip gossip;
    TransactionEffects effects;
};
using TransactionGossipTest = Fixture;

TEST_F(TransactionGossipTest, tells_each_full_peer_once) {
    gossip.on_pool_transaction(transaction(1), effects);
    gossip.on_pool_transaction(transaction(1), effects);
    const auto sent = all_of<SendTransaction>(effects);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].to, (std::vector{full, authority}));
    EXPECT_EQ(*sent[0].message, encode_transaction_message(transaction(1)));
}

TEST_F(TransactionGossipTest, never_returns_a_transaction_to_its_sender) {
    gossip.on_message(full, encode_transaction_message(transaction(1)), effects);
    ASSERT_EQ(all_of<ValidateTransaction>(effects).size(), 1U);
    gossip.on_validated(transaction(1).hash(), TransactionVerdict::new_good, effects);
    gossip.on_pool_transaction(transaction(1), effects);
    EXPECT_EQ(all_of<SendTransaction>(effects)[0].to, std::vector{authority});
    const auto reports = all_of<ReportPeer>(effects);
    EXPECT_EQ(reports[0].conduct, Conduct::any_transaction);
    EXPECT_EQ(reports[1].conduct, Conduct::good_transaction);
}

TEST_F(TransactionGossipTest, validates_once_what_several_peers_send) {
    const Bytes message = encode_transaction_message(transaction(7));
    gossip.on_message(full, message, effects);
    gossip.on_message(authority, message, effects);
    gossip.on_message(full, message, effects);
    EXPECT_EQ(all_of<ValidateTransaction>(effects).size(), 1U);
    effects.clear();
    gossip.on_validated(transaction(7).hash(), TransactionVerdict::bad, effects);
    EXPECT_EQ(all_of<ReportPeer>(effects),
              (std::vector{ReportPeer{full, Conduct::bad_transaction, false},
                           ReportPeer{authority, Conduct::bad_transaction, false}}));
    EXPECT_EQ(gossip.validating(), 0U);
}

TEST_F(TransactionGossipTest, is_silent_during_major_sync_and_offers_the_pool_afterwards) {
    gossip.set_major_sync(now, true);
    gossip.on_pool_transaction(transaction(1), effects);
    gossip.on_message(full, encode_transaction_message(transaction(2)), effects);
    EXPECT_TRUE(effects.empty());
    gossip.on_wake(now + kFlushInterval, effects);
    EXPECT_TRUE(effects.empty());
    gossip.set_major_sync(now + kFlushInterval, false);
    gossip.on_wake(*gossip.wake_at(), effects);
    EXPECT_EQ(all_of<OfferPool>(effects).size(), 1U);
    const std::vector pool{transaction(1), transaction(2)};
    gossip.on_pool(now, pool, effects);
    EXPECT_EQ(all_of<SendTransaction>(effects).size(), 2U);
    EXPECT_FALSE(gossip.wake_at().has_value());
}

TEST_F(TransactionGossipTest, gives_a_large_pool_in_rounds) {
    std::vector<Extrinsic> pool;
    for (std::uint32_t i = 0; i < kSendsPerFlushMax + 10; ++i) {
        pool.push_back(transaction(i));
    }
    gossip.on_wake(*gossip.wake_at(), effects);
    gossip.on_pool(now, pool, effects);
    EXPECT_EQ(all_of<SendTransaction>(effects).size(), kSendsPerFlushMax);
    effects.clear();
    gossip.on_wake(*gossip.wake_at(), effects);
    gossip.on_pool(now, pool, effects);
    EXPECT_EQ(all_of<SendTransaction>(effects).size(), 10U);
    EXPECT_FALSE(gossip.wake_at().has_value());
}

TEST_F(TransactionGossipTest, bounds_what_one_peer_lets_us_validate) {
    for (std::uint32_t i = 0; i < kValidatingPerPeerMax + 100; ++i) {
        gossip.on_message(full, encode_transaction_message(transaction(i)), effects);
    }
    EXPECT_EQ(gossip.validating(), kValidatingPerPeerMax);
    gossip.on_message(authority, encode_transaction_message(transaction(1'000'000)), effects);
    EXPECT_EQ(gossip.validating(), kValidatingPerPeerMax + 1);
}

TEST_F(TransactionGossipTest, reports_a_message_that_does_not_decode) {
    gossip.on_message(full, Bytes{0x08, 0x04}, effects);
    EXPECT_EQ(all_of<ReportPeer>(effects),
              std::vector{(ReportPeer{full, Conduct::bad_message, false})});
}

TEST(KnownSet, forgets_the_oldest) {
    KnownSet<int> set(2);
    EXPECT_TRUE(set.insert(1));
    EXPECT_FALSE(set.insert(1));
    EXPECT_TRUE(set.insert(2));
    EXPECT_TRUE(set.insert(3));
    EXPECT_FALSE(set.contains(1));
    EXPECT_EQ(set.size(), 2U);
}

struct Crowded {
    std::uint64_t value = 0;
    friend auto operator<=>(const Crowded&, const Crowded&) = default;
};

}  // namespace
}  // namespace stipple::network::gossip

/// Few different ones, so that most stand in others' way, and some look alike.
template <>
struct std::hash<stipple::network::gossip::Crowded> {
    std::size_t operator()(const stipple::network::gossip::Crowded& each) const noexcept {
        return each.value % 23;
    }
};

namespace stipple::network::gossip {
namespace {

template <class Hash>
void expect_set_with_a_memory(std::size_t capacity, std::uint64_t numbers) {
    Prng prng(Seed{capacity});
    KnownSet<Hash> known(capacity);
    std::set<Hash> model;
    std::deque<Hash> order;
    for (int step = 0; step < 20'000; ++step) {
        const Hash hash{prng.below(numbers)};
        ASSERT_EQ(known.contains(hash), model.contains(hash)) << "step " << step;
        const bool is_new = model.insert(hash).second;
        ASSERT_EQ(known.insert(hash), is_new) << "step " << step;
        if (is_new) {
            order.push_back(hash);
        }
        if (order.size() > capacity) {
            model.erase(order.front());
            order.pop_front();
        }
        ASSERT_EQ(known.size(), model.size());
    }
}

TEST(KnownSet, is_a_set_of_the_newest) {
    for (const std::size_t capacity : {1U, 2U, 31U, 32U, 33U, 100U, 500U}) {
        expect_set_with_a_memory<std::uint64_t>(capacity, 3 * capacity / 2 + 2);
        expect_set_with_a_memory<Crowded>(capacity, 3 * capacity / 2 + 2);
    }
}

TEST(BlockAnnouncer, tells_peers_that_do_not_have_the_block) {
    BlockAnnouncer announcer;
    Header header;
    header.number = 5;
    const BlockHash hash = header.hash();
    announcer.on_peer_opened(PeerKey(1), Role::full, {});
    announcer.on_peer_opened(PeerKey(2), Role::full, hash);
    announcer.on_peer_opened(PeerKey(3), Role::authority, {});
    announcer.on_peer_opened(PeerKey(4), Role::light, {});
    announcer.on_announced_by(PeerKey(3), hash);
    const auto fork = announcer.announce(header, header.ref(), false);
    ASSERT_TRUE(fork.has_value());
    EXPECT_EQ(fork->to, std::vector{PeerKey(1)});
    EXPECT_EQ(decode_block_announce(*fork->message), (BlockAnnounce{header, false, {}}));
    const auto best = announcer.announce(header, header.ref(), true);
    ASSERT_TRUE(best.has_value());
    EXPECT_EQ(best->to, std::vector{PeerKey(4)});
    EXPECT_FALSE(announcer.announce(header, header.ref(), true).has_value());
}

}  // namespace
}  // namespace stipple::network::gossip
