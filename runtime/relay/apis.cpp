#include "relay/apis.hpp"

namespace stipple::runtime {

RuntimeVersion Core::version() {
    return kit::runtime_version();
}

}  // namespace stipple::runtime

namespace stipple::runtime::inline kit {

std::span<const ApiEntry> runtime_apis() {
    static constexpr ApiEntry kApis[] = {api<Core>(5)};
    return kApis;
}

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

RUNTIME_API(Core, version)
