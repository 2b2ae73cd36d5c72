// Any bytes as a file of blocks: reading ends, and what was read is written back alike.
#include "base/check.hpp"
#include "chain/files/block_file.hpp"
#include "chain/files/block_json.hpp"

#include <boost/json/parse.hpp>

#include <sstream>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    if (size == 0) {
        return 0;
    }
    const auto format =
        data[0] % 2 == 0 ? chain::BlockFileFormat::binary : chain::BlockFileFormat::json;
    std::istringstream in(std::string(as_text(ByteView(data + 1, size - 1))));
    chain::BlockFileReader reader(in, format);
    for (auto block = reader.next(); block && block->has_value(); block = reader.next()) {
        const auto json = boost::json::parse(chain::signed_block_json(**block));
        const auto again = chain::signed_block_of_json(json);
        CHECK(again.has_value() && *again == **block);
    }
    return 0;
}
