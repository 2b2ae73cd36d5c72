// Where tests find their data.
//
// Vectors of our own making are in tests/vectors and always there. Real chain data is not part of
// the repository: it is looked for in $STIPPLE_SHARED_DATA, else in ../shared/data beside the
// checkout. A test that needs a missing file reports itself as skipped, with the path:
//
//     STIPPLE_SHARED_DATA_OR_SKIP(path, "trie/hex_long.yaml");
//     const Bytes bytes = read_file(path);
#pragma once

#include "base/bytes.hpp"

#include <boost/json/value.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace stipple::testing {

std::filesystem::path source_dir();
std::filesystem::path shared_data_path(std::string_view relative);
std::filesystem::path vector_path(std::string_view name);
/// The whole file; ends the process with a message when it cannot be read.
Bytes read_file(const std::filesystem::path& path);
std::string read_text(const std::filesystem::path& path);
boost::json::value read_json(const std::filesystem::path& path);
/// `0x…` text of a JSON string as bytes; ends the process when it is not hex.
Bytes hex_of(const boost::json::value& value);

}  // namespace stipple::testing

#define STIPPLE_SHARED_DATA_OR_SKIP(variable, relative)                   \
    const auto variable = ::stipple::testing::shared_data_path(relative); \
    if (!std::filesystem::exists(variable)) {                             \
        GTEST_SKIP() << "no real chain data at " << variable.string();    \
    }                                                                     \
    static_assert(true)
