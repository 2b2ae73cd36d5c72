// Any text parses into calls whose parts lie inside it, and what is written back is JSON again.
#include "base/check.hpp"
#include "rpc/codec/json_text.hpp"
#include "rpc/codec/request.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    using namespace stipple::rpc;
    const std::string_view text = as_text({data, size});
    Message message;
    parse_message(text, 64U, message);
    CHECK(!message.calls.empty() && message.calls.size() <= 64);
    for (const Call& call : message.calls) {
        std::string out;
        if (call.kind == Call::Kind::broken) {
            append_error(out, call.id, call.error);
        } else {
            begin_result(out, call.id);
            append_json_string(out, call.name());
            finish_result(out);
        }
        JsonScanner scanner(out);
        CHECK(scanner.value().has_value() && scanner.at_end());
        CHECK(is_utf8(out));
    }
    return 0;
}
