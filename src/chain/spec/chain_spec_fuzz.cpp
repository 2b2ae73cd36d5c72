// Any text is a chain specification or has an error; what was read can be written and read again.
#include "base/check.hpp"
#include "chain/spec/chain_spec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    const auto spec = chain::parse_chain_spec(as_text(ByteView(data, size)));
    if (!spec) {
        CHECK(!spec.error().message().empty());
        return 0;
    }
    if (const auto* raw = std::get_if<chain::RawGenesis>(&spec->genesis)) {
        const auto text = chain::raw_chain_spec_json(*spec, *raw);
        const auto again = chain::parse_chain_spec(text);
        CHECK(again.has_value());
        CHECK(std::get<chain::RawGenesis>(again->genesis).top == raw->top);
    }
    return 0;
}
