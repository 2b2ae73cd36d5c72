#include "executor/executor.hpp"

#include "base/log.hpp"
#include "crypto/hash.hpp"
#include "executor/code_cache.hpp"
#include "executor/instance.hpp"
#include "executor/limits.hpp"
#include "state/trie/memory_state.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <list>
#include <mutex>

namespace stipple::executor {
namespace {

constexpr std::string_view kTarget = "executor";
constexpr std::string_view kVersionMethod = "Core_version";
/// Imports that runtimes of the newer entry ABI may not have: they own their heap.
constexpr std::string_view kMallocImport = "ext_allocator_malloc_version_1";

/// The blob and the heap pages it runs with.
using CodeKey = std::pair<CodeHash, std::uint32_t>;

/// What every runtime of an executor shares; outlives the executor while a runtime is in use.
struct Shared {
    ExecutorConfig config;
    std::unique_ptr<Engine> engine;
    CodeCache cache;
    std::atomic<std::uint32_t> instances{0};

    explicit Shared(const ExecutorConfig& given) : config(given), cache(given.cache_dir) {}
};

/// A slot of the instance pool, held for the length of a call.
class Slot {
 public:
    Slot(Shared& shared, std::uint32_t reserved) : shared_(shared) {
        const std::uint32_t limit = shared.config.instances_max - reserved;
        std::uint32_t used = shared.instances.load();
        while (used < limit && !shared.instances.compare_exchange_weak(used, used + 1)) {
        }
        taken_ = used < limit;
    }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot() {
        if (taken_) {
            shared_.instances.fetch_sub(1);
        }
    }
    explicit operator bool() const { return taken_; }

 private:
    Shared& shared_;
    bool taken_ = false;
};

std::expected<CompiledCode, CodeError> compile(const Shared& shared, const Engine& engine,
                                               const CodeKey& code_key, ByteView wasm,
                                               UnknownImports unknown) {
    const CodeCacheKey key{code_key.first, {code_key.second, 0}, engine.fingerprint()};
    const auto refuse = [](const Error& error) {
        return std::unexpected(CodeError{CodeErrorKind::does_not_compile, error.message()});
    };
    ModuleHandle module;
    if (const auto kept = shared.cache.load(key)) {
        if (auto loaded = engine.deserialize(*kept)) {
            module = std::move(*loaded);
        }
    }
    if (module == nullptr) {
        TRY_ASSIGN(const Bytes prepared, prepare_module(wasm, key.heap));
        auto compiled = engine.compile(prepared);
        if (!compiled) {
            return refuse(compiled.error());
        }
        module = std::move(*compiled);
        const auto bytes = engine.serialize(*module);
        if (const auto kept = bytes ? shared.cache.store(key, *bytes) : Result<>{}; !kept) {
            log(LogLevel::warn, kTarget, "compiled code is not kept: {}", kept.error().message());
        }
    }
    auto linked = engine.link(*module, unknown);
    if (!linked) {
        return refuse(linked.error());
    }
    auto code = inspect(std::move(module), std::move(*linked));
    if (!code) {
        return refuse(code.error());
    }
    return std::move(*code);
}

/// Imports known, one memory, entry ABIs not mixed.
std::expected<void, CodeError> check_items(const std::vector<ModuleItem>& items) {
    const auto unknown = unknown_imports(items);
    if (!unknown.empty()) {
        return std::unexpected(
            CodeError{CodeErrorKind::unknown_import,
                      fmt::format("unknown imports: {}", fmt::join(unknown, ", "))});
    }
    bool allocates = false;
    bool newer_entry = false;
    for (const ModuleItem& item : items) {
        allocates = allocates || (!item.is_export && item.name == kMallocImport);
        newer_entry = newer_entry || (item.is_export && item.name == kVersionMethod &&
                                      item.type == FunctionType{"i", "I"});
    }
    if (allocates && newer_entry) {
        return std::unexpected(CodeError{CodeErrorKind::unknown_import,
                                         "mixes the newer entry ABI with the host's allocator"});
    }
    return {};
}

/// Versions of code that a running runtime asks about (`ext_misc_runtime_version`).
class VersionReader final : public NestedVersions {
 public:
    explicit VersionReader(Shared& shared) : shared_(shared) {}

    std::optional<Bytes> version_of(ByteView blob) override {
        const auto wasm = unpack_code(blob, kCodeBytesMax);
        if (!wasm) {
            return std::nullopt;
        }
        const auto sections = read_version_sections(*wasm);
        if (!sections) {
            return std::nullopt;
        }
        if (*sections) {
            return scale::encode(**sections);
        }
        const CodeKey key{CodeHash(crypto::blake2b_256(blob).bytes),
                          shared_.config.default_heap_pages};
        // Imports unknown here may be known to newer nodes, which then succeed: so must we.
        const auto code =
            compile(shared_, *shared_.engine, key, *wasm, UnknownImports::trap_when_called);
        if (!code) {
            return std::nullopt;
        }
        return call_version(*code);
    }
    /// Calls Core_version over an empty state; absent when that fails.
    std::optional<Bytes> call_version(const CompiledCode& code) {
        const Slot slot(shared_, 0);
        if (!slot) {
            return std::nullopt;
        }
        const state::MemoryState nothing;
        state::Overlay overlay(nothing);
        const CallContext context;
        HostCall call(overlay, context);
        auto answer = run_call(*shared_.engine, code, kVersionMethod, {}, call);
        return answer ? std::optional(std::move(*answer)) : std::nullopt;
    }

 private:
    Shared& shared_;
};

}  // namespace

struct Runtime::Inner {
    std::shared_ptr<Shared> shared;
    CodeKey key;
    RuntimeVersion version;
    CompiledCode code;
    std::shared_ptr<const NativeRuntime> native;  ///< then there is no compiled code
};

Runtime::Runtime(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}
Runtime::~Runtime() = default;

const RuntimeVersion& Runtime::version() const {
    return inner_->version;
}
const CodeHash& Runtime::code_hash() const {
    return inner_->key.first;
}
bool Runtime::has_export(std::string_view method) const {
    return inner_->native ? inner_->native->has_export(method)
                          : inner_->code.entries.contains(method);
}

std::expected<Bytes, CallError> Runtime::call(std::string_view method, ByteView arguments,
                                              state::Overlay& overlay,
                                              const CallContext& context) const {
    const std::size_t mark = overlay.open_transactions();
    // A transaction around the call is what an error rolls back to.
    overlay.start_transaction();
    auto result = inner_->native ? inner_->native->call(method, arguments, overlay, context)
                                 : call_wasm(method, arguments, overlay, context);
    overlay.rollback_to(mark + 1);
    if (result) {
        CHECK(overlay.commit_transaction());
    } else {
        overlay.rollback_to(mark);
    }
    return result;
}

std::expected<Bytes, CallError> Runtime::call_wasm(std::string_view method, ByteView arguments,
                                                   state::Overlay& overlay,
                                                   const CallContext& context) const {
    const Slot slot(*inner_->shared, kNestedSlots);
    if (!slot) {
        return std::unexpected(CallError{CallErrorKind::out_of_slots, "no free instance", {}});
    }
    VersionReader versions(*inner_->shared);
    HostCall call(overlay, context);
    call.versions = &versions;
    call.state_version =
        inner_->version.state_v1() ? state::StateVersion::v1 : state::StateVersion::v0;
    call.transaction_floor = overlay.open_transactions();
    return run_call(*inner_->shared->engine, inner_->code, method, arguments, call);
}

struct CallSeries::Inner {
    /// What a series holds while it has an instance.
    struct Open {
        Open(Shared& shared, const CompiledCode& code)
            : slot(shared, kNestedSlots), versions(shared), instance(*shared.engine, code) {}
        Slot slot;
        VersionReader versions;
        KeptInstance instance;
    };
    const Runtime* runtime;
    std::unique_ptr<Open> open;

    std::expected<Bytes, CallError> call_kept(std::string_view method, ByteView arguments,
                                              state::Overlay& overlay, const CallContext& context) {
        const std::size_t mark = overlay.open_transactions();
        overlay.start_transaction();
        HostCall& call = open->instance.next_call(overlay, context);
        call.versions = &open->versions;
        call.state_version =
            runtime->version().state_v1() ? state::StateVersion::v1 : state::StateVersion::v0;
        call.transaction_floor = overlay.open_transactions();
        auto result = open->instance.enter(method, arguments);
        // What the runtime has left open is undone: it may remember it otherwise.
        const bool left_open = overlay.open_transactions() > mark + 1;
        overlay.rollback_to(mark + 1);
        if (result) {
            CHECK(overlay.commit_transaction());
        } else {
            overlay.rollback_to(mark);
        }
        if (!result || left_open) {
            open.reset();
        }
        return result;
    }
};

CallSeries::CallSeries(const Runtime& runtime) : inner_(new Inner{&runtime, nullptr}) {}
CallSeries::CallSeries(CallSeries&&) noexcept = default;
CallSeries& CallSeries::operator=(CallSeries&&) noexcept = default;
CallSeries::~CallSeries() = default;

void CallSeries::start_anew() {
    inner_->open.reset();
}

std::expected<Bytes, CallError> CallSeries::call(std::string_view method, ByteView arguments,
                                                 state::Overlay& overlay,
                                                 const CallContext& context) {
    const Runtime::Inner& runtime = *inner_->runtime->inner_;
    if (runtime.native) {
        return inner_->runtime->call(method, arguments, overlay, context);
    }
    if (inner_->open != nullptr) {
        // An error may come of the memory that the calls before have used: a fresh instance tells.
        if (auto result = inner_->call_kept(method, arguments, overlay, context)) {
            return result;
        }
    }
    inner_->open = std::make_unique<Inner::Open>(*runtime.shared, runtime.code);
    if (!inner_->open->slot) {
        inner_->open.reset();
        return std::unexpected(CallError{CallErrorKind::out_of_slots, "no free instance", {}});
    }
    return inner_->call_kept(method, arguments, overlay, context);
}

struct Executor::Inner {
    /// One blob's runtime; made under its own lock, so that others compile at the same time.
    struct Entry {
        CodeKey key;
        Bytes blob;  ///< as given, to recognise it without hashing
        std::mutex making;
        std::expected<std::shared_ptr<const Runtime>, CodeError> made =
            std::unexpected(CodeError{});
        bool done = false;
    };

    std::shared_ptr<Shared> shared;
    std::mutex mutex;
    std::list<std::shared_ptr<Entry>> entries;  ///< guarded by mutex, last used first

    std::shared_ptr<Entry> entry_of(ByteView code, std::uint32_t heap_pages);
    std::expected<std::shared_ptr<const Runtime>, CodeError> make(const CodeKey& key,
                                                                  ByteView code) const;
    static std::shared_ptr<const Runtime> wrap(std::unique_ptr<Runtime::Inner> inner) {
        return std::shared_ptr<const Runtime>(new Runtime(std::move(inner)));
    }
};

std::shared_ptr<Executor::Inner::Entry> Executor::Inner::entry_of(ByteView code,
                                                                  std::uint32_t heap_pages) {
    const auto use = [this](auto found) {
        entries.splice(entries.begin(), entries, found);
        return entries.front();
    };
    {
        const std::lock_guard lock(mutex);
        const auto same = std::ranges::find_if(entries, [&](const auto& entry) {
            return entry->key.second == heap_pages && equal(entry->blob, code);
        });
        if (same != entries.end()) {
            return use(same);
        }
    }
    const CodeKey key{CodeHash(crypto::blake2b_256(code).bytes), heap_pages};
    const std::lock_guard lock(mutex);
    const auto same =
        std::ranges::find_if(entries, [&](const auto& entry) { return entry->key == key; });
    if (same != entries.end()) {
        return use(same);
    }
    auto made = std::make_shared<Entry>();
    made->key = key;
    made->blob = to_bytes(code);
    entries.push_front(made);
    if (entries.size() > kRuntimesKept) {
        entries.pop_back();
    }
    return made;
}

std::expected<std::shared_ptr<const Runtime>, CodeError> Executor::Inner::make(
    const CodeKey& key, ByteView code) const {
    if (auto native = shared->config.native ? shared->config.native(code) : nullptr) {
        auto inner = std::make_unique<Runtime::Inner>();
        inner->shared = shared;
        inner->key = key;
        inner->version = native->version();
        inner->native = std::move(native);
        return wrap(std::move(inner));
    }
    TRY_ASSIGN(const Bytes wasm, unpack_code(code, kCodeBytesMax));
    TRY_ASSIGN(const auto items, describe_module(wasm));
    TRY(check_items(items));
    TRY_ASSIGN(auto version, read_version_sections(wasm));
    TRY_ASSIGN(CompiledCode compiled,
               compile(*shared, *shared->engine, key, wasm, UnknownImports::refuse));
    if (!version) {
        const auto answer = VersionReader(*shared).call_version(compiled);
        auto decoded = answer ? scale::decode_prefix<RuntimeVersion>(*answer)
                              : std::unexpected(scale::DecodeError::end_of_input);
        if (!decoded) {
            return std::unexpected(CodeError{CodeErrorKind::bad_version,
                                             "no version in sections and Core_version fails"});
        }
        version = std::move(*decoded);
    }
    auto inner = std::make_unique<Runtime::Inner>();
    inner->shared = shared;
    inner->key = key;
    inner->version = std::move(*version);
    inner->code = std::move(compiled);
    return wrap(std::move(inner));
}

Executor::Executor(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}
Executor::~Executor() = default;

Result<std::unique_ptr<Executor>> Executor::create(const ExecutorConfig& config) {
    CHECK(config.instances_max > kNestedSlots);
    auto inner = std::make_unique<Inner>();
    inner->shared = std::make_shared<Shared>(config);
    TRY_ASSIGN(inner->shared->engine, Engine::create(config.instances_max));
    return std::unique_ptr<Executor>(new Executor(std::move(inner)));
}

void Executor::tick() {
    inner_->shared->engine->tick();
}

std::expected<std::shared_ptr<const Runtime>, CodeError> Executor::runtime(
    ByteView code, std::optional<std::uint64_t> heap_pages) {
    // More pages than a memory can have are refused when the module is rewritten.
    const auto pages = static_cast<std::uint32_t>(std::min<std::uint64_t>(
        heap_pages.value_or(inner_->shared->config.default_heap_pages), kPagesMax));
    const auto entry = inner_->entry_of(code, pages);
    const std::lock_guard lock(entry->making);
    if (!entry->done) {
        entry->made = inner_->make(entry->key, code);
        entry->done = true;
    }
    return entry->made;
}

std::expected<std::shared_ptr<const Runtime>, CodeError> Executor::runtime_of(
    const state::Reader& state) {
    const auto read = [&](std::string_view key) { return state.get(as_bytes(key)); };
    const auto code = read(state::kCodeKey);
    const auto pages = read(state::kHeapPagesKey);
    if (!code || !pages) {
        return std::unexpected(
            CodeError{CodeErrorKind::state_unreadable, (code ? pages : code).error().message()});
    }
    if (!*code) {
        return std::unexpected(CodeError{CodeErrorKind::not_wasm, "the state has no :code"});
    }
    std::optional<std::uint64_t> heap_pages;
    if (*pages) {
        if (const auto decoded = scale::decode_prefix<std::uint64_t>(**pages)) {
            heap_pages = *decoded;
        }
    }
    return runtime(**code, heap_pages);
}

}  // namespace stipple::executor
