// Real blocks through Core_execute_block: the roots in their headers are the verdict.
#include "executor/real_runtimes.hpp"
#include "primitives/block.hpp"
#include "state/trie/proof.hpp"

#include <gtest/gtest.h>

namespace stipple::executor {
namespace {

std::expected<Bytes, CallError> call(const state::Reader& state, std::string_view method,
                                     ByteView arguments, state::Overlay& overlay) {
    const auto runtime = testing::shared_executor().runtime_of(state);
    if (!runtime) {
        return std::unexpected(CallError{CallErrorKind::environment, runtime.error().message, {}});
    }
    return (*runtime)->call(method, arguments, overlay, {});
}

Bytes execute_block_arguments(const Header& header, const Body& body) {
    Bytes arguments = scale::encode(header.without_seal());
    scale::encode_to(arguments, body);
    return arguments;
}

/// Executes the block over its parent's state and moves the state on.
::testing::AssertionResult execute(state::MemoryState& state, const Header& header,
                                   const Body& body, state::StateVersion version) {
    state::Overlay overlay(state);
    const auto answer =
        call(state, "Core_execute_block", execute_block_arguments(header, body), overlay);
    if (!answer) {
        return ::testing::AssertionFailure()
               << "#" << header.number << ": " << answer.error().message << "\n"
               << answer.error().backtrace;
    }
    const auto difference = overlay.difference(version);
    if (!difference) {
        return ::testing::AssertionFailure() << difference.error().message();
    }
    if (!equal(difference->root, header.state_root)) {
        return ::testing::AssertionFailure() << "#" << header.number << ": another state root";
    }
    state.apply(*difference);
    return ::testing::AssertionSuccess();
}

class ChildTries : public ::testing::TestWithParam<const char*> {};

// A contract that creates, reads and destroys child tries, as a Rust node executed it.
TEST_P(ChildTries, give_the_root_of_the_recorded_block) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, std::string("host-api/child-trie-") + GetParam() + ".json");
    const auto json = testing::read_json(path).as_object();
    const auto& parent = json.at("parentStorage").as_object();
    constexpr auto kVersion = state::StateVersion::v1;
    auto state = testing::state_of(parent.at("mainTrie").as_object(),
                                   parent.at("childTries").as_object(), kVersion);
    const auto header = scale::decode<Header>(testing::hex_of(json.at("block").at("header")));
    ASSERT_TRUE(header);
    Body body;
    for (const auto& extrinsic : json.at("block").at("body").as_array()) {
        const auto decoded = scale::decode<Extrinsic>(testing::hex_of(extrinsic));
        ASSERT_TRUE(decoded);
        body.push_back(*decoded);
    }
    EXPECT_TRUE(execute(state, *header, body, kVersion));
}
INSTANTIATE_TEST_SUITE_P(Recorded, ChildTries,
                         ::testing::Values("create-one", "create-multiple", "destroy",
                                           "read-basic"),
                         [](const auto& each) {
                             std::string name = each.param;
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

// A validity check over nothing but the state proof a full node gave for it.
TEST(RecordedCall, validates_a_transaction_over_its_call_proof) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "host-api/validate-transaction.json");
    const auto json = testing::read_json(path).as_object();
    const auto header = scale::decode<Header>(testing::hex_of(json.at("blockHeader")));
    const auto proof = scale::decode<std::vector<Bytes>>(testing::hex_of(json.at("callProof")));
    ASSERT_TRUE(header && proof);
    const state::ProofReader state(*proof, state::StateRoot(header->state_root.bytes));
    const auto runtime =
        testing::shared_executor().runtime(testing::hex_of(json.at("runtimeCode")), std::nullopt);
    ASSERT_TRUE(runtime) << runtime.error().message;

    Bytes arguments{2};  // TransactionSource::External
    append(arguments, testing::hex_of(json.at("transactionBytes")));
    append(arguments, header->hash());
    state::Overlay overlay(state);
    const auto answer =
        (*runtime)->call("TaggedTransactionQueue_validate_transaction", arguments, overlay, {});
    ASSERT_TRUE(answer) << answer.error().message << "\n" << answer.error().backtrace;
    scale::Decoder in(*answer);
    EXPECT_EQ(in.u8(), 0);  // valid
    EXPECT_EQ(in.u64(), 12130U);
    EXPECT_EQ(in.length(), 0U);  // requires nothing
    ASSERT_EQ(in.length(), 1U);  // provides the sender with nonce 48
    EXPECT_EQ(to_hex(in.byte_string()),
              "46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a30000000");
    EXPECT_EQ(in.u64(), 60U);  // longevity in blocks
    EXPECT_TRUE(in.boolean());
    EXPECT_TRUE(in.finish());
}

// A whole chain of the Rust node, from its genesis: transfers with all three signature schemes,
// batches, proxies, a multisig, epoch changes, BEEFY and MMR.
void replay(std::string_view chain, std::string_view spec, std::size_t blocks_min) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, std::string(chain) + "/blocks.bin");
    constexpr auto kVersion = state::StateVersion::v1;
    const auto raw = testing::read_json(testing::shared_data_path(spec)).at("genesis").at("raw");
    auto state = testing::state_of(raw.at("top").as_object(), raw.at("childrenDefault").as_object(),
                                   kVersion);
    const Bytes file = testing::read_file(path);
    scale::Decoder in(file);
    const std::uint64_t count = in.u64();
    ASSERT_GE(count, blocks_min);
    for (std::uint64_t i = 0; i < count; ++i) {
        SignedBlock signed_block;
        scale::decode_from(in, signed_block);
        ASSERT_TRUE(in.ok());
        ASSERT_TRUE(execute(state, signed_block.block.header, signed_block.block.body, kVersion));
    }
}
TEST(RealChain, rococo_dev_executes_from_genesis_to_the_last_block) {
    replay("rococo-dev-chain", "chain-specs/rococo-dev-1.14.json", 102);
}
TEST(RealChain, rococo_local_executes_from_genesis_to_the_last_block) {
    replay("rococo-local-chain", "chain-specs/rococo-local-bulk-1.15.json", 107);
}

TEST(RealChain, a_block_with_a_changed_state_root_makes_the_runtime_panic) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "rococo-dev-chain/blocks.bin");
    const auto state = testing::state_beside(testing::kRealRuntimes[6]);
    const Bytes file = testing::read_file(path);
    scale::Decoder in(ByteView(file).subspan(sizeof(std::uint64_t)));
    SignedBlock first;
    scale::decode_from(in, first);
    ASSERT_TRUE(in.ok());
    first.block.header.state_root.bytes[0] ^= 1;
    state::Overlay overlay(state);
    const auto answer =
        call(state, "Core_execute_block",
             execute_block_arguments(first.block.header, first.block.body), overlay);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, CallErrorKind::trap);
    EXPECT_NE(answer.error().message.find("wasm trap: wasm `unreachable`"), std::string::npos);
    EXPECT_NE(answer.error().message.find("Storage root must match"), std::string::npos);
    EXPECT_NE(answer.error().backtrace.find("Core_execute_block"), std::string::npos);
    // The failed call has left nothing behind.
    EXPECT_EQ(overlay.open_transactions(), 0U);
    EXPECT_EQ(*overlay.root(state::StateVersion::v1), *state.root(state::TrieId::main()));
}

}  // namespace
}  // namespace stipple::executor
