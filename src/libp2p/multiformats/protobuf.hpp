// Protocol Buffers on the wire: fields {number, wire type, value}, without schemas.
//
//     ProtobufReader reader(bytes);
//     while (const auto field = reader.next()) {
//         switch (field->number) {
//             case 1: message.key = to_bytes(reader.bytes(*field)); break;
//             case 2: message.count = reader.number(*field); break;
//             default: break;                                 // unknown fields are skipped
//         }
//     }
//     if (reader.error()) { return std::unexpected(...); }
//
// Views point into the message read. A scalar field may come several times; the last one counts, as
// everywhere in protobuf. An absent field keeps the default its reader gave it.
//
// Spec: protobuf.dev/programming-guides/encoding. Groups (wire types 3 and 4) are refused. Bounds:
// the reader takes no memory; it stops after `fields_max` fields.
#pragma once

#include "base/bytes.hpp"
#include "libp2p/multiformats/limits.hpp"

namespace stipple::libp2p {

enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

enum class ProtobufError : std::uint8_t {
    truncated,         ///< the message ends inside a field
    bad_varint,        ///< more than 64 bits
    bad_wire_type,     ///< a group, or no wire type at all
    bad_field_number,  ///< 0, or above 2^29 - 1
    wrong_type,        ///< a known field has another wire type than its schema says
    too_many_fields,   ///< more than `fields_max`
};

struct ProtobufField {
    std::uint32_t number = 0;
    WireType type = WireType::varint;
    std::uint64_t scalar = 0;  ///< of varint, fixed64 and fixed32
    ByteView bytes;            ///< of bytes: strings, bytes, nested messages, packed lists
};

class ProtobufReader {
 public:
    explicit ProtobufReader(ByteView message, std::size_t fields_max = kProtobufFieldsMax)
        : rest_(message), fields_left_(fields_max) {}

    /// The next field; absent at the end and from the first error on.
    std::optional<ProtobufField> next();

    /// The value of a field of that type. Of another type it is zero or empty, and the reader fails
    /// with wrong_type.
    ByteView bytes(const ProtobufField&);
    std::string_view text(const ProtobufField& field) { return as_text(bytes(field)); }
    std::uint64_t number(const ProtobufField&);
    /// Varint cut to 32 bits, as protobuf does for uint32, int32 and enums.
    std::uint32_t number32(const ProtobufField& field) {
        return static_cast<std::uint32_t>(number(field));
    }
    bool boolean(const ProtobufField& field) { return number(field) != 0; }

    const std::optional<ProtobufError>& error() const { return error_; }

 private:
    std::optional<std::uint64_t> take_varint();
    std::optional<ByteView> take(std::uint64_t count);
    std::nullopt_t fail(ProtobufError error);

    ByteView rest_;
    std::size_t fields_left_;
    std::optional<ProtobufError> error_;
};

/// Appends fields in the order of the calls. The `_unless_` forms leave a proto3 default out, which
/// is how proto3 writes it.
class ProtobufWriter {
 public:
    ProtobufWriter& bytes(std::uint32_t field, ByteView value);
    ProtobufWriter& text(std::uint32_t field, std::string_view value) {
        return bytes(field, as_bytes(value));
    }
    ProtobufWriter& message(std::uint32_t field, const ProtobufWriter& nested) {
        return bytes(field, nested.out_);
    }
    ProtobufWriter& number(std::uint32_t field, std::uint64_t value);
    ProtobufWriter& boolean(std::uint32_t field, bool value) { return number(field, value); }
    ProtobufWriter& fixed64(std::uint32_t field, std::uint64_t value);
    ProtobufWriter& fixed32(std::uint32_t field, std::uint32_t value);

    ProtobufWriter& bytes_unless_empty(std::uint32_t field, ByteView value) {
        return value.empty() ? *this : bytes(field, value);
    }
    ProtobufWriter& number_unless_zero(std::uint32_t field, std::uint64_t value) {
        return value == 0 ? *this : number(field, value);
    }

    ByteView view() const { return out_; }
    Bytes take() { return std::move(out_); }

 private:
    void tag(std::uint32_t field, WireType type);
    void varint(std::uint64_t value);

    Bytes out_;
};

}  // namespace stipple::libp2p
