// The runtime's version, for callers and as a custom section of its code. It stands apart from the
// APIs so that the runtime of the next version compiles little anew (CMakeLists.txt).
//
// Spec: defn-rt-core-version.
#include "kit/runtime_version.hpp"
#include "kit/version_sections.hpp"
#include "runtime_config.hpp"
#include "spec_version.hpp"

namespace stipple::runtime::inline kit {

#ifdef __wasm__
namespace detail {
struct VersionSection {
    static consteval std::vector<std::uint8_t> bytes() {
        static_assert(config::kSpecName.size() < 64 && config::kImplName.size() < 64);
        std::vector<std::uint8_t> out;
        put_short_text(out, config::kSpecName);
        put_short_text(out, config::kImplName);
        put_u32(out, config::kAuthoringVersion);
        put_u32(out, config::kSpecVersion);
        put_u32(out, config::kImplVersion);
        out.push_back(0);  // the list of APIs is a section of its own
        put_u32(out, config::kTransactionVersion);
        out.push_back(config::kSystemVersion);
        return out;
    }
};
}  // namespace detail

[[gnu::section(".custom_section.runtime_version")]] extern constexpr auto version_section =
    detail::section_array<detail::VersionSection>();
#endif

RuntimeVersion runtime_version() {
    RuntimeVersion version;
    version.spec_name = config::kSpecName;
    version.impl_name = config::kImplName;
    version.authoring_version = config::kAuthoringVersion;
    version.spec_version = config::kSpecVersion;
    version.impl_version = config::kImplVersion;
    version.transaction_version = config::kTransactionVersion;
    version.system_version = config::kSystemVersion;
    for (const ApiEntry& entry : runtime_apis()) {
        version.apis.emplace_back(ApiId(entry.id), entry.version);
    }
    return version;
}

}  // namespace stipple::runtime::inline kit
