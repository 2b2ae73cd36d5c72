// What this version does to the state of the version before it, once.
//
// A release that changes the layout of storage lists its step here and takes it out one release
// later. The runtime of the next version, which upgrade tests install, has one that shows itself.
#include "kit/runtime.hpp"
#include "pallets/system/types.hpp"

namespace stipple::runtime::inline kit {

#ifdef STIPPLE_NEXT_RUNTIME
namespace {
/// Counts its own runs under `:stipple:migrated`, which a test reads.
Weight count_runs() {
    const ByteView key = as_bytes(":stipple:migrated");
    std::uint32_t runs = 0;
    if (const auto before = host::get(key)) {
        runs = scale::decode<std::uint32_t>(*before).value_or(0);
    }
    host::set(key, scale::encode(runs + 1));
    return work(10, 1, 1);
}
}  // namespace

std::span<const Migration> runtime_migrations() {
    static constexpr Migration kMigrations[] = {{"count runs", &count_runs}};
    return kMigrations;
}
#else
std::span<const Migration> runtime_migrations() {
    return {};
}
#endif

}  // namespace stipple::runtime::inline kit
