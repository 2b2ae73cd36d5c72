// A code blob on its way to the compiler: unpacked, its version read, its memory rewritten.
//
// Spec: sect-loading-and-executing, defn-rt-core-version. Runtimes import their memory from `env`;
// a pool of copy-on-write instances needs them to define it, so the bridge rewrites the import into
// a definition (as the field's node does). The pages of the heap are part of that definition:
// `memory.size` answers the same as where the host grows the memory first.
#pragma once

#include "executor/executor.hpp"

#include <vector>

namespace stipple::executor {

/// How much memory a call gets beyond what the module asks for.
struct HeapPages {
    std::uint32_t extra = 0;  ///< added to the module's minimum at once
    std::uint32_t max = 0;    ///< total the memory may grow to; 0: it does not grow
    friend auto operator<=>(const HeapPages&, const HeapPages&) = default;
};

enum class ExternKind : std::uint8_t { function = 0, table = 1, memory = 2, global = 3, other = 4 };

/// Value types as their bytes in the format: 'i' = i32, 'I' = i64, '?' = anything else.
struct FunctionType {
    std::string params;
    std::string results;
    friend bool operator==(const FunctionType&, const FunctionType&) = default;
};
struct ModuleItem {
    bool is_export = false;
    ExternKind kind = ExternKind::other;
    std::string module;  ///< of imports
    std::string name;
    FunctionType type;  ///< of functions
};

/// Imports and exports of a module that `prepare_module` accepts.
std::expected<std::vector<ModuleItem>, CodeError> describe_module(ByteView wasm);
/// Validates, rewrites the memory, and replaces the byte-wise `memcpy` of the first runtimes.
std::expected<Bytes, CodeError> prepare_module(ByteView wasm, HeapPages heap);

/// Contents of the first custom section of this name; absent also when the sections are cut off.
std::optional<ByteView> custom_section(ByteView wasm, std::string_view name);
/// As version_from_sections, but tells unreadable sections (an error) from none.
std::expected<std::optional<RuntimeVersion>, CodeError> read_version_sections(ByteView wasm);

}  // namespace stipple::executor
