// What a runtime says of itself: Core_version, or the custom sections of its code.
//
// Spec: defn-rt-core-version. Fields came with versions of the Core API (host-api.md section 0):
// transaction_version from Core 3, state (system) version from Core 4.
#pragma once

#include "scale/codec.hpp"

namespace stipple {

struct ApiIdTag;
using ApiId = FixedBytes<8, ApiIdTag>;

struct RuntimeVersion {
    std::string spec_name;
    std::string impl_name;
    std::uint32_t authoring_version = 0;
    std::uint32_t spec_version = 0;
    std::uint32_t impl_version = 0;
    std::vector<std::pair<ApiId, std::uint32_t>> apis;
    std::uint32_t transaction_version = 1;
    /// 0 state V0; 1 state V1; 2 and above: extrinsics root V1 too; 3: `:pending_code`.
    std::uint8_t system_version = 0;

    /// Version of an API by its trait name ("BabeApi"), absent when not offered.
    std::optional<std::uint32_t> api_version(std::string_view trait_name) const;
    bool state_v1() const { return system_version >= 1; }
    bool extrinsics_root_v1() const { return system_version >= 2; }
    friend bool operator==(const RuntimeVersion&, const RuntimeVersion&) = default;
};
/// blake2b-64 of the trait name.
ApiId api_id(std::string_view trait_name);
/// Encodes all fields (Core >= 4 shape). Decoding follows the Core version found in `apis`.
void encode_to(Bytes& out, const RuntimeVersion& version);
void decode_from(scale::Decoder& in, RuntimeVersion& version);

}  // namespace stipple
