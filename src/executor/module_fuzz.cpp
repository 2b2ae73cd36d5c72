// Code blobs as anyone may submit them: unpacked, described, their version read, their memory
// rewritten. Nothing may crash, and what is rewritten must be acceptable again, unchanged.
#include "executor/module.hpp"

namespace {

constexpr std::size_t kUnpackedMax = 1 << 20;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple::executor;
    const stipple::ByteView input(data, size);
    const auto wasm = unpack_code(input, kUnpackedMax);
    if (!wasm) {
        return 0;
    }
    CHECK(wasm->size() <= kUnpackedMax);
    const auto sections = read_version_sections(*wasm);
    CHECK(version_from_sections(*wasm) == sections.value_or(std::nullopt));
    const auto items = describe_module(*wasm);
    const auto prepared = prepare_module(*wasm, {.extra = 16, .max = 0});
    if (!prepared) {
        return 0;
    }
    CHECK(items.has_value());
    const auto again = prepare_module(*prepared, {.extra = 0, .max = 0});
    CHECK(again && *again == *prepared);
    std::size_t memories = 0;
    for (const ModuleItem& item : *describe_module(*prepared)) {
        CHECK(item.is_export || item.kind != ExternKind::memory);
        memories += item.kind == ExternKind::memory && item.name == "memory" ? 1U : 0U;
    }
    CHECK(memories == 1);
    return 0;
}
