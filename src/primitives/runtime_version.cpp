#include "primitives/runtime_version.hpp"

#include "crypto/hash.hpp"

namespace stipple {

ApiId api_id(std::string_view trait_name) {
    return ApiId(crypto::blake2b_64(as_bytes(trait_name)).bytes);
}

std::optional<std::uint32_t> RuntimeVersion::api_version(std::string_view trait_name) const {
    const ApiId wanted = api_id(trait_name);
    for (const auto& [id, version] : apis) {
        if (id == wanted) {
            return version;
        }
    }
    return std::nullopt;
}

void encode_to(Bytes& out, const RuntimeVersion& version) {
    scale::encode_to(out, version.spec_name);
    scale::encode_to(out, version.impl_name);
    scale::encode_to(out, version.authoring_version);
    scale::encode_to(out, version.spec_version);
    scale::encode_to(out, version.impl_version);
    scale::encode_to(out, version.apis);
    scale::encode_to(out, version.transaction_version);
    scale::encode_to(out, version.system_version);
}

void decode_from(scale::Decoder& in, RuntimeVersion& version) {
    scale::decode_from(in, version.spec_name);
    scale::decode_from(in, version.impl_name);
    version.authoring_version = in.u32();
    version.spec_version = in.u32();
    version.impl_version = in.u32();
    scale::decode_from(in, version.apis);
    const std::uint32_t core = version.api_version("Core").value_or(0);
    version.transaction_version = core >= 3 ? in.u32() : 1;
    version.system_version = core >= 4 ? in.u8() : std::uint8_t{0};
}

}  // namespace stipple
