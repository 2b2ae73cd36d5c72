// The voters of one authority set: weights, threshold, primary.
//
// Spec: sect-grandpa, defn-authority-set. With total weight n, f = (n - 1) / 3 may be faulty and
// n - f make a supermajority. Voters are ordered by their keys, as in the field: the primary of a
// round is voter (round mod count) in that order. Immutable; shared by rounds.
#pragma once

#include "primitives/grandpa.hpp"

#include <optional>
#include <vector>

namespace stipple::grandpa {

using VoterIndex = std::uint32_t;

class VoterSet {
 public:
    /// Weights of an id listed twice add up. Absent for an empty list, a zero weight, or a total
    /// beyond 64 bits.
    static std::optional<VoterSet> create(const AuthorityList& authorities);

    std::size_t size() const { return voters_.size(); }
    std::uint64_t total_weight() const { return total_; }
    /// Weight of a supermajority.
    std::uint64_t threshold() const;
    std::optional<VoterIndex> find(const AuthorityId& id) const;
    const AuthorityId& id(VoterIndex index) const { return voters_[index].id; }
    std::uint64_t weight(VoterIndex index) const { return voters_[index].weight; }
    /// Of the different voters in a list; absent when one is not in the set.
    std::optional<std::uint64_t> weight_of(const std::vector<SignedTarget>& votes) const;
    VoterIndex primary(RoundNumber round) const {
        return static_cast<VoterIndex>(round.value % voters_.size());
    }

 private:
    AuthorityList voters_;  ///< by id
    std::uint64_t total_ = 0;
};

}  // namespace stipple::grandpa
