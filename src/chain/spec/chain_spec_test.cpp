#include "chain/spec/chain_spec.hpp"

#include "chain/spec/json_text.hpp"
#include "chain/spec/limits.hpp"
#include "tests/support/shared_data.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace stipple::chain {
namespace {

std::string spec_with(const std::string& genesis, const std::string& more = "") {
    return R"({"name":"N","id":"i","bootNodes":[],"genesis":)" + genesis + more + "}";
}

std::string error_of(const std::string& text) {
    const auto spec = parse_chain_spec(text);
    return spec ? "accepted" : spec.error().message();
}

TEST(ChainSpec, reads_every_real_specification) {
    struct Row {
        const char* file;
        const char* id;
        std::size_t pairs;
    };
    for (const Row& row :
         std::vector<Row>{{"paseo.json", "paseo", 386},
                          {"rococo-dev-1.14.json", "rococo_dev", 139},
                          {"rococo-local-bulk-1.15.json", "rococo_local_testnet", 218},
                          {"westend-local-0.9.32.json", "westend_local_testnet", 174},
                          {"westend.json", "westend2", 93},
                          {"sassafras.json", "local_testnet", 37}}) {
        STIPPLE_SHARED_DATA_OR_SKIP(path, std::string("chain-specs/") + row.file);
        const auto spec = load_chain_spec(path);
        ASSERT_TRUE(spec.has_value()) << spec.error().message();
        EXPECT_EQ(spec->id, row.id);
        const auto* raw = std::get_if<RawGenesis>(&spec->genesis);
        ASSERT_NE(raw, nullptr);
        EXPECT_EQ(raw->top.size(), row.pairs);
        EXPECT_TRUE(raw->top.contains(as_bytes(state::kCodeKey)));
    }
}

TEST(ChainSpec, reads_the_fields_of_westend) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/westend.json");
    const auto spec = load_chain_spec(path);
    ASSERT_TRUE(spec.has_value()) << spec.error().message();
    EXPECT_EQ(spec->name, "Westend");
    EXPECT_EQ(spec->chain_type, "Live");
    EXPECT_EQ(spec->protocol_id, "wnd2");
    EXPECT_EQ(spec->fork_id, std::nullopt);
    EXPECT_GT(spec->boot_nodes.size(), 3U);
    ASSERT_EQ(spec->bad_blocks.size(), 2U);
    EXPECT_EQ(spec->bad_blocks[0].hex(),
              "0x53849a2121fe81fde85859dcebe8cc9c37791c01a9702ce65615b1dcb8ac53e5");
    EXPECT_EQ(spec->properties.at("ss58Format").to_number<int>(), 42);
}

TEST(ChainSpec, reads_a_light_specification) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/westend-light.json");
    const auto spec = load_chain_spec(path);
    ASSERT_TRUE(spec.has_value()) << spec.error().message();
    ASSERT_TRUE(std::holds_alternative<RootOnlyGenesis>(spec->genesis));
    EXPECT_EQ(std::get<RootOnlyGenesis>(spec->genesis).root.hex(),
              "0x7e92439a94f79671f9cade9dff96a094519b9001a7432244d46ab644bb6f746f");
    EXPECT_TRUE(spec->light_sync_state.is_object());
}

TEST(ChainSpec, written_raw_json_reads_as_the_same) {
    const auto spec = parse_chain_spec(spec_with(
        R"({"raw":{"top":{"0x00":"0x01","0x":"0x"},"childrenDefault":{"0xaa":{"0x01":"0x02"}}}})",
        R"(,"chainType":{"Custom":"mine"},"forkId":"f","protocolId":"p","forkBlocks":[[3,")" +
            std::string(64, '1') + R"("]],"badBlocks":[")" + std::string(64, '2') +
            R"("],"codeSubstitutes":{"7":"0x0a"},"properties":{"tokenSymbol":"T","n":[]})"));
    ASSERT_TRUE(spec.has_value()) << spec.error().message();
    const auto text = raw_chain_spec_json(*spec, std::get<RawGenesis>(spec->genesis));
    const auto again = parse_chain_spec(text);
    ASSERT_TRUE(again.has_value()) << again.error().message();
    EXPECT_EQ(again->chain_type, "mine");
    EXPECT_EQ(again->fork_id, "f");
    EXPECT_EQ(again->fork_blocks, spec->fork_blocks);
    EXPECT_EQ(again->bad_blocks, spec->bad_blocks);
    EXPECT_EQ(again->code_substitutes, spec->code_substitutes);
    EXPECT_EQ(again->properties, spec->properties);
    EXPECT_EQ(std::get<RawGenesis>(again->genesis).top, std::get<RawGenesis>(spec->genesis).top);
    EXPECT_EQ(std::get<RawGenesis>(again->genesis).children,
              std::get<RawGenesis>(spec->genesis).children);
    EXPECT_EQ(raw_chain_spec_json(*again, std::get<RawGenesis>(again->genesis)), text);
}

TEST(ChainSpec, writes_a_rust_node_s_specification_byte_for_byte) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/rococo-local-bulk-1.15.json");
    const std::string text = testing::read_text(path);
    const auto spec = parse_chain_spec(text);
    ASSERT_TRUE(spec.has_value()) << spec.error().message();
    EXPECT_TRUE(raw_chain_spec_json(*spec, std::get<RawGenesis>(spec->genesis)) == text);
}

TEST(ChainSpec, reads_the_array_form_of_2020) {
    const auto spec = parse_chain_spec(spec_with(
        R"({"raw":[{"0x01":"0x02"},{"0x3a6368696c645f73746f726167653a64656661756c743aaa":)"
        R"({"data":{"0x03":"0x04"},"child_info":null}}]})"));
    ASSERT_TRUE(spec.has_value()) << spec.error().message();
    const auto& raw = std::get<RawGenesis>(spec->genesis);
    EXPECT_EQ(raw.top, (state::MemoryState::Pairs{{{1}, {2}}}));
    ASSERT_EQ(raw.children.size(), 1U);
    EXPECT_EQ(raw.children.begin()->first.child_key, Bytes{0xaa});
    EXPECT_EQ(raw.children.begin()->second, (state::MemoryState::Pairs{{{3}, {4}}}));
}

TEST(ChainSpec, says_what_is_wrong_and_where) {
    const std::string raw = R"({"raw":{"top":{}}})";
    EXPECT_EQ(error_of("[]"), "expected an object, found an array");
    EXPECT_EQ(error_of("{\n\n!"), "not JSON: syntax error, near line 3");
    EXPECT_EQ(error_of(R"({"name":3})"), "name: expected a string, found a number");
    EXPECT_EQ(error_of(R"({"name":"a"})"), "id: missing");
    EXPECT_EQ(error_of(R"({"name":"a","id":"b"})"), "genesis: missing");
    EXPECT_EQ(error_of(spec_with(R"({"raw":{"top":{"0x3a6":"0x00"}}})")),
              "genesis.raw.top[0x3a6] (key): odd number of hex digits (3)");
    EXPECT_EQ(error_of(spec_with(R"({"raw":{"top":{"0x26aa394eea5630e07c48ae0c":"0x0g"}}})")),
              "genesis.raw.top[0x26aa394eea5630e0…]: not hexadecimal at digit 2");
    EXPECT_EQ(error_of(spec_with(raw, R"(,"badBlocks":["0x00"])")),
              "badBlocks[0]: expected a hash of 32 bytes, found 1");
    EXPECT_EQ(error_of(spec_with(raw, R"(,"forkBlocks":[[-1,"0x00"]])")),
              "forkBlocks[0][0]: expected a block number");
    EXPECT_EQ(error_of(spec_with(raw, R"(,"codeSubstitutes":{"x":"0x00"})")),
              "codeSubstitutes[x]: the key is not a block number");
    EXPECT_EQ(error_of(spec_with(R"({"runtimeGenesis":{"code":"0x00"}})")),
              "genesis.runtimeGenesis: expected either \"patch\" or \"config\"");
    EXPECT_NE(error_of(spec_with(R"({"runtime":{}})")).find("convert it to raw"),
              std::string::npos);
    EXPECT_NE(
        error_of(
            spec_with(
                R"({"raw":{"top":{"0x3a6368696c645f73746f726167653a64656661756c743aaa":"0x"}}})"))
            .find("childrenDefault"),
        std::string::npos);
}

TEST(ChainSpec, bounds_size_and_depth) {
    EXPECT_NE(error_of(std::string(kChainSpecBytesMax + 1, ' ')).find("more than the limit"),
              std::string::npos);
    const std::string deep(kChainSpecDepthMax + 1, '[');
    EXPECT_NE(error_of(deep).find("not JSON"), std::string::npos);
    EXPECT_NE(load_chain_spec("no/such/file").error().message().find("no/such/file"),
              std::string::npos);
}

TEST(JsonText, merges_as_the_field_does_and_keeps_numbers_of_any_size) {
    EXPECT_EQ(json_merge(R"({"a": {"b": 1, "c": [1]}, "d": 2})",
                         R"({"a": {"c": null, "e": 340282366920938463463374607431768211455}})"),
              R"({"a":{"b":1,"c":null,"e":340282366920938463463374607431768211455},"d":2})");
    EXPECT_EQ(json_merge("{}", R"( {"x" : { "y,}" : "a\"}" } } )"), R"({"x":{ "y,}" : "a\"}" }})");
    EXPECT_EQ(json_merge("[1]", "3"), "3");
}

TEST(JsonText, finds_members_by_meaning) {
    EXPECT_EQ(json_member(R"({"a":1, "gen\u0065sis" : {"b": [2, 3]} })", "genesis"),
              R"({"b": [2, 3]})");
    EXPECT_EQ(json_member(R"({"a":1})", "b"), std::nullopt);
    EXPECT_EQ(json_member("[1]", "b"), std::nullopt);
    EXPECT_FALSE(is_json("{\"a\":}"));
}

TEST(ChainSpec, keeps_a_genesis_patch_as_it_was_written) {
    const auto spec = parse_chain_spec(spec_with(
        R"({"runtimeGenesis":{"code":"0x0102","patch":{"balances":[["x",1000000000000000000000000]]}}})"));
    ASSERT_TRUE(spec.has_value()) << spec.error().message();
    const auto& plan = std::get<RuntimeGenesis>(spec->genesis);
    EXPECT_EQ(plan.code, (Bytes{1, 2}));
    EXPECT_EQ(plan.json, R"({"balances":[["x",1000000000000000000000000]]})");
}

}  // namespace
}  // namespace stipple::chain
