#include "network/messages/message_error.hpp"

namespace stipple::network {

const char* describe(MessageError error) {
    switch (error) {
        case MessageError::over_limit:
            return "message over its limit";
        case MessageError::bad_protobuf:
            return "malformed protobuf";
        case MessageError::bad_scale:
            return "malformed SCALE value";
        case MessageError::missing_field:
            return "a field is missing";
        case MessageError::bad_value:
            return "undefined value";
    }
    return "unknown";
}

}  // namespace stipple::network
