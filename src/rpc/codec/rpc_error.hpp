// JSON-RPC errors: the codes and texts that clients of this field know.
//
// JSON-RPC 2.0 section 5.1 for -327xx and -326xx; the others are what nodes of the field answer
// (polkadot-sdk.md section 4). `data` is raw JSON.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace stipple::rpc {

struct RpcError {
    int code = 0;
    std::string message;
    std::string data{};  ///< raw JSON, empty: absent
    friend bool operator==(const RpcError&, const RpcError&) = default;
};

/// A value or why not, for one call.
template <class T = void>
using RpcResult = std::expected<T, RpcError>;

inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32603;
inline constexpr int kBatchesNotSupported = -32005;
inline constexpr int kTooManySubscriptions = -32006;
inline constexpr int kTooBigResponse = -32008;
inline constexpr int kServerIsBusy = -32009;
inline constexpr int kTooBigBatch = -32010;
inline constexpr int kTooBigBatchResponse = -32011;
inline constexpr int kRateLimited = -32999;

RpcError parse_error();
RpcError invalid_request();
RpcError method_not_found();
RpcError unsafe_denied();
RpcError internal_error();
RpcError server_is_busy();
RpcError rate_limited();
RpcError batches_not_supported();
RpcError too_big_batch(std::size_t limit);
RpcError too_big_batch_response(std::size_t limit);
RpcError too_big_response(std::size_t limit);
RpcError too_many_subscriptions(std::size_t limit);
/// "Invalid params" with the reason as data.
RpcError invalid_params(std::string_view reason);
/// An error whose data is a plain string.
RpcError error_with_text(int code, std::string message, std::string_view data);

}  // namespace stipple::rpc
