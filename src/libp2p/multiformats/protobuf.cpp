#include "libp2p/multiformats/protobuf.hpp"

#include "base/check.hpp"

namespace stipple::libp2p {

namespace {
constexpr std::uint32_t kFieldNumberMax = (1U << 29) - 1;
constexpr std::size_t kProtobufVarintBytesMax = 10;
}  // namespace

std::nullopt_t ProtobufReader::fail(ProtobufError error) {
    error_ = error;
    rest_ = {};
    return std::nullopt;
}

// Unlike those of multiformats, these numbers have 64 bits and need not be minimal.
std::optional<std::uint64_t> ProtobufReader::take_varint() {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < kProtobufVarintBytesMax; ++i) {
        if (i == rest_.size()) {
            return fail(ProtobufError::truncated);
        }
        const std::uint8_t byte = rest_[i];
        if (i + 1 == kProtobufVarintBytesMax && byte > 1) {
            break;
        }
        value |= std::uint64_t{byte & 0x7fU} << (7 * i);
        if (byte < 0x80) {
            rest_ = rest_.subspan(i + 1);
            return value;
        }
    }
    return fail(ProtobufError::bad_varint);
}

std::optional<ByteView> ProtobufReader::take(std::uint64_t count) {
    if (count > rest_.size()) {
        return fail(ProtobufError::truncated);
    }
    const ByteView taken = rest_.first(static_cast<std::size_t>(count));
    rest_ = rest_.subspan(taken.size());
    return taken;
}

std::optional<ProtobufField> ProtobufReader::next() {
    if (rest_.empty()) {
        return std::nullopt;
    }
    if (fields_left_ == 0) {
        return fail(ProtobufError::too_many_fields);
    }
    --fields_left_;
    const auto tag = take_varint();
    if (!tag) {
        return std::nullopt;
    }
    const std::uint64_t number = *tag >> 3;
    if (number == 0 || number > kFieldNumberMax) {
        return fail(ProtobufError::bad_field_number);
    }
    ProtobufField field{.number = static_cast<std::uint32_t>(number),
                        .type = static_cast<WireType>(*tag & 7),
                        .scalar = 0,
                        .bytes = {}};
    std::optional<std::uint64_t> scalar;
    std::optional<ByteView> view;
    switch (field.type) {
        case WireType::varint:
            scalar = take_varint();
            break;
        case WireType::fixed64:
            view = take(sizeof(std::uint64_t));
            scalar = view ? std::optional(load_le<std::uint64_t>(*view)) : std::nullopt;
            break;
        case WireType::fixed32:
            view = take(sizeof(std::uint32_t));
            scalar =
                view ? std::optional<std::uint64_t>(load_le<std::uint32_t>(*view)) : std::nullopt;
            break;
        case WireType::bytes:
            scalar = take_varint();
            view = scalar ? take(*scalar) : std::nullopt;
            break;
        default:
            return fail(ProtobufError::bad_wire_type);
    }
    if (error_) {
        return std::nullopt;
    }
    if (field.type == WireType::bytes) {
        field.bytes = *view;
    } else {
        field.scalar = *scalar;
    }
    return field;
}

ByteView ProtobufReader::bytes(const ProtobufField& field) {
    if (field.type != WireType::bytes) {
        fail(ProtobufError::wrong_type);
        return {};
    }
    return field.bytes;
}

std::uint64_t ProtobufReader::number(const ProtobufField& field) {
    if (field.type == WireType::bytes) {
        fail(ProtobufError::wrong_type);
        return 0;
    }
    return field.scalar;
}

void ProtobufWriter::varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) {
        out_.push_back(static_cast<std::uint8_t>(value | 0x80));
    }
    out_.push_back(static_cast<std::uint8_t>(value));
}

void ProtobufWriter::tag(std::uint32_t field, WireType type) {
    CHECK(field > 0 && field <= kFieldNumberMax);
    varint((std::uint64_t{field} << 3) | static_cast<std::uint64_t>(type));
}

ProtobufWriter& ProtobufWriter::bytes(std::uint32_t field, ByteView value) {
    tag(field, WireType::bytes);
    varint(value.size());
    append(out_, value);
    return *this;
}

ProtobufWriter& ProtobufWriter::number(std::uint32_t field, std::uint64_t value) {
    tag(field, WireType::varint);
    varint(value);
    return *this;
}

ProtobufWriter& ProtobufWriter::fixed64(std::uint32_t field, std::uint64_t value) {
    tag(field, WireType::fixed64);
    append_le(out_, value);
    return *this;
}

ProtobufWriter& ProtobufWriter::fixed32(std::uint32_t field, std::uint32_t value) {
    tag(field, WireType::fixed32);
    append_le(out_, value);
    return *this;
}

}  // namespace stipple::libp2p
