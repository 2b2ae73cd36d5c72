// The weights of calls: all are measured, and what they declare covers the storage that they touch.
// Time is read by `make bench` (runtime_weights_bench.cpp), where nobody else computes.
#include "tests/runtime/weight_measure.hpp"
#include "walk/pallets.hpp"

#include <gtest/gtest.h>

#include <set>

namespace stipple::bench {
namespace {

using runtime::RuntimeCall;
using Place = std::pair<std::uint8_t, std::uint8_t>;  // of pallet and call

/// What the case is about: the call that Root or another account makes, if it is more than a
/// remark.
Place measured_by(const WeightCase& one) {
    RuntimeCall call = one.make(0).call;
    const auto inner = [&](std::uint8_t pallet, std::uint8_t index, auto arguments) {
        if (!call.is(pallet, index)) {
            return;
        }
        scale::Decoder in(call.arguments());
        decode_from(in, arguments);
        const RuntimeCall& within = std::get<RuntimeCall>(arguments);
        if (in.ok() && !within.is(runtime::System::index(), 0)) {
            call = within;
        }
    };
    inner(runtime::Sudo::index(), 0, std::tuple<RuntimeCall>());
    inner(runtime::Proxy::index(), 0,
          std::tuple<runtime::MultiAddress, runtime::Proxy::ForcedType, RuntimeCall>());
    return {call.pallet(), call.call()};
}

TEST(RuntimeWeights, are_measured_for_every_call) {
    std::set<Place> measured{
        {runtime::Timestamp::index(), 0}};  // of every block: a benchmark of its own
    for (const WeightCase& one : weight_cases()) {
        measured.insert(measured_by(one));
    }
    std::size_t calls = 0;
    runtime::walk::for_each_pallet([&]<class P>(std::type_identity<P>) {
        if constexpr (requires { P::calls; }) {
            const auto look = [&](const auto& call) {
                ++calls;
                EXPECT_TRUE(measured.contains({P::index(), call.kIndex}))
                    << P::kName << "." << call.name << " has no case in tests/runtime";
            };
            std::apply([&](const auto&... call) { (look(call), ...); }, P::calls);
        }
    });
    EXPECT_GE(calls, 85U);
}

TEST(RuntimeWeights, cover_the_storage_that_calls_touch) {
    for (const WeightCase& one : weight_cases()) {
        const Prepared prepared = prepare(one);
        EXPECT_FALSE(prepared.has_failure) << "what prepares " << one.name << " fails";
        EXPECT_FALSE(run_block(prepared, one.times, one.make, one.verifies_signatures).has_failure)
            << one.name << " fails";
        const Cost cost = cost_of(one, prepared);
        EXPECT_LE(cost.items_us() * 1e6, static_cast<double>(cost.declared.ref_time_ps))
            << one.name << " reads " << cost.reads << " items and writes " << cost.writes;
        EXPECT_LE(cost.proof_bytes, static_cast<double>(cost.declared.proof_bytes)) << one.name;
    }
}

}  // namespace
}  // namespace stipple::bench
