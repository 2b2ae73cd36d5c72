// Sequential Phragmén: who is elected when voters back several candidates with
// their stake.
//
// Every elected candidate spreads a load of one over its voters. In each round
// the candidate is elected whose voters would end with the least load each:
// score = (1 + sum of load * stake) / approving stake. A voter's stake is then
// divided over its elected candidates as its load came to it. All in integers:
// a load of one is the largest number of 128 bits, quotients round down, ties
// go to the candidate that stands first, and what rounding leaves of a stake
// goes to the last.
#pragma once

#include "kit/types.hpp"

namespace stipple::runtime::elections {

struct Voter {
    AccountId who;
    Balance stake = 0;
    std::vector<std::uint32_t> targets;  ///< places in the list of candidates, each once
};
struct Backing {
    AccountId who;
    Balance value = 0;
    friend bool operator==(const Backing&, const Backing&) = default;
};
struct Elected {
    AccountId who;
    std::vector<Backing> backers;  ///< in the order of voters; none with nothing
    friend bool operator==(const Elected&, const Elected&) = default;
};

/// In the order of election; fewer than `seats` when nobody backs more.
std::vector<Elected> elect(const std::vector<AccountId>& candidates,
                           const std::vector<Voter>& voters, std::size_t seats);

}  // namespace stipple::runtime::elections
