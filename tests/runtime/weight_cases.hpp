// What the benchmark of weights runs: for each kind of call one call of some, and what it needs.
//
// A case prepares a block (accounts, bonds, tasks ...) and then makes `times` calls in the next.
// What takes a longer history than a block, such as eras that are over, is put into the storage by
// Root. weights_test.cpp sees to it that no call of the runtime is forgotten here.
#pragma once

#include "kit/call.hpp"
#include "kit/types.hpp"
#include "primitives/header.hpp"

namespace stipple::bench {

/// A call and its sender; nobody sends what is unsigned.
struct Sent {
    std::optional<runtime::AccountId> by;
    runtime::RuntimeCall call;
};
struct WeightCase {
    const char* name;
    std::uint32_t times;  ///< in one block; each finds room for all
    Sent (*make)(std::uint32_t i);
    /// For each i, after account(i) was given a thousand units; none: nothing is given either.
    std::array<Sent (*)(std::uint32_t i), 2> prepare{};
    /// Signatures within the call count, too; that of the transaction itself never does.
    bool verifies_signatures = false;
};
std::span<const WeightCase> weight_cases();
/// The block that has prepared the case at hand, for calls that speak of it.
void note_prepared(const Header& header);

// ---- for the files of cases ----

std::span<const WeightCase> report_weight_cases();
std::span<const WeightCase> history_weight_cases();

/// Of the i-th of a case.
runtime::AccountId account(std::uint32_t i);
runtime::AccountId alice();
runtime::RuntimeCall remark(std::size_t bytes);
Sent by_alice(const runtime::RuntimeCall& call);
Sent by_sudo(const runtime::RuntimeCall& call);
using Items = std::vector<std::tuple<Bytes, Bytes>>;
/// Root writes these.
Sent put(const Items& items);
/// As many nominators as there can be, and the validator's exposure to them in an era.
Items most_nominators(const runtime::AccountId& validator, std::uint32_t era);
/// What account(i) is given for the preparation.
runtime::RuntimeCall endowment(std::uint32_t i);

}  // namespace stipple::bench
