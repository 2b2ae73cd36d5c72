// Module `offchain`, HTTP requests of offchain workers: no request ever starts.
//
// Spec: sect-offchain-api; host-api.md section 7. A relay chain's runtime makes none, and the
// Rust node refuses them for relay chains too, and a node that fetches what a chain's code asks for
// is a risk to its operator. The answers are those of a
// node that cannot connect: starting fails, and no other id is known.
#include "executor/host_table.hpp"

namespace stipple::executor {
namespace {

/// SCALE HttpError: 1 DeadlineReached, 2 IoError, 3 Invalid.
constexpr std::uint8_t kInvalidError = 3;
/// SCALE HttpRequestStatus::Invalid.
constexpr std::uint8_t kInvalidStatus = 2;

bool available(HostCall& call) {
    if (call.context.offchain == nullptr) {
        call.trap("offchain functions are not available to this call");
    }
    return !call.failed();
}
GuestBytes give(HostCall& call, const Bytes& answer) {
    return available(call) ? call.give(answer) : GuestBytes{};
}
const Bytes kUnitError{1};
const Bytes kHttpInvalid{1, kInvalidError};
constexpr std::int64_t kInvalidCode = -3;

GuestBytes start(HostCall& call, ByteView, ByteView, ByteView) {
    return give(call, kUnitError);
}
std::int64_t start_v2(HostCall& call, ByteView, ByteView, ByteView meta) {
    if (available(call) && !equal(meta, Bytes{0})) {
        call.trap("HTTP request with metadata");
    }
    return -1;
}
GuestBytes add_header(HostCall& call, std::uint32_t, ByteView, ByteView) {
    return give(call, kUnitError);
}
std::int64_t add_header_v2(HostCall& call, std::uint32_t, ByteView, ByteView) {
    available(call);
    return -1;
}
GuestBytes write_body(HostCall& call, std::uint32_t, ByteView, ByteView) {
    return give(call, kHttpInvalid);
}
std::int64_t write_body_v2(HostCall& call, std::uint32_t, ByteView, ByteView) {
    available(call);
    return kInvalidCode;
}
GuestBytes response_wait(HostCall& call, ByteView ids, ByteView) {
    const auto requests = scale::decode_prefix<std::vector<std::uint16_t>>(ids);
    if (!requests) {
        call.trap("undecodable request ids");
        return {};
    }
    return give(call, scale::encode(Bytes(requests->size(), kInvalidStatus)));
}
void response_wait_v2(HostCall& call, ByteView ids, ByteView, MutableByteView out) {
    const auto requests = scale::decode_prefix<std::vector<std::uint16_t>>(ids);
    if (!requests || out.size() < requests->size() * sizeof(std::uint32_t)) {
        call.trap("undecodable request ids, or too small a buffer");
        return;
    }
    if (available(call)) {
        std::ranges::fill(out.first(requests->size() * sizeof(std::uint32_t)), std::uint8_t{0});
    }
}
GuestBytes response_headers(HostCall& call, std::uint32_t) {
    return give(call, Bytes{0});
}
OptionalU32 response_header_name(HostCall& call, std::uint32_t, std::uint32_t, MutableByteView) {
    available(call);
    return {};
}
OptionalU32 response_header_value(HostCall& call, std::uint32_t, std::uint32_t, MutableByteView) {
    available(call);
    return {};
}
GuestBytes read_body(HostCall& call, std::uint32_t, MutableByteView, ByteView) {
    return give(call, kHttpInvalid);
}
std::int64_t read_body_v2(HostCall& call, std::uint32_t, MutableByteView, ByteView) {
    available(call);
    return kInvalidCode;
}

constexpr auto kNewer = HostFunctionFlag::newer;
constexpr std::array kFunctions = {
    host_function<start>("ext_offchain_http_request_start_version_1"),
    host_function<start_v2>("ext_offchain_http_request_start_version_2", kNewer),
    host_function<add_header>("ext_offchain_http_request_add_header_version_1"),
    host_function<add_header_v2>("ext_offchain_http_request_add_header_version_2", kNewer),
    host_function<write_body>("ext_offchain_http_request_write_body_version_1"),
    host_function<write_body_v2>("ext_offchain_http_request_write_body_version_2", kNewer),
    host_function<response_wait>("ext_offchain_http_response_wait_version_1"),
    host_function<response_wait_v2>("ext_offchain_http_response_wait_version_2", kNewer),
    host_function<response_headers>("ext_offchain_http_response_headers_version_1"),
    host_function<response_header_name>("ext_offchain_http_response_header_name_version_1", kNewer),
    host_function<response_header_value>("ext_offchain_http_response_header_value_version_1",
                                         kNewer),
    host_function<read_body>("ext_offchain_http_response_read_body_version_1"),
    host_function<read_body_v2>("ext_offchain_http_response_read_body_version_2", kNewer),
};

}  // namespace

std::span<const HostFunction> http_functions() {
    return kFunctions;
}

}  // namespace stipple::executor
