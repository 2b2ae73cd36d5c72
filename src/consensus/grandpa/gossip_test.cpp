#include "consensus/grandpa/voter_world.hpp"

#include <gtest/gtest.h>

namespace stipple::grandpa {
namespace {

using testing::block;
using testing::voter_id;
using testing::World;
using namespace std::chrono_literals;

constexpr Duration kRound = 5s;

const VoteMessage kVote{
    RoundNumber(1), AuthoritySetId(0), {{VoteKind::prevote, block(1)}, {}, voter_id(0)}};
const CommitMessage kCommit{RoundNumber(1), AuthoritySetId(0), {block(1), {}}};

/// Peers numbered from `first` that are all in round 1 of set 0.
void join(Gossip& gossip, std::uint64_t first, std::uint64_t count, PeerRole role) {
    for (std::uint64_t key = first; key < first + count; ++key) {
        gossip.connect(PeerKey(key), role);
        ASSERT_TRUE(
            gossip.on_neighbor(Instant{}, PeerKey(key), {RoundNumber(1), AuthoritySetId(0), 0}));
    }
}

std::size_t count_below(const std::vector<PeerKey>& peers, std::uint64_t limit) {
    return static_cast<std::size_t>(std::count_if(
        peers.begin(), peers.end(), [&](PeerKey peer) { return peer.value < limit; }));
}

TEST(GrandpaGossip, tells_a_few_then_more_then_everybody) {
    Gossip gossip(Seed{1});
    join(gossip, 0, 30, PeerRole::authority);
    join(gossip, 30, 370, PeerRole::full);
    const Instant start{};
    gossip.begin_round(start, kRound);
    const auto first = gossip.recipients(kVote);
    EXPECT_EQ(first.size(), kLuckyPeers);
    EXPECT_GE(count_below(first, 30), kLuckyPeers / 2) << "authorities among them";
    EXPECT_TRUE(gossip.recipients(kVote).empty()) << "each once";

    EXPECT_EQ(gossip.wake_at(), start + kRound * 3 / 2);
    EXPECT_FALSE(gossip.on_time(start + kRound * 3 / 2 - 1ns));
    EXPECT_TRUE(gossip.on_time(start + kRound * 3 / 2));
    const auto second = gossip.recipients(kVote);
    EXPECT_EQ(second.size(), 20u) << "the square root of 400";
    EXPECT_GE(count_below(second, 30), kLuckyPeers);

    EXPECT_EQ(gossip.wake_at(), start + 3 * kRound);
    EXPECT_TRUE(gossip.on_time(start + 3 * kRound));
    EXPECT_EQ(gossip.recipients(kVote).size(), 400u - 24u);
    EXPECT_FALSE(gossip.wake_at().has_value());
}

TEST(GrandpaGossip, draws_other_lucky_peers_each_round) {
    Gossip gossip(Seed{2});
    join(gossip, 0, 100, PeerRole::authority);
    std::set<PeerKey> told;
    for (std::uint8_t round = 0; round < 50; ++round) {
        gossip.begin_round(Instant{} + round * kRound, kRound);
        VoteMessage vote = kVote;
        vote.vote.signature.bytes[0] = round;  // another message
        for (const PeerKey peer : gossip.recipients(vote)) {
            told.insert(peer);
        }
    }
    EXPECT_GT(told.size(), 70u);
}

TEST(GrandpaGossip, gives_the_groups_places_to_full_nodes_when_authorities_are_few) {
    Gossip gossip(Seed{3});
    join(gossip, 0, 1, PeerRole::authority);
    join(gossip, 1, 40, PeerRole::full);
    gossip.begin_round(Instant{}, kRound);
    const auto first = gossip.recipients(kVote);
    EXPECT_EQ(first.size(), kLuckyPeers);
    EXPECT_EQ(count_below(first, 1), 1u);
    EXPECT_TRUE(gossip.on_time(Instant{} + 2 * kRound));
    EXPECT_EQ(gossip.recipients(kVote).size(), 6u);
}

TEST(GrandpaGossip, keeps_the_rules_of_views_whoever_is_lucky) {
    Gossip gossip(Seed{4});
    join(gossip, 0, 4, PeerRole::authority);
    gossip.begin_round(Instant{}, kRound);
    ASSERT_TRUE(gossip.on_neighbor(Instant{}, PeerKey(0), {RoundNumber(3), AuthoritySetId(0), 5}));
    ASSERT_TRUE(gossip.on_neighbor(Instant{}, PeerKey(1), {RoundNumber(1), AuthoritySetId(1), 0}));
    gossip.connect(PeerKey(9), PeerRole::authority);  // has told nothing yet
    EXPECT_TRUE(gossip.on_time(Instant{} + 4 * kRound));
    EXPECT_EQ(gossip.recipients(kVote), (std::vector{PeerKey(2), PeerKey(3)}));
    EXPECT_EQ(gossip.recipients(kCommit), (std::vector{PeerKey(2), PeerKey(3)}));
    EXPECT_FALSE(gossip.offer(PeerKey(0), kVote));
}

TEST(GrandpaGossip, gives_a_peer_that_is_stuck_everything_once_more) {
    Gossip gossip(Seed{4});
    join(gossip, 0, 1, PeerRole::authority);
    const NeighborMessage view{RoundNumber(1), AuthoritySetId(0), 0};
    gossip.begin_round(Instant{}, kRound);
    EXPECT_TRUE(gossip.offer(PeerKey(0), kVote));
    EXPECT_TRUE(gossip.on_neighbor(Instant{} + kNeighborRepeatMin / 2, PeerKey(0), view));
    EXPECT_FALSE(gossip.offer(PeerKey(0), kVote)) << "what it was sent may be under way";
    EXPECT_TRUE(gossip.on_neighbor(Instant{} + kNeighborRepeatMin, PeerKey(0), view));
    EXPECT_TRUE(gossip.offer(PeerKey(0), kVote));
    EXPECT_FALSE(gossip.offer(PeerKey(0), kVote));
    EXPECT_TRUE(gossip.on_neighbor(Instant{} + 2 * kNeighborRepeatMin, PeerKey(0),
                                   {RoundNumber(2), AuthoritySetId(0), 0}));
    EXPECT_FALSE(gossip.offer(PeerKey(0), kVote)) << "it went on";
}

TEST(GrandpaGossip, gives_commits_to_both_groups_at_once_and_votes_never_to_light_clients) {
    Gossip gossip(Seed{5});
    join(gossip, 0, 100, PeerRole::authority);
    join(gossip, 100, 10, PeerRole::light);
    gossip.begin_round(Instant{}, kRound);
    EXPECT_EQ(count_below(gossip.recipients(kCommit), 100), 4u + 10u);
    ASSERT_TRUE(gossip.on_time(Instant{} + 3 * kRound));
    EXPECT_EQ(gossip.recipients(kVote).size(), 100u);
    EXPECT_EQ(gossip.recipients(kCommit).size(), 100u - 14u) << "light clients had it before";
}

TEST(GrandpaGossip, lets_many_light_clients_take_turns_with_commits) {
    Gossip gossip(Seed{6});
    join(gossip, 0, 600, PeerRole::light);
    std::set<PeerKey> told;
    for (std::uint8_t round = 0; round < kLightRounds; ++round) {
        gossip.begin_round(Instant{} + round * kRound, kRound);
        CommitMessage commit = kCommit;
        commit.commit.target = block(1, round);
        const auto group = gossip.recipients(commit);
        EXPECT_EQ(group.size(), 600 / kLightRounds);
        told.insert(group.begin(), group.end());
        gossip.disconnect(*told.begin());  // leaving does not stop the turns of others
    }
    EXPECT_EQ(told.size(), 600u);
}

TEST(GrandpaGossip, makes_room_among_the_lucky_for_peers_that_come_later) {
    Gossip gossip(Seed{7});
    gossip.begin_round(Instant{}, kRound);
    join(gossip, 0, 30, PeerRole::authority);
    EXPECT_EQ(gossip.recipients(kVote).size(), kLuckyPeers);
    ASSERT_TRUE(gossip.on_time(Instant{} + 2 * kRound));
    EXPECT_EQ(gossip.recipients(kVote).size(), 5u);
}

TEST(GrandpaGossip, finalizes_among_many_voters_though_each_tells_a_few) {
    World world(24, 8);
    world.start();
    world.grow(1, 20);
    world.run_for(40s);
    for (const auto& node : world.nodes) {
        ASSERT_FALSE(node.finalized.empty());
        EXPECT_EQ(node.finalized.back(), block(18));
        EXPECT_TRUE(node.faults.empty());
    }
}

/// Who is told what of us, with the time.
struct Told {
    std::vector<std::pair<Instant, NeighborMessage>> by_peer[2];
    void note(Instant now, const VoterEffects& effects) {
        for (const VoterEffect& effect : effects) {
            const auto* send = std::get_if<SendMessage>(&effect);
            if (const auto* view =
                    send == nullptr ? nullptr : std::get_if<NeighborMessage>(&send->message)) {
                for (const PeerKey to : send->to) {
                    by_peer[to.value].emplace_back(now, *view);
                }
            }
        }
    }
};

TEST(GrandpaGossip, a_peer_that_just_came_is_not_told_the_same_view_again) {
    Voter voter({}, AuthoritySetId(0), *VoterSet::create(grandpa::testing::voter_list(3)), block(0),
                Seed{1});
    Told told;
    const auto step = [&](Instant now, const auto& what) {
        VoterEffects effects;
        what(now, effects);
        told.note(now, effects);
    };
    const Instant start{1000s};
    MemoryStore store;
    step(start, [&](Instant now, VoterEffects& effects) {
        voter.on_peer_connected(now, PeerKey(0), PeerRole::full, effects);
        CHECK(voter.start(now, store, effects).has_value());
    });
    step(start + 110s, [&](Instant now, VoterEffects& effects) {
        voter.on_peer_connected(now, PeerKey(1), PeerRole::full, effects);
    });
    for (Instant now = start + 111s; now < start + 1000s; now = now + 1s) {
        step(now, [&](Instant at, VoterEffects& effects) { voter.on_wake(at, effects); });
    }
    for (const auto& views : told.by_peer) {
        ASSERT_GE(views.size(), 6u) << "told again now and then";
        for (std::size_t i = 1; i < views.size(); ++i) {
            EXPECT_TRUE(views[i].second != views[i - 1].second ||
                        views[i].first - views[i - 1].first > 60s);
        }
    }
    EXPECT_EQ(told.by_peer[1].front().first, start + 110s);
    // Another view is told at once.
    step(start + 1001s, [&](Instant now, VoterEffects& effects) {
        voter.on_block_imported(now, block(1), block(0).hash, effects);
        voter.on_finalized(now, block(1), effects);
    });
    for (const auto& views : told.by_peer) {
        EXPECT_EQ(views.back().first, start + 1001s);
        EXPECT_EQ(views.back().second.commit_finalized_height, 1u);
    }
}

TEST(GrandpaKnownMessages, hold_what_a_set_would_hold_until_they_are_full) {
    KnownMessages known;
    std::unordered_set<crypto::Hash64> model;
    Prng prng(Seed{3});
    const auto draw = [&] {
        // Few enough that many come twice, the zero among them.
        crypto::Hash64 id;
        const std::uint64_t number = prng.below(kKnownPerPeerMax) << 40;
        Bytes text;
        append_le(text, number);
        std::copy(text.begin(), text.end(), id.bytes.begin());
        return id;
    };
    for (int i = 0; i < 20'000 && model.size() < kKnownPerPeerMax; ++i) {
        const crypto::Hash64 id = draw();
        ASSERT_EQ(known.insert(id, 0x9e37'79b9'7f4a'7c15), model.insert(id).second);
        ASSERT_EQ(known.size(), model.size());
    }
    while (known.size() < kKnownPerPeerMax) {
        known.insert(crypto::Hash64::copy(prng.bytes(8)), 1);
    }
    EXPECT_TRUE(known.insert(crypto::Hash64::copy(prng.bytes(8)), 1));
    EXPECT_EQ(known.size(), 1u);
}

TEST(GrandpaGossip, passes_votes_to_who_is_there) {
    Gossip gossip(Seed{8});
    const auto recipients = [&](RoundNumber round) {
        VoteMessage vote = kVote;
        vote.round = round;
        return gossip.recipients(vote);
    };
    join(gossip, 0, 2, PeerRole::authority);
    gossip.begin_round(Instant{}, kRound);
    EXPECT_EQ(recipients(RoundNumber(1)), (std::vector{PeerKey(0), PeerKey(1)}));
    join(gossip, 2, 1, PeerRole::full);
    gossip.disconnect(PeerKey(0));
    EXPECT_EQ(recipients(RoundNumber(2)), (std::vector{PeerKey(1), PeerKey(2)}));
    gossip.disconnect(PeerKey(1));
    Gossip moved = std::move(gossip);
    VoteMessage later = kVote;
    later.vote.vote.kind = VoteKind::precommit;
    EXPECT_EQ(moved.recipients(later), std::vector{PeerKey(2)});
}

/// Two gossips to which the same happens: one is asked for the votes of a round, the other is
/// offered each of them.
class Twins {
 public:
    explicit Twins(Seed seed) : prng_(seed), asked_(seed), offered_(seed) {
        tree_.finalize(block(0));
        tree_.insert(block(1), block(0).hash);
        const auto voters = VoterSet::create(testing::voter_list(9));
        for (std::uint64_t number = 1; number <= 5; ++number) {
            rounds_.emplace_back(RoundNumber(number), std::make_shared<const VoterSet>(*voters),
                                 block(0));
        }
    }
    /// The peer with all votes of a round, and as many other messages as it takes.
    void fill() {
        disturb(1);
        const auto votes = 1 + prng_.below(5);
        for (std::uint64_t voter = 0; voter < votes; ++voter) {
            rounds_[0].import(Phase::prevote, {block(1), {}, voter_id(voter)}, tree_);
        }
        EXPECT_EQ(compare(rounds_[0], Phase::prevote), votes);
        note_others(prng_.bytes(8 * (kKnownPerPeerMax - votes)));
        EXPECT_EQ(compare(rounds_[0], Phase::prevote), votes) << "the table was full";
        EXPECT_EQ(compare(rounds_[0], Phase::prevote), 0U);
    }
    /// How many votes both gave.
    std::size_t step() {
        now_ = now_ + std::chrono::milliseconds(prng_.below(4000));
        peer_ = PeerKey(prng_.below(3));
        Round& round = rounds_[prng_.below(rounds_.size())];
        const auto phase = prng_.chance(1, 2) ? Phase::prevote : Phase::precommit;
        if (prng_.chance(1, 6)) {
            const auto what = prng_.below(6);
            disturb(what);
            note_others(prng_.bytes(8 * prng_.below(what == 0 ? 2 * kKnownPerPeerMax : 9)));
        }
        if (prng_.chance(1, 8)) {
            round.import(
                phase,
                {block(static_cast<BlockNumber>(prng_.below(2))), {}, voter_id(prng_.below(9))},
                tree_);
        }
        return compare(round, phase);
    }

 private:
    /// What makes a peer want votes or forget them.
    void disturb(std::uint64_t what) {
        const bool moves_on = prng_.chance(1, 100);
        for (Gossip* gossip : {&asked_, &offered_}) {
            if (what == 1) {
                gossip->disconnect(peer_);
            } else if (what == 2) {
                gossip->begin_round(now_, kRound);
            } else if (what == 3) {
                gossip->on_time(now_);
            }
            gossip->connect(peer_, PeerRole::full);
            PeerView view = gossip->view(peer_).value_or(PeerView{RoundNumber(1), {}});
            view.round = RoundNumber(view.round.value + (moves_on ? 1 : 0));
            gossip->on_neighbor(now_, peer_, {view.round, view.set, view.finalized});
        }
    }
    void note_others(const Bytes& ids) {
        for (std::size_t at = 0; at < ids.size(); at += 8) {
            const auto id = crypto::Hash64::copy(ByteView(ids).subspan(at, 8));
            asked_.note_known(peer_, id);
            offered_.note_known(peer_, id);
        }
    }
    std::size_t compare(Round& round, Phase phase) {
        const auto asked = asked_.votes_for(peer_, AuthoritySetId(0), round, phase);
        EXPECT_EQ(asked, offer_each(round, phase));
        return asked.size();
    }
    std::vector<VoteMessage> offer_each(const Round& round, Phase phase) {
        std::vector<VoteMessage> fresh;
        const auto kind = phase == Phase::prevote ? VoteKind::prevote : VoteKind::precommit;
        for (const SignedTarget& vote : round.votes(phase)) {
            const VoteMessage message{
                round.number(), AuthoritySetId(0), {{kind, vote.target}, vote.signature, vote.id}};
            if (offered_.offer(peer_, message)) {
                fresh.push_back(message);
            }
        }
        return fresh;
    }

    Prng prng_;
    Gossip asked_;
    Gossip offered_;
    BlockTree tree_;
    std::vector<Round> rounds_;
    Instant now_;
    PeerKey peer_;
};

TEST(GrandpaGossip, knows_the_votes_for_a_peer_as_if_each_were_offered) {
    std::size_t told = 0;
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Twins(Seed{seed}).fill();
        Twins twins(Seed{seed});
        for (int step = 0; step < 3000 && !::testing::Test::HasFailure(); ++step) {
            told += twins.step();
        }
    }
    EXPECT_GT(told, 3000u);
}

TEST(GrandpaGossip, votes_that_differ_in_anything_are_different_messages) {
    std::vector<VoteMessage> votes(8, kVote);
    votes[1].round = RoundNumber(2);
    votes[2].set = AuthoritySetId(1);
    votes[3].vote.vote.kind = VoteKind::precommit;
    votes[4].vote.vote.target = block(1, 7);
    votes[5].vote.vote.target.number = 2;
    votes[6].vote.signature.bytes[63] = 1;
    votes[7].vote.id = voter_id(1);
    std::set<crypto::Hash64> ids;
    for (const VoteMessage& vote : votes) {
        ids.insert(message_id(vote));
    }
    EXPECT_EQ(ids.size(), votes.size());
}

}  // namespace
}  // namespace stipple::grandpa
