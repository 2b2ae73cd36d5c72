// The call itself, on real runtimes: the newest shape over a recorded proof, the older ones over a
// genesis.
#include "chain/pool/validity.hpp"
#include "executor/real_runtimes.hpp"
#include "state/trie/proof.hpp"

#include <gtest/gtest.h>

namespace stipple::chain::pool {
namespace {

using executor::testing::hex_of;
using executor::testing::shared_executor;

TEST(RealRuntime, validates_a_recorded_westend_transfer) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "host-api/validate-transaction.json");
    const auto json = stipple::testing::read_json(path).as_object();
    const auto header = scale::decode<Header>(hex_of(json.at("blockHeader")));
    const auto proof = scale::decode<std::vector<Bytes>>(hex_of(json.at("callProof")));
    const auto extrinsic = scale::decode<Extrinsic>(hex_of(json.at("transactionBytes")));
    ASSERT_TRUE(header && proof && extrinsic);
    const state::ProofReader state(*proof, state::StateRoot(header->state_root.bytes));
    const auto runtime = shared_executor().runtime(hex_of(json.at("runtimeCode")), std::nullopt);
    ASSERT_TRUE(runtime) << runtime.error().message;

    const auto validity =
        validate_transaction(**runtime, state, header->ref(), Source::external, *extrinsic, {});
    ASSERT_TRUE(validity) << validity.error().message();
    ASSERT_TRUE(*validity);
    EXPECT_EQ((*validity)->priority, 12130u);
    EXPECT_EQ((*validity)->longevity, 60u);
    EXPECT_TRUE((*validity)->requires_tags.empty());
    ASSERT_EQ((*validity)->provides_tags.size(), 1u);
    EXPECT_EQ(to_hex((*validity)->provides_tags[0]),
              "46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a30000000");
    EXPECT_TRUE((*validity)->propagate);
}

// An unsigned extrinsic with a call that is only an inherent: every runtime has a typed answer.
TEST(RealRuntime, refuses_an_unsigned_call_in_each_shape_of_the_api) {
    std::set<std::uint32_t> shapes;
    for (const auto& entry : executor::testing::kRealRuntimes) {
        if (entry.name != "westend_1" && entry.name != "rococo_1014000") {
            continue;  // the oldest and the newest shape that real chains start from
        }
        STIPPLE_SHARED_DATA_OR_SKIP(path, entry.path);
        SCOPED_TRACE(std::string(entry.name));
        const state::MemoryState state = executor::testing::state_beside(entry);
        const auto runtime =
            shared_executor().runtime(executor::testing::code_of(entry), std::nullopt);
        ASSERT_TRUE(runtime) << runtime.error().message;
        shapes.insert(*(*runtime)->version().api_version("TaggedTransactionQueue"));
        // version 4 unsigned, System.remark(empty): pallet 0; call 0 or 1, whichever is decodable
        bool refused = false;
        for (const Bytes& remark : {Bytes{4, 0, 0, 0}, Bytes{4, 0, 1, 0}}) {
            const auto validity = validate_transaction(**runtime, state, BlockRef{BlockHash{}, 0},
                                                       Source::external, Extrinsic{remark}, {});
            refused = refused || (validity && !*validity);
        }
        EXPECT_TRUE(refused);
    }
    EXPECT_TRUE(shapes.contains(3));
    EXPECT_TRUE(shapes.contains(2));
}

}  // namespace
}  // namespace stipple::chain::pool
