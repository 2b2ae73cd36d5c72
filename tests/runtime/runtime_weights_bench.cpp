// What calls cost beside what the runtime says they cost: README.md tells how to read and renew.
#include "tests/runtime/bench_chain.hpp"

#include <benchmark/benchmark.h>

namespace stipple::bench {
namespace {

using runtime::Balance;
using runtime::Compact;
using runtime::MultiAddress;
using runtime::RuntimeCall;
using runtime::Unit;
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

struct Case {
    const char* name;
    std::uint32_t times;  ///< in one block; each finds room for all
    RuntimeCall (*call)(std::uint32_t i);
};

AccountId account(std::uint32_t i) {
    AccountId who;
    who.bytes.fill(0x55);
    const Bytes number = scale::encode(i);
    std::ranges::copy(number, who.bytes.begin());
    return who;
}
MultiAddress address(std::uint32_t i) {
    return MultiAddress::of(account(i));
}
RuntimeCall remark(std::size_t bytes) {
    return RuntimeCall::make(0, 0, Bytes(bytes, 1));
}
RuntimeCall sudo(const RuntimeCall& call) {
    return RuntimeCall::make(255, 0, call);
}
constexpr Balance kSome = 1'000'000'000'000;
constexpr std::uint8_t kAnyProxy = 0;

const Case kCases[] = {
    {"System.remark_with_event", 200,
     [](std::uint32_t i) { return RuntimeCall::make(0, 7, scale::encode(i)); }},
    {"Sudo.sudo(System.set_storage)", 200,
     [](std::uint32_t i) {
         const std::vector<std::tuple<Bytes, Bytes>> items{{scale::encode(i), Bytes(32)}};
         return sudo(RuntimeCall::make(0, 4, items));
     }},
    {"Balances.transfer_allow_death", 200,
     [](std::uint32_t i) { return RuntimeCall::make(4, 0, address(i), Compact<Balance>{kSome}); }},
    {"Balances.transfer_keep_alive", 200,
     [](std::uint32_t i) { return RuntimeCall::make(4, 3, address(i), Compact<Balance>{kSome}); }},
    {"Sudo.sudo(Balances.force_set_balance)", 200,
     [](std::uint32_t i) {
         return sudo(RuntimeCall::make(4, 8, address(i), Compact<Balance>{kSome}));
     }},
    {"Session.set_keys", 50,
     [](std::uint32_t i) {
         Bytes keys(5 * 32 + 33, 3);
         std::ranges::copy(scale::encode(i), keys.begin() + 32);
         std::array<std::uint8_t, 193> fixed{};
         for (std::size_t at = 0; at < fixed.size(); at += 32) {
             std::ranges::copy(scale::encode(i + 1), fixed.begin() + static_cast<long>(at));
         }
         return RuntimeCall::make(8, 0, fixed, Bytes{});
     }},
    {"Utility.batch_of_ten_remarks", 100,
     [](std::uint32_t) {
         return RuntimeCall::make(24, 0, std::vector<RuntimeCall>(10, remark(4)));
     }},
    {"Utility.as_derivative(remark)", 100,
     [](std::uint32_t i) {
         return RuntimeCall::make(24, 1, static_cast<std::uint16_t>(i), remark(4));
     }},
    {"Sudo.sudo(Scheduler.schedule)", 100,
     [](std::uint32_t i) {
         return sudo(
             RuntimeCall::make(29, 0, 1000 + i, std::optional<Unit>{}, std::uint8_t{0}, remark(4)));
     }},
    {"Proxy.add_proxy", 30,
     [](std::uint32_t i) {
         return RuntimeCall::make(30, 1, address(i), kAnyProxy, std::uint32_t{0});
     }},
    {"Proxy.create_pure", 50,
     [](std::uint32_t i) {
         return RuntimeCall::make(30, 4, kAnyProxy, std::uint32_t{0},
                                  static_cast<std::uint16_t>(i));
     }},
    {"Multisig.as_multi_threshold_1", 100,
     [](std::uint32_t i) {
         return RuntimeCall::make(31, 0, std::vector<AccountId>{account(i)}, remark(4));
     }},
    {"Multisig.as_multi", 100,
     [](std::uint32_t i) {
         return RuntimeCall::make(31, 1, std::uint16_t{2}, std::vector<AccountId>{account(i)},
                                  std::optional<Unit>{}, remark(4), Weight{1'000'000, 0});
     }},
    {"Preimage.note_preimage_1KB", 100,
     [](std::uint32_t i) {
         Bytes image(1024, 7);
         std::ranges::copy(scale::encode(i), image.begin());
         return RuntimeCall::make(32, 0, image);
     }},
};

struct Measured {
    double micros = 0;  ///< of one transaction
    NotingReader::Read read;
    std::size_t writes = 0;  ///< values that the whole block writes
};

Measured run_block(std::uint32_t times, auto&& make_call) {
    const BenchChain& chain = our_chain();
    const NotingReader reader(chain.state);
    auto builder = chain.begin_block(reader);
    std::vector<Extrinsic> all;
    for (std::uint32_t i = 0; i < times; ++i) {
        all.push_back(chain.signed_by_alice(make_call(i).encoded(), i));
    }
    const double began = cpu_seconds();
    for (const Extrinsic& extrinsic : all) {
        CHECK(builder.apply(extrinsic) == authoring::Applied::included);
    }
    const double micros = 1e6 * (cpu_seconds() - began) / times;
    auto built = std::move(builder).finish();
    CHECK(built.has_value());
    return {micros, reader.read(),
            built->difference->tries.at(state::TrieId::main()).values.size()};
}

void measure(benchmark::State& run, const Case& one) {
    const std::size_t bytes = one.call(0).encoded().size();
    const auto plain = [bytes](std::uint32_t) { return remark(bytes); };
    double dispatch = 0;
    for (auto _ : run) {
        dispatch += run_block(one.times, one.call).micros - run_block(one.times, plain).micros;
    }
    dispatch = std::max(0.0, dispatch / static_cast<double>(run.iterations()));
    // Items: what the first one touches and a remark does not.
    const Measured first = run_block(1, one.call);
    const Measured base = run_block(1, plain);
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
    const Weight declared = one.call(0).info().weight;
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
    for (const Case& one : kCases) {
        benchmark::RegisterBenchmark((std::string("runtime_weights/") + one.name).c_str(),
                                     [&one](benchmark::State& run) { measure(run, one); })
            ->Unit(benchmark::kMillisecond)
            ->Iterations(3);
    }
    return true;
}();

}  // namespace
}  // namespace stipple::bench
