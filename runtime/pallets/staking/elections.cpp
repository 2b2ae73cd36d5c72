#include "pallets/staking/elections.hpp"

#include "kit/arithmetic.hpp"

namespace stipple::runtime::elections {

namespace {
using Load = uint128;
constexpr Load kOne = ~Load{0};

struct Edge {
    std::uint32_t winner = 0;  ///< place among the elected
    Load load = 0;
};
struct Ballot {
    Load load = 0;
    std::vector<Edge> elected;
};

/// The candidate with the least score, and the score; absent when nobody is
/// left with a backer.
std::optional<std::pair<std::uint32_t, Load>> best(const std::vector<Voter>& voters,
                                                   const std::vector<Ballot>& ballots,
                                                   const std::vector<Balance>& open_stake) {
    std::vector<Load> scores;
    for (const Balance stake : open_stake) {
        scores.push_back(stake == 0 ? kOne : kOne / stake);
    }
    for (std::size_t v = 0; v < voters.size(); ++v) {
        for (const std::uint32_t target : voters[v].targets) {
            if (ballots[v].load > 0 && open_stake[target] > 0) {
                scores[target] = saturating_add(
                    scores[target],
                    multiply_by_rational(ballots[v].load, voters[v].stake, open_stake[target]));
            }
        }
    }
    std::optional<std::pair<std::uint32_t, Load>> found;
    for (std::uint32_t c = 0; c < scores.size(); ++c) {
        if (open_stake[c] > 0 && (!found || scores[c] < found->second)) {
            found = {c, scores[c]};
        }
    }
    return found;
}
}  // namespace

std::vector<Elected> elect(const std::vector<AccountId>& candidates,
                           const std::vector<Voter>& voters, std::size_t seats) {
    std::vector<Balance> open_stake(candidates.size());  // 0 once elected
    for (const Voter& voter : voters) {
        for (const std::uint32_t target : voter.targets) {
            open_stake[target] = saturating_add(open_stake[target], voter.stake);
        }
    }
    std::vector<Ballot> ballots(voters.size());
    std::vector<Elected> elected;
    while (elected.size() < seats) {
        const auto round = best(voters, ballots, open_stake);
        if (!round) {
            break;
        }
        const auto [winner, score] = *round;
        open_stake[winner] = 0;
        for (std::size_t v = 0; v < voters.size(); ++v) {
            for (const std::uint32_t target : voters[v].targets) {
                if (target == winner) {
                    ballots[v].elected.push_back({static_cast<std::uint32_t>(elected.size()),
                                                  saturating_sub(score, ballots[v].load)});
                    ballots[v].load = std::max(ballots[v].load, score);
                }
            }
        }
        elected.push_back({candidates[winner], {}});
    }
    for (std::size_t v = 0; v < voters.size(); ++v) {
        Balance left = voters[v].stake;
        for (const Edge& edge : ballots[v].elected) {
            const bool last = &edge == &ballots[v].elected.back();
            const Balance part =
                last ? left
                     : std::min(left, multiply_by_rational(voters[v].stake, edge.load,
                                                           std::max<Load>(ballots[v].load, 1)));
            left -= part;
            if (part > 0) {
                elected[edge.winner].backers.push_back({voters[v].who, part});
            }
        }
    }
    return elected;
}

}  // namespace stipple::runtime::elections
