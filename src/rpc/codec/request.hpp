// JSON-RPC 2.0 on the wire: from the text of a message to calls, and from results to its answer.
//
// JSON-RPC 2.0 sections 4 to 6, read as the field's servers read them (tests replay recorded
// exchanges): a call without `id` is a notification and gets no answer, an `id` is null, a string
// or an unsigned integer; unknown members are ignored, repeated ones are an error; a broken call of
// a batch is answered in its place.
//
//     text ─ parse_message ─▶ Message{calls} ─ one answer each ─▶ AnswerWriter ─▶ text
#pragma once

#include "rpc/codec/rpc_error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stipple::rpc {

/// One member of a message. Views point into the message.
struct Call {
    enum class Kind : std::uint8_t { call, notification, broken };
    Kind kind = Kind::broken;
    std::string_view id = "null";  ///< raw JSON
    std::string_view method;       ///< as written, escapes excluded (see `method_text`)
    std::string method_text{};     ///< the name when it was written with escapes
    std::string_view params{};     ///< raw JSON, empty when absent
    RpcError error{};              ///< of a broken one
    std::string_view name() const { return method_text.empty() ? method : method_text; }
};

struct Message {
    /// `malformed`: not even the beginning of a request (HTTP says 400 then).
    enum class Kind : std::uint8_t { single, batch, malformed, unreadable };
    Kind kind = Kind::malformed;
    std::vector<Call> calls;
};

/// `limit` bounds the calls of a batch; 0: batches are not supported, absent: any number.
/// An unreadable batch comes back as one broken call of kind `unreadable`.
void parse_message(std::string_view text, std::optional<std::uint32_t> limit, Message& message);

// ---- answers ----
/// {"jsonrpc":"2.0","id":…,"result": — the value and finish_result follow.
void begin_result(std::string& out, std::string_view id);
void finish_result(std::string& out);
void append_error(std::string& out, std::string_view id, const RpcError& error);
/// {"jsonrpc":"2.0","method":…,"params":{"subscription":"…","result":…}}
std::string notification(std::string_view method, std::string_view subscription,
                         std::string_view result);

}  // namespace stipple::rpc
