#include "rpc/codec/request.hpp"

#include "rpc/codec/json_text.hpp"
#include "rpc/codec/limits.hpp"

namespace stipple::rpc {
namespace {

/// The members of a call object as they were found.
struct Members {
    std::optional<std::string_view> jsonrpc;
    std::optional<std::string_view> id;
    std::optional<std::string_view> method;
    std::optional<std::string_view> params;
    bool repeated = false;     ///< one of ours twice
    bool repeated_id = false;  ///< what even a bare look for the id refuses
};

void note(std::optional<std::string_view>& member, std::string_view value, Members& members) {
    members.repeated |= member.has_value();
    member = value;
}

/// Reads an object; false when it is not JSON.
bool read_members(JsonScanner& in, Members& members) {
    if (!in.accept('{')) {
        return false;
    }
    if (in.accept('}')) {
        return true;
    }
    for (;;) {
        bool escaped = false;
        const auto raw_name = in.string(escaped);
        if (!raw_name || !in.accept(':')) {
            return false;
        }
        const auto value = in.value();
        if (!value) {
            return false;
        }
        std::string unescaped;
        std::string_view name = *raw_name;
        if (escaped) {
            unescaped = unescape_json(name).value_or("");
            name = unescaped;
        }
        if (name == "method") {
            note(members.method, *value, members);
        } else if (name == "params") {
            note(members.params, *value, members);
        } else if (name == "id") {
            members.repeated_id |= members.id.has_value();
            note(members.id, *value, members);
        } else if (name == "jsonrpc") {
            note(members.jsonrpc, *value, members);
        }
        if (in.accept('}')) {
            return true;
        }
        if (!in.accept(',')) {
            return false;
        }
    }
}

bool is_unsigned_number(std::string_view text) {
    if (text.empty() || text.size() > 20) {
        return false;
    }
    std::uint64_t value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') {
            return false;
        }
        const auto digit = static_cast<std::uint64_t>(c - '0');
        if (value > (UINT64_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    return true;
}

bool is_id(std::string_view raw) {
    if (raw == "null" || is_unsigned_number(raw)) {
        return true;
    }
    return raw.front() == '"' && unescape_json(raw.substr(1, raw.size() - 2)).has_value();
}

bool is_version_2(const std::optional<std::string_view>& raw) {
    return raw && (*raw == R"("2.0")" ||
                   (raw->front() == '"' &&
                    unescape_json(raw->substr(1, raw->size() - 2)) == std::string("2.0")));
}

/// A call, a notification, or broken; `without_id` is the error when even the id cannot be told.
void judge(const Members& members, const RpcError& without_id, Call& call) {
    const bool has_method = members.method && members.method->front() == '"';
    const bool shaped = is_version_2(members.jsonrpc) && has_method && !members.repeated;
    const bool has_id = members.id && !members.repeated_id && is_id(*members.id);
    if (has_id) {
        call.id = *members.id;
    }
    if (!shaped) {
        call.error = has_id ? invalid_request() : without_id;
        return;
    }
    call.method = members.method->substr(1, members.method->size() - 2);
    if (call.method.find('\\') != std::string_view::npos) {
        const auto text = unescape_json(call.method);
        if (!text) {
            call.error = has_id ? invalid_request() : without_id;
            return;
        }
        call.method_text = *text;
    }
    call.params = members.params && *members.params != "null" ? *members.params : "";
    call.kind = has_id ? Call::Kind::call : Call::Kind::notification;
}

void parse_single(std::string_view text, Message& message) {
    message.kind = Message::Kind::single;
    Call& call = message.calls.emplace_back();
    JsonScanner in(text);
    Members members;
    if (!is_utf8(text) || !read_members(in, members) || !in.at_end()) {
        call.error = parse_error();
        return;
    }
    judge(members, parse_error(), call);
}

void parse_batch(std::string_view text, std::optional<std::uint32_t> limit, Message& message) {
    message.kind = Message::Kind::batch;
    const auto refuse = [&message](RpcError error) {
        message.kind = Message::Kind::unreadable;
        message.calls.clear();
        message.calls.emplace_back().error = std::move(error);
    };
    if (limit == std::uint32_t{0}) {
        refuse(batches_not_supported());
        return;
    }
    JsonScanner in(text);
    std::vector<std::string_view> items;
    bool good = is_utf8(text) && in.accept('[');
    if (good && !in.accept(']')) {
        for (;;) {
            const auto item = in.value();
            good = item.has_value();
            if (!good) {
                break;
            }
            items.push_back(*item);
            if (in.accept(']')) {
                break;
            }
            good = in.accept(',');
            if (!good) {
                break;
            }
        }
    }
    if (!good || !in.at_end()) {
        refuse(parse_error());
        return;
    }
    if (limit && items.size() > *limit) {
        refuse(too_big_batch(*limit));
        return;
    }
    if (items.empty()) {
        refuse(invalid_request());
        return;
    }
    for (const std::string_view item : items) {
        Call& call = message.calls.emplace_back();
        JsonScanner item_in(item);
        Members members;
        if (read_members(item_in, members)) {
            judge(members, invalid_request(), call);
        } else {
            call.error = invalid_request();
        }
    }
}

}  // namespace

void parse_message(std::string_view text, std::optional<std::uint32_t> limit, Message& message) {
    message.calls.clear();
    std::size_t start = 0;
    while (start < text.size() && start < kLeadingSpaceMax &&
           std::string_view(" \t\n\r\f").find(text[start]) != std::string_view::npos) {
        ++start;
    }
    const char first = start < text.size() ? text[start] : '\0';
    if (first == '{') {
        parse_single(text.substr(start), message);
    } else if (first == '[') {
        parse_batch(text.substr(start), limit, message);
    } else {
        message.kind = Message::Kind::malformed;
        message.calls.emplace_back().error = parse_error();
    }
}

void begin_result(std::string& out, std::string_view id) {
    out.append(R"({"jsonrpc":"2.0","id":)").append(id).append(R"(,"result":)");
}
void finish_result(std::string& out) {
    out.push_back('}');
}
void append_error(std::string& out, std::string_view id, const RpcError& error) {
    out.append(R"({"jsonrpc":"2.0","id":)").append(id).append(R"(,"error":{"code":)");
    out.append(std::to_string(error.code)).append(R"(,"message":)");
    append_json_string(out, error.message);
    if (!error.data.empty()) {
        out.append(R"(,"data":)").append(error.data);
    }
    out.append("}}");
}
std::string notification(std::string_view method, std::string_view subscription,
                         std::string_view result) {
    std::string out = R"({"jsonrpc":"2.0","method":")";
    out.reserve(out.size() + method.size() + subscription.size() + result.size() + 64);
    out.append(method).append(R"(","params":{"subscription":")").append(subscription);
    out.append(R"(","result":)").append(result).append("}}");
    return out;
}

}  // namespace stipple::rpc
