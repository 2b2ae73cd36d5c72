// Our runtime beside the real Rococo 1.15 one: transfers a second, code size, time to compile.
#include "tests/runtime/bench_chain.hpp"

#include <benchmark/benchmark.h>
#include <zstd.h>

namespace stipple::bench {
namespace {

constexpr std::uint32_t kTransfers = 500;
constexpr std::string_view kRococo = "chain-specs/rococo-local-bulk-1.15.json";
constexpr std::size_t kCodeBytesMax = 50 * 1024 * 1024;

bool has_rococo() {
    return std::filesystem::exists(testing::shared_data_path(kRococo));
}
chain::ChainSpec rococo_spec() {
    auto spec = chain::load_chain_spec(testing::shared_data_path(kRococo).string());
    CHECK(spec.has_value());
    return *std::move(spec);
}
const BenchChain& rococo_chain() {
    static const BenchChain chain(rococo_spec(), executor::testing::shared_executor());
    return chain;
}
Bytes rococo_code() {
    const auto spec = rococo_spec();
    return std::get<chain::RawGenesis>(spec.genesis).top.at(to_bytes(state::kCodeKey));
}

/// Balances.transfer_keep_alive, whose indices both runtimes share, to an account of its own.
std::vector<Extrinsic> transfers(const BenchChain& chain) {
    std::vector<Extrinsic> all;
    for (std::uint32_t i = 0; i < kTransfers; ++i) {
        Bytes call{4, 3, 0};
        call.resize(call.size() + 28, 0x77);
        scale::encode_to(call, i);
        scale::encode_compact(call, std::uint64_t{1'000'000'000'000});
        all.push_back(chain.signed_by_alice(call, i));
    }
    return all;
}

double build_seconds(const BenchChain& chain, const std::vector<Extrinsic>& all) {
    const double began = cpu_seconds();
    auto builder = chain.begin_block(chain.state);
    for (const Extrinsic& extrinsic : all) {
        CHECK(builder.apply(extrinsic) == authoring::Applied::included);
    }
    CHECK(std::move(builder).finish().has_value());
    return cpu_seconds() - began;
}

/// Both in turn, so that what disturbs the machine disturbs both.
void runtime_speed_transfers(benchmark::State& run) {
    if (!has_rococo()) {
        run.SkipWithError("no real chain data");
        return;
    }
    const auto ours = transfers(our_chain());
    const auto theirs = transfers(rococo_chain());
    double our_seconds = 0;
    double their_seconds = 0;
    for (auto _ : run) {
        our_seconds += build_seconds(our_chain(), ours);
        their_seconds += build_seconds(rococo_chain(), theirs);
    }
    const double blocks = static_cast<double>(run.iterations()) * kTransfers;
    run.counters["ours_per_second"] = blocks / our_seconds;
    run.counters["rococo_per_second"] = blocks / their_seconds;
    run.counters["ratio"] = their_seconds / our_seconds;
}
BENCHMARK(runtime_speed_transfers)->Unit(benchmark::kMillisecond)->MinTime(2);

/// Ours alone, for a profiler.
void runtime_speed_ours(benchmark::State& run) {
    const auto all = transfers(our_chain());
    double seconds = 0;
    for (auto _ : run) {
        seconds += build_seconds(our_chain(), all);
    }
    run.counters["per_second"] = static_cast<double>(run.iterations()) * kTransfers / seconds;
}
BENCHMARK(runtime_speed_ours)->Unit(benchmark::kMillisecond);

std::size_t compressed(ByteView code) {
    Bytes out(ZSTD_compressBound(code.size()));
    constexpr int kLevel = 22;  // what runtimes are published with
    return ZSTD_compress(out.data(), out.size(), code.data(), code.size(), kLevel);
}

void runtime_speed_code_size(benchmark::State& run) {
    if (!has_rococo()) {
        run.SkipWithError("no real chain data");
        return;
    }
    const Bytes ours = our_code();
    const Bytes packed = rococo_code();
    const auto theirs = executor::unpack_code(packed, kCodeBytesMax);
    CHECK(theirs.has_value());
    double our_packed = 0;
    for (auto _ : run) {
        our_packed = static_cast<double>(compressed(ours));
    }
    run.counters["ours_bytes"] = static_cast<double>(ours.size());
    run.counters["rococo_bytes"] = static_cast<double>(theirs->size());
    run.counters["ours_packed_bytes"] = our_packed;
    run.counters["rococo_packed_bytes"] = static_cast<double>(packed.size());
    run.counters["percent"] =
        100.0 * static_cast<double>(ours.size()) / static_cast<double>(theirs->size());
    run.counters["packed_percent"] = 100.0 * our_packed / static_cast<double>(packed.size());
}
BENCHMARK(runtime_speed_code_size)->Unit(benchmark::kMillisecond)->Iterations(1);

void compile(benchmark::State& run, const Bytes& code) {
    double cpu = 0;
    for (auto _ : run) {
        run.PauseTiming();
        auto fresh = executor::Executor::create({.cache_dir = {}});  // nothing cached
        CHECK(fresh.has_value());
        run.ResumeTiming();
        const double began = cpu_seconds();
        CHECK((*fresh)->runtime(code, std::nullopt).has_value());
        cpu += cpu_seconds() - began;
    }
    // Compilation uses every core; this is their sum.
    run.counters["cpu_ms"] = 1000 * cpu / static_cast<double>(run.iterations());
}
void runtime_speed_compile(benchmark::State& run) {
    compile(run, our_code());
}
BENCHMARK(runtime_speed_compile)->Unit(benchmark::kMillisecond)->Iterations(3);

void runtime_speed_compile_rococo(benchmark::State& run) {
    if (!has_rococo()) {
        run.SkipWithError("no real chain data");
        return;
    }
    compile(run, rococo_code());
}
BENCHMARK(runtime_speed_compile_rococo)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
}  // namespace stipple::bench

BENCHMARK_MAIN();
