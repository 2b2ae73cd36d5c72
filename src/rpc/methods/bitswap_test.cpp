#include "rpc/methods/bitswap.hpp"

#include <gtest/gtest.h>

namespace stipple::rpc {
namespace {

// "hello world" under SHA-2, as public IPFS tools name it.
constexpr std::string_view kHello = "bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";

TEST(Bitswap, takes_content_ids_of_the_first_version_in_base_32) {
    EXPECT_TRUE(check_content_id(kHello)) << check_content_id(kHello).error();
}

TEST(Bitswap, says_what_is_wrong_with_an_id) {
    EXPECT_EQ(check_content_id("QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n").error(),
              "Only CIDv1 is supported");
    std::string text(kHello);
    text.back() = 'f';  // a bit left over
    EXPECT_FALSE(check_content_id(text));
    EXPECT_FALSE(check_content_id(kHello.substr(0, 40)));
    EXPECT_FALSE(check_content_id(""));
    EXPECT_FALSE(check_content_id("b"));
    EXPECT_FALSE(check_content_id("bAAAA"));
    EXPECT_FALSE(check_content_id(std::string(100'000, 'b')));
    // Version 1, raw, the identity of one byte.
    EXPECT_EQ(check_content_id("bafkqaali").error(),
              "Only sha2-256, blake2b-256 & keccak-256 hash functions are supported");
}

}  // namespace
}  // namespace stipple::rpc
