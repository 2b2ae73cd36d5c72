#include "executor/instance.hpp"

#include "executor/limits.hpp"
#include "executor/runtime_tasks.hpp"
#include "executor/sandbox.hpp"

#include <fmt/format.h>

namespace stipple::executor {
namespace {

constexpr std::string_view kMemoryName = "memory";
constexpr std::string_view kHeapBaseName = "__heap_base";

std::unexpected<CallError> call_error(CallErrorKind kind, std::string message,
                                      std::string backtrace = {}) {
    return std::unexpected(CallError{kind, std::move(message), std::move(backtrace)});
}

/// What the memory needs to grow and to see its new bounds.
struct MemoryOwner {
    wasmtime_context_t* context = nullptr;
    wasmtime_memory_t memory{};
    bool grows = false;
};

void refresh(GuestMemory& memory) {
    const auto& owner = *static_cast<const MemoryOwner*>(memory.owner);
    memory.data = wasmtime_memory_data(owner.context, &owner.memory);
    memory.size = wasmtime_memory_data_size(owner.context, &owner.memory);
}
bool grow(GuestMemory& memory, std::uint32_t pages) {
    const auto& owner = *static_cast<const MemoryOwner*>(memory.owner);
    std::uint64_t before = 0;
    if (wasmtime_error_t* error =
            wasmtime_memory_grow(owner.context, &owner.memory, pages, &before)) {
        wasmtime_error_delete(error);
        return false;
    }
    refresh(memory);
    return true;
}

/// A store with its instance, for the length of one call.
class Instance {
 public:
    Instance(const Engine& engine, HostCall& call)
        : store_(engine.new_store(call)),
          context_(wasmtime_store_context(store_.get())),
          sandbox_(engine, context_) {
        call.sandbox = &sandbox_;
    }
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    std::expected<void, CallError> start(const CompiledCode& code, HostCall& call);
    /// Time limit and memory for one more call.
    void start_again(HostCall& call);
    /// Enters the export; the packed result.
    std::expected<std::uint64_t, CallError> enter(std::string_view method, EntryAbi abi,
                                                  ByteView arguments, HostCall& call);
    /// The bytes at a packed result.
    static std::expected<Bytes, CallError> result(std::uint64_t packed, const HostCall& call);
    Sandbox& sandbox() { return sandbox_; }

 private:
    std::optional<wasmtime_extern_t> find(std::string_view name, wasmtime_extern_kind_t kind) {
        wasmtime_extern_t item;
        if (!wasmtime_instance_export_get(context_, &instance_, name.data(), name.size(), &item) ||
            item.kind != kind) {
            return std::nullopt;
        }
        return item;
    }

    StoreHandle store_;
    wasmtime_context_t* context_;
    wasmtime_instance_t instance_{};
    MemoryOwner owner_;
    Sandbox sandbox_;
};

/// Ticks ahead that never come: the engine adds the present ones, so not the largest number.
constexpr std::uint64_t kNoDeadline = std::uint64_t{1} << 62;

std::uint64_t ticks_of(std::chrono::milliseconds limit) {
    return static_cast<std::uint64_t>(std::max(limit, kTick) / kTick) + 2;
}

/// Backtrace lines of a trap's text: from the first frame up to the empty line.
std::string backtrace_of(const std::string& text) {
    constexpr std::string_view kHead = "wasm backtrace:\n";
    const auto head = text.find(kHead);
    if (head == std::string::npos) {
        return {};
    }
    const auto start = head + kHead.size();
    return text.substr(start, text.find("\n\n", start) - start);
}
/// The root cause: the last line of the text that says something.
std::string cause_of(const std::string& text) {
    const auto end = text.find_last_not_of(" \n");
    if (end == std::string::npos) {
        return {};
    }
    const auto line = text.rfind('\n', end);
    const auto start = text.find_first_not_of(" \n", line == std::string::npos ? 0 : line);
    return text.substr(start, end + 1 - start);
}

CallError error_of(const HostCall& call, const std::string& text,
                   std::optional<wasmtime_trap_code_t> code) {
    if (code == WASMTIME_TRAP_CODE_INTERRUPT) {
        return {CallErrorKind::deadline, "time limit passed", backtrace_of(text)};
    }
    if (call.failure()) {
        return {call.failure()->kind, call.failure()->message, backtrace_of(text)};
    }
    std::string message = cause_of(text);
    if (code == WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED && !call.last_error_log.empty()) {
        message += ": runtime panicked: " + call.last_error_log;
    }
    return {CallErrorKind::trap, std::move(message), backtrace_of(text)};
}

/// The verdict of a Wasmtime call: nothing when it went well.
std::optional<CallError> take_failure(const HostCall& call, wasmtime_error_t* error,
                                      wasm_trap_t* trap) {
    if (trap != nullptr) {
        const TrapHandle owned(trap);
        wasmtime_trap_code_t code = 0;
        const bool has_code = wasmtime_trap_code(trap, &code);
        return error_of(call, message_of(*trap), has_code ? std::optional(code) : std::nullopt);
    }
    if (error != nullptr) {
        // Also a host function's failure arrives here when the engine sees no Wasm frame.
        const Error taken = take_error(error);
        if (call.failure()) {
            return error_of(call, taken.message(), std::nullopt);
        }
        return CallError{CallErrorKind::environment, cause_of(taken.message()), {}};
    }
    return std::nullopt;
}

void set_deadline(wasmtime_context_t* context, const HostCall& call) {
    wasmtime_context_set_epoch_deadline(
        context, call.context.time_limit ? ticks_of(*call.context.time_limit) : kNoDeadline);
}

void Instance::start_again(HostCall& call) {
    set_deadline(context_, call);
    call.sandbox = &sandbox_;
    refresh(call.memory);
}

std::expected<void, CallError> Instance::start(const CompiledCode& code, HostCall& call) {
    set_deadline(context_, call);
    wasm_trap_t* trap = nullptr;
    wasmtime_error_t* error =
        wasmtime_instance_pre_instantiate(code.instance_pre.get(), context_, &instance_, &trap);
    if (auto failure = take_failure(call, error, trap)) {
        return std::unexpected(std::move(*failure));
    }
    sandbox_.attach(instance_);
    const auto memory = find(kMemoryName, WASMTIME_EXTERN_MEMORY);
    const auto heap_base = find(kHeapBaseName, WASMTIME_EXTERN_GLOBAL);
    if (!memory || !heap_base) {
        return call_error(CallErrorKind::trap, "the runtime exports no memory or no __heap_base");
    }
    owner_ = {context_, memory->of.memory, code.memory_grows};
    call.memory = {nullptr, 0, code.pages_max, grow, &owner_};
    refresh(call.memory);
    wasmtime_val_t base;
    wasmtime_global_get(context_, &heap_base->of.global, &base);
    if (base.kind != WASMTIME_I32) {
        return call_error(CallErrorKind::trap, "__heap_base is not an i32");
    }
    call.allocator = Allocator(static_cast<std::uint32_t>(base.of.i32));
    return {};
}

std::expected<std::uint64_t, CallError> Instance::enter(std::string_view method, EntryAbi abi,
                                                        ByteView arguments, HostCall& call) {
    const auto function = find(method, WASMTIME_EXTERN_FUNC);
    if (!function) {
        return call_error(CallErrorKind::unknown_method, std::string(method));
    }
    std::array<wasmtime_val_raw_t, 2> values{};
    if (abi == EntryAbi::pointer) {
        const GuestBytes given = call.give(arguments);
        if (call.failed()) {
            return call_error(call.failure()->kind, call.failure()->message);
        }
        values[0].i32 = static_cast<std::int32_t>(given.packed);
        values[1].i32 = static_cast<std::int32_t>(given.packed >> 32);
    } else {
        call.input = arguments;
        values[0].i32 = static_cast<std::int32_t>(arguments.size());
    }
    wasm_trap_t* trap = nullptr;
    wasmtime_error_t* error = wasmtime_func_call_unchecked(context_, &function->of.func,
                                                           values.data(), values.size(), &trap);
    if (auto failure = take_failure(call, error, trap)) {
        return std::unexpected(std::move(*failure));
    }
    if (owner_.grows) {
        refresh(call.memory);
    }
    return static_cast<std::uint64_t>(values[0].i64);
}

std::expected<Bytes, CallError> Instance::result(std::uint64_t packed, const HostCall& call) {
    const auto address = static_cast<std::uint32_t>(packed);
    const auto length = static_cast<std::uint32_t>(packed >> 32);
    if (!call.memory.holds(address, length) || length > kResultBytesMax) {
        return call_error(CallErrorKind::bad_result, "the result lies outside of the memory");
    }
    return to_bytes(ByteView(call.memory.data + address, length));
}

/// One task of a call: wrapper(entry, payload) in an instance of its own.
std::expected<Bytes, CallError> run_task(const Engine& engine, const CompiledCode& code,
                                         std::uint32_t wrapper, std::uint32_t entry,
                                         ByteView payload, HostCall& call) {
    Instance instance(engine, call);
    TRY(instance.start(code, call));
    const GuestBytes given = call.give(payload);
    if (call.failed()) {
        return call_error(call.failure()->kind, call.failure()->message);
    }
    const auto packed = instance.sandbox().call_wrapper(call, wrapper, entry, given);
    if (!packed) {
        return call.failed() ? call_error(call.failure()->kind, call.failure()->message)
                             : call_error(CallErrorKind::trap, "it trapped");
    }
    return Instance::result(*packed, call);
}

}  // namespace

HostCall& host_call_of(wasmtime_caller_t* caller) {
    auto& call =
        *static_cast<HostCall*>(wasmtime_context_get_data(wasmtime_caller_context(caller)));
    if (static_cast<const MemoryOwner*>(call.memory.owner)->grows) [[unlikely]] {
        refresh(call.memory);
    }
    return call;
}

wasm_trap_t* unwind(const HostCall& call, std::string_view function) {
    const std::string text = fmt::format("{}: {}", function, call.failure()->message);
    return wasmtime_trap_new(text.data(), text.size());
}

Result<CompiledCode> inspect(ModuleHandle module, InstancePreHandle instance_pre) {
    CompiledCode code;
    wasm_exporttype_vec_t exports;
    wasmtime_module_exports(module.get(), &exports);
    for (std::size_t i = 0; i < exports.size; ++i) {
        const wasm_name_t* name = wasm_exporttype_name(exports.data[i]);
        const wasm_externtype_t* type = wasm_exporttype_type(exports.data[i]);
        if (const auto* memory = wasm_externtype_as_memorytype_const(type)) {
            std::uint64_t maximum = kPagesMax;
            wasmtime_memorytype_maximum(memory, &maximum);
            code.pages_max = static_cast<std::uint32_t>(maximum);
            code.memory_grows = maximum > wasmtime_memorytype_minimum(memory);
        } else if (const auto* function = wasm_externtype_as_functype_const(type)) {
            const wasm_valtype_vec_t* params = wasm_functype_params(function);
            const wasm_valtype_vec_t* results = wasm_functype_results(function);
            const auto is_i32 = [&](std::size_t n) {
                return wasm_valtype_kind(params->data[n]) == WASM_I32;
            };
            if (results->size != 1 || wasm_valtype_kind(results->data[0]) != WASM_I64) {
                continue;
            }
            if (params->size == 2 && is_i32(0) && is_i32(1)) {
                code.entries.emplace(std::string(name->data, name->size), EntryAbi::pointer);
            } else if (params->size == 1 && is_i32(0)) {
                code.entries.emplace(std::string(name->data, name->size), EntryAbi::input);
            }
        }
    }
    wasm_exporttype_vec_delete(&exports);
    code.module = std::move(module);
    code.instance_pre = std::move(instance_pre);
    return code;
}

namespace {
/// Runs `method` in an instance; a new one is made where `instance` has none.
std::expected<Bytes, CallError> run_in(std::optional<Instance>& instance, const Engine& engine,
                                       const CompiledCode& code, std::string_view method,
                                       ByteView arguments, HostCall& call) {
    const auto entry = code.entries.find(method);
    if (entry == code.entries.end()) {
        return call_error(CallErrorKind::unknown_method, std::string(method));
    }
    if (call.context.time_limit) {
        call.ticks = &engine.ticks();
        call.deadline_tick =
            engine.ticks().load(std::memory_order_relaxed) + ticks_of(*call.context.time_limit);
    }
    RuntimeTasks tasks(
        [&](std::uint32_t wrapper, std::uint32_t function, ByteView payload, HostCall& task) {
            return run_task(engine, code, wrapper, function, payload, task);
        });
    if (instance) {
        instance->start_again(call);
    } else {
        instance.emplace(engine, call);
        TRY(instance->start(code, call));
    }
    call.tasks = &tasks;
    TRY_ASSIGN(const std::uint64_t packed, instance->enter(method, entry->second, arguments, call));
    return Instance::result(packed, call);
}
}  // namespace

std::expected<Bytes, CallError> run_call(const Engine& engine, const CompiledCode& code,
                                         std::string_view method, ByteView arguments,
                                         HostCall& call) {
    std::optional<Instance> instance;
    return run_in(instance, engine, code, method, arguments, call);
}

struct KeptInstance::Inner {
    const Engine& engine;
    const CompiledCode& code;
    std::optional<HostCall> call;      ///< made anew at its place, which the store knows
    std::optional<Instance> instance;  ///< goes before the call
};

KeptInstance::KeptInstance(const Engine& engine, const CompiledCode& code)
    : inner_(new Inner{engine, code, std::nullopt, std::nullopt}) {}
KeptInstance::~KeptInstance() = default;

HostCall& KeptInstance::next_call(state::Overlay& overlay, const CallContext& context) {
    const GuestMemory memory = inner_->call ? inner_->call->memory : GuestMemory{};
    const Allocator allocator = inner_->call ? inner_->call->allocator : Allocator(0);
    HostCall& call = inner_->call.emplace(overlay, context);
    call.memory = memory;
    call.allocator = allocator;
    return call;
}

std::expected<Bytes, CallError> KeptInstance::enter(std::string_view method, ByteView arguments) {
    return run_in(inner_->instance, inner_->engine, inner_->code, method, arguments, *inner_->call);
}

}  // namespace stipple::executor
