#include "executor/module.hpp"

#include "executor/small_module.hpp"

#include <gtest/gtest.h>
#include <zstd.h>

namespace stipple::executor {
namespace {

using testing::SmallModule;

Bytes compressed(ByteView data) {
    Bytes out(ZSTD_compressBound(data.size()));
    out.resize(ZSTD_compress(out.data(), out.size(), data.data(), data.size(), 3));
    return out;
}
Bytes with_magic(ByteView frame) {
    Bytes out{0x52, 0xbc, 0x53, 0x76, 0x46, 0xdb, 0x8e, 0x05};
    append(out, frame);
    return out;
}

TEST(UnpackCode, takes_plain_wasm_and_frames_with_and_without_prefix) {
    const Bytes wasm = SmallModule().wasm();
    EXPECT_EQ(*unpack_code(wasm, 1000), wasm);
    EXPECT_EQ(*unpack_code(compressed(wasm), 1000), wasm);
    EXPECT_EQ(*unpack_code(with_magic(compressed(wasm)), 1000), wasm);
}
TEST(UnpackCode, stops_a_decompression_bomb_at_the_bound) {
    const Bytes bomb = with_magic(compressed(Bytes(64 << 20, 0)));
    EXPECT_LT(bomb.size(), 10'000U);
    EXPECT_EQ(unpack_code(bomb, 1 << 20).error().kind, CodeErrorKind::too_large);
}
TEST(UnpackCode, refuses_frames_cut_off_and_other_contents) {
    Bytes frame = compressed(SmallModule().wasm());
    frame.pop_back();
    EXPECT_EQ(unpack_code(frame, 1000).error().kind, CodeErrorKind::not_wasm);
    EXPECT_EQ(unpack_code(compressed(to_bytes("text")), 1000).error().kind,
              CodeErrorKind::not_wasm);
    EXPECT_EQ(unpack_code({}, 1000).error().kind, CodeErrorKind::not_wasm);
}

TEST(PrepareModule, turns_the_imported_memory_into_an_exported_one) {
    const Bytes wasm = SmallModule().import("ext_storage_get_version_1", "I", "I").wasm();
    const auto prepared = prepare_module(wasm, {.extra = 16, .max = 0});
    ASSERT_TRUE(prepared) << prepared.error().message;
    const auto items = describe_module(*prepared);
    ASSERT_TRUE(items);
    std::vector<std::string> names;
    for (const ModuleItem& item : *items) {
        names.push_back((item.is_export ? "export " : "import ") + item.name);
    }
    EXPECT_EQ(names, (std::vector<std::string>{"import ext_storage_get_version_1", "export run",
                                               "export __heap_base", "export memory"}));
    EXPECT_EQ(items->front().type, (FunctionType{"I", "I"}));
    const auto section = custom_section(*prepared, "runtime_version");
    ASSERT_TRUE(section);
    EXPECT_TRUE(equal(*section, *custom_section(wasm, "runtime_version")));
}

TEST(VersionSections, follow_the_core_version_in_the_list_of_apis) {
    RuntimeVersion version;
    version.spec_name = "node";
    version.transaction_version = 7;
    version.system_version = 1;
    const Bytes body = scale::encode(version);
    const auto with_core = [&](std::uint32_t core) {
        Bytes wasm = SmallModule().without_version().wasm();
        SmallModule::add_custom(wasm, "runtime_version", body);
        Bytes apis = to_bytes(api_id("Core"));
        append_le(apis, core);
        SmallModule::add_custom(wasm, "runtime_apis", apis);
        return *version_from_sections(wasm);
    };
    EXPECT_EQ(with_core(2).transaction_version, 1U);
    EXPECT_EQ(with_core(3).transaction_version, 7U);
    EXPECT_EQ(with_core(3).system_version, 0U);
    EXPECT_EQ(with_core(4).system_version, 1U);
    EXPECT_EQ(with_core(4).api_version("Core"), 4U);
}
TEST(VersionSections, that_are_damaged_are_told_from_none) {
    Bytes wasm = SmallModule().without_version().wasm();
    EXPECT_EQ(read_version_sections(wasm).value(), std::nullopt);
    Bytes clipped = wasm;
    SmallModule::add_custom(clipped, "runtime_version", Bytes{4});
    EXPECT_FALSE(read_version_sections(clipped));
    Bytes odd = SmallModule().wasm();
    SmallModule::add_custom(odd, "runtime_apis", Bytes(13, 0));
    EXPECT_FALSE(read_version_sections(odd));
}

}  // namespace
}  // namespace stipple::executor
