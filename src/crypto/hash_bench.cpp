#include "base/prng.hpp"
#include "crypto/hash.hpp"

#include <benchmark/benchmark.h>

namespace stipple::crypto {

namespace {

void blake2b_one(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const Bytes data = Prng(Seed{1}).bytes(size);
    for (auto _ : state) {
        benchmark::DoNotOptimize(blake2b_256(data));
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(blake2b_one)->Arg(32)->Arg(100)->Arg(128)->Arg(560)->Arg(65536);

/// 1024 messages of the size of trie nodes.
void blake2b_many(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    Prng prng(Seed{1});
    std::vector<Bytes> data(1024);
    for (auto& each : data) {
        each = prng.bytes(size);
    }
    const std::vector<ByteView> views(data.begin(), data.end());
    std::vector<Hash256> out(data.size());
    for (auto _ : state) {
        blake2b_256_many(views, out);
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * state.range(0) * 1024);
    state.SetItemsProcessed(state.iterations() * 1024);
}
BENCHMARK(blake2b_many)->Arg(32)->Arg(100)->Arg(128)->Arg(560);

void keccak(benchmark::State& state) {
    const Bytes data = Prng(Seed{1}).bytes(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        benchmark::DoNotOptimize(keccak_256(data));
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(keccak)->Arg(64)->Arg(65536);

void twox(benchmark::State& state) {
    const Bytes data = Prng(Seed{1}).bytes(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        benchmark::DoNotOptimize(twox_128(data));
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(twox)->Arg(16)->Arg(65536);

}  // namespace

}  // namespace stipple::crypto

BENCHMARK_MAIN();
