#include "chain/files/block_file.hpp"

#include "chain/files/block_json.hpp"
#include "chain/files/limits.hpp"
#include "tests/support/shared_data.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <sstream>

namespace stipple::chain {
namespace {

struct Read {
    std::vector<SignedBlock> blocks;
    std::string error;
};

Read read_all(const std::string& file, BlockFileFormat format) {
    std::istringstream in(file);
    BlockFileReader reader(in, format);
    Read result;
    while (true) {
        auto block = reader.next();
        if (!block) {
            result.error = block.error().message();
            return result;
        }
        if (!block->has_value()) {
            return result;
        }
        result.blocks.push_back(**std::move(block));
    }
}

std::string write_all(const std::vector<SignedBlock>& blocks, BlockFileFormat format) {
    std::ostringstream out;
    BlockFileWriter writer(out, format, blocks.size());
    for (const SignedBlock& block : blocks) {
        EXPECT_TRUE(writer.write(block).has_value());
    }
    return out.str();
}

SignedBlock block_of(std::size_t extrinsic_bytes) {
    SignedBlock block;
    block.block.header.number = 300;
    block.block.header.digest = {PreRuntimeDigest{kBabeEngine, {1}}, RuntimeUpdatedDigest{}};
    block.block.body = {{Bytes(extrinsic_bytes, 7)}, {{}}};
    block.justifications = Justifications{{kGrandpaEngine, {0, 255}}};
    return block;
}

TEST(BlockFile, a_rust_node_s_binary_export_comes_out_byte_for_byte) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "rococo-dev-chain/blocks.bin");
    const std::string file = testing::read_text(path);
    const Read read = read_all(file, BlockFileFormat::binary);
    EXPECT_EQ(read.error, "");
    ASSERT_EQ(read.blocks.size(), 102U);
    EXPECT_TRUE(write_all(read.blocks, BlockFileFormat::binary) == file);
}

TEST(BlockFile, a_rust_node_s_json_export_comes_out_byte_for_byte) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "rococo-dev-chain/blocks.json");
    const std::string file = testing::read_text(path);
    const Read read = read_all(file, BlockFileFormat::json);
    EXPECT_EQ(read.error, "");
    ASSERT_EQ(read.blocks.size(), 5U);
    EXPECT_EQ(read.blocks[4].block.header.number, 5U);
    EXPECT_TRUE(write_all(read.blocks, BlockFileFormat::json) == file);
}

TEST(BlockFile, reads_blocks_larger_than_a_chunk_and_with_spaces_between) {
    const std::vector<SignedBlock> blocks = {block_of(1), block_of(2'000'000), block_of(3)};
    EXPECT_EQ(read_all(write_all(blocks, BlockFileFormat::binary), BlockFileFormat::binary).blocks,
              blocks);
    std::string spaced;
    for (const SignedBlock& block : blocks) {
        spaced += " \n" + signed_block_json(block) + "\n";
    }
    const Read read = read_all(spaced, BlockFileFormat::json);
    EXPECT_EQ(read.error, "");
    EXPECT_EQ(read.blocks, blocks);
}

TEST(BlockFile, says_where_a_file_is_bad) {
    const std::string binary = write_all({block_of(1), block_of(2)}, BlockFileFormat::binary);
    EXPECT_EQ(read_all("abc", BlockFileFormat::binary).error,
              "the file is too short for a count of blocks");
    const Read cut = read_all(binary.substr(0, binary.size() - 1), BlockFileFormat::binary);
    EXPECT_EQ(cut.blocks.size(), 1U);
    EXPECT_EQ(cut.error, "block 2 of the file: the file ends, though it promises 2 blocks");
    const std::string json = write_all({block_of(1)}, BlockFileFormat::json);
    EXPECT_EQ(read_all(json.substr(0, 50), BlockFileFormat::json).error,
              "block 1 of the file: the file ends inside of it");
    EXPECT_EQ(read_all(json + "{}", BlockFileFormat::json).error,
              "block 2 of the file: block: missing");
    EXPECT_NE(read_all("[", BlockFileFormat::json).error, "");
}

TEST(BlockJson, names_the_member_that_is_wrong) {
    const std::string good = signed_block_json(block_of(1));
    const auto with = [&](std::string_view from, std::string_view to) {
        std::string text = good;
        text.replace(text.find(from), from.size(), to);
        const auto block = signed_block_of_json(boost::json::parse(text));
        return block ? std::string("accepted") : block.error();
    };
    EXPECT_EQ(with("\"0x12c\"", "300"), "block.header.number: expected a string");
    EXPECT_EQ(with("\"0x12c\"", "\"0x1ffffffff\""), "block.header.number: not a block number");
    EXPECT_EQ(with("parentHash", "parent"), "block.header.parentHash: missing");
    EXPECT_EQ(with("\"0x08\"", "\"0x07\""),
              "block.header.digest.logs[1]: an enum index is not defined");
    EXPECT_EQ(with("[0,255]", "[0,256]"), "justifications[0][1]: expected numbers from 0 to 255");
}

}  // namespace
}  // namespace stipple::chain
