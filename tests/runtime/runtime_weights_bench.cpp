// What calls cost beside what the runtime says they cost: README.md tells how to read and renew.
#include "pallets/system/system.hpp"
#include "tests/runtime/bench_chain.hpp"
#include "tests/runtime/weight_cases.hpp"

#include <benchmark/benchmark.h>

namespace stipple::bench {
namespace {

using runtime::RuntimeCall;
using runtime::System;
using runtime::Weight;

/// Passes everything on and notes which keys of the main trie were read, with their sizes.
class NotingReader final : public state::Reader {
 public:
    using Read = std::map<Bytes, std::size_t, ByteLess>;
    explicit NotingReader(const state::Reader& below) : below_(below) {}
    Result<std::optional<state::StoredValue>> value(const state::TrieId& trie,
                                                    ByteView key) const override {
        auto found = below_.value(trie, key);
        const Bytes whole = found && *found ? *below_.get(trie, key).value() : Bytes{};
        read_[to_bytes(key)] = key.size() + whole.size();
        return found;
    }
    std::unique_ptr<state::KeyCursor> keys(const state::TrieId& trie,
                                           ByteView from) const override {
        return below_.keys(trie, from);
    }
    Result<std::optional<state::LentBytes>> lend_branch(const state::TrieId& trie,
                                                        ByteView path) const override {
        return below_.lend_branch(trie, path);
    }
    Result<state::StateRoot> root(const state::TrieId& trie) const override {
        return below_.root(trie);
    }
    const Read& read() const { return read_; }

 private:
    const state::Reader& below_;
    mutable Read read_;
};

struct Measured {
    double micros = 0;  ///< of one transaction
    NotingReader::Read read;
    std::size_t writes = 0;  ///< values that the whole block writes
    bool has_failure = false;
};

/// Signs for whoever sends, in the order of nonces.
class Sender {
 public:
    Extrinsic sign(const Sent& sent) {
        return BenchChain::signed_by(sent.by, sent.call.encoded(), nonces_[sent.by]++);
    }

 private:
    std::map<AccountId, std::uint32_t> nonces_;
};

/// The state in which the calls of a case may come, and who has sent how much before.
struct Prepared {
    state::MemoryState state = our_chain().state;
    BlockRef block{our_chain().header.hash(), 0};
    Sender sender;
    bool has_failure = false;
};

/// Whether the events have one of System with this index, of this extrinsic.
bool has_event(ByteView events, std::uint32_t extrinsic, std::uint8_t index) {
    Bytes head{0};
    scale::encode_to(head, extrinsic);
    head.insert(head.end(), {System::index(), index});
    return !std::ranges::search(events, head).empty();
}
/// A call that fails writes nothing: it must not be taken for a cheap one.
bool has_failure(const authoring::BuiltBlock& built) {
    const auto& values = built.difference->tries.at(state::TrieId::main()).values;
    const ByteView events = values.at(System::events_log.key())->bytes;
    for (std::uint32_t i = 1; i < built.body.size(); ++i) {  // 0 is the inherent
        // Events are found by their first bytes alone, which others may have in their middle.
        if (has_event(events, i, System::kExtrinsicFailed.index) &&
            !has_event(events, i, System::kExtrinsicSuccess.index)) {
            return true;
        }
    }
    return false;
}

Prepared prepare(const WeightCase& one) {
    Prepared out;
    if (one.prepare[0] == nullptr) {
        return out;
    }
    auto builder = our_chain().begin_block(out.state);
    const auto apply = [&](const Sent& sent) {
        CHECK(builder.apply(out.sender.sign(sent)) == authoring::Applied::included);
    };
    for (std::uint32_t i = 0; i < one.times; ++i) {
        apply({alice(), endowment(i)});
    }
    for (const auto& step : one.prepare) {
        for (std::uint32_t i = 0; step != nullptr && i < one.times; ++i) {
            apply(step(i));
        }
    }
    auto built = std::move(builder).finish();
    CHECK(built.has_value());
    out.has_failure = has_failure(*built);
    out.state.apply(*built->difference);
    out.block = {built->header.hash(), built->header.number};
    return out;
}

Measured run_block(const Prepared& prepared, std::uint32_t times, auto&& make) {
    const NotingReader reader(prepared.state);
    auto builder = our_chain().begin_block(reader, prepared.block);
    Sender sender = prepared.sender;
    std::vector<Extrinsic> all;
    for (std::uint32_t i = 0; i < times; ++i) {
        all.push_back(sender.sign(make(i)));
    }
    const double began = cpu_seconds();
    for (const Extrinsic& extrinsic : all) {
        CHECK(builder.apply(extrinsic) == authoring::Applied::included);
    }
    const double micros = 1e6 * (cpu_seconds() - began) / times;
    auto built = std::move(builder).finish();
    CHECK(built.has_value());
    return {micros, reader.read(), built->difference->tries.at(state::TrieId::main()).values.size(),
            has_failure(*built)};
}

void measure(benchmark::State& run, const WeightCase& one) {
    const Prepared prepared = prepare(one);
    if (prepared.has_failure || run_block(prepared, one.times, one.make).has_failure) {
        run.SkipWithError(prepared.has_failure ? "what prepares it failed" : "a call failed");
        return;
    }
    const auto plain = [&](std::uint32_t i) {
        const Sent sent = one.make(i);
        return Sent{sent.by, remark(sent.call.encoded().size())};
    };
    double dispatch = 0;
    for (auto _ : run) {
        dispatch += run_block(prepared, one.times, one.make).micros -
                    run_block(prepared, one.times, plain).micros;
    }
    dispatch = std::max(0.0, dispatch / static_cast<double>(run.iterations()));
    // Items: what the first one touches and a remark does not.
    const Measured first = run_block(prepared, 1, one.make);
    const Measured base = run_block(prepared, 1, plain);
    double reads = 0;
    double proof = 0;
    for (const auto& [key, size] : first.read) {
        if (!base.read.contains(key)) {
            reads += 1;
            proof += static_cast<double>(size);
        }
    }
    const double writes =
        static_cast<double>(first.writes > base.writes ? first.writes - base.writes : 0);
    const Weight declared = one.make(0).call.info().weight;
    const double declared_us = static_cast<double>(declared.ref_time_ps) / 1e6;
    run.counters["dispatch_us"] = dispatch;
    run.counters["read_items"] = reads;
    run.counters["written_items"] = writes;
    run.counters["declared_us"] = declared_us;
    run.counters["used_percent"] = 100 * (dispatch + 25 * reads + 100 * writes) / declared_us;
    run.counters["proof_percent"] = declared.proof_bytes == 0
                                        ? (proof == 0 ? 0.0 : 999.0)
                                        : 100 * proof / static_cast<double>(declared.proof_bytes);
}

const bool kRegistered = [] {
    for (const WeightCase& one : weight_cases()) {
        benchmark::RegisterBenchmark((std::string("runtime_weights/") + one.name).c_str(),
                                     [&one](benchmark::State& run) { measure(run, one); })
            ->Unit(benchmark::kMillisecond)
            ->Iterations(3);
    }
    return true;
}();

}  // namespace
}  // namespace stipple::bench
