#include "chain/pool/pool.hpp"
#include "chain/pool/pool_world.hpp"

#include <benchmark/benchmark.h>

namespace stipple::chain::pool {
namespace {

PoolConfig wide() {
    return PoolConfig::with_limits(100'000, 100 * 1024);
}

void fill(Pool& pool, World& world, std::uint32_t accounts, std::uint32_t nonces) {
    PoolEffects effects;
    for (std::uint32_t nonce = 0; nonce < nonces; ++nonce) {
        for (std::uint32_t account = 0; account < accounts; ++account) {
            pool.submit(Instant{}, extrinsic_of({account, nonce, 1 + account % 7, 0}, 120), {},
                        effects);
            const Validate job = std::get<Validate>(effects.front());
            effects.clear();
            pool.on_validated(Instant{}, job.job, world.validate(job), effects);
            effects.clear();
        }
    }
}

/// Submission to ready, the runtime's part left out (the toy's answer is included).
void Import(benchmark::State& state) {
    const auto accounts = static_cast<std::uint32_t>(state.range(0));
    const auto nonces = static_cast<std::uint32_t>(8192 / state.range(0));
    World world;
    for (auto _ : state) {
        Pool pool(wide(), World::genesis());
        fill(pool, world, accounts, nonces);
        benchmark::DoNotOptimize(pool.counts().ready);
    }
    state.SetItemsProcessed(state.iterations() * 8192);
}
BENCHMARK(Import)->Arg(8192)->Arg(64)->Arg(1)->Unit(benchmark::kMillisecond);

/// What an author does each slot: copy 8192 ready ones, take the first 1000 in order.
void FirstThousandReady(benchmark::State& state) {
    World world;
    Pool pool(wide(), World::genesis());
    fill(pool, world, 64, 128);
    for (auto _ : state) {
        ReadyIterator walk = pool.ready();
        for (int i = 0; i < 1000; ++i) {
            benchmark::DoNotOptimize(walk.next());
        }
    }
}
BENCHMARK(FirstThousandReady)->Unit(benchmark::kMicrosecond);

/// A block with 1000 transactions of a pool of 8192.
void PruneThousand(benchmark::State& state) {
    for (auto _ : state) {
        state.PauseTiming();
        World world;
        Pool pool(wide(), World::genesis());
        fill(pool, world, 64, 128);
        Body body;
        ReadyIterator walk = pool.ready();
        for (int i = 0; i < 1000; ++i) {
            body.push_back(*walk.next()->extrinsic);
        }
        const BlockRef block = world.make_block(World::genesis(), body).value_or(BlockRef{});
        PoolEffects effects;
        state.ResumeTiming();
        pool.on_new_best(Instant{}, world.change(World::genesis(), block), effects);
        benchmark::DoNotOptimize(effects.size());
    }
}
BENCHMARK(PruneThousand)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace stipple::chain::pool

BENCHMARK_MAIN();
