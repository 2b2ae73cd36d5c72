// Wasmtime behind typed owners: compile, keep compiled code, link, instantiate.
//
// One engine per executor, set up as the field's node sets up its own where results could differ
// (features, native stack, NaN bits), with a pool of instances whose memory is copy-on-write.
//
// Compiled code checks an epoch in every loop, so that a call with a time limit ends at a tick
// (Executor::tick). The check costs about eight percent of the compiled code's own time, itself a
// fifth of a block's; a second engine without it was tried and left: it doubled memory and made the
// first limited call wait seconds for its compilation.
//
// Spec: sect-loading-and-executing.
#pragma once

#include "executor/host_table.hpp"

#include <wasmtime.h>

#include <atomic>
#include <memory>

namespace stipple::executor {

template <class T, void (*Delete)(T*)>
struct Deleter {
    void operator()(T* owned) const { Delete(owned); }
};
using EngineHandle = std::unique_ptr<wasm_engine_t, Deleter<wasm_engine_t, wasm_engine_delete>>;
using LinkerHandle =
    std::unique_ptr<wasmtime_linker_t, Deleter<wasmtime_linker_t, wasmtime_linker_delete>>;
using ModuleHandle =
    std::unique_ptr<wasmtime_module_t, Deleter<wasmtime_module_t, wasmtime_module_delete>>;
using InstancePreHandle =
    std::unique_ptr<wasmtime_instance_pre_t,
                    Deleter<wasmtime_instance_pre_t, wasmtime_instance_pre_delete>>;
using StoreHandle =
    std::unique_ptr<wasmtime_store_t, Deleter<wasmtime_store_t, wasmtime_store_delete>>;
using TrapHandle = std::unique_ptr<wasm_trap_t, Deleter<wasm_trap_t, wasm_trap_delete>>;

/// What an import that the node does not know becomes.
enum class UnknownImports : std::uint8_t { refuse, trap_when_called };

class Engine {
 public:
    static Result<std::unique_ptr<Engine>> create(std::uint32_t instances_max);

    Result<ModuleHandle> compile(ByteView wasm) const;
    Result<Bytes> serialize(const wasmtime_module_t& module) const;
    /// REQUIRES bytes from serialize() of an engine with the same fingerprint: they are run.
    Result<ModuleHandle> deserialize(ByteView bytes) const;
    Result<InstancePreHandle> link(const wasmtime_module_t& module, UnknownImports unknown) const;
    StoreHandle new_store(HostCall& call) const;

    /// Everything that decides whether compiled code may be loaded: version and settings.
    std::string fingerprint() const;

    void tick();
    const std::atomic<std::uint64_t>& ticks() const { return ticks_; }

 private:
    Engine() = default;
    EngineHandle engine_;
    LinkerHandle linker_;
    std::atomic<std::uint64_t> ticks_{0};
};

/// The message of a Wasmtime error, which it consumes.
Error take_error(wasmtime_error_t* error);
std::string message_of(const wasm_trap_t& trap);

}  // namespace stipple::executor
