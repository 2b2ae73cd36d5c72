// What this version does to the state of the version before it, once.
//
// A release that changes the layout of storage lists its step here and takes it out one release
// later. The runtime of the next version, which upgrade tests install, has one that shows itself.
#include "kit/runtime.hpp"
#include "pallets/para_session_info/para_session_info.hpp"

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
#endif

std::span<const Migration> runtime_migrations() {
    static constexpr Migration kMigrations[] = {
        // Of 1 000 001: sessions of parachains' validators were not noted before.
        {"present session for parachains", &ParaSessionInfo::begin_with_present_session},
#ifdef STIPPLE_NEXT_RUNTIME
        {"count runs", &count_runs},
#endif
    };
    return kMigrations;
}

}  // namespace stipple::runtime::inline kit
