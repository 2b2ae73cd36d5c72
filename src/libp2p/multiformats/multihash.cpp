#include "libp2p/multiformats/multihash.hpp"

#include "libp2p/multiformats/varint.hpp"

namespace stipple::libp2p {

std::expected<Multihash, MultihashError> decode_multihash(ByteView bytes) {
    const auto code = decode_varint(bytes);
    if (!code) {
        return std::unexpected(MultihashError::malformed);
    }
    bytes = bytes.subspan(code->size);
    const auto length = decode_varint(bytes);
    if (!length) {
        return std::unexpected(MultihashError::malformed);
    }
    bytes = bytes.subspan(length->size);
    if (length->value > kDigestBytesMax) {
        return std::unexpected(MultihashError::too_long);
    }
    if (length->value != bytes.size()) {
        return std::unexpected(length->value > bytes.size() ? MultihashError::malformed
                                                            : MultihashError::extra_bytes);
    }
    return Multihash{.code = static_cast<HashCode>(code->value), .digest = bytes};
}

Bytes encode_multihash(const Multihash& hash) {
    Bytes out;
    append_varint(out, static_cast<std::uint64_t>(hash.code));
    append_frame(out, hash.digest);
    return out;
}

}  // namespace stipple::libp2p
