// BEEFY among several cores: votes, proofs on demand and reports go the node's own way, from core
// to core, with real signatures; the chain below is told.
#include "base/memory_store.hpp"
#include "chain/pool/pool_world.hpp"
#include "consensus/beefy/voter_world.hpp"
#include "consensus/grandpa/voter_world.hpp"
#include "node/core.hpp"

#include <gtest/gtest.h>

namespace stipple::node {
namespace {

using namespace std::chrono_literals;
using beefy::testing::set_of;
using beefy::testing::vote_of;
using network::Protocol;

class Net {
 public:
    struct Node {
        std::optional<Core> core;
        BlockNumber finalized = 0;
        std::map<BlockNumber, beefy::FinalityProof> proofs;
        std::vector<network::Conduct> conducts;  ///< that it reported
        std::vector<beefy::DoubleVotingProof> double_votes;
        std::size_t asked = 0;  ///< for proofs, by peers
        bool online = true;
    };

    /// Everybody is a validator and connected; BEEFY begins with block 1.
    explicit Net(std::size_t count) : validators_(count) {
        const BlockRef genesis = chain::pool::World::genesis();
        for (std::size_t i = 0; i < count; ++i) {
            CoreConfig config;
            config.vote = false;
            config.beefy = true;
            Node& node = nodes.emplace_back();
            node.core.emplace(config, chain::Heads{genesis, genesis, genesis.hash}, grandpa_set(),
                              std::vector<std::pair<BlockRef, BlockHash>>{}, Seed{i + 1});
            EffectList effects;
            CHECK(node.core->start(now, wall(), MemoryStore(), {}, std::nullopt, effects));
            take(i, effects);
        }
        for (std::size_t i = 0; i < count; ++i) {
            for (std::size_t j = 0; j < count; ++j) {
                if (i != j) {
                    send(i, NetworkEvent{
                                PeerJoined{PeerKey(j), {}, network::Role::authority, genesis}});
                    send(i, NetworkEvent{ProtocolOpened{PeerKey(j), Protocol::beefy}});
                }
            }
        }
    }

    void send(std::size_t i, Event event) {
        EffectList effects;
        nodes[i].core->handle(now, wall(), std::move(event), effects);
        take(i, effects);
    }
    /// The chain of this node is final up to here. Sessions begin at 1 and at every tenth block.
    void finalize_on(std::size_t i, BlockNumber to) {
        Node& node = nodes[i];
        BeefyNews news{.finalized = to,
                       .sessions = {},
                       .beginning = std::nullopt,
                       .own_keys = {beefy::testing::id_of(i)}};
        if (node.finalized == 0) {
            news.beginning.emplace();
            news.beginning->pallet_genesis = 1;
            news.beginning->sessions = {session(1)};
        }
        for (BlockNumber block = node.finalized + 1; block <= to; ++block) {
            if (block % 10 == 0) {
                news.sessions.push_back(session(block));
            }
        }
        node.finalized = to;
        BlocksFinalized event;
        event.finalized.outcome.finalized = {{}, to};
        event.set = grandpa_set();
        event.beefy = std::move(news);
        send(i, std::move(event));
    }
    void finalize(BlockNumber to) {
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            if (nodes[i].online) {
                finalize_on(i, to);
            }
        }
        deliver();
    }
    void deliver() {
        while (!wire_.empty()) {
            auto [to, event] = std::move(wire_.front());
            wire_.pop_front();
            if (nodes[to].online) {
                send(to, std::move(event));
            }
        }
    }
    void pass(std::chrono::seconds span) {
        for (const Instant end = now + span; now < end;) {
            now = now + 1s;
            for (std::size_t i = 0; i < nodes.size(); ++i) {
                if (const auto at = nodes[i].core->wake_at(); nodes[i].online && at && *at <= now) {
                    send(i, Woken{});
                }
            }
            deliver();
        }
    }
    BlockNumber best(std::size_t i) const {
        return nodes[i].proofs.empty() ? 0 : nodes[i].proofs.rbegin()->first;
    }

    Instant now{1000s};
    std::deque<Node> nodes;

 private:
    static SetView grandpa_set() {
        return {AuthoritySetId(0), grandpa::testing::voter_list(1), {}};
    }
    UnixMillis wall() const {
        return {static_cast<std::uint64_t>(now.since_origin.count()) / 1'000'000};
    }
    beefy::Session session(BlockNumber start) const {
        return {start, set_of(validators_, start / 10), false, {}};
    }

    void take(std::size_t i, EffectList& effects) {
        for (Effect& effect : effects) {
            std::visit([&](auto& what) { on(i, what); }, effect);
        }
    }
    void on(std::size_t i, NetworkCommand& command) {
        if (auto* note = std::get_if<SendNotification>(&command)) {
            for (const PeerKey to : note->to) {
                wire_.emplace_back(to.value, NetworkEvent{NotificationReceived{
                                                 PeerKey(i), note->protocol, note->message, {}}});
            }
        } else if (auto* request = std::get_if<SendRequest>(&command)) {
            const RequestToken token(next_token_++);
            open_[token] = {i, request->request};
            wire_.emplace_back(
                request->peer.value,
                NetworkEvent{RequestReceived{
                    PeerKey(i), token, request->protocol, std::move(request->body), {}}});
        } else if (auto* answer = std::get_if<AnswerRequest>(&command)) {
            const auto asked = open_.extract(answer->token).mapped();
            ResponseReceived response{asked.second,
                                      std::unexpected(network::sync::RequestFailure::refused)};
            if (answer->answer) {
                response.answer = *answer->answer;
            }
            wire_.emplace_back(asked.first, NetworkEvent{std::move(response)});
        } else if (auto* report = std::get_if<network::ReportPeer>(&command)) {
            nodes[i].conducts.push_back(report->conduct);
        }
    }
    void on(std::size_t i, beefy::VerifyVotes& job) {
        wire_.emplace_back(i, BeefyVerified{job.job, beefy::verify_votes(job.votes)});
    }
    void on(std::size_t i, beefy::VerifyProof& job) {
        wire_.emplace_back(i, BeefyVerified{job.job, job.verdict()});
    }
    void on(std::size_t i, beefy::SignVote& vote) {
        wire_.emplace_back(i, BeefySigned{vote_of(i, vote.block, vote.set.value)});
    }
    void on(std::size_t i, beefy::Conclude& done) {
        CHECK(done.block <= nodes[i].finalized);
        nodes[i].proofs.emplace(done.block, std::move(done.proof));
    }
    void on(std::size_t i, beefy::ReportDoubleVoting& report) {
        nodes[i].double_votes.push_back(report.proof);
    }
    void on(std::size_t i, network::requests::ReadBeefyProof& job) {
        ++nodes[i].asked;
        const auto found = nodes[i].proofs.find(job.block);
        RequestJobDone done{job.job, std::nullopt};
        if (found != nodes[i].proofs.end()) {
            done.answer = network::requests::Answer{scale::encode(found->second), true};
        }
        wire_.emplace_back(i, std::move(done));
    }
    template <class Other>
    void on(std::size_t /*i*/, Other& /*effect*/) {}

    const std::size_t validators_;
    std::deque<std::pair<std::size_t, Event>> wire_;
    std::map<RequestToken, std::pair<std::size_t, network::sync::RequestId>> open_;
    std::uint64_t next_token_ = 1;
};

TEST(CoreBeefy, validators_prove_the_first_block_of_every_session_and_the_newest) {
    Net net(4);
    for (BlockNumber block = 1; block <= 39; ++block) {
        net.finalize(block);
    }
    for (std::size_t i = 0; i < 4; ++i) {
        for (const BlockNumber mandatory : {1u, 10u, 20u, 30u}) {
            ASSERT_TRUE(net.nodes[i].proofs.contains(mandatory)) << mandatory;
            EXPECT_TRUE(beefy::verify_finality_proof(net.nodes[i].proofs.at(mandatory), mandatory,
                                                     set_of(4, mandatory / 10)));
        }
        EXPECT_GT(net.best(i), 30u);
        EXPECT_TRUE(net.nodes[i].conducts.empty());
    }
}

TEST(CoreBeefy, one_of_four_may_be_away_and_has_the_proofs_from_others_when_it_is_back) {
    Net net(4);
    net.finalize(1);
    net.nodes[3].online = false;
    for (BlockNumber block = 2; block <= 25; ++block) {
        net.finalize(block);
    }
    EXPECT_GE(net.best(0), 20u);
    net.nodes[3].online = true;
    net.finalize_on(3, 25);
    net.deliver();
    net.finalize(29);  // what the others vote for says how far they are
    net.pass(120s);
    EXPECT_TRUE(net.nodes[3].proofs.contains(10)) << "a mandatory block";
    EXPECT_GE(net.best(3), 20u);
    std::size_t asked = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        asked += net.nodes[i].core->peering().requests(Protocol::beefy_justifications).answered;
    }
    EXPECT_GE(asked, 1u);
    EXPECT_GE(net.nodes[3].core->beefy()->counts().fetched_good, 1u);
    EXPECT_FALSE(net.nodes[0].asked + net.nodes[1].asked + net.nodes[2].asked == 0);
}

TEST(CoreBeefy, two_of_four_prove_nothing) {
    Net net(4);
    net.nodes[2].online = net.nodes[3].online = false;
    for (BlockNumber block = 1; block <= 15; ++block) {
        net.finalize(block);
    }
    EXPECT_EQ(net.best(0), 0u);
    EXPECT_EQ(net.best(1), 0u);
}

TEST(CoreBeefy, what_a_peer_sends_amiss_is_reported_for_what_it_is) {
    Net net(4);
    net.nodes[3].online = net.nodes[2].online = false;
    net.finalize(1);
    const auto conducts_of = [&](Bytes message) {
        net.nodes[0].conducts.clear();
        net.send(0, NetworkEvent{
                        NotificationReceived{PeerKey(3), Protocol::beefy, std::move(message), {}}});
        net.deliver();
        return net.nodes[0].conducts;
    };
    const auto encoded = [](const beefy::VoteMessage& vote) {
        return scale::encode(beefy::GossipMessage(vote));
    };
    EXPECT_EQ(conducts_of({0xff}), std::vector{network::Conduct::bad_message});
    EXPECT_EQ(conducts_of(encoded(vote_of(7, 1, 0))), std::vector{network::Conduct::unknown_voter});
    beefy::VoteMessage forged = vote_of(3, 1, 0);
    forged.commitment.payload = beefy::testing::root_of(1, 9);
    EXPECT_EQ(conducts_of(encoded(forged)), std::vector{network::Conduct::bad_vote});
    EXPECT_TRUE(conducts_of(encoded(vote_of(2, 1, 0, 5))).empty());
    EXPECT_TRUE(conducts_of(encoded(vote_of(2, 1, 0, 6))).empty());
    ASSERT_EQ(net.nodes[0].double_votes.size(), 1u);
    EXPECT_TRUE(beefy::check_double_voting(net.nodes[0].double_votes[0]));
}

}  // namespace
}  // namespace stipple::node
