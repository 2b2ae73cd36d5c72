// The metadata of a Wasm build: what the native build has made of the same sources
// (relay/metadata_main.cpp), as data.
#include "kit/host.hpp"
#include "kit/metadata.hpp"
#include "kit/metadata_pack.hpp"

namespace stipple::runtime::inline kit {

namespace {
constexpr std::uint8_t kPacked[] = {
#include "metadata_packed.inc"
};
}  // namespace

std::optional<Bytes> metadata(std::uint32_t version) {
    for (std::size_t i = 0; i < std::size(kMetadataVersions); ++i) {
        if (kMetadataVersions[i] == version) {
            auto text = unpack_metadata(kPacked, i);
            if (!text) {
                host::panic("the metadata in this runtime is damaged");
            }
            return text;
        }
    }
    return std::nullopt;
}

}  // namespace stipple::runtime::inline kit
