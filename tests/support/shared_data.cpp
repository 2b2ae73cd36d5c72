#include "tests/support/shared_data.hpp"

#include <boost/json/parse.hpp>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace stipple::testing {
namespace {
[[noreturn]] void die(const std::string& what) {
    std::fprintf(stderr, "test data: %s\n", what.c_str());
    std::abort();
}
}  // namespace

std::filesystem::path source_dir() {
    return STIPPLE_SOURCE_DIR;
}

std::filesystem::path shared_data_path(std::string_view relative) {
    const char* chosen = std::getenv("STIPPLE_SHARED_DATA");
    const std::filesystem::path root =
        chosen != nullptr ? std::filesystem::path(chosen) : source_dir() / "../shared/data";
    return (root / relative).lexically_normal();
}

std::filesystem::path vector_path(std::string_view name) {
    return source_dir() / "tests/vectors" / name;
}

Bytes read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        die("cannot open " + path.string());
    }
    return Bytes(std::istreambuf_iterator<char>(file), {});
}

std::string read_text(const std::filesystem::path& path) {
    const Bytes bytes = read_file(path);
    return std::string(as_text(bytes));
}

boost::json::value read_json(const std::filesystem::path& path) {
    boost::system::error_code error;
    boost::json::parse_options options;
    options.max_depth = 64;
    auto value = boost::json::parse(read_text(path), error, {}, options);
    if (error) {
        die(path.string() + ": " + error.message());
    }
    return value;
}

Bytes hex_of(const boost::json::value& value) {
    const auto text = value.as_string();
    auto bytes = from_hex(std::string_view(text.data(), text.size()));
    if (!bytes) {
        die("not hex");
    }
    return *std::move(bytes);
}

}  // namespace stipple::testing
