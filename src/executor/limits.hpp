// Every bound of this folder, with its reason.
#pragma once

#include <cstddef>
#include <cstdint>

namespace stipple::executor {

/// Unpacked size of a runtime blob, as the field has it: a larger one is refused everywhere.
inline constexpr std::size_t kCodeBytesMax = 50 * 1024 * 1024;
/// Compiled runtimes kept in memory (each some 30 MiB): head, finalized, an upgrade under way and
/// what a client asks about history.
inline constexpr std::size_t kRuntimesKept = 8;
/// Instance slots that only nested calls may take (the version of new code inside `set_code`), so
/// that calls that wait for a nested one never starve it. A nested call nests no further.
inline constexpr std::uint32_t kNestedSlots = 4;
/// Wasm pages are 64 KiB; a 32-bit memory has at most 65536 of them.
inline constexpr std::size_t kPageBytes = 65536;
inline constexpr std::uint32_t kPagesMax = 65536;
/// Native stack of a runtime call: what the field's node gives, so that the same calls overflow.
inline constexpr std::size_t kStackBytesMax = 1024 * 1024;
/// Table entries and bytes of instance data a runtime may need (Kusama in 2022: 1249 and 32384).
inline constexpr std::size_t kTableElementsMax = 8192;
inline constexpr std::size_t kInstanceBytesMax = 512 * 1024;
/// Modules and memories that the sandbox of one runtime call may make: a contract called another a
/// few dozen levels deep at most.
inline constexpr std::size_t kSandboxInstancesMax = 256;
inline constexpr std::size_t kSandboxMemoriesMax = 256;
inline constexpr std::size_t kRuntimeTasksMax = 1024;
/// Pool slots beside those of runtime calls, shared by all sandboxes and runtime tasks.
inline constexpr std::uint32_t kSandboxSlots = 32;
/// Messages that a panicking runtime logged are cut to this length in CallError.
inline constexpr std::size_t kPanicMessageMax = 4096;
/// A runtime's answer: nothing legitimate comes near (metadata is under 1 MiB); memory bounds it
/// too.
inline constexpr std::size_t kResultBytesMax = 256 * 1024 * 1024;

}  // namespace stipple::executor
