// The HTTP/1.1 request and response that turn a TCP stream into a WebSocket.
//
//     client  GET / HTTP/1.1, Upgrade: websocket, Sec-WebSocket-Key: base64 of 16 bytes
//     server  HTTP/1.1 101, Sec-WebSocket-Accept: base64 of SHA-1(key ‖ a fixed text)
//
// Pure functions over a complete head (through its empty line). Header names are compared without
// case and unknown headers are skipped; no extension and no subprotocol is asked for or agreed.
//
// Spec: sect-networking. RFC 6455 sections 1.3 and 4.
#pragma once

#include "base/bytes.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace stipple::libp2p::websocket {

std::string base64(ByteView bytes);
/// Sec-WebSocket-Accept for a client's key.
std::string accept_value(std::string_view key);

/// `host` with its port; REQUIRES no control characters in either argument.
std::string upgrade_request(std::string_view host, std::string_view path, std::string_view key);
std::string upgrade_response(std::string_view key);

/// Length of the head at the front of `input`, its empty line included; absent while incomplete.
std::optional<std::size_t> find_head_end(std::string_view input);
/// The client's key; absent when this is no upgrade request of version 13.
std::optional<std::string> parse_upgrade_request(std::string_view head);
/// Whether the server agreed to the upgrade that was asked with `key`.
bool is_upgrade_response(std::string_view head, std::string_view key);

}  // namespace stipple::libp2p::websocket
