#include "consensus/grandpa/voter_set.hpp"

namespace stipple::grandpa {

std::optional<VoterSet> VoterSet::create(const AuthorityList& authorities) {
    VoterSet set;
    AuthorityList sorted = authorities;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Authority& a, const Authority& b) { return a.id < b.id; });
    for (const Authority& authority : sorted) {
        const std::uint64_t total = set.total_ + authority.weight;
        if (authority.weight == 0 || total < set.total_) {
            return std::nullopt;
        }
        set.total_ = total;
        if (!set.voters_.empty() && set.voters_.back().id == authority.id) {
            set.voters_.back().weight += authority.weight;
        } else {
            set.voters_.push_back(authority);
        }
    }
    if (set.voters_.empty()) {
        return std::nullopt;
    }
    return set;
}

std::uint64_t VoterSet::threshold() const {
    return total_ - (total_ - 1) / 3;
}

std::optional<VoterIndex> VoterSet::find(const AuthorityId& id) const {
    const auto found = std::lower_bound(
        voters_.begin(), voters_.end(), id,
        [](const Authority& voter, const AuthorityId& key) { return voter.id < key; });
    if (found == voters_.end() || found->id != id) {
        return std::nullopt;
    }
    return static_cast<VoterIndex>(found - voters_.begin());
}

std::optional<std::uint64_t> VoterSet::weight_of(const std::vector<SignedTarget>& votes) const {
    std::vector<bool> seen(size(), false);
    std::uint64_t sum = 0;
    for (const SignedTarget& vote : votes) {
        const auto index = find(vote.id);
        if (!index) {
            return std::nullopt;
        }
        if (!seen[*index]) {
            seen[*index] = true;
            sum += weight(*index);
        }
    }
    return sum;
}

}  // namespace stipple::grandpa
