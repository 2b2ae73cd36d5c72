#include "executor/engine.hpp"

#include "executor/limits.hpp"

#include <fmt/format.h>

#include <malloc.h>

namespace stipple::executor {
namespace {

/// Free slots that keep the memory image of their last module.
constexpr std::uint32_t kWarmSlots = 16;

wasm_config_t* make_config(std::uint32_t instances_max) {
    wasm_config_t* config = wasm_config_new();
    wasmtime_config_strategy_set(config, WASMTIME_STRATEGY_CRANELIFT);
    wasmtime_config_cranelift_opt_level_set(config, WASMTIME_OPT_LEVEL_SPEED);
    wasmtime_config_cranelift_nan_canonicalization_set(config, false);
    wasmtime_config_parallel_compilation_set(config, true);
    wasmtime_config_epoch_interruption_set(config, true);
    // Backtraces follow frame pointers: tables for native unwinders cost time and serve nobody.
    wasmtime_config_native_unwind_info_set(config, false);
    wasmtime_config_max_wasm_stack_set(config, kStackBytesMax);
    wasmtime_config_memory_init_cow_set(config, true);
    wasmtime_config_wasm_relaxed_simd_set(config, false);
    wasmtime_config_wasm_simd_set(config, false);
    wasmtime_config_wasm_multi_value_set(config, false);
    wasmtime_config_wasm_multi_memory_set(config, false);
    wasmtime_config_wasm_memory64_set(config, false);
    wasmtime_config_wasm_tail_call_set(config, false);

    wasmtime_pooling_allocation_config_t* pool = wasmtime_pooling_allocation_config_new();
    wasmtime_pooling_allocation_config_total_core_instances_set(pool,
                                                                instances_max + kSandboxSlots);
    wasmtime_pooling_allocation_config_total_memories_set(pool, instances_max + kSandboxSlots);
    wasmtime_pooling_allocation_config_total_tables_set(pool, instances_max + kSandboxSlots);
    wasmtime_pooling_allocation_config_max_memory_size_set(pool,
                                                           std::size_t{kPagesMax} * kPageBytes);
    wasmtime_pooling_allocation_config_table_elements_set(pool, kTableElementsMax);
    wasmtime_pooling_allocation_config_max_core_instance_size_set(pool, kInstanceBytesMax);
    wasmtime_pooling_allocation_config_max_unused_warm_slots_set(pool, kWarmSlots);
    // A runtime's stack lies a megabyte up: keeping pages resident from address zero on costs more
    // than it saves (measured: 0 bytes 18 us, 256 KiB 20 us, 1 MiB 35 us for Core_version).
    wasmtime_pooling_allocation_config_linear_memory_keep_resident_set(pool, 0);
    wasmtime_pooling_allocation_config_table_keep_resident_set(pool, kTableElementsMax * 8);
    wasmtime_pooling_allocation_strategy_set(config, pool);
    wasmtime_pooling_allocation_config_delete(pool);
    return config;
}

wasm_valtype_vec_t value_types(std::string_view kinds) {
    std::vector<wasm_valtype_t*> types;
    for (const char kind : kinds) {
        types.push_back(wasm_valtype_new(kind == 'i' ? WASM_I32 : WASM_I64));
    }
    wasm_valtype_vec_t vector;
    wasm_valtype_vec_new(&vector, types.size(), types.data());
    return vector;
}

Result<> define(wasmtime_linker_t& linker, const HostFunction& function) {
    static constexpr std::string_view kModule = "env";
    const FunctionType type = wasm_type(function);
    wasm_valtype_vec_t params = value_types(type.params);
    wasm_valtype_vec_t results = value_types(type.results);
    wasm_functype_t* wasm_functype = wasm_functype_new(&params, &results);
    wasmtime_error_t* error = wasmtime_linker_define_func_unchecked(
        &linker, kModule.data(), kModule.size(), function.name.data(), function.name.size(),
        wasm_functype, function.callback, const_cast<HostFunction*>(&function), nullptr);
    wasm_functype_delete(wasm_functype);
    return error == nullptr ? Result<>{}
                            : Result<>(std::unexpected(take_error(error).in(function.name)));
}

}  // namespace

Error take_error(wasmtime_error_t* error) {
    wasm_name_t message;
    wasmtime_error_message(error, &message);
    std::string text(message.data, message.size);
    wasm_byte_vec_delete(&message);
    wasmtime_error_delete(error);
    return Error(std::move(text));
}

std::string message_of(const wasm_trap_t& trap) {
    wasm_message_t message;
    wasm_trap_message(&trap, &message);
    std::string text(message.data, message.size);
    wasm_byte_vec_delete(&message);
    while (!text.empty() && text.back() == '\0') {
        text.pop_back();
    }
    return text;
}

Result<std::unique_ptr<Engine>> Engine::create(std::uint32_t instances_max) {
    std::unique_ptr<Engine> made(new Engine);
    made->engine_.reset(wasm_engine_new_with_config(make_config(instances_max)));
    if (made->engine_ == nullptr) {
        return fail("Wasm engine: out of memory");
    }
    made->linker_.reset(wasmtime_linker_new(made->engine_.get()));
    for (const HostFunction* function : host_functions()) {
        TRY(define(*made->linker_, *function));
    }
    return made;
}

std::string Engine::fingerprint() const {
    return fmt::format("wasmtime {} epoch speed pool stack {} format 3", WASMTIME_VERSION,
                       kStackBytesMax);
}

Result<ModuleHandle> Engine::compile(ByteView wasm) const {
    wasmtime_module_t* module = nullptr;
    wasmtime_error_t* error = wasmtime_module_new(engine_.get(), wasm.data(), wasm.size(), &module);
    // Compiling leaves some 100 MiB of free heap behind that nothing needs again soon.
    malloc_trim(0);
    if (error != nullptr) {
        return std::unexpected(take_error(error));
    }
    return ModuleHandle(module);
}

Result<Bytes> Engine::serialize(const wasmtime_module_t& module) const {
    wasm_byte_vec_t out;
    if (wasmtime_error_t* error = wasmtime_module_serialize(&module, &out)) {
        return std::unexpected(take_error(error));
    }
    Bytes bytes = to_bytes(as_bytes(std::string_view(out.data, out.size)));
    wasm_byte_vec_delete(&out);
    return bytes;
}

Result<ModuleHandle> Engine::deserialize(ByteView bytes) const {
    wasmtime_module_t* module = nullptr;
    if (wasmtime_error_t* error =
            wasmtime_module_deserialize(engine_.get(), bytes.data(), bytes.size(), &module)) {
        return std::unexpected(take_error(error));
    }
    return ModuleHandle(module);
}

Result<InstancePreHandle> Engine::link(const wasmtime_module_t& module,
                                       UnknownImports unknown) const {
    wasmtime_linker_t* linker = linker_.get();
    LinkerHandle lenient;
    if (unknown == UnknownImports::trap_when_called) {
        lenient.reset(wasmtime_linker_clone(linker));
        linker = lenient.get();
        if (wasmtime_error_t* error =
                wasmtime_linker_define_unknown_imports_as_traps(linker, &module)) {
            return std::unexpected(take_error(error));
        }
    }
    wasmtime_instance_pre_t* pre = nullptr;
    if (wasmtime_error_t* error = wasmtime_linker_instantiate_pre(linker, &module, &pre)) {
        return std::unexpected(take_error(error));
    }
    return InstancePreHandle(pre);
}

StoreHandle Engine::new_store(HostCall& call) const {
    return StoreHandle(wasmtime_store_new(engine_.get(), &call, nullptr));
}

void Engine::tick() {
    ticks_.fetch_add(1, std::memory_order_relaxed);
    wasmtime_engine_increment_epoch(engine_.get());
}

}  // namespace stipple::executor
