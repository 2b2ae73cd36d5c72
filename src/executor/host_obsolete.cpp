// Modules that only very old runtimes import.
//
// host-api.md section 10. The chain id of 2019 answers 0; the sandbox is sandbox.hpp, runtime tasks
// are runtime_tasks.hpp.
#include "executor/host_table.hpp"
#include "executor/runtime_tasks.hpp"
#include "executor/sandbox.hpp"

namespace stipple::executor {
namespace {

std::uint64_t chain_id(HostCall&) {
    return 0;
}

std::uint32_t sandbox_instantiate(HostCall& call, std::uint32_t thunk, ByteView wasm,
                                  ByteView environment, std::uint32_t state) {
    return call.sandbox->instantiate(call, thunk, wasm, environment, state);
}
std::uint32_t sandbox_invoke(HostCall& call, std::uint32_t instance, ByteView function,
                             ByteView arguments, std::uint32_t address, std::uint32_t length,
                             std::uint32_t state) {
    return call.sandbox->invoke(call, instance, function, arguments, address, length, state);
}
std::uint32_t sandbox_memory_new(HostCall& call, std::uint32_t initial, std::uint32_t maximum) {
    return call.sandbox->memory_new(call, initial, maximum);
}
std::uint32_t sandbox_memory_get(HostCall& call, std::uint32_t memory, std::uint32_t offset,
                                 std::uint32_t address, std::uint32_t length) {
    return call.sandbox->memory_get(call, memory, offset, address, length);
}
std::uint32_t sandbox_memory_set(HostCall& call, std::uint32_t memory, std::uint32_t offset,
                                 std::uint32_t address, std::uint32_t length) {
    return call.sandbox->memory_set(call, memory, offset, address, length);
}
void sandbox_memory_teardown(HostCall& call, std::uint32_t memory) {
    call.sandbox->memory_teardown(call, memory);
}
void sandbox_instance_teardown(HostCall& call, std::uint32_t instance) {
    call.sandbox->instance_teardown(call, instance);
}
GuestBytes sandbox_global(HostCall& call, std::uint32_t instance, ByteView name) {
    const auto value = call.sandbox->global(call, instance, name);
    Bytes answer{0};
    if (value) {
        answer = {1};
        encode_sandbox_value(answer, *value);
    }
    return call.failed() ? GuestBytes{} : call.give(answer);
}
RuntimeTasks* tasks(HostCall& call) {
    if (call.tasks == nullptr) {
        call.trap("a runtime task has no tasks of its own");
    }
    return call.tasks;
}
std::uint64_t tasks_spawn(HostCall& call, std::uint32_t wrapper, std::uint32_t entry,
                          ByteView payload) {
    RuntimeTasks* found = tasks(call);
    return found == nullptr ? 0 : found->spawn(call, wrapper, entry, payload);
}
GuestBytes tasks_join(HostCall& call, std::uint64_t task) {
    RuntimeTasks* found = tasks(call);
    const Bytes answer = found == nullptr ? Bytes{} : found->join(call, task);
    return call.failed() ? GuestBytes{} : call.give(answer);
}

constexpr auto kObsolete = HostFunctionFlag::obsolete;
constexpr std::array kFunctions = {
    host_function<chain_id>("ext_misc_chain_id_version_1", kObsolete),
    host_function<sandbox_instantiate>("ext_sandbox_instantiate_version_1", kObsolete),
    host_function<sandbox_invoke>("ext_sandbox_invoke_version_1", kObsolete),
    host_function<sandbox_memory_new>("ext_sandbox_memory_new_version_1", kObsolete),
    host_function<sandbox_memory_get>("ext_sandbox_memory_get_version_1", kObsolete),
    host_function<sandbox_memory_set>("ext_sandbox_memory_set_version_1", kObsolete),
    host_function<sandbox_memory_teardown>("ext_sandbox_memory_teardown_version_1", kObsolete),
    host_function<sandbox_instance_teardown>("ext_sandbox_instance_teardown_version_1", kObsolete),
    host_function<sandbox_global>("ext_sandbox_get_global_val_version_1", kObsolete),
    host_function<tasks_spawn>("ext_runtime_tasks_spawn_version_1", kObsolete),
    host_function<tasks_join>("ext_runtime_tasks_join_version_1", kObsolete),
};

}  // namespace

std::span<const HostFunction> obsolete_functions() {
    return kFunctions;
}

}  // namespace stipple::executor
