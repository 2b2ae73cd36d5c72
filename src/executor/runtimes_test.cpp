// Real runtimes of six years, each compiled, instantiated and asked.
#include "executor/limits.hpp"
#include "executor/real_runtimes.hpp"

#include <gtest/gtest.h>

namespace stipple::executor {
namespace {

using testing::RealRuntime;

class RealRuntimes : public ::testing::TestWithParam<RealRuntime> {
 protected:
    void SetUp() override {
        const auto path = testing::shared_data_path(GetParam().path);
        if (!std::filesystem::exists(path)) {
            GTEST_SKIP() << "no real chain data at " << path.string();
        }
        blob_ = testing::code_of(GetParam());
        auto made = testing::shared_executor().runtime(blob_, std::nullopt);
        ASSERT_TRUE(made) << made.error().message;
        runtime_ = *made;
    }
    std::expected<Bytes, CallError> call(std::string_view method, const state::Reader& state) {
        state::Overlay overlay(state);
        return runtime_->call(method, {}, overlay, {});
    }
    Bytes blob_;
    std::shared_ptr<const Runtime> runtime_;
};

TEST_P(RealRuntimes, say_their_version) {
    const RealRuntime& expected = GetParam();
    const RuntimeVersion& version = runtime_->version();
    EXPECT_EQ(version.spec_name, expected.spec_name);
    EXPECT_EQ(version.impl_name, expected.impl_name);
    EXPECT_EQ(version.authoring_version, expected.authoring);
    EXPECT_EQ(version.spec_version, expected.spec);
    EXPECT_EQ(version.impl_version, expected.impl);
    EXPECT_EQ(version.transaction_version, expected.transaction);
    EXPECT_EQ(version.system_version, expected.system);
    const auto unpacked = unpack_code(blob_, kCodeBytesMax);
    ASSERT_TRUE(unpacked);
    EXPECT_EQ(unpacked->size(), expected.unpacked_bytes);
}

TEST_P(RealRuntimes, answer_Core_version_as_their_sections_do) {
    const auto answer = call("Core_version", state::MemoryState());
    ASSERT_TRUE(answer) << answer.error().message << "\n" << answer.error().backtrace;
    const auto version = scale::decode_prefix<RuntimeVersion>(*answer);
    ASSERT_TRUE(version);
    EXPECT_EQ(*version, runtime_->version());
}

TEST_P(RealRuntimes, answer_Metadata_metadata) {
    const auto answer = call("Metadata_metadata", state::MemoryState());
    ASSERT_TRUE(answer) << answer.error().message << "\n" << answer.error().backtrace;
    const auto metadata = scale::decode<Bytes>(*answer);
    ASSERT_TRUE(metadata);
    EXPECT_TRUE(starts_with(*metadata, as_bytes("meta")));
}

INSTANTIATE_TEST_SUITE_P(All, RealRuntimes, ::testing::ValuesIn(testing::kRealRuntimes),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace stipple::executor
