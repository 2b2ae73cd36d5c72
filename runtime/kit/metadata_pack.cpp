#include "kit/metadata_pack.hpp"

#include "kit/metadata_versions.hpp"

#include <array>

namespace stipple::runtime::inline kit {

namespace {
/// One step appended to `out`; false when it cannot be one.
bool take_step(scale::Decoder& in, Bytes& out, std::size_t end) {
    append(out, in.take(in.compact32()));
    const std::size_t distance = in.compact32();
    const std::size_t length = in.compact32();
    if (!in.ok() || distance > out.size() || out.size() > end || length > end - out.size() ||
        (distance == 0 && length > 0)) {
        return false;
    }
    // The copy may overlap what it writes, so it goes byte by byte.
    for (std::size_t i = 0; i < length; ++i) {
        out.push_back(out[out.size() - distance]);
    }
    return true;
}
}  // namespace

std::optional<Bytes> unpack_metadata(ByteView packed, std::size_t index) {
    scale::Decoder in(packed);
    std::array<std::size_t, std::size(kMetadataVersions)> sizes{};
    std::size_t all = 0;
    for (std::size_t& size : sizes) {
        size = in.u32();
        all += size;
    }
    if (!in.ok() || index >= sizes.size()) {
        return std::nullopt;
    }
    std::size_t begin = 0;
    for (std::size_t i = 0; i < index; ++i) {
        begin += sizes[i];
    }
    const std::size_t end = begin + sizes[index];
    Bytes out;
    while (out.size() < end) {
        const std::size_t before = out.size();
        if (!take_step(in, out, all) || out.size() == before) {
            return std::nullopt;
        }
    }
    return to_bytes(ByteView(out).subspan(begin, sizes[index]));
}

}  // namespace stipple::runtime::inline kit
