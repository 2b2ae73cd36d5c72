// What one call costs within the process: parsing, the method, the answer; no socket.
#include "base/memory_store.hpp"
#include "chain/import/real_chain.hpp"
#include "rpc/subscriptions/service.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace stipple;

struct Bench {
    chain::ChainSpec spec = chain::testing::spec_at("rococo-dev-1.14.json");
    MemoryStore database;
    std::unique_ptr<chain::Chain> chain;
    std::unique_ptr<rpc::RpcContext> context;
    std::unique_ptr<rpc::RpcService> service;
    Bench() {
        auto opened = chain::Chain::open(database, spec, chain::testing::shared_executor(), {});
        CHECK(opened.has_value());
        chain = *std::move(opened);
        context = std::make_unique<rpc::RpcContext>(rpc::RpcContext{.chain = *chain, .node = {}});
        service =
            std::make_unique<rpc::RpcService>(rpc::ServiceConfig{}, *context, Seed{1}, nullptr);
    }
};

void run(benchmark::State& state, std::string_view body) {
    static const Bench bench;
    bool malformed = false;
    for (auto _ : state) {
        benchmark::DoNotOptimize(bench.service->answer(body, true, malformed));
    }
    state.SetItemsProcessed(state.iterations());
}

void state_get_storage(benchmark::State& state) {
    run(state, R"({"jsonrpc":"2.0","id":1,"method":"state_getStorage","params":[)"
               R"("0x26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9)"
               R"(de1e86a9a8c739864cf3cc5ec2bea59fd43593c715fdd31c61141abd04a99fd6)"
               R"(822c8558854ccde39a5684e7a56da27d"]})");
}
BENCHMARK(state_get_storage);

void chain_get_header(benchmark::State& state) {
    run(state, R"({"jsonrpc":"2.0","id":1,"method":"chain_getHeader","params":[]})");
}
BENCHMARK(chain_get_header);

void system_name(benchmark::State& state) {
    run(state, R"({"jsonrpc":"2.0","id":1,"method":"system_name","params":[]})");
}
BENCHMARK(system_name);

}  // namespace

BENCHMARK_MAIN();
