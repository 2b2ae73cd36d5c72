// A text from somebody's disk: parsing never crashes, and what it accepts it understands again.
#include "base/check.hpp"
#include "chain/signing/journal_exchange.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(data, data + size);
    if (const auto intents = stipple::chain::parse_journal(text, "dev")) {
        const auto again =
            stipple::chain::parse_journal(stipple::chain::export_journal(*intents, "dev"), "dev");
        CHECK(again && *again == *intents);
    }
    return 0;
}
