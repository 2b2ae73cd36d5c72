// What honest voters owe to their rounds beside never voting twice:
//  - nobody votes for a block beyond the one with which the set of the vote ends on that chain;
//  - who precommits has prevoted in the round, and says so again after a restart: a round may wait
//    for a vote that was signed before a crash and got nowhere.
//
// A forced change ends the first: it drops the changes that wait, and sets are counted otherwise.
// Bounds: the newest kBlocksKept blocks and kVotesKept prevotes.
#pragma once

#include "sim/checkers/checker.hpp"

#include <map>

namespace stipple::sim {

class VotesChecker final : public Checker {
 public:
    using Checker::Checker;
    static constexpr std::size_t kBlocksKept = 20'000;
    static constexpr std::size_t kVotesKept = 20'000;

    void on_import(NodeIndex node, const chain::Chain& chain,
                   const node::AnnounceImport& import) override;
    void on_sent(NodeIndex node, const node::SendNotification& message) override;
    void on_signed(NodeIndex node, const grandpa::VoteClaim& vote) override;
    void on_step(NodeIndex node, const Node& state) override;

 private:
    /// Where a block stands among the changes of its chain.
    struct Place {
        std::uint64_t sets_over = 0;    ///< sets that ended below it
        std::vector<BlockNumber> ends;  ///< blocks with which further ones end, ascending
    };
    /// Ordered by set, round, voter.
    using Position = std::tuple<std::uint64_t, std::uint64_t, NodeIndex>;
    struct Precommit {
        AuthoritySetId set;
        RoundNumber round;
        grandpa::AuthorityId id;
    };

    std::map<std::pair<BlockNumber, BlockHash>, Place> places_;
    bool forced_ = false;
    std::map<Position, BlockRef> prevotes_;
    /// Of the node whose turn it is: signed in this life, not an older one that peers tell it.
    std::optional<Precommit> signed_;
};

}  // namespace stipple::sim
