// Runtimes that misbehave, and what each comes to; entry ABIs; slots; the disk cache.
#include "executor/executor.hpp"

#include "executor/code_cache.hpp"
#include "executor/real_runtimes.hpp"
#include "executor/small_module.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

namespace stipple::executor {
namespace {

using namespace testing;  // NOLINT: the byte codes
using ::testing::HasSubstr;

std::expected<std::shared_ptr<const Runtime>, CodeError> load(ByteView wasm) {
    return shared_executor().runtime(wasm, 16);
}
std::expected<Bytes, CallError> run(ByteView wasm, ByteView arguments = {},
                                    const CallContext& context = {}) {
    const auto runtime = load(wasm);
    if (!runtime) {
        return std::unexpected(CallError{CallErrorKind::environment, runtime.error().message, {}});
    }
    const state::MemoryState empty;
    state::Overlay overlay(empty);
    return (*runtime)->call("run", arguments, overlay, context);
}
Bytes concat(std::initializer_list<Bytes> parts) {
    Bytes out;
    for (const Bytes& part : parts) {
        append(out, part);
    }
    return out;
}

// ---- code that is refused ----

TEST(Code, that_is_not_wasm_is_refused) {
    const auto made = load(as_bytes("hello, world"));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, CodeErrorKind::not_wasm);
}
TEST(Code, that_unpacks_to_more_than_the_bound_is_refused) {
    const Bytes wasm = SmallModule().data(Bytes(4096, 7)).wasm();
    const auto unpacked = unpack_code(wasm, wasm.size() - 1);
    ASSERT_FALSE(unpacked);
    EXPECT_EQ(unpacked.error().kind, CodeErrorKind::too_large);
    EXPECT_EQ(*unpack_code(wasm, wasm.size()), wasm);
}
TEST(Code, with_unknown_imports_is_refused_with_all_their_names) {
    const auto made = load(SmallModule()
                               .import("ext_future_magic_version_1", "I", "I")
                               .import("ext_storage_get_version_1", "I", "I")
                               .import("ext_storage_set_version_1", "I", "")
                               .wasm());
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, CodeErrorKind::unknown_import);
    EXPECT_THAT(made.error().message, HasSubstr("env.ext_future_magic_version_1"));
    EXPECT_THAT(made.error().message,
                HasSubstr("ext_storage_set_version_1 with another signature"));
    EXPECT_THAT(made.error().message, Not(HasSubstr("ext_storage_get_version_1")));
}
TEST(Code, with_instructions_the_field_does_not_allow_is_refused) {
    // memory.fill belongs to bulk memory.
    const auto made =
        load(SmallModule()
                 .code(concat(
                     {{kI32Const, 0, kI32Const, 0, kI32Const, 0, 0xfc, 11, 0}, push_slice(0, 0)}))
                 .wasm());
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, CodeErrorKind::does_not_compile);
    EXPECT_THAT(made.error().message, HasSubstr("bulk memory"));
}
TEST(Code, without_version_is_refused) {
    const auto made = load(SmallModule().without_version().wasm());
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, CodeErrorKind::bad_version);
}
TEST(Code, that_mixes_the_entry_abis_is_refused) {
    const auto made = load(SmallModule()
                               .import("ext_allocator_malloc_version_1", "i", "i")
                               .entry("Core_version", {"i", "I"})
                               .wasm());
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().message, HasSubstr("newer entry ABI"));
}
TEST(Code, with_more_heap_than_a_memory_can_have_is_refused) {
    const auto made = shared_executor().runtime(SmallModule().wasm(), std::uint64_t{1} << 40);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, CodeErrorKind::does_not_compile);
}
TEST(Code, of_a_state_without_code_is_refused) {
    EXPECT_EQ(shared_executor().runtime_of(state::MemoryState()).error().kind,
              CodeErrorKind::not_wasm);
}

// ---- calls ----

TEST(Call, gives_the_arguments_on_the_heap_and_takes_the_result) {
    const auto answer = run(SmallModule().code(kEcho).wasm(), as_bytes("argument"));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(as_text(*answer), "argument");
}
TEST(Call, of_the_newer_abi_fetches_its_arguments_once) {
    const auto wasm = SmallModule()
                          .import("ext_input_read_version_1", "I", "")
                          .entry("run", {"i", "I"})
                          .code(concat({push_slice(64, 8), {kCall, 0}, push_slice(64, 8)}))
                          .wasm();
    EXPECT_EQ(as_text(*run(wasm, as_bytes("argument"))), "argument");
    const auto twice =
        SmallModule()
            .import("ext_input_read_version_1", "I", "")
            .entry("run", {"i", "I"})
            .code(concat(
                {push_slice(64, 8), {kCall, 0}, push_slice(64, 8), {kCall, 0}, push_slice(64, 8)}))
            .wasm();
    EXPECT_EQ(run(twice, as_bytes("argument")).error().kind, CallErrorKind::trap);
    EXPECT_THAT(run(wasm, as_bytes("too long for it")).error().message, HasSubstr("too small"));
}
TEST(Call, to_a_missing_export_says_so) {
    const auto runtime = load(SmallModule().wasm());
    ASSERT_TRUE(runtime);
    const state::MemoryState empty;
    state::Overlay overlay(empty);
    const auto answer = (*runtime)->call("Core_version", {}, overlay, {});
    EXPECT_EQ(answer.error().kind, CallErrorKind::unknown_method);
    EXPECT_FALSE((*runtime)->has_export("Core_version"));
    EXPECT_TRUE((*runtime)->has_export("run"));
}
TEST(Call, that_reaches_unreachable_traps) {
    const auto answer = run(SmallModule().code({kUnreachable}).wasm());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, CallErrorKind::trap);
    EXPECT_EQ(answer.error().message, "wasm trap: wasm `unreachable` instruction executed");
    EXPECT_THAT(answer.error().backtrace, HasSubstr("0x"));
}
TEST(Call, that_panics_carries_the_logged_message) {
    const auto wasm = SmallModule()
                          .import("ext_logging_log_version_1", "iII", "")
                          .data(to_bytes("runtimepanicked at 'no'"))
                          .code(concat({{kI32Const, 1},
                                        push_slice(1024, 7),
                                        push_slice(1031, 16),
                                        {kCall, 0, kUnreachable}}))
                          .wasm();
    EXPECT_THAT(run(wasm).error().message, HasSubstr("runtime panicked: panicked at 'no'"));
    const auto newer = SmallModule()
                           .import("ext_panic_handler_abort_on_panic_version_1", "I", "")
                           .data(to_bytes("no way"))
                           .code(concat({push_slice(1024, 6), {kCall, 0}, push_slice(0, 0)}))
                           .wasm();
    EXPECT_THAT(run(newer).error().message, HasSubstr("runtime panicked: no way"));
}
TEST(Call, that_hands_a_host_function_a_pointer_outside_of_memory_traps) {
    const auto wasm = SmallModule()
                          .import("ext_storage_get_version_1", "I", "I")
                          .code(concat({push_slice(0xffff0000, 0x10000), {kCall, 0}}))
                          .wasm();
    EXPECT_EQ(run(wasm).error().kind, CallErrorKind::trap);
    EXPECT_THAT(run(wasm).error().message, HasSubstr("outside of the runtime's memory"));
}
TEST(Call, that_returns_a_pointer_outside_of_memory_is_a_bad_result) {
    const auto answer = run(SmallModule().code(push_slice(0x7fff0000, 64)).wasm());
    EXPECT_EQ(answer.error().kind, CallErrorKind::bad_result);
}
TEST(Call, that_eats_memory_runs_out_of_it) {
    const auto wasm = SmallModule()
                          .import("ext_allocator_malloc_version_1", "i", "i")
                          .code({kLoop, kNoResult, kI32Const, 0x80, 0x80, 0x04, kCall, 0, kDrop,
                                 kBranch, 0, kEnd, kUnreachable})
                          .wasm();
    EXPECT_EQ(run(wasm).error().kind, CallErrorKind::trap);
    EXPECT_THAT(run(wasm).error().message, HasSubstr("ran out of space"));
}
TEST(Call, that_never_ends_is_ended_at_its_time_limit) {
    std::atomic<bool> done = false;
    std::thread ticker([&] {
        while (!done) {
            shared_executor().tick();
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    });
    CallContext limited;
    limited.time_limit = std::chrono::milliseconds(100);
    const Bytes loop = {kLoop, kNoResult, kBranch, 0, kEnd, kUnreachable};
    const auto in_wasm = run(SmallModule().code(loop).wasm(), {}, limited);
    // A loop that spends its time in a host function is noticed there too.
    const auto in_host =
        run(SmallModule()
                .import("ext_logging_max_level_version_1", "", "i")
                .code({kLoop, kNoResult, kCall, 0, kDrop, kBranch, 0, kEnd, kUnreachable})
                .wasm(),
            {}, limited);
    const auto short_one = run(SmallModule().code(kEcho).wasm(), as_bytes("quick"), limited);
    done = true;
    ticker.join();
    ASSERT_FALSE(in_wasm);
    EXPECT_EQ(in_wasm.error().kind, CallErrorKind::deadline);
    ASSERT_FALSE(in_host);
    EXPECT_EQ(in_host.error().kind, CallErrorKind::deadline);
    ASSERT_TRUE(short_one);
}
TEST(Call, without_a_capability_traps_in_its_host_functions) {
    const auto wasm =
        SmallModule().import("ext_offchain_timestamp_version_1", "", "I").code({kCall, 0}).wasm();
    EXPECT_THAT(run(wasm).error().message, HasSubstr("not available"));
}

TEST(Call, that_fails_leaves_the_overlay_as_it_was) {
    const auto set = [](Bytes end) {
        return SmallModule()
            .import("ext_storage_set_version_1", "II", "")
            .import("ext_storage_start_transaction_version_1", "", "")
            .data(to_bytes("key"))
            .code(concat({push_slice(1024, 3), push_slice(1024, 3), {kCall, 0, kCall, 1}, end}))
            .wasm();
    };
    const state::MemoryState empty;
    state::Overlay overlay(empty);
    const auto key = as_bytes("key");
    const auto bad = load(set({kUnreachable}));
    const auto good = load(set(push_slice(0, 0)));
    ASSERT_TRUE(bad && good);
    overlay.start_transaction();  // the caller's own
    EXPECT_FALSE((*bad)->call("run", {}, overlay, {}));
    EXPECT_FALSE(*overlay.exists(state::TrieId::main(), key));
    EXPECT_TRUE((*good)->call("run", {}, overlay, {}));
    EXPECT_TRUE(*overlay.exists(state::TrieId::main(), key));
    EXPECT_EQ(overlay.open_transactions(), 1U);
}
TEST(Call, may_not_close_transactions_of_its_caller) {
    const auto wasm = SmallModule()
                          .import("ext_storage_rollback_transaction_version_1", "", "")
                          .code(concat({{kCall, 0}, push_slice(0, 0)}))
                          .wasm();
    EXPECT_THAT(run(wasm).error().message, HasSubstr("no open transaction"));
}

/// A port that calls the runtime again from inside of a host function.
class Reentrant final : public OffchainPort {
 public:
    explicit Reentrant(const Runtime& runtime) : runtime_(runtime) {}
    bool is_validator() const override { return false; }
    bool submit_transaction(ByteView) override { return false; }
    UnixMillis now() const override {
        const state::MemoryState empty;
        state::Overlay overlay(empty);
        CallContext context;
        context.offchain = const_cast<Reentrant*>(this);
        const auto answer = runtime_.call("run", {}, overlay, context);
        if (!answer && answer.error().kind == CallErrorKind::out_of_slots) {
            refused = true;
        }
        return {};
    }
    void sleep_until(UnixMillis) override {}
    std::array<std::uint8_t, 32> random_seed() override { return {}; }
    Bytes peer_id() const override { return {}; }

    mutable bool refused = false;

 private:
    const Runtime& runtime_;
};
TEST(Call, beyond_the_last_slot_is_refused_without_a_verdict) {
    auto executor = Executor::create({.cache_dir = {}, .instances_max = 6});
    ASSERT_TRUE(executor);
    const auto runtime = (*executor)->runtime(
        SmallModule().import("ext_offchain_timestamp_version_1", "", "I").code({kCall, 0}).wasm(),
        1);
    ASSERT_TRUE(runtime);
    Reentrant port(**runtime);
    const state::MemoryState empty;
    state::Overlay overlay(empty);
    CallContext context;
    context.offchain = &port;
    EXPECT_TRUE((*runtime)->call("run", {}, overlay, context));
    EXPECT_TRUE(port.refused);
}

TEST(Call, runs_on_many_threads_at_once) {
    const auto runtime = load(SmallModule().code(kEcho).wasm());
    ASSERT_TRUE(runtime);
    std::atomic<int> right = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 200; ++i) {
                const state::MemoryState empty;
                state::Overlay overlay(empty);
                const std::string text = std::to_string(t * 1000 + i);
                const auto answer = (*runtime)->call("run", as_bytes(text), overlay, {});
                right += answer && as_text(*answer) == text ? 1 : 0;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(right, 1600);
}

// ---- the version of other code, asked from inside ----

// ---- calls in a row ----

/// Adds one to the byte at 1024 and gives it; traps when it is three.
Bytes counting_module() {
    constexpr std::uint8_t kLoad8 = 0x2d;
    constexpr std::uint8_t kStore8 = 0x3a;
    const Bytes address{kI32Const, 0x80, 0x08};
    const Bytes load = concat({address, {kLoad8, 0, 0}});
    return SmallModule()
        .data({0})
        .code(concat({address,
                      load,
                      {kI32Const, 1, 0x6a, kStore8, 0, 0},
                      load,
                      {kI32Const, 3, 0x46, 0x04, kNoResult, kUnreachable, kEnd},
                      push_slice(1024, 1)}))
        .wasm();
}

TEST(CallSeries, keeps_its_memory_until_an_error_or_until_told) {
    const auto runtime = load(counting_module());
    ASSERT_TRUE(runtime) << runtime.error().message;
    const state::MemoryState empty;
    state::Overlay overlay(empty);
    CallSeries series(**runtime);
    const CallContext context;
    const auto next = [&] { return series.call("run", {}, overlay, context).value_or(Bytes{}); };
    EXPECT_EQ(next(), Bytes{1});
    EXPECT_EQ(next(), Bytes{2});
    EXPECT_EQ(next(), Bytes{1});  // it trapped, so a fresh instance was asked
    EXPECT_EQ(next(), Bytes{2});
    series.start_anew();
    EXPECT_EQ(next(), Bytes{1});
    CallSeries moved = std::move(series);
    EXPECT_EQ(moved.call("run", {}, overlay, context), Bytes{2});
    EXPECT_EQ(overlay.open_transactions(), 0U);
}

TEST(CallSeries, gives_the_error_of_a_fresh_instance) {
    const auto runtime = load(SmallModule().code({kUnreachable}).wasm());
    ASSERT_TRUE(runtime);
    const state::MemoryState empty;
    state::Overlay overlay(empty);
    CallSeries series(**runtime);
    const CallContext context;
    for (int i = 0; i < 3; ++i) {
        const auto answer = series.call("run", {}, overlay, context);
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().kind, CallErrorKind::trap);
        EXPECT_EQ(overlay.open_transactions(), 0U);
    }
    EXPECT_EQ(series.call("walk", {}, overlay, context).error().kind,
              CallErrorKind::unknown_method);
}

TEST(RuntimeVersionFunction, reads_sections_and_answers_none_for_rubbish) {
    const auto ask = [](const Bytes& blob) {
        const auto size = static_cast<std::uint32_t>(blob.size());
        return run(SmallModule()
                       .import("ext_misc_runtime_version_version_1", "I", "I")
                       .data(blob)
                       .code(concat({push_slice(1024, size), {kCall, 0}}))
                       .wasm());
    };
    const auto found = ask(SmallModule().wasm());
    ASSERT_TRUE(found) << found.error().message;
    const auto inner = scale::decode<std::optional<Bytes>>(*found);
    ASSERT_TRUE(inner && *inner);
    EXPECT_EQ(scale::decode_prefix<RuntimeVersion>(**inner)->spec_name, "small");
    EXPECT_EQ(*ask(to_bytes("rubbish")), Bytes{0});
    EXPECT_EQ(*ask(SmallModule().without_version().wasm()), Bytes{0});
}

// ---- the disk cache ----

TEST(CodeCache, survives_damage) {
    const auto directory = std::filesystem::temp_directory_path() / "stipple-code-cache-test";
    std::filesystem::remove_all(directory);
    const Bytes wasm = SmallModule().code(kEcho).wasm();
    const auto answers = [&] {
        auto executor = Executor::create({.cache_dir = directory});
        CHECK(executor.has_value());
        const auto runtime = (*executor)->runtime(wasm, 1);
        CHECK(runtime.has_value());
        const state::MemoryState empty;
        state::Overlay overlay(empty);
        return as_text(*(*runtime)->call("run", as_bytes("x"), overlay, {})) == "x";
    };
    EXPECT_TRUE(answers());
    const auto file = std::filesystem::directory_iterator(directory)->path();
    EXPECT_EQ(std::filesystem::status(file).permissions(), std::filesystem::perms(0600));
    const Bytes good = read_file(file);
    EXPECT_TRUE(answers());
    for (const std::size_t at : {std::size_t{0}, std::size_t{20}, good.size() / 2}) {
        Bytes bad = good;
        bad[at] ^= 0x40;
        std::ofstream(file, std::ios::binary)
            .write(reinterpret_cast<const char*>(bad.data()),
                   static_cast<std::streamsize>(bad.size()));
        EXPECT_TRUE(answers());
        EXPECT_EQ(read_file(file).size(), good.size()) << "written anew";
        EXPECT_NE(read_file(file), bad);
    }
    std::filesystem::resize_file(file, 10);
    EXPECT_TRUE(answers());
    std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace stipple::executor
