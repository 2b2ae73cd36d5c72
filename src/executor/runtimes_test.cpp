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

// What a node asks at start, over the genesis (or the parent state) that the runtime's file has.
/// Those that come with their genesis: the others are code alone, or code with a piece of a state.
class RuntimesWithGenesis : public RealRuntimes {};

std::vector<RealRuntime> with_genesis() {
    std::vector<RealRuntime> some;
    for (const auto& each : testing::kRealRuntimes) {
        if (each.path.starts_with("chain-specs/")) {
            some.push_back(each);
        }
    }
    return some;
}

TEST_P(RuntimesWithGenesis, answer_their_genesis_calls) {
    const state::MemoryState genesis = testing::state_beside(GetParam());
    ASSERT_TRUE(genesis.get(as_bytes(state::kCodeKey)).value());
    const auto by_state = testing::shared_executor().runtime_of(genesis);
    ASSERT_TRUE(by_state) << by_state.error().message;
    EXPECT_EQ((*by_state)->code_hash(), runtime_->code_hash());
    std::size_t answered = 0;
    for (const std::string_view method :
         {"BabeApi_configuration", "BabeApi_current_epoch", "BabeApi_next_epoch",
          "GrandpaApi_grandpa_authorities", "GrandpaApi_current_set_id",
          "AuthorityDiscoveryApi_authorities", "ParachainHost_validators",
          "ParachainHost_session_index_for_child", "BeefyApi_validator_set",
          "SassafrasApi_current_epoch"}) {
        if (!runtime_->has_export(method)) {
            continue;
        }
        const auto answer = call(method, genesis);
        ASSERT_TRUE(answer) << method << ": " << answer.error().message << "\n"
                            << answer.error().backtrace;
        EXPECT_FALSE(answer->empty()) << method;
        ++answered;
    }
    EXPECT_TRUE(answered > 0 || GetParam().spec_name == "swanky-node");
}

TEST_P(RuntimesWithGenesis, name_grandpa_authorities_at_genesis) {
    const state::MemoryState genesis = testing::state_beside(GetParam());
    ASSERT_TRUE(runtime_->has_export("GrandpaApi_grandpa_authorities"));
    using Authorities = std::vector<std::pair<crypto::Ed25519Public, std::uint64_t>>;
    const auto answer = call("GrandpaApi_grandpa_authorities", genesis);
    ASSERT_TRUE(answer);
    const auto authorities = scale::decode<Authorities>(*answer);
    ASSERT_TRUE(authorities);
    EXPECT_FALSE(authorities->empty());
    EXPECT_EQ(authorities->front().second, 1U);
}

INSTANTIATE_TEST_SUITE_P(All, RuntimesWithGenesis, ::testing::ValuesIn(with_genesis()),
                         [](const auto& each) { return std::string(each.param.name); });
INSTANTIATE_TEST_SUITE_P(All, RealRuntimes, ::testing::ValuesIn(testing::kRealRuntimes),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace stipple::executor
