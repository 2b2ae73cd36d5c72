#include "executor/sandbox.hpp"

#include "executor/limits.hpp"
#include "scale/codec.hpp"

namespace stipple::executor {
namespace {

constexpr std::string_view kTableName = "__indirect_function_table";
/// Modules that call what a table holds, since the engine lends no references to functions:
///     (import "" "" (table 0 funcref))
///     (func (export "") (param i32 i32 i32 i32 i32) (result i64)
///         local.get 0  local.get 1  local.get 2  local.get 3
///         local.get 4  call_indirect (param i32 i32 i32 i32) (result i64))
constexpr std::string_view kThunkCaller =
    "0061736d0100000001120260047f7f7f7f017e60057f7f7f7f7f017e020701000001700000030201"
    "010704010000000a11010f00200020012002200320041100000b";
/// The same with three parameters and the place in the table.
constexpr std::string_view kWrapperCaller =
    "0061736d0100000001100260037f7f7f017e60047f7f7f7f017e0207010000017000000302010107"
    "04010000000a0f010d0020002001200220031100000b";
/// As the maximum of a memory: none.
constexpr std::uint32_t kUnlimited = UINT32_MAX;

struct EnvironmentEntry {
    Bytes module;
    Bytes field;
    std::uint8_t kind = 0;  ///< kFunctionEntity or kMemoryEntity
    std::uint32_t index = 0;
    static auto fields(auto& self) {
        return std::tie(self.module, self.field, self.kind, self.index);
    }
};
constexpr std::uint8_t kFunctionEntity = 1;
constexpr std::uint8_t kMemoryEntity = 2;

bool is_wide(wasm_valkind_t kind) {
    return kind == WASM_I64 || kind == WASM_F64;
}
wasmtime_val_raw_t raw_of(const SandboxValue& value) {
    wasmtime_val_raw_t raw{};
    raw.i64 = static_cast<std::int64_t>(value.bits);
    return raw;
}
SandboxValue value_of(wasm_valkind_t kind, const wasmtime_val_raw_t& raw) {
    return {kind, is_wide(kind) ? static_cast<std::uint64_t>(raw.i64)
                                : static_cast<std::uint32_t>(raw.i32)};
}
/// Absent for kinds that the sandbox has no name for (references, vectors).
std::optional<SandboxValue> value_of(const wasmtime_val_t& value) {
    switch (value.kind) {
        case WASMTIME_I32:
            return SandboxValue{WASM_I32, static_cast<std::uint32_t>(value.of.i32)};
        case WASMTIME_I64:
            return SandboxValue{WASM_I64, static_cast<std::uint64_t>(value.of.i64)};
        case WASMTIME_F32:
            return SandboxValue{WASM_F32, std::bit_cast<std::uint32_t>(value.of.f32)};
        case WASMTIME_F64:
            return SandboxValue{WASM_F64, std::bit_cast<std::uint64_t>(value.of.f64)};
        default:
            return std::nullopt;
    }
}

SandboxValue decode_value(scale::Decoder& in) {
    const std::uint8_t kind = in.u8();
    if (kind > WASM_F64) {
        in.fail(scale::DecodeError::bad_variant);
        return {};
    }
    const auto type = static_cast<wasm_valkind_t>(kind);
    return {type, is_wide(type) ? in.u64() : in.u32()};
}

std::vector<wasm_valkind_t> kinds_of(const wasm_valtype_vec_t& types) {
    std::vector<wasm_valkind_t> kinds;
    for (std::size_t i = 0; i < types.size; ++i) {
        kinds.push_back(wasm_valtype_kind(types.data[i]));
    }
    return kinds;
}
bool is_numeric(const std::vector<wasm_valkind_t>& kinds) {
    return std::ranges::all_of(kinds, [](auto kind) { return kind <= WASM_F64; });
}

using FunctionTypeHandle =
    std::unique_ptr<wasm_functype_t, Deleter<wasm_functype_t, wasm_functype_delete>>;

/// Drops what a Wasmtime call left behind; true when it went well.
bool went_well(wasmtime_error_t* error, wasm_trap_t* trap) {
    const TrapHandle owned(trap);
    if (error != nullptr) {
        wasmtime_error_delete(error);
    }
    return error == nullptr && trap == nullptr;
}

}  // namespace

std::optional<std::vector<SandboxValue>> decode_sandbox_values(ByteView encoded) {
    scale::Decoder in(encoded);
    std::vector<SandboxValue> values(in.length(1 + sizeof(std::uint32_t)));
    for (auto& value : values) {
        value = decode_value(in);
    }
    return in.ok() ? std::optional(std::move(values)) : std::nullopt;
}

void encode_sandbox_value(Bytes& out, const SandboxValue& value) {
    out.push_back(value.kind);
    if (is_wide(value.kind)) {
        append_le(out, value.bits);
    } else {
        append_le(out, static_cast<std::uint32_t>(value.bits));
    }
}

// ---- memories ----

std::uint32_t Sandbox::memory_new(HostCall& call, std::uint32_t initial, std::uint32_t maximum) {
    const bool limited = maximum != kUnlimited;
    if (memories_.size() >= kSandboxMemoriesMax || initial > kPagesMax ||
        (limited && (maximum > kPagesMax || initial > maximum))) {
        call.trap("sandbox: a memory of this size, or one more, cannot be made");
        return 0;
    }
    constexpr std::uint8_t kPageLog2 = 16;
    wasm_memorytype_t* type = nullptr;
    wasmtime_memory_t memory{};
    wasmtime_error_t* error =
        wasmtime_memorytype_new(initial, limited, maximum, false, false, kPageLog2, &type);
    if (error == nullptr) {
        error = wasmtime_memory_new(context_, type, &memory);
        wasm_memorytype_delete(type);
    }
    if (!went_well(error, nullptr)) {
        call.trap("sandbox: a memory of this size cannot be made");
        return 0;
    }
    memories_.emplace_back(memory);
    return static_cast<std::uint32_t>(memories_.size() - 1);
}

std::optional<MutableByteView> Sandbox::memory_of(HostCall& call, std::uint32_t memory) {
    if (memory >= memories_.size() || !memories_[memory]) {
        call.trap("sandbox: no memory of this number");
        return std::nullopt;
    }
    const wasmtime_memory_t& found = *memories_[memory];
    return MutableByteView(wasmtime_memory_data(context_, &found),
                           wasmtime_memory_data_size(context_, &found));
}

std::uint32_t Sandbox::memory_get(HostCall& call, std::uint32_t memory, std::uint32_t offset,
                                  std::uint32_t address, std::uint32_t length) {
    const auto from = memory_of(call, memory);
    if (!from) {
        return 0;
    }
    if (std::uint64_t{offset} + length > from->size() || !call.memory.holds(address, length)) {
        return sandbox_code::kOutOfBounds;
    }
    std::ranges::copy(from->subspan(offset, length), call.memory.data + address);
    return sandbox_code::kOk;
}

std::uint32_t Sandbox::memory_set(HostCall& call, std::uint32_t memory, std::uint32_t offset,
                                  std::uint32_t address, std::uint32_t length) {
    const auto to = memory_of(call, memory);
    if (!to) {
        return 0;
    }
    if (std::uint64_t{offset} + length > to->size() || !call.memory.holds(address, length)) {
        return sandbox_code::kOutOfBounds;
    }
    std::ranges::copy(ByteView(call.memory.data + address, length), to->begin() + offset);
    return sandbox_code::kOk;
}

void Sandbox::memory_teardown(HostCall& call, std::uint32_t memory) {
    if (memory_of(call, memory)) {
        memories_[memory].reset();  // the store frees it at the end of the call
    }
}

// ---- instances ----

std::optional<Sandbox::Environment> Sandbox::decode_environment(ByteView encoded) const {
    const auto entries = scale::decode_prefix<std::vector<EnvironmentEntry>>(encoded);
    if (!entries) {
        return std::nullopt;
    }
    Environment environment;
    for (const auto& entry : *entries) {
        Environment::Name name{as_text(entry.module), as_text(entry.field)};
        if (entry.kind == kFunctionEntity) {
            environment.functions[std::move(name)] = entry.index;
        } else if (entry.kind == kMemoryEntity && entry.index < memories_.size() &&
                   memories_[entry.index]) {
            environment.memories[std::move(name)] = *memories_[entry.index];
        } else {
            return std::nullopt;
        }
    }
    return environment;
}

std::optional<wasmtime_func_t> Sandbox::table_caller(HostCall& call, std::string_view wasm) {
    wasmtime_extern_t table;
    wasmtime_extern_t function;
    wasmtime_instance_t caller;
    wasm_trap_t* trap = nullptr;
    if (!runtime_ ||
        !wasmtime_instance_export_get(context_, &*runtime_, kTableName.data(), kTableName.size(),
                                      &table) ||
        table.kind != WASMTIME_EXTERN_TABLE) {
        call.trap("the runtime exports no table");
        return std::nullopt;
    }
    auto module = engine_.compile(*from_hex(wasm));
    if (!module ||
        !went_well(wasmtime_instance_new(context_, module->get(), &table, 1, &caller, &trap),
                   trap) ||
        !wasmtime_instance_export_get(context_, &caller, "", 0, &function)) {
        call.fail(CallErrorKind::out_of_slots, "the runtime's table cannot be reached");
        return std::nullopt;
    }
    return function.of.func;
}

std::optional<std::uint64_t> Sandbox::call_wrapper(HostCall& call, std::uint32_t wrapper,
                                                   std::uint32_t entry, GuestBytes payload) {
    const auto caller = table_caller(call, kWrapperCaller);
    if (!caller) {
        return std::nullopt;
    }
    std::array<wasmtime_val_raw_t, 4> raw{};
    raw[0].i32 = static_cast<std::int32_t>(entry);
    raw[1].i32 = static_cast<std::int32_t>(payload.packed);
    raw[2].i32 = static_cast<std::int32_t>(payload.packed >> 32);
    raw[3].i32 = static_cast<std::int32_t>(wrapper);
    wasm_trap_t* trap = nullptr;
    if (!went_well(wasmtime_func_call_unchecked(context_, &*caller, raw.data(), raw.size(), &trap),
                   trap)) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(raw[0].i64);
}

wasmtime_func_t Sandbox::bind_function(const wasm_functype_t& type, std::uint32_t function,
                                       Guest& guest) {
    const auto results = kinds_of(*wasm_functype_results(&type));
    auto import = std::make_unique<Import>();
    *import = {this, &guest, function, kinds_of(*wasm_functype_params(&type)),
               results.empty() ? std::nullopt : std::optional(results.front())};
    wasmtime_func_t bound;
    wasmtime_func_new_unchecked(context_, &type, on_import, import.get(), nullptr, &bound);
    imports_.push_back(std::move(import));
    return bound;
}

std::optional<std::vector<wasmtime_extern_t>> Sandbox::bind(const wasmtime_module_t& module,
                                                            const Environment& environment,
                                                            Guest& guest) {
    wasm_importtype_vec_t wanted;
    wasmtime_module_imports(&module, &wanted);
    std::vector<wasmtime_extern_t> bound;
    bool complete = true;
    for (std::size_t i = 0; complete && i < wanted.size; ++i) {
        const auto text = [](const wasm_name_t* name) {
            return std::string(name->data, name->size);
        };
        const Environment::Name name{text(wasm_importtype_module(wanted.data[i])),
                                     text(wasm_importtype_name(wanted.data[i]))};
        const wasm_externtype_t* type = wasm_importtype_type(wanted.data[i]);
        wasmtime_extern_t item{};
        const auto function = environment.functions.find(name);
        const auto memory = environment.memories.find(name);
        const auto* function_type = wasm_externtype_as_functype_const(type);
        if (function_type != nullptr && function != environment.functions.end() &&
            is_numeric(kinds_of(*wasm_functype_params(function_type))) &&
            is_numeric(kinds_of(*wasm_functype_results(function_type)))) {
            item.kind = WASMTIME_EXTERN_FUNC;
            item.of.func = bind_function(*function_type, function->second, guest);
        } else if (wasm_externtype_as_memorytype_const(type) != nullptr &&
                   memory != environment.memories.end()) {
            item.kind = WASMTIME_EXTERN_MEMORY;
            item.of.memory = memory->second;
        } else {
            complete = false;
        }
        bound.push_back(item);
    }
    wasm_importtype_vec_delete(&wanted);
    return complete ? std::optional(std::move(bound)) : std::nullopt;
}

std::uint32_t Sandbox::instantiate(HostCall& call, std::uint32_t thunk, ByteView wasm,
                                   ByteView environment, std::uint32_t state) {
    if (!call_table_) {
        call_table_ = table_caller(call, kThunkCaller);
    }
    if (call.failed()) {
        return 0;
    }
    if (guests_.size() >= kSandboxInstancesMax) {
        call.trap("sandbox: too many instances");
        return 0;
    }
    const auto known = decode_environment(environment);
    auto module = known ? engine_.compile(wasm) : fail("no environment");
    if (!module) {
        return sandbox_code::kModule;
    }
    // Imports name the guest, also when its start function traps: it stays until the call ends.
    Guest& guest = *all_guests_.emplace_back(std::make_unique<Guest>());
    guest.thunk = thunk;
    guest.state = state;
    guest.module = *std::move(module);
    const auto imports = bind(*guest.module, *known, guest);
    if (!imports) {
        return sandbox_code::kModule;
    }
    wasm_trap_t* trap = nullptr;
    wasmtime_error_t* error = wasmtime_instance_new(context_, guest.module.get(), imports->data(),
                                                    imports->size(), &guest.instance, &trap);
    const bool trapped = trap != nullptr;
    if (error != nullptr) {
        // Another module could be linked, but the pool has no room: our own failure.
        const Error taken = take_error(std::exchange(error, nullptr));
        if (taken.message().find("maximum concurrent") != std::string::npos) {
            call.fail(CallErrorKind::out_of_slots, "sandbox: " + taken.message());
        }
        return sandbox_code::kModule;
    }
    if (!went_well(error, trap)) {
        call.forgive_trap();
        return trapped ? sandbox_code::kExecution : sandbox_code::kModule;
    }
    guests_.push_back(&guest);
    return static_cast<std::uint32_t>(guests_.size() - 1);
}

Sandbox::Guest* Sandbox::guest_of(HostCall& call, std::uint32_t instance) {
    if (instance >= guests_.size() || guests_[instance] == nullptr) {
        call.trap("sandbox: no instance of this number");
        return nullptr;
    }
    return guests_[instance];
}

void Sandbox::instance_teardown(HostCall& call, std::uint32_t instance) {
    if (guest_of(call, instance) != nullptr) {
        guests_[instance] = nullptr;
    }
}

std::optional<SandboxValue> Sandbox::global(HostCall& call, std::uint32_t instance, ByteView name) {
    Guest* guest = guest_of(call, instance);
    wasmtime_extern_t item;
    const std::string_view text = as_text(name);
    if (guest == nullptr ||
        !wasmtime_instance_export_get(context_, &guest->instance, text.data(), text.size(),
                                      &item) ||
        item.kind != WASMTIME_EXTERN_GLOBAL) {
        return std::nullopt;
    }
    wasmtime_val_t value;
    wasmtime_global_get(context_, &item.of.global, &value);
    return value_of(value);
}

std::uint32_t Sandbox::invoke(HostCall& call, std::uint32_t instance, ByteView function,
                              ByteView arguments, std::uint32_t address, std::uint32_t length,
                              std::uint32_t state) {
    const auto values = decode_sandbox_values(arguments);
    if (!values) {
        call.trap("sandbox: undecodable arguments");
        return 0;
    }
    Guest* guest = guest_of(call, instance);
    if (guest == nullptr) {
        return 0;
    }
    wasmtime_extern_t item;
    const std::string_view name = as_text(function);
    if (!wasmtime_instance_export_get(context_, &guest->instance, name.data(), name.size(),
                                      &item) ||
        item.kind != WASMTIME_EXTERN_FUNC) {
        return sandbox_code::kExecution;
    }
    const FunctionTypeHandle type(wasmtime_func_type(context_, &item.of.func));
    const auto params = kinds_of(*wasm_functype_params(type.get()));
    const auto results = kinds_of(*wasm_functype_results(type.get()));
    if (!std::ranges::equal(params, *values, {}, {}, &SandboxValue::kind) || results.size() > 1 ||
        !is_numeric(results)) {
        return sandbox_code::kExecution;
    }
    std::vector<wasmtime_val_raw_t> raw(std::max(params.size(), results.size()));
    std::ranges::transform(*values, raw.begin(), raw_of);
    const std::uint32_t outer_state = std::exchange(guest->state, state);
    wasm_trap_t* trap = nullptr;
    wasmtime_error_t* error =
        wasmtime_func_call_unchecked(context_, &item.of.func, raw.data(), raw.size(), &trap);
    guest->state = outer_state;
    if (!went_well(error, trap)) {
        call.forgive_trap();
        return sandbox_code::kExecution;
    }
    if (results.empty()) {
        return sandbox_code::kOk;
    }
    Bytes encoded{1};  // ReturnValue::Value
    encode_sandbox_value(encoded, value_of(results.front(), raw.front()));
    if (encoded.size() > length) {
        call.trap("sandbox: the buffer for the result is too small");
        return 0;
    }
    const MutableByteView out = call.bytes_at(address, static_cast<std::uint32_t>(encoded.size()));
    std::ranges::copy(ByteView(encoded).first(out.size()), out.begin());
    return sandbox_code::kOk;
}

// ---- calls of a guest into the runtime ----

wasm_trap_t* Sandbox::on_import(void* env, wasmtime_caller_t* caller, wasmtime_val_raw_t* values,
                                std::size_t) {
    const auto& import = *static_cast<const Import*>(env);
    if (import.sandbox->dispatch(host_call_of(caller), import, values)) {
        return nullptr;
    }
    static constexpr std::string_view kText = "sandbox: the runtime refused";
    return wasmtime_trap_new(kText.data(), kText.size());
}

bool Sandbox::dispatch(HostCall& call, const Import& import, wasmtime_val_raw_t* values) {
    Bytes arguments;
    scale::encode_compact(arguments, import.params.size());
    for (std::size_t i = 0; i < import.params.size(); ++i) {
        encode_sandbox_value(arguments, value_of(import.params[i], values[i]));
    }
    const GuestBytes given = call.give(arguments);
    if (call.failed()) {
        return false;
    }
    const auto given_at = static_cast<std::uint32_t>(given.packed);
    std::array<wasmtime_val_raw_t, 5> raw{};
    raw[0].i32 = static_cast<std::int32_t>(given_at);
    raw[1].i32 = static_cast<std::int32_t>(arguments.size());
    raw[2].i32 = static_cast<std::int32_t>(import.guest->state);
    raw[3].i32 = static_cast<std::int32_t>(import.function);
    raw[4].i32 = static_cast<std::int32_t>(import.guest->thunk);
    wasm_trap_t* trap = nullptr;
    const bool returned = went_well(
        wasmtime_func_call_unchecked(context_, &*call_table_, raw.data(), raw.size(), &trap), trap);
    if (!call.allocator.free(call.memory, given_at) || !returned) {
        return false;
    }
    const auto packed = static_cast<std::uint64_t>(raw[0].i64);
    const auto address = static_cast<std::uint32_t>(packed >> 32);
    const auto length = static_cast<std::uint32_t>(packed);
    if (!call.memory.holds(address, length)) {
        return false;
    }
    const Bytes answer = to_bytes(ByteView(call.memory.data + address, length));
    if (!call.allocator.free(call.memory, address)) {
        return false;
    }
    // Result<ReturnValue, HostError>: Ok 0, then Unit 0 or Value 1.
    scale::Decoder in(answer);
    constexpr std::uint8_t kOkTag = 0;
    if (in.u8() != kOkTag || !in.ok()) {
        return false;
    }
    const bool has_value = in.option();
    const SandboxValue value = has_value ? decode_value(in) : SandboxValue{};
    if (!in.ok() || has_value != import.result.has_value() ||
        (has_value && value.kind != *import.result)) {
        return false;
    }
    if (has_value) {
        values[0] = raw_of(value);
    }
    return true;
}

}  // namespace stipple::executor
