// State reads: from the row cache, from a database just opened, behind 500 unfinalised blocks, as
// of an old block; and what a block costs to stage, publish and take into the base.
#include "base/memory_store.hpp"
#include "base/prng.hpp"
#include "crypto/hash.hpp"
#include "io/database/database.hpp"
#include "state/store/store.hpp"
#include "tests/support/temporary_folder.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>

namespace stipple::state::store {
namespace {

constexpr std::uint64_t kKeys = 300'000;
constexpr std::uint64_t kKeysPerBlock = 500;
constexpr BlockNumber kLayers = 500;

/// As storage maps have them: a pallet and item prefix, a hash, the hashed thing.
Bytes key_of(std::uint64_t n) {
    Bytes raw;
    append_le(raw, n);
    Bytes key = Bytes(32, static_cast<std::uint8_t>(n % 7));
    const auto hash = crypto::blake2b_256(raw);
    key.insert(key.end(), hash.bytes.begin(), hash.bytes.begin() + 16);
    key.insert(key.end(), 32, static_cast<std::uint8_t>(n));
    return key;
}

BlockRef block(BlockNumber number) {
    BlockRef ref;
    ref.number = number;
    ref.hash.bytes[0] = static_cast<std::uint8_t>(number);
    ref.hash.bytes[1] = static_cast<std::uint8_t>(number >> 8);
    return ref;
}

std::shared_ptr<const Difference> random_block(Prng& random) {
    auto difference = std::make_shared<Difference>();
    auto& main = difference->tries[TrieId::main()];
    for (std::uint64_t n = 0; n < kKeysPerBlock; ++n) {
        main.values.set(key_of(random.below(kKeys)), StoredValue{random.bytes(60), {}});
        NibblePath path = random.bytes(12);
        for (auto& nibble : path) {
            nibble &= 0x0f;
        }
        main.nodes.set(path, random.bytes(300));
    }
    return difference;
}

/// A database on disk with kKeys values at block 0; removed at exit.
class World {
 public:
    World() {
        open();
        Difference whole;
        auto& main = whole.tries[TrieId::main()];
        Prng random(Seed{1});
        for (std::uint64_t n = 0; n < kKeys; ++n) {
            main.values.set(key_of(n), StoredValue{random.bytes(60), {}});
        }
        CHECK(store->initialize(block(0), whole));
        CHECK(database->compact(Column::values));
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;
    ~World() {
        store.reset();
        database.reset();
    }
    void open() {
        store.reset();
        database.reset();
        auto opened = io::open_database(folder_.path(), {});
        CHECK(opened);
        database = std::move(*opened);
        auto made = Store::open(*database, {.layers_max = 10 * kLayers});
        CHECK(made);
        store = std::move(*made);
    }
    void add(BlockNumber number, std::shared_ptr<const Difference> difference) {
        WriteBatch batch;
        const auto ticket =
            store->stage(block(number), block(number - 1).hash, std::move(difference), batch);
        CHECK(ticket);
        CHECK(database->commit(batch, Durability::buffered));
        store->publish(*ticket);
    }
    std::unique_ptr<io::Database> database;
    std::unique_ptr<Store> store;

 private:
    const stipple::testing::TemporaryFolder folder_;
};

World& world() {
    static World made;
    return made;
}

void read_random(benchmark::State& state, const Reader& view, std::uint64_t span) {
    Prng random(Seed{2});
    std::vector<Bytes> keys;
    for (int n = 0; n < 4096; ++n) {
        keys.push_back(key_of(random.below(span)));
    }
    std::size_t at = 0;
    for (auto _ : state) {
        auto value = view.value(TrieId::main(), keys[at++ % keys.size()]);
        CHECK(value && *value);
        benchmark::DoNotOptimize(value);
    }
}

void BM_ReadWarm(benchmark::State& state) {
    const auto view = *world().store->view(world().store->base());
    read_random(state, *view, 1000);
}
BENCHMARK(BM_ReadWarm);

/// Each key once in a store just opened: block cache and row cache are empty, the system's page
/// cache is not.
void BM_ReadCold(benchmark::State& state) {
    world().open();
    const auto view = *world().store->view(world().store->base());
    std::uint64_t n = 0;
    for (auto _ : state) {
        state.PauseTiming();
        const Bytes key = key_of(n++ * 7919 % kKeys);
        state.ResumeTiming();
        auto value = view->value(TrieId::main(), key);
        CHECK(value && *value);
        benchmark::DoNotOptimize(value);
    }
}
BENCHMARK(BM_ReadCold)->Iterations(30'000);

void BM_ReadBehindLayers(benchmark::State& state) {
    auto& w = world();
    Prng random(Seed{3});
    const auto from = w.store->base().number;
    for (BlockNumber n = 1; n <= kLayers; ++n) {
        if (!w.store->has_state(block(from + n))) {
            w.add(from + n, random_block(random));
        }
    }
    const auto view = *w.store->view(block(from + kLayers));
    read_random(state, *view, 1000);
}
BENCHMARK(BM_ReadBehindLayers);

void BM_IterateBehindLayers(benchmark::State& state) {
    auto& w = world();
    const auto view = *w.store->view(block(w.store->base().number + kLayers));
    auto cursor = view->keys(TrieId::main(), {});
    for (auto _ : state) {
        if (!cursor->valid()) {
            cursor = view->keys(TrieId::main(), {});
        }
        benchmark::DoNotOptimize(cursor->key());
        cursor->next();
    }
}
BENCHMARK(BM_IterateBehindLayers);

/// 500 keys and 500 branches into the base, with history.
void BM_Finalize(benchmark::State& state) {
    auto& w = world();
    for (auto _ : state) {
        CHECK(w.store->finalize(block(w.store->base().number + 1)));
    }
}
BENCHMARK(BM_Finalize)->Iterations(400)->Unit(benchmark::kMicrosecond);

void BM_ReadAsOfAnOldBlock(benchmark::State& state) {
    auto& w = world();
    const auto view = w.store->view(block(w.store->base().number - 200));
    CHECK(view);
    read_random(state, **view, kKeys);
}
BENCHMARK(BM_ReadAsOfAnOldBlock);

void BM_StageAndPublish(benchmark::State& state) {
    auto& w = world();
    Prng random(Seed{5});
    BlockNumber at = w.store->base().number;
    while (w.store->has_state(block(at + 1))) {
        ++at;
    }
    for (auto _ : state) {
        state.PauseTiming();
        auto difference = random_block(random);
        state.ResumeTiming();
        w.add(++at, std::move(difference));
    }
}
BENCHMARK(BM_StageAndPublish)->Iterations(200)->Unit(benchmark::kMicrosecond);

void BM_OpenWithLayers(benchmark::State& state) {
    for (auto _ : state) {
        world().open();
    }
}
BENCHMARK(BM_OpenWithLayers)->Iterations(2)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace stipple::state::store

BENCHMARK_MAIN();
