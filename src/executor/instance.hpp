// One call into one fresh instance: memory, heap, entry, result, and the reasons it can end badly.
//
// Spec: sect-runtime-entrypoints, sect-code-execution. A call gets an instance of its own from the
// pool (zeroed memory but for the module's data), and gives it back at the end. A series of calls
// (KeptInstance) keeps it between them.
#pragma once

#include "executor/engine.hpp"

#include <map>

namespace stipple::executor {

/// How an export is entered.
enum class EntryAbi : std::uint8_t {
    pointer,  ///< (address, length) -> i64: the host puts the arguments on the heap
    input,    ///< RFC-0145, (length) -> i64: the runtime fetches them with ext_input_read
};

struct CompiledCode {
    ModuleHandle module;
    InstancePreHandle instance_pre;
    std::map<std::string, EntryAbi, std::less<>> entries;
    std::uint32_t pages_max = 0;
    bool memory_grows = false;
};

/// Reads what a call needs to know of a compiled module.
Result<CompiledCode> inspect(ModuleHandle module, InstancePreHandle instance_pre);

/// An instance that stays for further calls of a series.
class KeptInstance {
 public:
    /// Both outlive it.
    KeptInstance(const Engine& engine, const CompiledCode& code);
    KeptInstance(const KeptInstance&) = delete;
    KeptInstance& operator=(const KeptInstance&) = delete;
    ~KeptInstance();
    /// The call's own side for the next enter(), with the memory and the heap as they are.
    HostCall& next_call(state::Overlay& overlay, const CallContext& context);
    /// As run_call with what next_call() gave. After an error the instance is of no more use.
    std::expected<Bytes, CallError> enter(std::string_view method, ByteView arguments);

 private:
    struct Inner;
    std::unique_ptr<Inner> inner_;
};

/// Runs `method`. REQUIRES an engine that can be interrupted when there is a time limit, and code
/// of that engine. The overlay's transactions are the caller's business.
std::expected<Bytes, CallError> run_call(const Engine& engine, const CompiledCode& code,
                                         std::string_view method, ByteView arguments,
                                         HostCall& call);

}  // namespace stipple::executor
