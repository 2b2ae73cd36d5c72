// A journal file of any bytes opens or is refused; an opened one goes on working and opens again.
#include "base/check.hpp"
#include "base/memory_files.hpp"
#include "chain/signing/journal.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    MemoryFiles files;
    CHECK(files.replace("journal", ByteView(data, size)).has_value());
    const auto journal = chain::SigningJournal::open(files, "journal");
    if (!journal) {
        CHECK(!journal.error().message().empty());
        return 0;
    }
    const auto intent = chain::SigningIntent::block({}, Slot(~std::uint64_t{0}), {});
    const bool allowed = (*journal)->allow(intent).has_value();
    const auto again = chain::SigningJournal::open(files, "journal");
    CHECK(again.has_value());
    CHECK((*again)->allow(intent).has_value() == allowed);
    CHECK((*again)->newest() == (*journal)->newest());
    return 0;
}
