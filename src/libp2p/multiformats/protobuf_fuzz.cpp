// Fields of arbitrary bytes: reading ends within the input, what was read writes and reads back
// alike, and the messages built on fields (keys, peer ids, hashes) decode to what they encode.
#include "base/check.hpp"
#include "libp2p/multiformats/multibase.hpp"
#include "libp2p/multiformats/multihash.hpp"
#include "libp2p/multiformats/peer_id.hpp"
#include "libp2p/multiformats/protobuf.hpp"
#include "libp2p/multiformats/varint.hpp"

namespace {

using namespace stipple;
using namespace stipple::libp2p;

void read_fields(ByteView input) {
    ProtobufReader reader(input, 1000);
    ProtobufWriter writer;
    std::vector<ProtobufField> fields;
    while (const auto field = reader.next()) {
        fields.push_back(*field);
        switch (field->type) {
            case WireType::varint:
                writer.number(field->number, field->scalar);
                break;
            case WireType::fixed64:
                writer.fixed64(field->number, field->scalar);
                break;
            case WireType::fixed32:
                writer.fixed32(field->number, static_cast<std::uint32_t>(field->scalar));
                break;
            case WireType::bytes:
                writer.bytes(field->number, field->bytes);
                break;
        }
    }
    CHECK(fields.size() <= 1000);
    ProtobufReader again(writer.view());
    for (const ProtobufField& field : fields) {
        const auto read = again.next();
        CHECK(read && read->number == field.number && read->type == field.type &&
              read->scalar == field.scalar && equal(read->bytes, field.bytes));
    }
    CHECK(!again.next() && !again.error());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    read_fields(input);
    if (const auto varint = decode_varint(input)) {
        Bytes encoded;
        append_varint(encoded, varint->value);
        CHECK(equal(encoded, input.first(varint->size)));
        CHECK(varint_size(varint->value) == varint->size);
    }
    if (const auto frame = find_frame(input, 100); frame && *frame) {
        Bytes encoded;
        append_frame(encoded, (*frame)->message);
        CHECK(equal(encoded, input.first((*frame)->size)));
    }
    if (const auto hash = decode_multihash(input)) {
        CHECK(equal(encode_multihash(*hash), input));
    }
    if (const auto key = decode_public_key(input)) {
        CHECK(decode_public_key(encode_public_key(*key)) == *key);
        CHECK(parse_peer_id(to_text(peer_id_of(*key))) == peer_id_of(*key));
        verify_signature(*key, input, input);
    }
    if (const auto peer = decode_peer_id(input)) {
        CHECK(parse_peer_id(to_text(*peer)) == *peer);
        embedded_key(*peer);
    }
    if (const auto bytes = multibase_decode(as_text(input))) {
        CHECK(multibase_decode(multibase_base32(*bytes)) == *bytes);
        CHECK(multibase_decode(multibase_base64url(*bytes)) == *bytes);
    }
    return 0;
}
