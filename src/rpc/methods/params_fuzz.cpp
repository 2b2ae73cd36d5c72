// Any parameters are read or refused; what was read lies within its bounds, and errors are JSON.
#include "base/check.hpp"
#include "rpc/codec/json_text.hpp"
#include "rpc/codec/request.hpp"
#include "rpc/methods/limits.hpp"
#include "rpc/methods/storage_diff.hpp"

namespace {

using namespace stipple;
using namespace stipple::rpc;

template <class T>
bool read(const RpcResult<T>& result) {
    if (result) {
        return true;
    }
    std::string out;
    append_error(out, "1", result.error());
    JsonScanner scanner(out);
    CHECK(scanner.value().has_value() && scanner.at_end());
    CHECK(is_utf8(out));
    return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = as_text({data, size});
    JsonScanner scanner(text);
    const auto raw = scanner.value();
    if (!raw || !is_utf8(text)) {
        return 0;  // the codec does not let it through
    }
    {
        Params params(*raw);
        const auto queries = storage_queries(params, "items");
        if (read(queries)) {
            CHECK(queries->size() <= kListItemsMax);
            static_cast<void>(parse_queries(*queries, true));
            static_cast<void>(parse_queries(*queries, false));
        }
        read(params.optional_text("child_trie"));
    }
    {
        Params params(*raw);
        const auto items = storage_diff_items(params, "items");
        if (read(items)) {
            const auto queries = parse_diff_items(*items);
            CHECK(!queries || (!queries->empty() && queries->size() <= items->size() + 1));
        }
        read(params.optional_hash("previous_hash"));
    }
    {
        Params params(*raw);
        read(params.text("follow_subscription"));
        read(params.hash_or_hashes("hash_or_hashes"));
        read(params.boolean("with_runtime"));
        read(params.raw_list("items"));
    }
    return 0;
}
