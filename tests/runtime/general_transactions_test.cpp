// General transactions (format 5) on the runtime in Wasm, whose signatures the node's executor
// verifies. What they look like is told in kit/transactions_test.cpp, natively.
#include "crypto/hash.hpp"
#include "spec_version.hpp"
#include "tests/runtime/bench_chain.hpp"

#include <gtest/gtest.h>

namespace stipple::bench {
namespace {

struct GeneralTransactions : ::testing::Test {
    BenchChain chain{our_spec(), executor::testing::shared_executor()};
    crypto::Sr25519Keypair alice = *crypto::sr25519_from_suri("//Alice");
    Bytes remark{0, 0, 4, 7};

    GeneralTransactions() { chain.context.signatures = nullptr; }

    Extrinsic by_alice(std::uint32_t nonce) const {
        constexpr std::uint8_t kVersion = 1;
        Bytes sent{0};  // immortal
        scale::encode_compact(sent, nonce);
        append(sent, Bytes{0, 0});  // no tip, no hash of the metadata
        Bytes payload{kVersion};
        append(payload, remark);
        append(payload, sent);
        append_le(payload, runtime::config::kSpecVersion);
        append_le(payload, std::uint32_t{1});
        append(payload, chain.header.hash().view());
        append(payload, chain.header.hash().view());
        payload.push_back(0);
        Bytes out{0x45, kVersion, 0, 1};  // Signed, Sr25519
        append(out, alice.sign(crypto::blake2b_256(payload).view()).view());
        append(out, alice.public_key.view());
        append(out, sent);
        append(out, remark);
        return {std::move(out)};
    }
};

TEST_F(GeneralTransactions, go_into_blocks_in_the_order_of_their_nonces) {
    auto builder = chain.begin_block(chain.state);
    EXPECT_EQ(builder.apply(by_alice(0)), authoring::Applied::included);
    EXPECT_EQ(builder.apply(by_alice(1)), authoring::Applied::included);
    EXPECT_EQ(builder.apply(by_alice(1)), authoring::Applied::invalid) << "it is there already";
    const auto block = std::move(builder).finish();
    ASSERT_TRUE(block);
    EXPECT_EQ(block->body.size(), 3U) << "the time and two";
}
TEST_F(GeneralTransactions, of_another_signature_are_invalid) {
    auto builder = chain.begin_block(chain.state);
    Extrinsic forged = by_alice(0);
    forged.data.back() ^= 1;
    EXPECT_EQ(builder.apply(forged), authoring::Applied::invalid);
    EXPECT_EQ(builder.apply(by_alice(0)), authoring::Applied::included);
}

}  // namespace
}  // namespace stipple::bench
