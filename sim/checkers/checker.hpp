// What all checkers share: a verdict, and who is honest.
#pragma once

#include "sim/observer.hpp"
#include "sim/toy/rules.hpp"

#include <fmt/format.h>

#include <string>

namespace stipple::sim {

/// The first thing that went wrong ends the run.
class Verdict {
 public:
    template <class... Args>
    void fail(fmt::format_string<Args...> format, Args&&... args) {
        if (!failure_) {
            failure_ = fmt::format(format, std::forward<Args>(args)...);
        }
    }
    const std::optional<std::string>& failure() const { return failure_; }

 private:
    std::optional<std::string> failure_;
};

struct Population {
    std::vector<toy::Validator> validators;  ///< by node
    std::vector<bool> byzantine;             ///< by node

    bool honest(NodeIndex node) const { return !byzantine[node]; }
    /// The honest node with this BABE, GRANDPA or BEEFY key.
    std::optional<NodeIndex> honest_owner(ByteView key) const {
        const auto is = [key](const auto& own) {  // asked for every vote on the wire
            return key[0] == own.bytes[0] && equal(key, own);
        };
        for (NodeIndex i = 0; i < validators.size() && !key.empty(); ++i) {
            if (is(validators[i].babe) || is(validators[i].grandpa) || is(validators[i].beefy)) {
                return honest(i) ? std::optional(i) : std::nullopt;
            }
        }
        return std::nullopt;
    }
};

/// Watches a run for one property. References outlive it.
class Checker : public Observer {
 public:
    Checker(Verdict& verdict, const Population& population)
        : verdict_(verdict), population_(population) {}

 protected:
    Verdict& verdict_;
    const Population& population_;
};

}  // namespace stipple::sim
