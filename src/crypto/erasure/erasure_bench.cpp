#include "base/prng.hpp"
#include "crypto/erasure/code.hpp"

#include <benchmark/benchmark.h>

namespace stipple::crypto::erasure {

namespace {

void encode(benchmark::State& state) {
    const auto code = ErasureCode::make(static_cast<std::size_t>(state.range(0)));
    const Bytes data = Prng(Seed{1}).bytes(static_cast<std::size_t>(state.range(1)));
    for (auto _ : state) {
        benchmark::DoNotOptimize(code->encode(data));
    }
    state.SetBytesProcessed(state.iterations() * state.range(1));
}
BENCHMARK(encode)->Args({1000, 5 << 20})->Args({300, 1 << 20})->Unit(benchmark::kMillisecond);

void decode(benchmark::State& state, std::size_t first, std::size_t step) {
    const auto validators = static_cast<std::size_t>(state.range(0));
    const auto code = ErasureCode::make(validators);
    const auto chunks = code->encode(Prng(Seed{1}).bytes(static_cast<std::size_t>(state.range(1))));
    std::vector<IndexedChunk> some;
    for (std::size_t i = first; some.size() < code->systematic_threshold(); i += step) {
        some.push_back({i % validators, chunks->at(i % validators)});
    }
    for (auto _ : state) {
        benchmark::DoNotOptimize(code->reconstruct(some));
    }
    state.SetBytesProcessed(state.iterations() * state.range(1));
}
BENCHMARK_CAPTURE(decode, every_third, 1, 3)->Args({1000, 5 << 20})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(decode, systematic, 0, 1)->Args({1000, 5 << 20})->Unit(benchmark::kMillisecond);

void make(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(ErasureCode::make(static_cast<std::size_t>(state.range(0))));
    }
}
BENCHMARK(make)->Arg(1000)->Unit(benchmark::kMicrosecond);

}  // namespace

}  // namespace stipple::crypto::erasure

BENCHMARK_MAIN();
