// What a runtime call costs beyond the work of the runtime itself.
#include "executor/real_runtimes.hpp"
#include "primitives/block.hpp"

#include <benchmark/benchmark.h>

namespace stipple::executor {
namespace {

const testing::RealRuntime& rococo() {
    return testing::kRealRuntimes[6];
}
std::shared_ptr<const Runtime> rococo_runtime() {
    static const Bytes blob = testing::code_of(rococo());
    auto made = testing::shared_executor().runtime(blob, std::nullopt);
    CHECK(made.has_value());
    return *made;
}

void call_over_genesis(benchmark::State& run, std::string_view method, ByteView arguments = {}) {
    if (!std::filesystem::exists(testing::shared_data_path(rococo().path))) {
        run.SkipWithError("no real chain data");
        return;
    }
    static const state::MemoryState genesis = testing::state_beside(rococo());
    const auto runtime = rococo_runtime();
    const CallContext context;
    std::size_t bytes = 0;
    for (auto _ : run) {
        state::Overlay overlay(genesis);
        const auto answer = runtime->call(method, arguments, overlay, context);
        CHECK(answer.has_value());
        bytes = answer->size();
        benchmark::DoNotOptimize(bytes);
    }
    run.counters["result_bytes"] = static_cast<double>(bytes);
}

/// Instantiate, call, drop: the Rust node needs 24 us for it.
void Core_version(benchmark::State& run) {
    call_over_genesis(run, "Core_version");
}
BENCHMARK(Core_version)->Unit(benchmark::kMicrosecond);

/// Some storage reads and an answer of a few hundred bytes.
void BabeApi_configuration(benchmark::State& run) {
    call_over_genesis(run, "BabeApi_configuration");
}
BENCHMARK(BabeApi_configuration)->Unit(benchmark::kMicrosecond);

/// Much computation in Wasm and many allocations, hardly any storage.
void Metadata_metadata(benchmark::State& run) {
    call_over_genesis(run, "Metadata_metadata");
}
BENCHMARK(Metadata_metadata)->Unit(benchmark::kMicrosecond);

/// The first block of a chain of the Rust node: inherents, and the changes of an era's start.
void Core_execute_block(benchmark::State& run) {
    const auto path = testing::shared_data_path("rococo-dev-chain/blocks.bin");
    if (!std::filesystem::exists(path)) {
        run.SkipWithError("no real chain data");
        return;
    }
    static const state::MemoryState genesis = testing::state_beside(rococo());
    const Bytes file = testing::read_file(path);
    scale::Decoder in(ByteView(file).subspan(sizeof(std::uint64_t)));
    SignedBlock first;
    scale::decode_from(in, first);
    Bytes arguments = scale::encode(first.block.header.without_seal());
    scale::encode_to(arguments, first.block.body);
    const auto runtime = rococo_runtime();
    for (auto _ : run) {
        state::Overlay overlay(genesis);
        CHECK(runtime->call("Core_execute_block", arguments, overlay, {}).has_value());
    }
}
BENCHMARK(Core_execute_block)->Unit(benchmark::kMicrosecond);

/// What a caller pays who does not keep the runtime: reading `:code` and recognising it.
void runtime_of_a_known_state(benchmark::State& run) {
    if (!std::filesystem::exists(testing::shared_data_path(rococo().path))) {
        run.SkipWithError("no real chain data");
        return;
    }
    static const state::MemoryState genesis = testing::state_beside(rococo());
    for (auto _ : run) {
        CHECK(testing::shared_executor().runtime_of(genesis).has_value());
    }
}
BENCHMARK(runtime_of_a_known_state)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace stipple::executor

BENCHMARK_MAIN();
