// The pallets' unit tests, compiled for wasm32 and run by the node's executor: the same sources as
// in stipple_runtime_test, over the host API instead of a map in memory.
#include "executor/real_runtimes.hpp"
#include "scale/codec.hpp"

#include <gtest/gtest.h>

namespace stipple::executor {
namespace {

using Texts = std::vector<std::string>;

/// Each call has an empty state of its own.
std::expected<Texts, CallError> call(std::string_view method, ByteView arguments) {
    static const auto units = testing::shared_executor().runtime(
        testing::read_file(STIPPLE_RUNTIME_UNITS_PATH), std::nullopt);
    if (!units) {
        return std::unexpected(CallError{CallErrorKind::environment, units.error().message, {}});
    }
    const state::MemoryState empty;
    state::Overlay overlay(empty);
    auto answer = (*units)->call(method, arguments, overlay, {});
    if (!answer) {
        return std::unexpected(answer.error());
    }
    return scale::decode<Texts>(*answer).value();
}

TEST(RuntimeUnits, hold_in_wasm_as_they_do_natively) {
    const auto names = call("units_list", {});
    ASSERT_TRUE(names) << names.error().message;
    constexpr std::size_t kLeast = 60;
    EXPECT_GE(names->size(), kLeast) << "tests are missing in the module";
    for (std::uint32_t i = 0; i < names->size(); ++i) {
        const auto failures = call("units_run", scale::encode(i));
        ASSERT_TRUE(failures) << (*names)[i] << ": " << failures.error().message << "\n"
                              << failures.error().backtrace;
        for (const std::string& failure : *failures) {
            ADD_FAILURE() << (*names)[i] << ": " << failure;
        }
    }
    std::printf("%zu unit tests ran in Wasm\n", names->size());
}
TEST(RuntimeUnits, that_are_not_there_are_told) {
    EXPECT_EQ(call("units_run", scale::encode(std::uint32_t{100'000})).value(),
              Texts{"no such test"});
}

}  // namespace
}  // namespace stipple::executor
