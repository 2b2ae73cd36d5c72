// Runtime tasks: a call may run functions of its own runtime in further instances.
//
// host-api.md section 10; obsolete, no relay chain ever used them. `spawn` names a function of the
// runtime's table, the wrapper, which gets (entry, address, length) of the payload and answers an
// address and length; `join` gives the bytes. A task has an instance of its own and no state: what
// it asks of storage ends the call. Tasks run when they are spawned, one after the other, so that
// the answers never depend on threads.
//
// Bound: kRuntimeTasksMax a call.
#pragma once

#include "executor/host_call.hpp"

#include <functional>
#include <vector>

namespace stipple::executor {

class RuntimeTasks {
 public:
    /// Runs wrapper(entry, payload) in a fresh instance of the same code, with this call.
    using Run = std::function<std::expected<Bytes, CallError>(
        std::uint32_t wrapper, std::uint32_t entry, ByteView payload, HostCall& call)>;
    explicit RuntimeTasks(Run run) : run_(std::move(run)) {}

    /// The task's number.
    std::uint64_t spawn(HostCall& call, std::uint32_t wrapper, std::uint32_t entry,
                        ByteView payload);
    /// What the task answered; once.
    Bytes join(HostCall& call, std::uint64_t task);

 private:
    Run run_;
    std::vector<std::optional<Bytes>> answers_;
};

}  // namespace stipple::executor
