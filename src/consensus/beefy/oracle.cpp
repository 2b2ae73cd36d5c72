#include "consensus/beefy/oracle.hpp"

#include "base/check.hpp"

#include <algorithm>
#include <bit>

namespace stipple::beefy {

std::optional<BlockNumber> vote_target(BlockNumber best_grandpa, BlockNumber best_beefy,
                                       BlockNumber session_start, std::uint32_t min_delta) {
    std::uint64_t target = session_start;
    if (best_beefy >= session_start) {
        const std::uint64_t ahead = best_grandpa > best_beefy ? best_grandpa - best_beefy : 0;
        // bit_ceil(0) is 1, as next_power_of_two of the Rust node is.
        target = best_beefy + std::max<std::uint64_t>(min_delta, std::bit_ceil((ahead + 1) / 2));
    }
    if (target > best_grandpa) {
        return std::nullopt;
    }
    return static_cast<BlockNumber>(target);
}

std::optional<VotingOracle> VotingOracle::create(std::vector<Session> sessions,
                                                 BlockNumber best_grandpa, BlockNumber best_beefy,
                                                 std::uint32_t min_delta) {
    if (sessions.empty() || best_beefy > best_grandpa) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < sessions.size(); ++i) {
        const Session& session = sessions[i];
        if (session.set.validators.empty() || session.start > best_grandpa) {
            return std::nullopt;
        }
        if (i > 0 && (session.start <= sessions[i - 1].start ||
                      session.set.id <= sessions[i - 1].set.id || session.mandatory_done)) {
            return std::nullopt;
        }
    }
    VotingOracle oracle;
    oracle.best_grandpa_ = best_grandpa;
    oracle.best_beefy_ = best_beefy;
    oracle.min_delta_ = std::max(min_delta, 1U);
    for (const Session& session : sessions) {
        oracle.add_session(session);
    }
    return oracle;
}

void VotingOracle::add_session(const Session& session) {
    CHECK(sessions_.empty() || can_add(session.start));
    Rounds& rounds =
        sessions_.emplace_back(session.start, std::make_shared<const ValidatorSet>(session.set));
    if (session.mandatory_done) {
        rounds.conclude(session.start);
    }
    if (session.best_done) {
        rounds.conclude(*session.best_done);
    }
    prune();
}

void VotingOracle::conclude(BlockNumber block) {
    active().conclude(block);
    best_beefy_ = std::max(best_beefy_, block);
    prune();
}

void VotingOracle::prune() {
    if (sessions_.size() > 1) {
        std::erase_if(sessions_, [](const Rounds& rounds) { return rounds.mandatory_done(); });
    }
}

std::optional<BlockNumber> VotingOracle::mandatory_pending() const {
    return active().mandatory_done() ? std::nullopt : std::optional(active().session_start());
}

std::pair<BlockNumber, BlockNumber> VotingOracle::accepted() const {
    if (const auto mandatory = mandatory_pending()) {
        return {*mandatory, *mandatory};
    }
    return {std::max(active().session_start(), best_beefy_), best_grandpa_};
}

Reach VotingOracle::reach_of(BlockNumber block) const {
    const auto [first, last] = accepted();
    if (block > last) {
        return Reach::later;
    }
    return block < first ? Reach::past : Reach::now;
}

std::optional<BlockNumber> VotingOracle::target() const {
    return vote_target(best_grandpa_, best_beefy_, active().session_start(), min_delta_);
}

std::vector<Session> VotingOracle::sessions() const {
    std::vector<Session> list;
    for (const Rounds& rounds : sessions_) {
        list.push_back(
            {rounds.session_start(), *rounds.set(), rounds.mandatory_done(), rounds.best_done()});
    }
    return list;
}

bool VotingOracle::can_add(BlockNumber start) const {
    return start > sessions_.back().session_start();
}

const Rounds& VotingOracle::active() const {
    return sessions_.front();
}

Rounds& VotingOracle::active() {
    return sessions_.front();
}

}  // namespace stipple::beefy
