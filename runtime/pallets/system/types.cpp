#include "pallets/system/types.hpp"

#include "kit/runtime.hpp"
#include "kit/runtime_version.hpp"

namespace stipple::runtime::inline kit {

Bytes TypeInfo<RuntimeEvent>::describe(Registry& types) {
    return outer_enum(types, "stipple_runtime::RuntimeEvent", &PalletTypes::events);
}

Bytes TypeInfo<EventRecord>::describe(Registry& types) {
    const TypeId event = types.id<RuntimeEvent>();
    return Registry::composite("frame_system::EventRecord",
                               {{"phase", types.id<Phase>()},
                                {"event", event, "E"},
                                {"topics", types.id<std::vector<Hash>>(), "Vec<T>"}},
                               {{"E", event}, {"T", types.id<Hash>()}});
}

Bytes TypeInfo<DigestItem>::describe(Registry& types) {
    const TypeId engine = types.id<std::array<std::uint8_t, 4>>();
    const TypeId bytes = types.id<Bytes>();
    return Registry::variant("sp_runtime::generic::digest::DigestItem",
                             {{"PreRuntime", 6, {{"", engine}, {"", bytes}}},
                              {"Consensus", 4, {{"", engine}, {"", bytes}}},
                              {"Seal", 5, {{"", engine}, {"", bytes}}},
                              {"Other", 0, {{"", bytes}}},
                              {"RuntimeEnvironmentUpdated", 8}});
}

Bytes TypeInfo<Header>::describe(Registry& types) {
    const TypeId hash = types.id<Hash>();
    return Registry::composite("sp_runtime::generic::header::Header",
                               {{"parent_hash", hash},
                                {"number", types.id<Compact<BlockNumber>>()},
                                {"state_root", hash},
                                {"extrinsics_root", hash},
                                {"digest", types.id<Digest>()}});
}

Bytes TypeInfo<RuntimeVersion>::describe(Registry& types) {
    const TypeId text = types.id<std::string>();
    const TypeId number = types.id<std::uint32_t>();
    using Apis = std::vector<std::tuple<std::array<std::uint8_t, 8>, std::uint32_t>>;
    return Registry::composite("sp_version::RuntimeVersion",
                               {{"spec_name", text},
                                {"impl_name", text},
                                {"authoring_version", number},
                                {"spec_version", number},
                                {"impl_version", number},
                                {"apis", types.id<Apis>()},
                                {"transaction_version", number},
                                {"system_version", types.id<std::uint8_t>()}});
}

}  // namespace stipple::runtime::inline kit
