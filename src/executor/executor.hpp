// Running the chain's Wasm runtime.
//
// Spec: sect-loading-and-executing, chap-host-api. A runtime call is a job over an immutable state:
// it reads and writes an Overlay and gives back bytes. Everything a call may touch beside that
// comes in its CallContext; what is absent there makes the host functions of that capability trap.
//
//   Executor ── compile once per code blob ──▶ Runtime ── call(method, args, overlay, context) ──▶
//   bytes (engine, pool of instances, disk cache)    (immutable, shared, any thread)
//
// Time never judges a block: a deadline that passes is CallErrorKind::deadline, the host's own
// failure.
#pragma once

#include "executor/capabilities.hpp"
#include "primitives/ids.hpp"
#include "primitives/runtime_version.hpp"
#include "state/overlay/overlay.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>

namespace stipple::executor {

enum class CallErrorKind : std::uint8_t {
    unknown_method,  ///< the runtime has no such export
    trap,            ///< the runtime panicked or broke a host function's contract
    deadline,        ///< our own time limit; no verdict on the input
    out_of_slots,    ///< every instance slot is busy; no verdict on the input
    environment,     ///< state unreadable, engine failure; no verdict on the input
    bad_result,      ///< the runtime returned a pointer outside of its memory
};
struct CallError {
    CallErrorKind kind;
    std::string message;    ///< one line: panic message or trap name
    std::string backtrace;  ///< Wasm frames with names, several lines, may be empty
};

/// A runtime in C++ in the place of Wasm: for simulations that need thousands of blocks a second.
/// Called from any thread; the overlay is rolled back by the caller when a call fails.
class NativeRuntime {
 public:
    virtual ~NativeRuntime() = default;
    virtual const RuntimeVersion& version() const = 0;
    virtual bool has_export(std::string_view method) const = 0;
    virtual std::expected<Bytes, CallError> call(std::string_view method, ByteView arguments,
                                                 state::Overlay& overlay,
                                                 const CallContext& context) const = 0;
};
/// The native runtime that a code blob names; null for any other blob.
using FindNativeRuntime = std::function<std::shared_ptr<const NativeRuntime>(ByteView code)>;

struct ExecutorConfig {
    std::filesystem::path cache_dir;          ///< compiled code, files 0600; empty: no disk cache
    std::uint32_t instances_max = 32;         ///< pool slots in all, some reserved for nested calls
    std::uint32_t default_heap_pages = 2048;  ///< when `:heappages` is absent
    /// Asked before a blob is taken for Wasm. Empty in every node, so that no blob can name a
    /// native runtime there: only the simulator sets it.
    FindNativeRuntime native{};
};

enum class CodeErrorKind : std::uint8_t {
    not_wasm,
    too_large,
    does_not_compile,
    unknown_import,
    bad_version,
    state_unreadable,  ///< runtime_of only: no verdict on the code
};
struct CodeError {
    CodeErrorKind kind;
    std::string message;  ///< names every import that we lack
};

/// Compiled code with its version. Immutable; calls may run on any number of threads.
class Runtime {
 public:
    ~Runtime();
    const RuntimeVersion& version() const;
    const CodeHash& code_hash() const;  ///< BLAKE2b-256 of the blob as given (compressed)
    bool has_export(std::string_view method) const;

    /// Calls `method` (as "Core_version") with encoded arguments. Transactions the runtime leaves
    /// open are rolled back; after an error the overlay is as it was before the call.
    std::expected<Bytes, CallError> call(std::string_view method, ByteView arguments,
                                         state::Overlay& overlay, const CallContext& context) const;

 private:
    friend class Executor;
    friend class CallSeries;
    struct Inner;
    explicit Runtime(std::unique_ptr<Inner> inner);
    std::expected<Bytes, CallError> call_wasm(std::string_view method, ByteView arguments,
                                              state::Overlay& overlay,
                                              const CallContext& context) const;
    std::unique_ptr<Inner> inner_;
};

/// Calls in a row that share one instance, as the parts of a block do when it is executed: its
/// memory is not made anew between them. For block building alone, where each call goes on from
/// what the one before left in the overlay.
///
/// An instance never outlives an error: the call is tried again in a fresh one before it counts as
/// failed. Whoever undoes or changes the overlay between two calls says start_anew(), because the
/// runtime may remember what it has read.
class CallSeries {
 public:
    /// The runtime outlives the series. Nothing is taken before the first call.
    explicit CallSeries(const Runtime& runtime);
    CallSeries(CallSeries&&) noexcept;
    CallSeries& operator=(CallSeries&&) noexcept;
    ~CallSeries();

    /// As Runtime::call.
    std::expected<Bytes, CallError> call(std::string_view method, ByteView arguments,
                                         state::Overlay& overlay, const CallContext& context);
    /// The next call gets an instance of its own.
    void start_anew();

 private:
    struct Inner;
    std::unique_ptr<Inner> inner_;
};

/// A tick of the engine is this long; limits are rounded up to whole ticks, and one more since the
/// present one has begun.
inline constexpr std::chrono::milliseconds kTick{10};

class Executor {
 public:
    static Result<std::unique_ptr<Executor>> create(const ExecutorConfig& config);
    ~Executor();

    /// To be called every kTick or so, from any thread: calls with a time limit count these ticks
    /// and so need no clock. Without ticks no limit ever passes.
    void tick();

    /// Decompresses, checks imports, compiles or loads from cache, reads the version. Runtimes are
    /// kept by (code hash, heap pages), the last few used; concurrent calls for one blob compile
    /// once.
    std::expected<std::shared_ptr<const Runtime>, CodeError> runtime(
        ByteView code, std::optional<std::uint64_t> heap_pages);
    /// The runtime that `:code` and `:heappages` of a state name.
    std::expected<std::shared_ptr<const Runtime>, CodeError> runtime_of(const state::Reader& state);

 private:
    struct Inner;
    explicit Executor(std::unique_ptr<Inner> inner);
    std::unique_ptr<Inner> inner_;
};

/// Blob to plain Wasm: the zstd frame behind the magic prefix 52bc537646db8e05 (or a bare frame),
/// at most `bytes_max` unpacked (50 MiB for runtimes).
std::expected<Bytes, CodeError> unpack_code(ByteView blob, std::size_t bytes_max);

/// The version from the custom sections, absent when there is none (then Core_version must be
/// called).
std::optional<RuntimeVersion> version_from_sections(ByteView wasm);

}  // namespace stipple::executor
