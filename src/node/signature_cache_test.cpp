#include "node/signature_cache.hpp"

#include "base/prng.hpp"

#include <gtest/gtest.h>

namespace stipple::node {
namespace {

TEST(SignatureCache, remembers_both_verdicts) {
    SignatureCache cache;
    crypto::Hash256 good;
    good.bytes[0] = 1;
    crypto::Hash256 bad;
    bad.bytes[0] = 2;
    cache.insert(good, true);
    cache.insert(bad, false);
    EXPECT_EQ(cache.find(good), true);
    EXPECT_EQ(cache.find(bad), false);
    EXPECT_FALSE(cache.find(crypto::Hash256{}));
}

TEST(SignatureCache, stays_within_its_bound_and_forgets_the_oldest) {
    SignatureCache cache(160);
    Prng prng(Seed{7});
    std::vector<crypto::Hash256> claims;
    for (int i = 0; i < 5000; ++i) {
        claims.push_back(crypto::Hash256::copy(prng.bytes(32)));
        cache.insert(claims.back(), true);
        ASSERT_LE(cache.size(), 160U);
    }
    EXPECT_TRUE(cache.find(claims.back()));
    EXPECT_FALSE(cache.find(claims.front()));
}

}  // namespace
}  // namespace stipple::node
