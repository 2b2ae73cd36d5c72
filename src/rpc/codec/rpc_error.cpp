#include "rpc/codec/rpc_error.hpp"

#include "rpc/codec/json_text.hpp"

namespace stipple::rpc {
namespace {

RpcError limit_error(int code, std::string_view message, std::size_t limit) {
    return error_with_text(code, std::string(message),
                           "Exceeded max limit of " + std::to_string(limit));
}

}  // namespace

RpcError parse_error() {
    return {kParseError, "Parse error"};
}
RpcError invalid_request() {
    return {kInvalidRequest, "Invalid request"};
}
RpcError method_not_found() {
    return {kMethodNotFound, "Method not found"};
}
RpcError unsafe_denied() {
    return {kMethodNotFound, "RPC call is unsafe to be called externally"};
}
RpcError internal_error() {
    return {kInternalError, "Internal error"};
}
RpcError server_is_busy() {
    return {kServerIsBusy, "Server is busy, try again later"};
}
RpcError rate_limited() {
    return {kRateLimited, "RPC rate limit exceeded"};
}
RpcError batches_not_supported() {
    return {kBatchesNotSupported, "Batched requests are not supported by this server"};
}
RpcError too_big_batch(std::size_t limit) {
    return limit_error(kTooBigBatch, "The batch request was too large", limit);
}
RpcError too_big_batch_response(std::size_t limit) {
    return limit_error(kTooBigBatchResponse, "The batch response was too large", limit);
}
RpcError too_big_response(std::size_t limit) {
    return limit_error(kTooBigResponse, "Response is too big", limit);
}
RpcError too_many_subscriptions(std::size_t limit) {
    return limit_error(kTooManySubscriptions, "Too many subscriptions on the connection", limit);
}
RpcError invalid_params(std::string_view reason) {
    return error_with_text(kInvalidParams, "Invalid params", reason);
}
RpcError error_with_text(int code, std::string message, std::string_view data) {
    RpcError error{code, std::move(message)};
    append_json_string(error.data, data);
    return error;
}

}  // namespace stipple::rpc
