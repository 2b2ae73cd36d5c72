#include "walk/walk.hpp"

#include "kit/native_host.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime::walk {
namespace {

TEST(RuntimeWalk, keeps_every_invariant) {
    constexpr std::uint64_t kSteps = 3'000;
    for (const std::uint64_t seed : {1ULL, 2ULL, 3ULL}) {
        Walk walk(Seed{seed});
        while (walk.steps() < kSteps) {
            const auto broken = walk.next_block();
            ASSERT_FALSE(broken) << *broken;
        }
        EXPECT_GT(walk.successes(), kSteps / 20) << "nearly nothing that was tried could be done";
    }
}
TEST(RuntimeWalk, goes_the_same_way_again) {
    const auto state_after = [](std::uint64_t steps) {
        Walk walk(Seed{9});
        while (walk.steps() < steps) {
            EXPECT_FALSE(walk.next_block());
        }
        return native_host::storage();
    };
    EXPECT_TRUE(state_after(500) == state_after(500));
}
TEST(RuntimeWalk, notices_what_is_broken) {
    Walk walk(Seed{4});
    ASSERT_FALSE(walk.next_block());
    const auto good = native_host::storage();
    const auto complaint = [&](auto&& harm) {
        native_host::storage() = good;
        harm(native_host::storage());
        return find_broken_invariant().value_or("none");
    };
    EXPECT_EQ(complaint([](auto&) {}), "none");
    EXPECT_EQ(complaint([](auto& all) { all[Bytes(40, 7)] = {1}; }),
              "no item has the key " + to_hex(Bytes(40, 7)));
    EXPECT_TRUE(complaint([](auto& all) {
                    all.begin()->second.push_back(0);
                }).starts_with("undecodable value"));
}

}  // namespace
}  // namespace stipple::runtime::walk
