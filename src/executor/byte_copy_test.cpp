// The `memcpy` of the first runtimes is replaced when code is prepared (bridge/src/wasm.rs). Here
// the replacement runs beside the original, which a `nop` keeps from being recognised.
#include "base/prng.hpp"
#include "executor/real_runtimes.hpp"
#include "executor/small_module.hpp"

#include <gtest/gtest.h>

namespace stipple::executor {
namespace {

using namespace testing;  // NOLINT: the byte codes

constexpr std::size_t kNumbers =
    12;  ///< to, from, count: u32 each, places relative to the argument

const Bytes kByteCopy = *from_hex(
    "0x01017f02402002450d00200021030340200320012d00003a0000200341016a2103200141016a21012002417f6a22"
    "020d000b0b20000b");

Bytes with_nop(Bytes body) {
    body.insert(body.end() - 1, 0x01);
    return body;
}

/// Copies within its argument as the numbers in front say, and gives all of it back.
Bytes module_that_copies(const Bytes& copy) {
    constexpr std::uint8_t kLoad = 0x28;
    constexpr std::uint8_t kAdd = 0x6a;
    const auto number = [](std::uint8_t at) { return Bytes{kLocalGet, 0, kLoad, 0, at}; };
    Bytes code;
    for (const std::uint8_t at : {std::uint8_t{0}, std::uint8_t{4}}) {
        append(code, number(at));
        append(code, Bytes{kLocalGet, 0, kAdd});
    }
    append(code, number(8));
    append(code, Bytes{kCall, 1, kDrop});
    append(code, kEcho);
    return SmallModule().helper({"iii", "i"}, copy).code(code).wasm();
}

struct Pair {
    std::shared_ptr<const Runtime> replaced;
    std::shared_ptr<const Runtime> original;
};
Pair both() {
    auto replaced = shared_executor().runtime(module_that_copies(kByteCopy), 16);
    auto original = shared_executor().runtime(module_that_copies(with_nop(kByteCopy)), 16);
    CHECK(replaced.has_value() && original.has_value());
    return {*std::move(replaced), *std::move(original)};
}
std::optional<Bytes> run(const Runtime& runtime, ByteView argument) {
    const state::MemoryState empty;
    state::Overlay overlay(empty);
    auto answer = runtime.call("run", argument, overlay, {});
    return answer ? std::optional(*std::move(answer)) : std::nullopt;
}
Bytes argument(std::uint32_t to, std::uint32_t from, std::uint32_t count, Bytes content) {
    Bytes out;
    for (const std::uint32_t number : {to, from, count}) {
        append_le(out, number);
    }
    append(out, content);
    return out;
}

TEST(ByteCopy, leaves_the_same_bytes_wherever_the_two_places_lie) {
    const Pair pair = both();
    Prng prng(Seed{5});
    constexpr std::size_t kContent = 200;
    for (int i = 0; i < 3000; ++i) {
        const auto count = static_cast<std::uint32_t>(prng.below(i % 2 == 0 ? 20 : 100));
        const auto from = static_cast<std::uint32_t>(kNumbers + prng.below(kContent - count));
        // Half of the time close to it, before and behind, where the copies overlap.
        auto to = static_cast<std::uint32_t>(kNumbers + prng.below(kContent - count));
        if (i % 3 != 0) {
            const auto near = static_cast<std::uint32_t>(from + 12 - prng.below(25));
            to = near >= kNumbers && near + count <= kNumbers + kContent ? near : to;
        }
        const Bytes said = argument(to, from, count, prng.bytes(kContent));
        const auto replaced = run(*pair.replaced, said);
        ASSERT_TRUE(replaced.has_value());
        ASSERT_EQ(replaced, run(*pair.original, said)) << to << ' ' << from << ' ' << count;
    }
}

TEST(ByteCopy, ends_where_the_memory_ends) {
    const Pair pair = both();
    constexpr std::uint32_t kFar = 1U << 31;
    for (const auto& [to, from, count] :
         {std::tuple(kFar, std::uint32_t{kNumbers}, 1U),
          std::tuple(std::uint32_t{kNumbers}, kFar, 9U),
          std::tuple(std::uint32_t{kNumbers}, std::uint32_t{kNumbers} + 8, 1U << 30)}) {
        const Bytes said = argument(to, from, count, Bytes(64));
        EXPECT_FALSE(run(*pair.replaced, said).has_value());
        EXPECT_FALSE(run(*pair.original, said).has_value());
    }
    const Bytes nothing = argument(kFar, kFar, 0, Bytes(64));
    EXPECT_EQ(run(*pair.replaced, nothing), nothing) << "no byte is touched";
}

TEST(ByteCopy, is_replaced_where_it_is_recognised) {
    // Otherwise the two above would compare a function with itself.
    const auto prepared = [](const Bytes& wasm) { return prepare_module(wasm, {}); };
    const auto replaced = prepared(module_that_copies(kByteCopy));
    const auto original = prepared(module_that_copies(with_nop(kByteCopy)));
    ASSERT_TRUE(replaced.has_value() && original.has_value());
    EXPECT_EQ(std::ranges::search(*replaced, kByteCopy).begin(), replaced->end());
    EXPECT_NE(std::ranges::search(*original, with_nop(kByteCopy)).begin(), original->end());
}

}  // namespace
}  // namespace stipple::executor
