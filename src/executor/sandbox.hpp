// The sandbox: a runtime that runs Wasm modules of its own, as the contracts pallet did before
// 2023.
//
//     runtime ── instantiate(module, environment) ──▶ guest instance in the same store
//     runtime ── invoke(export, arguments) ─────────▶ guest
//     guest ── import ──▶ dispatch thunk of the runtime(arguments, state, function index)
//
// host-api.md section 10; obsolete since, kept so that old blocks execute. Memories and instances
// are numbered in the order they were made, within one runtime call, and go with it. The dispatch
// thunk is a function of the runtime's table: (arguments address, length, state, index) -> i64,
// result address in the high half, length in the low one.
//
// A trap of the guest, or of the runtime's function it called, is `kExecution` to the runtime, not
// a failure of the call; the host's own failures (time limit, state) end the call.
//
// Bounds: kSandboxInstancesMax, kSandboxMemoriesMax a call; kPagesMax pages a memory.
#pragma once

#include "executor/engine.hpp"

#include <map>

namespace stipple::executor {

/// What the sandbox functions answer.
namespace sandbox_code {
inline constexpr std::uint32_t kOk = 0;
inline constexpr std::uint32_t kModule = UINT32_MAX;           ///< -1: cannot be instantiated
inline constexpr std::uint32_t kOutOfBounds = UINT32_MAX - 1;  ///< -2
inline constexpr std::uint32_t kExecution = UINT32_MAX - 2;    ///< -3: trapped
}  // namespace sandbox_code

/// wasm values as SCALE: 0 i32, 1 i64, 2 f32, 3 f64, each with its bits.
struct SandboxValue {
    wasm_valkind_t kind = WASM_I32;
    std::uint64_t bits = 0;
};
std::optional<std::vector<SandboxValue>> decode_sandbox_values(ByteView encoded);
void encode_sandbox_value(Bytes& out, const SandboxValue& value);

class Sandbox {
 public:
    /// The store of a runtime call and its engine; both outlive the sandbox.
    Sandbox(const Engine& engine, wasmtime_context_t* context)
        : engine_(engine), context_(context) {}
    Sandbox(const Sandbox&) = delete;
    Sandbox& operator=(const Sandbox&) = delete;
    /// The runtime, once it is instantiated: its table holds the dispatch thunk.
    void attach(const wasmtime_instance_t& runtime) { runtime_ = runtime; }

    /// For runtime tasks: wrapper(entry, address, length) of the runtime's table; absent after a
    /// trap.
    std::optional<std::uint64_t> call_wrapper(HostCall& call, std::uint32_t wrapper,
                                              std::uint32_t entry, GuestBytes payload);

    // Each as the host function of its name; a number that names nothing traps the call.
    std::uint32_t memory_new(HostCall& call, std::uint32_t initial, std::uint32_t maximum);
    std::uint32_t memory_get(HostCall& call, std::uint32_t memory, std::uint32_t offset,
                             std::uint32_t address, std::uint32_t length);
    std::uint32_t memory_set(HostCall& call, std::uint32_t memory, std::uint32_t offset,
                             std::uint32_t address, std::uint32_t length);
    void memory_teardown(HostCall& call, std::uint32_t memory);
    std::uint32_t instantiate(HostCall& call, std::uint32_t thunk, ByteView wasm,
                              ByteView environment, std::uint32_t state);
    /// The result, SCALE of ReturnValue, goes to `address`, which holds `length` bytes.
    std::uint32_t invoke(HostCall& call, std::uint32_t instance, ByteView function,
                         ByteView arguments, std::uint32_t address, std::uint32_t length,
                         std::uint32_t state);
    void instance_teardown(HostCall& call, std::uint32_t instance);
    std::optional<SandboxValue> global(HostCall& call, std::uint32_t instance, ByteView name);

 private:
    struct Guest {
        std::uint32_t thunk = 0;  ///< its place in the runtime's table
        std::uint32_t state = 0;  ///< of the innermost invocation
        wasmtime_instance_t instance{};
        ModuleHandle module;
    };
    /// What an import of a guest is bound to; lives as long as the sandbox.
    struct Import {
        Sandbox* sandbox = nullptr;
        Guest* guest = nullptr;
        std::uint32_t function = 0;
        std::vector<wasm_valkind_t> params;
        std::optional<wasm_valkind_t> result;
    };
    struct Environment {
        using Name = std::pair<std::string, std::string>;
        std::map<Name, std::uint32_t> functions;
        std::map<Name, wasmtime_memory_t> memories;
    };

    std::optional<Environment> decode_environment(ByteView encoded) const;
    /// The function of a module that reaches into the runtime's table; absent (and the call
    /// failed) when there is no table.
    std::optional<wasmtime_func_t> table_caller(HostCall& call, std::string_view wasm);
    /// The externs a module wants, in its order; absent when one is missing or of another type.
    std::optional<std::vector<wasmtime_extern_t>> bind(const wasmtime_module_t& module,
                                                       const Environment& environment,
                                                       Guest& guest);
    wasmtime_func_t bind_function(const wasm_functype_t& type, std::uint32_t function,
                                  Guest& guest);
    static wasm_trap_t* on_import(void* env, wasmtime_caller_t* caller, wasmtime_val_raw_t* values,
                                  std::size_t count);
    /// Calls the runtime's function for a guest's import; false: the guest traps.
    bool dispatch(HostCall& call, const Import& import, wasmtime_val_raw_t* values);
    Guest* guest_of(HostCall& call, std::uint32_t instance);
    std::optional<MutableByteView> memory_of(HostCall& call, std::uint32_t memory);

    const Engine& engine_;
    wasmtime_context_t* context_;
    std::optional<wasmtime_instance_t> runtime_;
    std::optional<wasmtime_func_t> call_table_;       ///< (four of the thunk, place in the table)
    std::vector<std::unique_ptr<Guest>> all_guests_;  ///< also those that did not start
    std::vector<Guest*> guests_;                      ///< by number; null once torn down
    std::vector<std::optional<wasmtime_memory_t>> memories_;  ///< by number; none once torn down
    std::vector<std::unique_ptr<Import>> imports_;
};

}  // namespace stipple::executor
