// Voters alone (`--runtime none`): the GRANDPA machines of N nodes over a tree of blocks that
// nobody authors, under an adversary that no chain allows.
//
// A chain changes its mind seldom, and then for a while; a rule of voting that holds only while it
// does not goes unnoticed for long. Here blocks fall where chance has it, in a storm most nodes
// jump to another fork together every few seconds, some hear no precommits of a round, and as many
// voters as the set tolerates say one thing to some and another thing to others. Then a calm: one
// best chain, nothing gets lost, everybody reconnects, and everybody must finalise.
//
// There is no crypto: who cannot sign for another does not try to. Time, links and everything
// drawn come from the seed; the checkers are: no conflicting finality among the honest, finality
// within kVoteSettle of a calm, and no honest voter that is taken for an equivocator.
#pragma once

#include "consensus/grandpa/voter.hpp"
#include "sim/cluster.hpp"

namespace stipple::sim {

/// A calm ends by then.
inline constexpr std::chrono::seconds kVoteSettle{240};

class VoteWorld {
 public:
    /// Of the parameters only seed, nodes, blocks and faults (none: no storms) count.
    explicit VoteWorld(const Parameters& parameters);
    ~VoteWorld();

    /// Runs until every honest voter has `blocks` final, or to the first failure.
    Outcome run();

 private:
    struct Block {
        BlockRef ref;
        std::size_t parent = 0;
    };
    struct Node {
        std::unique_ptr<grandpa::Voter> voter;
        bool byzantine = false;
        std::vector<bool> known;  ///< by block
        std::size_t best = 0;
        BlockRef finalized;
        std::optional<Instant> wake;
        /// The newest vote of each kind: where and what.
        std::map<grandpa::VoteKind, std::pair<RoundNumber, BlockRef>> journal;
        std::vector<Instant> arrivals;  ///< of the newest message to each peer
        /// In this round it hears no precommits of some, by nobody's mouth, while a storm lasts.
        std::optional<RoundNumber> deaf_in;
        std::vector<bool> deaf_to;
    };

    void storm();
    void calm();
    std::size_t unite();
    bool run_until(Instant when);
    void grow();
    void jump(bool together);
    void deafen();
    bool is_unheard(std::size_t to, const grandpa::GossipMessage& message) const;
    void adopt(std::size_t node, std::size_t block);
    void import(std::size_t node, std::size_t block);
    bool descends(std::size_t block, const BlockRef& from) const;
    std::size_t newest_final() const;
    void connect_all();

    void take(std::size_t node, grandpa::VoterEffects& effects);
    void send(std::size_t from, std::size_t to, const grandpa::GossipMessage& message);
    void send_lies(std::size_t from, const grandpa::SendMessage& effect);
    void deliver(std::size_t from, std::size_t to, const grandpa::GossipMessage& message);
    void sign(std::size_t node, const grandpa::SignVote& effect, grandpa::VoterEffects& effects);
    void finalize(std::size_t node, const grandpa::Finalize& effect,
                  grandpa::VoterEffects& effects);
    void plan_wake(std::size_t node);
    BlockNumber lowest_finalized() const;
    std::string describe(std::size_t node) const;

    const Parameters parameters_;
    Prng prng_;
    Schedule schedule_;
    Verdict verdict_;
    grandpa::AuthorityList authorities_;
    std::vector<Block> blocks_;  ///< [0]: genesis; parents before children
    std::map<BlockHash, std::size_t> by_hash_;
    std::map<BlockNumber, BlockHash> agreed_;  ///< final, as the first honest node had it
    std::vector<Node> nodes_;
    bool is_storm_ = false;
    bool commits_lost_ = false;
    std::uint64_t loss_ = 0;  ///< of a message, in percent
    Duration delay_max_{};
    std::uint64_t digest_ = 0;
    Outcome outcome_;
};

}  // namespace stipple::sim
