// One runtime call as its host functions see it: the instance's memory and heap, the overlay, the
// capabilities, and how a failure leaves the call.
//
// A host function that cannot go on calls one of the `trap_*`/`fail` methods and returns anything;
// the glue sees `failed()` and unwinds the Wasm stack. The first failure counts.
#pragma once

#include "executor/allocator.hpp"
#include "executor/executor.hpp"

#include <atomic>
#include <string>

namespace stipple::executor {

/// Result kinds of host functions: address, and address with length, of bytes on the guest's heap.
struct GuestPointer {
    std::uint32_t address = 0;
};
struct GuestBytes {
    std::uint64_t packed = 0;  ///< length << 32 | address
};

/// What host functions need from the executor itself.
class NestedVersions {
 public:
    virtual ~NestedVersions() = default;
    /// Encoded RuntimeVersion of a code blob; absent when it is no usable runtime.
    virtual std::optional<Bytes> version_of(ByteView blob) = 0;
};

class HostCall {
 public:
    HostCall(state::Overlay& overlay_in, const CallContext& context_in)
        : overlay(overlay_in), context(context_in) {}
    HostCall(const HostCall&) = delete;
    HostCall& operator=(const HostCall&) = delete;

    GuestMemory memory;
    Allocator allocator{0};
    state::Overlay& overlay;
    const CallContext& context;
    NestedVersions* versions = nullptr;
    /// Modules that the runtime runs itself; set while an instance is alive.
    class Sandbox* sandbox = nullptr;
    /// Null inside a task: tasks have none of their own.
    class RuntimeTasks* tasks = nullptr;
    /// Transactions below this one belong to the caller.
    std::size_t transaction_floor = 0;
    /// The runtime's own, for host functions that do not say it.
    state::StateVersion state_version = state::StateVersion::v0;

    /// Argument bytes of the newer entry ABI, given out once.
    std::optional<ByteView> input;
    /// Cursor of the last limited removal (`ext_misc_last_cursor`).
    std::optional<Bytes> last_cursor;
    /// Verdict of the open signature batch, if one is open.
    std::optional<bool> batch;
    /// Last message the runtime logged at level error: its panic message, if it panics next.
    std::string last_error_log;
    /// Set by `ext_panic_handler_abort_on_panic`.
    std::optional<std::string> panic_message;

    // ---- failures ----
    struct Failure {
        CallErrorKind kind;
        std::string message;
    };
    bool failed() const { return failure_.has_value(); }
    const std::optional<Failure>& failure() const { return failure_; }
    /// The runtime broke the contract of a host function, or asked for what the call may not do.
    void trap(std::string message) { fail(CallErrorKind::trap, std::move(message)); }
    void fail(CallErrorKind kind, std::string message) {
        if (!failure_) {
            failure_ = Failure{kind, std::move(message)};
        }
    }
    /// A trap inside the sandbox is an answer to the runtime; the host's own failures stay.
    void forgive_trap() {
        if (failure_ && failure_->kind == CallErrorKind::trap) {
            failure_.reset();
        }
    }
    /// The value of a result; after an error the call has failed and a default value stands in.
    template <class T>
    T take(Result<T> result) {
        if (!result) {
            fail(CallErrorKind::environment, result.error().message());
            return T{};
        }
        return std::move(*result);
    }

    void take_status(Result<> result) {
        if (!result) {
            fail(CallErrorKind::environment, result.error().message());
        }
    }

    // ---- the guest's memory ----
    /// A view of the guest's memory, valid until the call ends. Traps when out of bounds.
    MutableByteView bytes_at(std::uint32_t address, std::uint32_t length);
    /// Takes a block of the guest's heap. Traps when there is none.
    MutableByteView allocate(std::size_t length);
    GuestBytes give(ByteView bytes);
    GuestBytes packed(MutableByteView block) const {
        return {static_cast<std::uint64_t>(block.size()) << 32 | address_of(block)};
    }
    GuestPointer give_fixed(ByteView bytes);
    /// SCALE of Option<Vec<u8>>.
    GuestBytes give_option(const std::optional<ByteView>& bytes);
    /// SCALE of Option<u32>.
    GuestBytes give_option(std::optional<std::uint32_t> value);
    std::uint32_t address_of(ByteView inside) const {
        return static_cast<std::uint32_t>(inside.data() - memory.data);
    }

    // ---- time ----
    /// Counts ticks of the engine; both null/zero without a time limit.
    const std::atomic<std::uint64_t>* ticks = nullptr;
    std::uint64_t deadline_tick = 0;
    /// True (and the call failed) when the time limit has passed.
    bool check_deadline() {
        if (ticks == nullptr || ticks->load(std::memory_order_relaxed) < deadline_tick) {
            return false;
        }
        fail(CallErrorKind::deadline, "time limit passed");
        return true;
    }

 private:
    std::optional<Failure> failure_;
};

}  // namespace stipple::executor
