// Authors a chain of the built-in development runtime, block by block; with $STIPPLE_CHAIN_FILE
// also writes its $STIPPLE_CHAIN_BLOCKS blocks there as `export-blocks --binary` would: the
// prepared chain of tests/networks/long_chain_test.py.
//
// Its slots lie in the past (the jobs read a given clock), so that others take the blocks at once.
// Each block has its inherents only.
#include "base/memory_store.hpp"
#include "executor/code_cache.hpp"
#include "node/chain_jobs.hpp"
#include "node/dev_spec.hpp"
#include "node/signature_cache.hpp"
#include "tests/support/temporary_folder.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>

namespace stipple::node {
namespace {

constexpr std::uint64_t kStart = 1'700'000'000'000;  ///< November 2023
constexpr std::uint64_t kSlotMs = 6000;

std::uint32_t blocks_wanted() {
    const char* text = std::getenv("STIPPLE_CHAIN_BLOCKS");
    return text == nullptr ? 256 : static_cast<std::uint32_t>(std::stoul(text));
}

void author_chain(benchmark::State& state) {
    const std::uint32_t blocks = blocks_wanted();
    const char* file = std::getenv("STIPPLE_CHAIN_FILE");
    stipple::testing::TemporaryFolder folder;
    const auto spec = builtin_spec("dev");
    CHECK(spec);
    executor::ExecutorConfig execution;
    execution.cache_dir = folder.path() / "code";
    const auto executor = executor::Executor::create(execution);
    CHECK(executor);
    MemoryStore store;
    const auto chain = chain::Chain::open(store, *spec, **executor, {});
    CHECK(chain);
    const auto pipeline = BlockPipeline::open(store, **chain);
    CHECK(pipeline);
    RunConfig config;
    config.well_known_key = "Alice";
    auto keys = open_keys(config, folder.path());
    CHECK(keys);
    SignatureCache signatures;
    std::uint64_t wall = kStart;
    const Clock clock{.now = io::now, .wall = [&wall] { return UnixMillis{wall}; }};
    ChainJobs jobs({.force_authoring = true, .clock = clock}, **chain, **pipeline, *keys, store,
                   signatures);
    std::ofstream out(file == nullptr ? "/dev/null" : file, std::ios::binary);
    Bytes count;
    append_le(count, std::uint64_t{blocks});
    out.write(reinterpret_cast<const char*>(count.data()),
              static_cast<std::streamsize>(count.size()));
    std::uint32_t made = 0;
    for (auto _ : state) {
        SealOrder order;
        order.finalize = true;
        AuthorSlot slot{.slot = {},
                        .offline = false,
                        .deadline = io::now() + std::chrono::seconds(2),
                        .transactions = {},
                        .order = std::move(order)};
        const Event event = jobs.author(slot);
        const auto* own = std::get_if<BlockImported>(&event);
        CHECK(own != nullptr);
        const BlockHash hash = own->imported.import.block.hash;
        const SignedBlock block{{own->imported.header, **(*chain)->body(hash)}, std::nullopt};
        const Bytes encoded = scale::encode(block);
        out.write(reinterpret_cast<const char*>(encoded.data()),
                  static_cast<std::streamsize>(encoded.size()));
        wall += kSlotMs;
        ++made;
    }
    CHECK(out.good());
    state.SetItemsProcessed(made);
}
BENCHMARK(author_chain)
    ->Name("node/author_dev_block")
    ->Iterations(static_cast<benchmark::IterationCount>(blocks_wanted()))
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace stipple::node

BENCHMARK_MAIN();
