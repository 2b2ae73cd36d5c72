// The two works of the peers: a root from scratch, and a root after changes.
#include "base/prng.hpp"
#include "state/trie/memory_state.hpp"
#include "state/trie/trie.hpp"

#include <benchmark/benchmark.h>

namespace stipple::state {
namespace {

std::vector<std::pair<Bytes, Bytes>> random_pairs(Prng& prng, std::size_t count) {
    std::vector<std::pair<Bytes, Bytes>> pairs;
    pairs.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        Bytes key = prng.bytes(32);
        pairs.emplace_back(std::move(key), prng.bytes(40));
    }
    return pairs;
}

/// Seed 1: 100 000 pairs, state version 1. Sorting and copying the input is part of the work.
void root_from_scratch(benchmark::State& bench) {
    Prng prng(Seed{1});
    const auto input = random_pairs(prng, 100'000);
    StateRoot root;
    for (auto _ : bench) {
        std::vector<trie::KeyValue> pairs;
        pairs.reserve(input.size());
        for (const auto& [key, value] : input) {
            pairs.push_back({key, value});
        }
        root = trie::root_of_unsorted(pairs, StateVersion::v1);
    }
    bench.SetLabel(root.hex());
}
BENCHMARK(root_from_scratch)->Unit(benchmark::kMillisecond);

/// Seed 1, the input sorted beforehand.
void root_of_sorted_pairs(benchmark::State& bench) {
    Prng prng(Seed{1});
    auto input = random_pairs(prng, 100'000);
    std::sort(input.begin(), input.end());
    std::vector<trie::KeyValue> pairs;
    for (const auto& [key, value] : input) {
        pairs.push_back({key, value});
    }
    for (auto _ : bench) {
        benchmark::DoNotOptimize(trie::root_of_sorted(pairs, StateVersion::v1));
    }
}
BENCHMARK(root_of_sorted_pairs)->Unit(benchmark::kMillisecond);

/// Seed 2: 1 000 000 pairs in memory, then 1 000 further random pairs set.
void root_after_changes(benchmark::State& bench) {
    Prng prng(Seed{2});
    MemoryState::Pairs pairs;
    for (auto& [key, value] : random_pairs(prng, 1'000'000)) {
        pairs.insert_or_assign(std::move(key), std::move(value));
    }
    const MemoryState state(std::move(pairs), {}, StateVersion::v1);
    trie::ValueWrites writes;
    for (auto& [key, value] : random_pairs(prng, 1'000)) {
        writes.insert_or_assign(std::move(key), trie::ValueWrite{std::move(value)});
    }
    StateRoot root;
    for (auto _ : bench) {
        auto changes = trie::update(state, TrieId::main(), writes, StateVersion::v1);
        root = changes->root;
    }
    bench.SetLabel(root.hex());
}
BENCHMARK(root_after_changes)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace stipple::state

BENCHMARK_MAIN();
