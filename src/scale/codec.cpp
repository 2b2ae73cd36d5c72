#include "scale/codec.hpp"

namespace stipple::scale {

void encode_compact(Bytes& out, uint128 value) {
    if (value < 1U << 6) {
        out.push_back(static_cast<std::uint8_t>(value << 2));
    } else if (value < 1U << 14) {
        append_le(out, static_cast<std::uint16_t>(value << 2 | 1));
    } else if (value < 1U << 30) {
        append_le(out, static_cast<std::uint32_t>(value << 2 | 2));
    } else {
        std::size_t count = 4;
        while (count < sizeof value && value >> (8 * count) != 0) {
            ++count;
        }
        out.push_back(static_cast<std::uint8_t>((count - 4) << 2 | 3));
        for (std::size_t i = 0; i < count; ++i) {
            out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
        }
    }
}

void encode_to(Bytes& out, const std::string& text) {
    encode_byte_string(out, as_bytes(text));
}

void decode_from(Decoder& in, std::string& text) {
    text = std::string(as_text(in.byte_string()));
}

void encode_to(Bytes& out, const BitVec& value) {
    encode_compact(out, value.bits.size());
    Bytes packed((value.bits.size() + 7) / 8);
    for (std::size_t i = 0; i < value.bits.size(); ++i) {
        if (value.bits[i]) {
            packed[i / 8] = static_cast<std::uint8_t>(packed[i / 8] | 1U << (i % 8));
        }
    }
    append(out, packed);
}

void decode_from(Decoder& in, BitVec& value) {
    value.bits.clear();
    const std::size_t count = in.compact32();
    const ByteView packed = in.take((count + 7) / 8);
    if (!in.ok()) {
        return;
    }
    value.bits.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        value.bits[i] = (packed[i / 8] >> (i % 8) & 1) != 0;
    }
}

}  // namespace stipple::scale
