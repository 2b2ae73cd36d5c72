#include "crypto/hash.hpp"
#include "primitives/block.hpp"
#include "primitives/inherents.hpp"
#include "primitives/runtime_version.hpp"
#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>

namespace stipple {
namespace {

void expect_real_header(const std::filesystem::path& path, BlockNumber number, const char* hash,
                        std::size_t logs_min) {
    const Bytes encoded = testing::read_file(path);
    const auto header = scale::decode<Header>(encoded);
    ASSERT_TRUE(header.has_value()) << scale::describe(header.error());
    EXPECT_EQ(header->number, number);
    EXPECT_EQ(to_hex(header->hash()), hash);
    EXPECT_GE(header->digest.size(), logs_min);
    ASSERT_NE(header->seal(), nullptr);
    EXPECT_EQ(header->seal()->engine, kBabeEngine);
    EXPECT_EQ(header->seal()->data.size(), 64U);
    EXPECT_EQ(scale::encode(*header), encoded);
    EXPECT_EQ(header->without_seal().seal(), nullptr);
    EXPECT_EQ(header->without_seal().digest.size() + 1, header->digest.size());
}

TEST(Header, of_kusama_7472481_has_its_hash) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "westend-blocks/header-kusama-7472481");
    expect_real_header(path, 7472481,
                       "fb5aaba0f01ee697dd296fb261dda5167d68b44aa5557f0f43293681fcf73e40", 4);
}

TEST(Header, of_polkadot_512271_has_its_hash) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "westend-blocks/header-polkadot-512271");
    expect_real_header(path, 512271,
                       "53b47b7c47e5fd8e082afa8dd85d3113f2499ecbf4e1cbf08daf421b92a74727", 4);
}

TEST(Header, of_the_westend_genesis_has_its_hash) {
    Header genesis;
    genesis.state_root = *HeaderStateRoot::from_hex(
        "7e92439a94f79671f9cade9dff96a094519b9001a7432244d46ab644bb6f746f");
    genesis.extrinsics_root = *ExtrinsicsRoot::from_hex(
        "03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314");
    EXPECT_EQ(to_hex(genesis.hash()),
              "e143f23803ac50e8f6f8e62695d1ce9e4e1d68aa36c1cd2cfd15340213f3423e");
}

Header with_every_digest_item() {
    Header header;
    header.number = 70000;
    header.digest = {PreRuntimeDigest{kBabeEngine, {1, 2}}, OtherDigest{{3}},
                     ConsensusDigest{kGrandpaEngine, {4, 5}}, RuntimeUpdatedDigest{},
                     SealDigest{kBabeEngine, Bytes(64, 6)}};
    return header;
}

TEST(Header, decodes_to_itself_with_every_kind_of_digest_item) {
    const Header header = with_every_digest_item();
    EXPECT_EQ(scale::decode<Header>(scale::encode(header)), header);
}

TEST(Header, refuses_digest_items_that_died_with_the_changes_trie) {
    Bytes encoded = scale::encode(Header{});
    encoded.back() = 4;  // one digest item
    for (const int index : {1, 2, 3, 7, 9, 255}) {
        Bytes bad = encoded;
        bad.push_back(static_cast<std::uint8_t>(index));
        const auto header = scale::decode<Header>(bad);
        ASSERT_FALSE(header.has_value());
        EXPECT_EQ(header.error(), scale::DecodeError::bad_variant);
    }
}

TEST(Header, refuses_a_cut_encoding_at_every_length) {
    const Bytes encoded = scale::encode(with_every_digest_item());
    for (std::size_t length = 0; length < encoded.size(); ++length) {
        EXPECT_FALSE(scale::decode<Header>(ByteView(encoded).first(length)).has_value()) << length;
    }
}

TEST(Header, knows_a_seal_only_in_the_last_place) {
    Header header = with_every_digest_item();
    std::swap(header.digest.front(), header.digest.back());
    EXPECT_EQ(header.seal(), nullptr);
    EXPECT_EQ(header.without_seal(), header);
}

TEST(Extrinsic, hash_covers_the_length_prefix) {
    const Extrinsic extrinsic{{0xaa, 0xbb}};
    const Bytes prefixed = {8, 0xaa, 0xbb};
    EXPECT_EQ(extrinsic.hash().hex(), crypto::blake2b_256(prefixed).hex());
}

TEST(SignedBlock, decodes_to_itself_with_and_without_justifications) {
    SignedBlock block{{with_every_digest_item(), {{{1}}, {{2, 3}}}}, std::nullopt};
    EXPECT_EQ(scale::decode<SignedBlock>(scale::encode(block)), block);
    block.justifications = Justifications{{kGrandpaEngine, {7}}};
    EXPECT_EQ(scale::decode<SignedBlock>(scale::encode(block)), block);
}

TEST(SignedBlock, reads_every_block_of_a_rust_node_s_export) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "rococo-dev-chain/blocks.bin");
    const Bytes file = testing::read_file(path);
    scale::Decoder in(file);
    ASSERT_EQ(in.u64(), 102U);
    for (BlockNumber number = 1; number <= 102; ++number) {
        SignedBlock block;
        scale::decode_from(in, block);
        ASSERT_TRUE(in.ok()) << number;
        EXPECT_EQ(block.block.header.number, number);
    }
    EXPECT_TRUE(in.finish().has_value());
}

RuntimeVersion version_with_core(std::uint32_t core) {
    RuntimeVersion version;
    version.spec_name = "westend";
    version.impl_name = "parity-westend";
    version.spec_version = 9430;
    version.apis = {{api_id("Core"), core}};
    return version;
}

TEST(RuntimeVersion, api_ids_are_the_hashes_of_trait_names) {
    EXPECT_EQ(to_hex(api_id("Core")), "df6acb689907609b");
    EXPECT_EQ(to_hex(api_id("GenesisBuilder")), "fbc577b9d747efd6");
}

TEST(RuntimeVersion, has_only_the_fields_its_core_version_brought) {
    for (const std::uint32_t core : {2U, 3U, 4U, 5U}) {
        RuntimeVersion version = version_with_core(core);
        version.transaction_version = core >= 3 ? 7 : 1;
        version.system_version = core >= 4 ? 1 : 0;
        Bytes encoded = scale::encode(version);
        encoded.resize(encoded.size() - (core >= 4 ? 0 : core == 3 ? 1 : 5));
        EXPECT_EQ(scale::decode<RuntimeVersion>(encoded), version) << "Core " << core;
    }
    EXPECT_EQ(version_with_core(4).api_version("Core"), 4U);
    EXPECT_EQ(version_with_core(4).api_version("BabeApi"), std::nullopt);
}

TEST(RuntimeVersion, system_version_chooses_the_state_and_extrinsics_roots) {
    RuntimeVersion version;
    EXPECT_FALSE(version.state_v1() || version.extrinsics_root_v1());
    version.system_version = 1;
    EXPECT_TRUE(version.state_v1() && !version.extrinsics_root_v1());
    version.system_version = 2;
    EXPECT_TRUE(version.state_v1() && version.extrinsics_root_v1());
}

TEST(InherentData, is_a_sorted_map_of_encoded_values) {
    InherentData data;
    data.put("timstap0", std::uint64_t{5});
    data.put("babeslot", std::uint64_t{6});
    EXPECT_EQ(to_hex(scale::encode(data)),
              "0862616265736c6f7420060000000000000074696d7374617030200500000000000000");
    EXPECT_EQ(scale::decode<InherentData>(scale::encode(data))->values, data.values);
}

}  // namespace
}  // namespace stipple
