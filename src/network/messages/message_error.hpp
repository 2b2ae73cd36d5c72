// Why a message of a peer is no message.
//
// Spec: sect-networking. One enum for all decoders of this folder: the sender's fault is the same
// (Conduct::bad_message), the case says where to look.
#pragma once

#include <cstdint>
#include <expected>

namespace stipple::network {

enum class MessageError : std::uint8_t {
    over_limit,     ///< longer, or with more items, than any right one
    bad_protobuf,   ///< not the fields of a protobuf message
    bad_scale,      ///< a SCALE value inside does not decode
    missing_field,  ///< a field without which the message says nothing
    bad_value,      ///< right shape, undefined value
};
const char* describe(MessageError error);

template <class T>
using Decoded = std::expected<T, MessageError>;

}  // namespace stipple::network
