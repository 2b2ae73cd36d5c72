#include "network/messages/block_announce.hpp"
#include "network/messages/block_request.hpp"
#include "network/messages/conduct.hpp"
#include "network/messages/light_request.hpp"
#include "network/messages/protocols.hpp"
#include "network/messages/state_request.hpp"
#include "network/messages/transactions.hpp"
#include "network/messages/warp_request.hpp"
#include "tests/support/real_chain.hpp"

#include <gtest/gtest.h>

namespace stipple::network {
namespace {

BlockHash hash_of(std::uint8_t byte) {
    BlockHash hash;
    hash.bytes.fill(byte);
    return hash;
}
Header header_of(BlockNumber number) {
    Header header;
    header.number = number;
    header.parent_hash = hash_of(7);
    header.digest.emplace_back(PreRuntimeDigest{kBabeEngine, {1, 2, 3}});
    return header;
}

TEST(ProtocolNames, are_made_of_genesis_and_fork_id_then_of_the_old_id) {
    const std::string genesis(64, 'a');
    BlockHash hash;
    hash.bytes.fill(0xaa);
    EXPECT_EQ(protocol_names(Protocol::sync, {hash, "", "dot"}),
              (std::vector<std::string>{"/" + genesis + "/sync/2", "/dot/sync/2"}));
    EXPECT_EQ(protocol_names(Protocol::warp, {hash, "f1", ""}),
              (std::vector<std::string>{"/" + genesis + "/f1/sync/warp"}));
    EXPECT_EQ(protocol_names(Protocol::grandpa, {hash, "", "dot"}),
              (std::vector<std::string>{"/" + genesis + "/grandpa/1", "/paritytech/grandpa/1"}));
    EXPECT_EQ(protocol_names(Protocol::beefy, {hash, "", "dot"}).size(), 1U);
    EXPECT_EQ(protocol_names(Protocol::kademlia, {hash, "", "wnd2"})[1], "/wnd2/kad");
    for (const Protocol protocol : kProtocols) {
        EXPECT_GT(limits_of(protocol).request_bytes_max, 0U);
        EXPECT_TRUE(protocol_names(protocol, {hash, "", ""})[0].starts_with("/" + genesis + "/"));
    }
}

TEST(BlockAnnounceHandshake, takes_69_bytes) {
    const BlockAnnounceHandshake handshake{Role::authority, {hash_of(1), 0x01020304}, hash_of(2)};
    const Bytes bytes = encode(handshake);
    ASSERT_EQ(bytes.size(), 69U);
    EXPECT_EQ(to_hex(ByteView(bytes).first(6)), "040403020101");
    EXPECT_EQ(decode_block_announce_handshake(bytes), handshake);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        EXPECT_FALSE(decode_block_announce_handshake(ByteView(bytes).first(length)));
    }
    Bytes no_role = bytes;
    no_role[0] = 8;
    EXPECT_EQ(decode_block_announce_handshake(no_role), std::unexpected(MessageError::bad_value));
}

TEST(BlockAnnounce, ends_with_state_and_data_which_old_peers_leave_out) {
    const BlockAnnounce announce{header_of(5), false, {9}};
    EXPECT_EQ(decode_block_announce(encode(announce)), announce);
    const Bytes header = scale::encode(header_of(5));
    EXPECT_EQ(decode_block_announce(header), (BlockAnnounce{header_of(5), true, {}}));
    Bytes bad_state = header;
    bad_state.push_back(2);
    EXPECT_EQ(decode_block_announce(bad_state), std::unexpected(MessageError::bad_value));
    EXPECT_EQ(decode_block_announce(Bytes(kBlockAnnounceBytesMax + 1)),
              std::unexpected(MessageError::over_limit));
}

TEST(TransactionMessage, holds_one_extrinsic_and_is_a_list_for_old_peers) {
    const Extrinsic transaction{{1, 2, 3}};
    EXPECT_EQ(to_hex(encode_transaction_message(transaction)), "040c010203");
    EXPECT_EQ(decode_transactions_message(*from_hex("040c010203")), std::vector{transaction});
    EXPECT_EQ(decode_transactions_message(*from_hex("080c0102030c010203"))->size(), 2U);
    EXPECT_EQ(decode_transactions_message(*from_hex("00"))->size(), 0U);
    EXPECT_FALSE(decode_transactions_message(*from_hex("040c0102")));
    EXPECT_FALSE(decode_transactions_message(*from_hex("040c01020304")));
    Bytes many;
    scale::encode_compact(many, kTransactionsPerMessageMax + 1);
    many.resize(many.size() + kTransactionsPerMessageMax + 1);
    EXPECT_EQ(decode_transactions_message(many), std::unexpected(MessageError::over_limit));
}

TEST(BlockRequest, has_its_parts_in_the_top_byte) {
    BlockRequest request{
        .parts = block_part::kHeader | block_part::kBody | block_part::kJustification,
        .from = BlockNumber{1},
        .direction = Direction::ascending,
        .max_blocks = 64};
    // fields 0x13000000, number 01000000, max_blocks 64, multiple justifications
    EXPECT_EQ(to_hex(encode(request)),
              "088080809801"
              "1a0401000000"
              "3040"
              "3801");
    EXPECT_EQ(decode_block_request(encode(request)), request);
    request.from = hash_of(3);
    request.direction = Direction::descending;
    request.multiple_justifications = false;
    EXPECT_EQ(decode_block_request(encode(request)), request);
    EXPECT_EQ(decode_block_request(*from_hex("0880808098011a03010000")),
              std::unexpected(MessageError::bad_value));
    EXPECT_EQ(decode_block_request(*from_hex("088080809801")),
              std::unexpected(MessageError::missing_field));
    // An undefined direction, and undefined parts.
    EXPECT_EQ(decode_block_request(*from_hex("1a04010000002802")),
              std::unexpected(MessageError::bad_value));
    EXPECT_EQ(decode_block_request(*from_hex("0880808080041a0401000000")),
              std::unexpected(MessageError::bad_value));
}

TEST(BlockResponse, is_read_back_as_it_was_written) {
    BlockResponse response;
    BlockData& block = response.blocks.emplace_back();
    block.hash = header_of(5).hash();
    block.header = scale::encode(header_of(5));
    block.body = {encode_body_item({{1, 2}}), encode_body_item({{}})};
    block.justifications = scale::encode(Justifications{{kGrandpaEngine, {1}}});
    block.indexed_body = {{5}};
    BlockData& other = response.blocks.emplace_back();
    other.hash = hash_of(4);
    other.justification = {1, 2};
    other.empty_justification = true;
    EXPECT_EQ(decode_block_response(encode(response)), response);
    EXPECT_EQ(decode_block_response({})->blocks.size(), 0U);
    EXPECT_EQ(*decode_body(response.blocks[0].body), (Body{{{1, 2}}, {{}}}));
}

TEST(BlockResponse, is_bounded_in_blocks_and_extrinsics) {
    BlockResponse response;
    response.blocks.resize(kBlocksPerResponseMax + 1);
    for (auto& block : response.blocks) {
        block.hash = hash_of(1);
    }
    EXPECT_EQ(decode_block_response(encode(response)), std::unexpected(MessageError::over_limit));
    response.blocks.resize(1);
    response.blocks[0].body.resize(kExtrinsicsPerBlockMax + 1);
    EXPECT_EQ(decode_block_response(encode(response)), std::unexpected(MessageError::over_limit));
    response.blocks[0].body.resize(kExtrinsicsPerBlockMax);
    EXPECT_TRUE(decode_block_response(encode(response)).has_value());
}

TEST(BlockResponse, of_a_real_node_is_read_and_written_alike) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "westend-blocks/westend_blocks.yaml");
    const auto yaml = YAML::LoadFile(path.string());
    std::size_t count = 0;
    for (const char* key : {"blocks_1_to_10", "blocks_1_to_128", "blocks_129_to_256"}) {
        const auto bytes = from_hex(yaml[key].as<std::string>());
        const auto response = decode_block_response(*bytes);
        ASSERT_TRUE(response.has_value()) << key;
        for (const auto& block : response->blocks) {
            const auto header = scale::decode<Header>(block.header);
            ASSERT_TRUE(header.has_value());
            EXPECT_EQ(header->hash(), block.hash);
            EXPECT_TRUE(decode_body(block.body).has_value());
        }
        count += response->blocks.size();
        EXPECT_EQ(to_hex(encode(*response)), to_hex(*bytes)) << key;
    }
    EXPECT_EQ(count, 10U + 128U + 128U);
}

TEST(StateMessages, are_read_back_as_they_were_written) {
    const StateRequest request{hash_of(1), {{1, 2}, {3}}, true};
    EXPECT_EQ(decode_state_request(encode(request)), request);
    EXPECT_EQ(decode_state_request(encode(StateRequest{hash_of(1), {}, false})),
              (StateRequest{hash_of(1), {}, false}));
    EXPECT_EQ(decode_state_request(encode(StateRequest{hash_of(1), {{1}, {2}, {3}}, false})),
              std::unexpected(MessageError::over_limit));
    const StateResponse entries{
        {{{}, {{{1}, {2, 3}}, {{4}, {}}}, true}, {Bytes(32, 9), {{{5}, {6}}}, false}}, {}};
    EXPECT_EQ(decode_state_response(encode(entries)), entries);
    const StateResponse proof{{}, {1, 2, 3}};
    EXPECT_EQ(decode_state_response(encode(proof)), proof);
    EXPECT_EQ(decode_state_request({}), std::unexpected(MessageError::missing_field));
}

TEST(WarpMessages, are_read_back_as_they_were_written) {
    EXPECT_EQ(encode(WarpRequest{hash_of(5)}).size(), 32U);
    EXPECT_EQ(decode_warp_request(encode(WarpRequest{hash_of(5)})), WarpRequest{hash_of(5)});
    EXPECT_FALSE(decode_warp_request(Bytes(31)));
    EXPECT_EQ(decode_warp_request(Bytes(33)), std::unexpected(MessageError::over_limit));
    WarpProof proof;
    proof.is_finished = true;
    auto& fragment = proof.fragments.emplace_back();
    fragment.header = header_of(8);
    fragment.justification.commit.target = fragment.header.ref();
    fragment.justification.votes_ancestries.push_back(header_of(9));
    Bytes bytes = encode(proof);
    EXPECT_EQ(decode_warp_proof(bytes), proof);
    bytes.push_back(0);
    EXPECT_EQ(decode_warp_proof(bytes), std::unexpected(MessageError::bad_scale));
}

TEST(LightMessages, are_read_back_as_they_were_written) {
    const LightRequest call = LightCallRequest{hash_of(1), "Core_version", {1}};
    const LightRequest read = LightReadRequest{hash_of(2), std::nullopt, {{1}, {2, 3}}};
    const LightRequest child = LightReadRequest{hash_of(3), Bytes{7}, {{4}}};
    for (const auto& request : {call, read, child}) {
        EXPECT_EQ(decode_light_request(encode(request)), request);
    }
    for (const bool is_call : {false, true}) {
        for (const auto& proof : {std::optional<Bytes>{}, std::optional(Bytes{1, 2})}) {
            const LightResponse response{is_call, proof};
            EXPECT_EQ(decode_light_response(encode(response)), response);
        }
    }
    EXPECT_EQ(decode_light_request({}), std::unexpected(MessageError::missing_field));
    const LightRequest long_name = LightCallRequest{hash_of(1), std::string(300, 'a'), {}};
    EXPECT_EQ(decode_light_request(encode(long_name)), std::unexpected(MessageError::over_limit));
    const LightRequest many =
        LightReadRequest{hash_of(2), std::nullopt, std::vector<Bytes>(kLightKeysMax + 1)};
    EXPECT_EQ(decode_light_request(encode(many)), std::unexpected(MessageError::over_limit));
}

TEST(Conduct, has_a_weight_and_a_name_for_each_case) {
    for (int i = 0; i <= static_cast<int>(Conduct::spam); ++i) {
        EXPECT_NE(weight(static_cast<Conduct>(i)), 0);
        EXPECT_STRNE(describe(static_cast<Conduct>(i)), "");
    }
    EXPECT_LT(weight(Conduct::bad_block), weight(Conduct::timeout));
}

}  // namespace
}  // namespace stipple::network
