#include "chain/spec/genesis.hpp"

#include "chain/spec/json_text.hpp"
#include "executor/real_runtimes.hpp"

#include <gtest/gtest.h>

namespace stipple::chain {
namespace {

using executor::testing::shared_executor;

void expect_genesis(const std::filesystem::path& path, const char* root, const char* hash) {
    const auto spec = load_chain_spec(path);
    ASSERT_TRUE(spec.has_value()) << spec.error().message();
    const auto genesis = build_genesis(*spec, shared_executor());
    ASSERT_TRUE(genesis.has_value()) << genesis.error().message();
    if (root != nullptr) {
        EXPECT_EQ(to_hex(genesis->header.state_root), root);
    }
    EXPECT_EQ(to_hex(genesis->hash), hash);
}

TEST(Genesis, of_westend_has_the_hash_that_real_block_1_names) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/westend.json");
    expect_genesis(path, "7e92439a94f79671f9cade9dff96a094519b9001a7432244d46ab644bb6f746f",
                   "e143f23803ac50e8f6f8e62695d1ce9e4e1d68aa36c1cd2cfd15340213f3423e");
}

TEST(Genesis, of_paseo_has_its_known_hash) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/paseo.json");
    expect_genesis(path, "2b2a8395a8ec27c54d322d3a6602152da0e3bd0c8f4c01f17a572a44a8e36ab6",
                   "77afd6190f1554ad45fd0d31aee62aacc33c6db0ea801129acb813f913e0764f");
}

TEST(Genesis, of_westend_local_has_its_known_hash) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/westend-local-0.9.32.json");
    expect_genesis(path, "05bc21d67b3709bc7d11ccdc25bab60fb810ae48029d5fe18dcda7665b7ddb1e",
                   "b6d36a6766363567d2a385c8b5f9bd93b223b8f42e54aa830270edcf375f4d63");
}

TEST(Genesis, of_rococo_dev_has_the_hash_a_rust_node_computed) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/rococo-dev-1.14.json");
    expect_genesis(path, "877cae3663b780566d0313f1ee81c8e0cdf07762918bbc907793af6b98bc09af",
                   "c81df6f5b2871fa630d7056055dc6922ec5cd19c328f216e6d9ec797c99c1f25");
}

TEST(Genesis, of_rococo_local_has_the_hash_a_rust_node_computed) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/rococo-local-bulk-1.15.json");
    expect_genesis(path, nullptr,
                   "7d29038ac90e6a4b404502595d4ddce763a8116c9675653e6b66157c1750043b");
}

TEST(Genesis, of_rococo_local_with_long_timeouts_has_its_known_hash) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/rococo-local-timeout-1.15.json");
    expect_genesis(path, nullptr,
                   "302c9879604be9c17f6bc367adbab91bcaeb5751f8a1d9f868b7e0e51485a55b");
}

TEST(Genesis, a_light_specification_cannot_start_a_full_node) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/westend-light.json");
    const auto spec = load_chain_spec(path);
    ASSERT_TRUE(spec.has_value());
    const auto genesis = build_genesis(*spec, shared_executor());
    ASSERT_FALSE(genesis.has_value());
    EXPECT_NE(genesis.error().message().find("only the state root"), std::string::npos);
}

Bytes code_of(const std::filesystem::path& path) {
    const auto spec = load_chain_spec(path);
    CHECK(spec.has_value());
    return std::get<RawGenesis>(spec->genesis).top.find(as_bytes(state::kCodeKey))->second;
}

TEST(Genesis, of_a_preset_equals_its_patch_and_its_whole_configuration) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/rococo-dev-1.14.json");
    const Bytes code = code_of(path);
    const auto names = preset_names(code, shared_executor());
    ASSERT_TRUE(names.has_value()) << names.error().message();
    ASSERT_FALSE(names->empty());
    const std::string name = names->front();
    const auto preset = genesis_preset(code, name, shared_executor());
    ASSERT_TRUE(preset.has_value()) << preset.error().message();
    const auto defaults = genesis_preset(code, std::nullopt, shared_executor());
    ASSERT_TRUE(defaults.has_value()) << defaults.error().message();

    const auto built = [&](RuntimeGenesis plan) {
        plan.code = code;
        ChainSpec spec;
        spec.genesis = plan;
        auto genesis = build_genesis(spec, shared_executor());
        EXPECT_TRUE(genesis.has_value()) << genesis.error().message();
        return genesis ? genesis->hash : BlockHash{};
    };
    using Kind = RuntimeGenesis::Kind;
    const BlockHash by_name = built({{}, Kind::preset, "", name});
    EXPECT_FALSE(by_name.is_zero());
    EXPECT_EQ(built({{}, Kind::patch, *preset, ""}), by_name);
    EXPECT_EQ(built({{}, Kind::full, json_merge(*defaults, *preset), ""}), by_name);
    EXPECT_NE(built({{}, Kind::full, *defaults, ""}), by_name);
}

TEST(Genesis, keeps_the_runtime_s_own_words_about_a_bad_configuration) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/rococo-dev-1.14.json");
    ChainSpec spec;
    spec.genesis =
        RuntimeGenesis{code_of(path), RuntimeGenesis::Kind::patch, R"({"nosuch":{}})", ""};
    const auto genesis = build_genesis(spec, shared_executor());
    ASSERT_FALSE(genesis.has_value());
    EXPECT_NE(genesis.error().message().find("nosuch"), std::string::npos)
        << genesis.error().message();
}

TEST(Genesis, fingerprints_tell_specifications_apart) {
    ChainSpec a;
    a.genesis = RawGenesis{{{{1}, {2}}}, {}};
    ChainSpec b = a;
    EXPECT_EQ(genesis_fingerprint(a), genesis_fingerprint(b));
    std::get<RawGenesis>(b.genesis).top[{1}] = {3};
    EXPECT_NE(genesis_fingerprint(a), genesis_fingerprint(b));
}

}  // namespace
}  // namespace stipple::chain
