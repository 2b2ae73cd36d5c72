#include "executor/host_table.hpp"

#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace stipple::executor {
namespace {

TEST(HostTable, names_each_function_once_with_its_wasm_type) {
    ASSERT_NE(find_host_function("ext_storage_get_version_1"), nullptr);
    EXPECT_EQ(wasm_type(*find_host_function("ext_storage_get_version_1")),
              (FunctionType{"I", "I"}));
    EXPECT_EQ(wasm_type(*find_host_function("ext_storage_read_version_1")),
              (FunctionType{"IIi", "I"}));
    EXPECT_EQ(wasm_type(*find_host_function("ext_crypto_sr25519_verify_version_2")),
              (FunctionType{"iIi", "i"}));
    EXPECT_EQ(wasm_type(*find_host_function("ext_offchain_timestamp_version_1")),
              (FunctionType{"", "I"}));
    EXPECT_EQ(find_host_function("ext_storage_get_version_9"), nullptr);
    EXPECT_GE(host_functions().size(), 200U);
}

// The document in the tree is the table, always.
TEST(HostTable, is_what_the_documentation_says) {
    const auto path = stipple::testing::source_dir() / "docs" / "host-functions.md";
    if (std::getenv("STIPPLE_WRITE_DOCS") != nullptr) {
        std::ofstream(path) << host_functions_document();
    }
    ASSERT_TRUE(std::filesystem::exists(path));
    EXPECT_EQ(stipple::testing::read_text(path), host_functions_document())
        << "run this test with STIPPLE_WRITE_DOCS=1";
}

}  // namespace
}  // namespace stipple::executor
