// What calls cost beside what the runtime says they cost: README.md tells how to read and renew.
#include "pallets/timestamp/timestamp.hpp"
#include "tests/runtime/weight_measure.hpp"

#include <benchmark/benchmark.h>

namespace stipple::bench {
namespace {

void report(benchmark::State& run, double dispatch_us, const Cost& cost) {
    const double declared_us = static_cast<double>(cost.declared.ref_time_ps) / 1e6;
    run.counters["dispatch_us"] = dispatch_us;
    run.counters["read_items"] = cost.reads;
    run.counters["written_items"] = cost.writes;
    run.counters["declared_us"] = declared_us;
    run.counters["used_percent"] = 100 * (dispatch_us + cost.items_us()) / declared_us;
    run.counters["proof_percent"] =
        cost.declared.proof_bytes == 0
            ? (cost.proof_bytes == 0 ? 0.0 : 999.0)
            : 100 * cost.proof_bytes / static_cast<double>(cost.declared.proof_bytes);
}

void measure(benchmark::State& run, const WeightCase& one) {
    const Prepared prepared = prepare(one);
    if (prepared.has_failure ||
        run_block(prepared, one.times, one.make, one.verifies_signatures).has_failure) {
        run.SkipWithError(prepared.has_failure ? "what prepares it failed" : "a call failed");
        return;
    }
    double dispatch = 0;
    for (auto _ : run) {
        dispatch +=
            run_block(prepared, one.times, one.make, one.verifies_signatures).micros -
            run_block(
                prepared, one.times, [&](std::uint32_t i) { return plain(one.make(i)); }, false)
                .micros;
    }
    report(run, std::max(0.0, dispatch / static_cast<double>(run.iterations())),
           cost_of(one, prepared));
}

/// The inherent of every block: there is no block without it to compare with, so what begins the
/// block is read beside what the whole of it is.
void measure_timestamp(benchmark::State& run) {
    double micros = 0;
    Cost cost;
    for (auto _ : run) {
        const NotingReader reader(our_chain().state);
        auto builder = our_chain().begin_without_inherents(reader, {our_chain().header.hash(), 0});
        const auto before = reader.read();
        const double began = cpu_seconds();
        our_chain().apply_inherents(builder, 0);
        micros += 1e6 * (cpu_seconds() - began);
        cost = {};
        for (const auto& [key, size] : reader.read()) {
            if (!before.contains(key)) {
                cost.reads += 1;
                cost.proof_bytes += static_cast<double>(size);
            }
        }
    }
    cost.writes = 1;  // Now; that it was set is forgotten before the block ends
    const auto call = runtime::RuntimeCall::make(runtime::Timestamp::index(), 0,
                                                 runtime::Compact<runtime::Moment>{1});
    cost.declared = call.info().weight;
    report(run, micros / static_cast<double>(run.iterations()), cost);
}

const bool kRegistered = [] {
    for (const WeightCase& one : weight_cases()) {
        benchmark::RegisterBenchmark((std::string("runtime_weights/") + one.name).c_str(),
                                     [&one](benchmark::State& run) { measure(run, one); })
            ->Unit(benchmark::kMillisecond)
            ->Iterations(3);
    }
    benchmark::RegisterBenchmark("runtime_weights/Timestamp.set", &measure_timestamp)
        ->Unit(benchmark::kMillisecond)
        ->Iterations(50);
    return true;
}();

}  // namespace
}  // namespace stipple::bench
