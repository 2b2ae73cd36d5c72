#include "network/messages/light_request.hpp"

#include "libp2p/multiformats/protobuf.hpp"

namespace stipple::network {
namespace {

using libp2p::ProtobufReader;
using libp2p::ProtobufWriter;

constexpr std::uint32_t kCall = 1;
constexpr std::uint32_t kRead = 2;
constexpr std::uint32_t kReadChild = 4;
constexpr std::uint32_t kBlock = 2;
constexpr std::uint32_t kMethod = 3;
constexpr std::uint32_t kData = 4;
constexpr std::uint32_t kKeys = 3;
constexpr std::uint32_t kChildId = 3;
constexpr std::uint32_t kChildKeys = 6;
constexpr std::uint32_t kProof = 2;

Decoded<BlockHash> read_hash(ByteView bytes) {
    const auto hash = BlockHash::from(bytes);
    if (!hash) {
        return std::unexpected(MessageError::bad_value);
    }
    return *hash;
}

Decoded<LightCallRequest> read_call(ByteView bytes) {
    ProtobufReader reader(bytes);
    LightCallRequest call;
    Decoded<BlockHash> block = std::unexpected(MessageError::missing_field);
    while (const auto field = reader.next()) {
        if (field->number == kBlock) {
            block = read_hash(reader.bytes(*field));
        } else if (field->number == kMethod) {
            call.method = reader.text(*field);
        } else if (field->number == kData) {
            call.data = to_bytes(reader.bytes(*field));
        }
    }
    if (reader.error()) {
        return std::unexpected(MessageError::bad_protobuf);
    }
    if (!block) {
        return std::unexpected(block.error());
    }
    if (call.method.empty()) {
        return std::unexpected(MessageError::missing_field);
    }
    if (call.method.size() > kLightMethodBytesMax) {
        return std::unexpected(MessageError::over_limit);
    }
    call.block = *block;
    return call;
}

Decoded<LightReadRequest> read_read(ByteView bytes, bool child) {
    ProtobufReader reader(bytes);
    LightReadRequest read;
    if (child) {
        read.child.emplace();
    }
    Decoded<BlockHash> block = std::unexpected(MessageError::missing_field);
    while (const auto field = reader.next()) {
        if (field->number == kBlock) {
            block = read_hash(reader.bytes(*field));
        } else if (child && field->number == kChildId) {
            read.child = to_bytes(reader.bytes(*field));
        } else if (field->number == (child ? kChildKeys : kKeys)) {
            const ByteView key = reader.bytes(*field);
            if (read.keys.size() >= kLightKeysMax || key.size() > kStorageKeyBytesMax) {
                return std::unexpected(MessageError::over_limit);
            }
            read.keys.push_back(to_bytes(key));
        }
    }
    if (reader.error()) {
        return std::unexpected(MessageError::bad_protobuf);
    }
    if (!block) {
        return std::unexpected(block.error());
    }
    read.block = *block;
    return read;
}

template <class T>
Decoded<LightRequest> widen(Decoded<T> request) {
    if (!request) {
        return std::unexpected(request.error());
    }
    return LightRequest(std::move(*request));
}

}  // namespace

Bytes encode(const LightRequest& request) {
    ProtobufWriter nested;
    ProtobufWriter out;
    if (const auto* call = std::get_if<LightCallRequest>(&request)) {
        nested.bytes(kBlock, call->block).text(kMethod, call->method).bytes(kData, call->data);
        return out.message(kCall, nested).take();
    }
    const auto& read = std::get<LightReadRequest>(request);
    nested.bytes(kBlock, read.block);
    if (read.child) {
        nested.bytes(kChildId, *read.child);
    }
    for (const auto& key : read.keys) {
        nested.bytes(read.child ? kChildKeys : kKeys, key);
    }
    return out.message(read.child ? kReadChild : kRead, nested).take();
}

Decoded<LightRequest> decode_light_request(ByteView bytes) {
    if (bytes.size() > kRequestBytesMax) {
        return std::unexpected(MessageError::over_limit);
    }
    ProtobufReader reader(bytes);
    Decoded<LightRequest> request = std::unexpected(MessageError::missing_field);
    while (const auto field = reader.next()) {
        if (field->number == kCall) {
            request = widen(read_call(reader.bytes(*field)));
        } else if (field->number == kRead || field->number == kReadChild) {
            request = widen(read_read(reader.bytes(*field), field->number == kReadChild));
        }
    }
    if (reader.error()) {
        return std::unexpected(MessageError::bad_protobuf);
    }
    return request;
}

Bytes encode(const LightResponse& response) {
    ProtobufWriter nested;
    if (response.proof) {
        nested.bytes(kProof, *response.proof);
    }
    ProtobufWriter out;
    return out.message(response.is_call ? kCall : kRead, nested).take();
}

Decoded<LightResponse> decode_light_response(ByteView bytes) {
    if (bytes.size() > kResponseBytesMax) {
        return std::unexpected(MessageError::over_limit);
    }
    ProtobufReader reader(bytes);
    std::optional<LightResponse> response;
    while (const auto field = reader.next()) {
        if (field->number != kCall && field->number != kRead) {
            continue;
        }
        response.emplace();
        response->is_call = field->number == kCall;
        ProtobufReader nested(reader.bytes(*field));
        while (const auto item = nested.next()) {
            if (item->number == kProof) {
                response->proof = to_bytes(nested.bytes(*item));
            }
        }
        if (nested.error()) {
            return std::unexpected(MessageError::bad_protobuf);
        }
    }
    if (reader.error()) {
        return std::unexpected(MessageError::bad_protobuf);
    }
    if (!response) {
        return std::unexpected(MessageError::missing_field);
    }
    return std::move(*response);
}

}  // namespace stipple::network
