// chainHead_v1 and what belongs to it over real sockets, on the first blocks of a real chain.
#include "rpc/subscriptions/served.hpp"

namespace stipple::rpc {
namespace {

using chain::testing::exported_blocks;
using testing::kSpecFile;
using testing::Served;
using testing::WebSocketClient;

std::string quoted(const BlockHash& hash) {
    return "\"" + hash.hex() + "\"";
}

std::string about(const std::string& follow, const BlockHash& block, std::string_view more = "") {
    return "[\"" + follow + "\"," + quoted(block) + std::string(more) + "]";
}

void wait_until(const std::function<bool()>& done) {
    for (int i = 0; i < 400 && !done(); ++i) {
        ::usleep(25'000);
    }
    EXPECT_TRUE(done());
}

TEST(ChainHead, tells_the_start_new_blocks_and_finality_in_order) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "rococo-dev-chain/blocks.bin");
    const auto blocks = exported_blocks(path);
    Served served;
    const BlockHash genesis = served.chain->heads().genesis;
    WebSocketClient client(served.server->port());
    client.upgrade();
    client.call("chainHead_v1_follow", "[true]");
    const std::string start = client.read_until("bestBlockHash\":" + quoted(genesis));
    EXPECT_LT(start.find(R"("id":1,"result":")"), start.find(R"("event":"initialized")"));
    EXPECT_NE(
        start.find("\"finalizedBlockHashes\":[" + quoted(genesis) +
                   R"(],"finalizedBlockRuntime":{"type":"valid","spec":{"specName":"rococo")"),
        std::string::npos);
    const BlockRef one = served.import_real(blocks[0]);
    EXPECT_NE(client.read_until(R"("event":"bestBlockChanged","bestBlockHash":)" + quoted(one.hash))
                  .find(R"("event":"newBlock","blockHash":)" + quoted(one.hash) +
                        ",\"parentBlockHash\":" + quoted(genesis) + ",\"newRuntime\":null"),
              std::string::npos);
    ASSERT_TRUE(served.chain->finalize(one.hash, std::nullopt).has_value());
    served.service->hub().publish(BlockFinalized{one, blocks[0].signed_block.block.header});
    EXPECT_NE(client.read_until(R"("prunedBlockHashes":[]})")
                  .find(R"("event":"finalized","finalizedBlockHashes":[)" + quoted(one.hash)),
              std::string::npos);
    EXPECT_EQ(served.service->hub().chain_head().counts().pinned, 2U);
}

TEST(ChainHead, reads_pinned_blocks_and_refuses_others) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "rococo-dev-chain/blocks.bin");
    const auto blocks = exported_blocks(path);
    Served served;
    const BlockHash genesis = served.chain->heads().genesis;
    WebSocketClient client(served.server->port());
    client.upgrade();
    const std::string id = client.subscribe("chainHead_v1_follow", "[true]");
    client.read_until("bestBlockHash");
    const BlockHash one = served.import_real(blocks[0]).hash;
    client.read_until("bestBlockHash");

    EXPECT_EQ(client.ask("chainHead_v1_header", about(id, one)).find("\"result\":\"0x"), 0U);
    EXPECT_EQ(client.ask("chainHead_v1_body", about(id, one)),
              R"("result":{"result":"started","operationId":"0")");
    EXPECT_NE(client.read_until("]}").find(
                  R"("event":"operationBodyDone","operationId":"0","value":["0x)"),
              std::string::npos);
    client.ask("chainHead_v1_call", about(id, one, R"(,"Core_version","")"));
    EXPECT_NE(
        client.read_until("\"}}").find(R"("operationCallDone","operationId":"1","output":"0x)"),
        std::string::npos);
    client.ask("chainHead_v1_call", about(id, one, R"(,"No_such","0x")"));
    EXPECT_NE(client.read_until("\"}}").find(R"("operationError","operationId":"2")"),
              std::string::npos);
    const auto root = (*served.chain->state(one))->root(state::TrieId::main());
    EXPECT_EQ(client.ask("chainHead_v1_storage",
                         about(id, one, R"(,[{"key":"0x","type":"closestDescendantMerkleValue"}],
                                           null)")),
              R"("result":{"result":"started","operationId":"3","discardedItems":0)");
    EXPECT_NE(client.read_until("operationStorageDone")
                  .find(R"("items":[{"key":"0x","closestDescendantMerkleValue":")" + root->hex()),
              std::string::npos);

    EXPECT_NE(client.ask("chainHead_v1_header", about(id, BlockHash{})).find("-32801"),
              std::string::npos);
    EXPECT_EQ(client.ask("chainHead_v1_header", about("nobody", one)), R"("result":null)");
    EXPECT_EQ(client.ask("chainHead_v1_body", about("nobody", one)),
              R"("result":{"result":"limitReached")");
    EXPECT_NE(
        client
            .ask("chainHead_v1_storage", about(id, one, R"(,[{"key":"0xzz","type":"value"}],null)"))
            .find("Invalid parameter: 0xzz"),
        std::string::npos);
    EXPECT_NE(
        client
            .ask("chainHead_v1_unpin", "[\"" + id + "\",[" + quoted(one) + "," + quoted(one) + "]]")
            .find("-32804"),
        std::string::npos);
    EXPECT_EQ(client.ask("chainHead_v1_unpin", about(id, genesis)), R"("result":null)");
    EXPECT_NE(client.ask("chainHead_v1_unpin", about(id, genesis)).find("-32801"),
              std::string::npos);
    EXPECT_NE(client.ask("chainHead_v1_body", about(id, genesis)).find("-32801"),
              std::string::npos);
    EXPECT_EQ(client.ask("chainHead_v1_unfollow", "[\"" + id + "\"]"), R"("result":true)");
    EXPECT_EQ(served.service->hub().chain_head().counts().pinned, 0U);
    EXPECT_EQ(served.service->hub().size(), 0U);
}

TEST(ChainHead, waits_for_continue_and_bounds_operations) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, std::string("chain-specs/") + kSpecFile);
    Served served;
    const BlockHash genesis = served.chain->heads().genesis;
    WebSocketClient client(served.server->port());
    client.upgrade();
    const std::string id = client.subscribe("chainHead_v1_follow", "[false]");
    client.read_until("bestBlockHash");
    EXPECT_NE(
        client.ask("chainHead_v1_call", about(id, genesis, R"(,"Core_version","")")).find("-32802"),
        std::string::npos);
    std::string items;
    for (std::size_t i = 0; i < kOperationsMax; ++i) {
        items.append(items.empty() ? "" : ",").append(R"({"key":"0x","type":"descendantsValues"})");
    }
    client.ask("chainHead_v1_storage", about(id, genesis, ",[" + items + "],null"));
    client.read_until(R"("event":"operationWaitingForContinue","operationId":"0")");
    EXPECT_EQ(client.ask("chainHead_v1_body", about(id, genesis)),
              R"("result":{"result":"limitReached")");
    EXPECT_EQ(client.ask("chainHead_v1_continue", "[\"" + id + "\",\"0\"]"), R"("result":null)");
    client.read_until(R"("event":"operationWaitingForContinue","operationId":"0")");
    EXPECT_EQ(client.ask("chainHead_v1_stopOperation", "[\"" + id + "\",\"0\"]"),
              R"("result":null)");
    EXPECT_EQ(client.ask("chainHead_v1_continue", "[\"" + id + "\",\"0\"]"), R"("result":null)");
    EXPECT_EQ(client.ask("chainHead_v1_body", about(id, genesis)),
              R"("result":{"result":"started","operationId":"1")");
    client.read_until("operationBodyDone");
    for (std::uint32_t i = 1; i < kFollowsPerConnectionMax; ++i) {
        client.subscribe("chainHead_v1_follow", "[false]");
    }
    EXPECT_NE(client.ask("chainHead_v1_follow", "[false]").find("-32800"), std::string::npos);
}

TEST(ChainHead, stops_when_finality_stands_still_and_says_what_it_cannot_read) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, std::string("chain-specs/") + kSpecFile);
    Served served;
    WebSocketClient client(served.server->port());
    client.upgrade();
    const std::string id = client.subscribe("chainHead_v1_follow", "[false]");
    client.read_until("bestBlockHash");
    BlockHash parent = served.chain->heads().genesis;
    const auto publish = [&](BlockNumber number) {
        const BlockImported event = served.made_up(number, parent);
        served.service->hub().publish(event);
        parent = event.block.hash;
    };
    publish(1);
    client.read_until("bestBlockHash");
    client.ask("chainHead_v1_body", about(id, parent));
    client.read_until("operationInaccessible");
    for (BlockNumber i = 2; i <= kFollowedBlocksMax; ++i) {
        publish(i);
    }
    wait_until([&] {
        return served.service->hub().chain_head().counts().pinned == kFollowedBlocksMax + 1;
    });
    publish(kFollowedBlocksMax + 1);
    client.read_until(R"({"event":"stop"})");
    wait_until([&] { return served.service->hub().size() == 0; });
    EXPECT_EQ(served.service->hub().chain_head().counts().pinned, 0U);
}

TEST(TransactionWatch, tells_the_events_of_the_specification) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "rococo-dev-chain/blocks.bin");
    const auto blocks = exported_blocks(path);
    Served served;
    const BlockRef one = served.import_real(blocks[0]);
    WebSocketClient client(served.server->port());
    client.upgrade();
    const Bytes extrinsic = encode_opaque_extrinsic(blocks[0].signed_block.block.body.at(1));
    client.subscribe("transactionWatch_v1_submitAndWatch", "[\"" + to_hex(extrinsic) + "\"]");
    client.read_until(R"({"event":"validated"})");
    served.pool.tell({.kind = TransactionStatus::Kind::in_block, .block = one.hash});
    client.read_until(R"({"event":"bestChainBlockIncluded","block":{"hash":)" + quoted(one.hash) +
                      R"(,"index":1}})");
    served.pool.tell({.kind = TransactionStatus::Kind::retracted, .block = one.hash});
    client.read_until(R"({"event":"bestChainBlockIncluded","block":null})");
    served.pool.tell({.kind = TransactionStatus::Kind::finalized, .block = one.hash});
    EXPECT_NE(client.read_until(R"("index":1}})").find(R"("event":"finalized")"),
              std::string::npos);
    wait_until([&] { return served.service->hub().size() == 0; });
    client.subscribe("transactionWatch_v1_submitAndWatch", "[\"0xff\"]");
    client.read_until(R"({"event":"invalid","error":"Extrinsic bytes cannot be decoded"})");
}

TEST(TransactionBroadcast, is_bounded_repeated_and_stopped) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, std::string("chain-specs/") + kSpecFile);
    Served served;
    WebSocketClient client(served.server->port());
    client.upgrade();
    const std::string first = client.subscribe("transaction_v1_broadcast", "[\"0x0c010203\"]");
    wait_until([&] { return served.pool.submitted == 1; });
    served.pool.tell({.kind = TransactionStatus::Kind::dropped});
    served.service->hub().publish(served.imported());
    wait_until([&] { return served.pool.submitted == 2; });
    for (std::size_t i = 1; i < kBroadcastsPerConnectionMax; ++i) {
        client.subscribe("transaction_v1_broadcast", "[\"0x0c010203\"]");
    }
    EXPECT_EQ(client.ask("transaction_v1_broadcast", "[\"0x0c010203\"]"), R"("result":null)");
    EXPECT_EQ(client.ask("transaction_v1_stop", "[\"" + first + "\"]"), R"("result":null)");
    EXPECT_NE(client.ask("transaction_v1_stop", "[\"" + first + "\"]").find("Invalid operation id"),
              std::string::npos);
    EXPECT_EQ(served.service->hub().broadcasts().size(), kBroadcastsPerConnectionMax - 1);
}

TEST(ArchiveStorage, tells_values_and_differences_and_ends) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "rococo-dev-chain/blocks.bin");
    const auto blocks = exported_blocks(path);
    Served served({}, true);
    const BlockHash genesis = served.chain->heads().genesis;
    const BlockRef one = served.import_real(blocks[0]);
    WebSocketClient client(served.server->port());
    client.upgrade();
    client.subscribe(
        "archive_v1_storage",
        "[" + quoted(one.hash) +
            R"(,[{"key":"0x26aa394eea5630e07c48ae0c9558cef7","type":"descendantsHashes"}]])");
    const std::string hashes = client.read_until(R"({"event":"storageDone"})");
    EXPECT_NE(hashes.find(R"({"event":"storage","key":"0x26aa394eea5630e07c48ae0c9558cef7)"),
              std::string::npos);
    EXPECT_EQ(hashes.find("\"value\""), std::string::npos);
    client.subscribe("archive_v1_storageDiff", "[" + quoted(one.hash) + ",[]]");
    const std::string changes = client.read_until(R"({"event":"storageDiffDone"})");
    // The block number: 1 as u32, deleted nowhere.
    EXPECT_NE(
        changes.find(
            R"("key":"0x26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac","value":"0x01000000","type":)"),
        std::string::npos);
    client.subscribe("archive_v1_storageDiff",
                     "[" + quoted(genesis) + ",[]," + quoted(genesis) + "]");
    EXPECT_EQ(client.read_until(R"({"event":"storageDiffDone"})").find("storageDiff\","),
              std::string::npos);
    client.subscribe("archive_v1_storage", "[" + quoted(BlockHash{}) + ",[]]");
    client.read_until(R"("event":"storageError")");
    wait_until([&] { return served.service->hub().size() == 0; });
}

}  // namespace
}  // namespace stipple::rpc
