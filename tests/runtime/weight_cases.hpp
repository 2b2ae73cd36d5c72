// What the benchmark of weights runs: for each kind of call one call of some, and what it needs.
//
// A case prepares a block (accounts, bonds, tasks ...) and then makes `times` calls in the next.
// Not among them: reports of equivocations and payouts and slashes of past eras, which need more
// than a block before; and what would end the chain's runtime or its sudo key.
#pragma once

#include "kit/call.hpp"
#include "kit/types.hpp"

namespace stipple::bench {

/// A call and its sender.
struct Sent {
    runtime::AccountId by;
    runtime::RuntimeCall call;
};
struct WeightCase {
    const char* name;
    std::uint32_t times;  ///< in one block; each finds room for all
    Sent (*make)(std::uint32_t i);
    /// For each i, after account(i) was given a thousand units; none: nothing is given either.
    std::array<Sent (*)(std::uint32_t i), 2> prepare{};
};
std::span<const WeightCase> weight_cases();

/// Of the i-th of a case.
runtime::AccountId account(std::uint32_t i);
runtime::AccountId alice();
runtime::RuntimeCall remark(std::size_t bytes);
/// What account(i) is given for the preparation.
runtime::RuntimeCall endowment(std::uint32_t i);

}  // namespace stipple::bench
