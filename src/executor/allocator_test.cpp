#include "executor/allocator.hpp"

#include "base/prng.hpp"
#include "executor/limits.hpp"

#include <gtest/gtest.h>

#include <map>

namespace stipple::executor {
namespace {

/// A memory of a plain vector, reserved whole so that it never moves.
class TestMemory {
 public:
    explicit TestMemory(std::uint32_t pages, std::uint32_t pages_max) {
        bytes_.reserve(std::size_t{pages_max} * kPageBytes);
        bytes_.resize(std::size_t{pages} * kPageBytes);
        memory_.pages_max = pages_max;
        memory_.owner = this;
        memory_.grow = [](GuestMemory& memory, std::uint32_t more) {
            return static_cast<TestMemory*>(memory.owner)->grow(more);
        };
        refresh();
    }
    GuestMemory& operator*() { return memory_; }
    std::size_t pages() const { return bytes_.size() / kPageBytes; }
    std::uint64_t header_of(std::uint32_t address) const {
        return load_le<std::uint64_t>(ByteView(bytes_).subspan(address - 8, 8));
    }
    void write_header(std::uint32_t address, std::uint64_t raw) {
        std::memcpy(bytes_.data() + address - 8, &raw, sizeof raw);
    }

 private:
    bool grow(std::uint32_t more) {
        bytes_.resize(bytes_.size() + std::size_t{more} * kPageBytes);
        refresh();
        return true;
    }
    void refresh() {
        memory_.data = bytes_.data();
        memory_.size = bytes_.size();
    }
    Bytes bytes_;
    GuestMemory memory_;
};

TEST(Allocator, starts_at_the_aligned_heap_base_behind_a_header) {
    TestMemory memory(1, 1);
    Allocator allocator(13);
    EXPECT_EQ(*allocator.allocate(*memory, 1), 16U + 8U);
    EXPECT_EQ(memory.header_of(24), std::uint64_t{1} << 32);  // used, order 0
    EXPECT_EQ(*allocator.allocate(*memory, 9), 24U + 8U + 8U);
    EXPECT_EQ(memory.header_of(40), (std::uint64_t{1} << 32) | 1);  // 16 bytes
    EXPECT_EQ(*allocator.allocate(*memory, 0), 40U + 16U + 8U);
}

TEST(Allocator, hands_out_freed_blocks_of_the_order_last_in_first_out) {
    TestMemory memory(1, 1);
    Allocator allocator(0);
    const std::uint32_t a = *allocator.allocate(*memory, 8);
    const std::uint32_t b = *allocator.allocate(*memory, 5);
    const std::uint32_t c = *allocator.allocate(*memory, 100);
    EXPECT_TRUE(allocator.free(*memory, a));
    EXPECT_EQ(memory.header_of(a), UINT32_MAX);  // end of the list
    EXPECT_TRUE(allocator.free(*memory, b));
    EXPECT_EQ(memory.header_of(b), a - 8);
    EXPECT_TRUE(allocator.free(*memory, c));
    EXPECT_EQ(*allocator.allocate(*memory, 1), b);
    EXPECT_EQ(*allocator.allocate(*memory, 8), a);
    EXPECT_EQ(*allocator.allocate(*memory, 128), c);
}

TEST(Allocator, takes_32_mebibytes_at_once_and_no_more) {
    TestMemory memory(600, 600);
    Allocator allocator(0);
    EXPECT_TRUE(allocator.allocate(*memory, Allocator::kAllocationMax));
    EXPECT_EQ(allocator.allocate(*memory, Allocator::kAllocationMax + 1).error(),
              AllocatorError::too_large);
    EXPECT_EQ(allocator.allocate(*memory, 1).error(), AllocatorError::poisoned);
}

TEST(Allocator, doubles_the_memory_up_to_its_maximum) {
    TestMemory memory(1, 5);
    Allocator allocator(0);
    EXPECT_TRUE(allocator.allocate(*memory, kPageBytes));
    EXPECT_EQ(memory.pages(), 2U);
    EXPECT_TRUE(allocator.allocate(*memory, kPageBytes));
    EXPECT_EQ(memory.pages(), 4U);
    EXPECT_TRUE(allocator.allocate(*memory, kPageBytes));
    EXPECT_TRUE(allocator.allocate(*memory, kPageBytes));
    EXPECT_EQ(memory.pages(), 5U);
    EXPECT_EQ(allocator.allocate(*memory, kPageBytes).error(), AllocatorError::out_of_space);
    EXPECT_EQ(allocator.free(*memory, 8).error(), AllocatorError::poisoned);
}

TEST(Allocator, refuses_pointers_that_are_no_used_blocks) {
    const auto verdict = [](auto damage) {
        TestMemory memory(1, 1);
        Allocator allocator(64);
        const std::uint32_t address = *allocator.allocate(*memory, 8);
        return allocator.free(*memory, damage(memory, allocator, address)).error();
    };
    EXPECT_EQ(verdict([](auto&, auto&, std::uint32_t) { return 7U; }), AllocatorError::bad_pointer);
    EXPECT_EQ(verdict([](auto&, auto&, std::uint32_t) { return 65536U + 8; }),
              AllocatorError::bad_pointer);
    EXPECT_EQ(verdict([](auto& memory, auto& allocator, std::uint32_t address) {
                  EXPECT_TRUE(allocator.free(*memory, address));
                  return address;  // twice
              }),
              AllocatorError::bad_pointer);
    EXPECT_EQ(verdict([](auto& memory, auto&, std::uint32_t address) {
                  memory.write_header(address, (std::uint64_t{1} << 32) | 23);
                  return address;
              }),
              AllocatorError::corrupt_header);
    EXPECT_EQ(verdict([](auto& memory, auto&, std::uint32_t address) {
                  memory.write_header(address, (std::uint64_t{1} << 32) | 5);
                  return address;  // frees more than was ever taken
              }),
              AllocatorError::accounting);
}

TEST(Allocator, notices_a_free_list_that_was_overwritten) {
    TestMemory memory(1, 1);
    Allocator allocator(0);
    const std::uint32_t a = *allocator.allocate(*memory, 8);
    EXPECT_TRUE(allocator.free(*memory, a));
    memory.write_header(a, 0xfffffff0);  // next block lies outside
    EXPECT_TRUE(allocator.allocate(*memory, 8));
    EXPECT_EQ(allocator.allocate(*memory, 8).error(), AllocatorError::corrupt_header);
}

// Whatever the order of calls: blocks never overlap, are aligned, and lie inside of the memory.
TEST(Allocator, keeps_blocks_apart_under_random_use) {
    TestMemory memory(1, 64);
    Allocator allocator(100);
    Prng random(Seed{});
    std::map<std::uint32_t, std::uint32_t> live;
    for (int step = 0; step < 20'000; ++step) {
        if (!live.empty() && random.below(2) == 0) {
            auto chosen = live.lower_bound(static_cast<std::uint32_t>(random.below(1 << 22)));
            chosen = chosen == live.end() ? live.begin() : chosen;
            ASSERT_TRUE(allocator.free(*memory, chosen->first));
            live.erase(chosen);
            continue;
        }
        const auto size = static_cast<std::uint32_t>(random.below(600));
        const auto address = allocator.allocate(*memory, size);
        ASSERT_TRUE(address);
        ASSERT_EQ(*address % 8, 0U);
        ASSERT_LE(std::size_t{*address} + size, memory.pages() * kPageBytes);
        const auto next = live.upper_bound(*address);
        ASSERT_TRUE(next == live.end() || *address + size + 8 <= next->first);
        ASSERT_TRUE(next == live.begin() ||
                    std::prev(next)->first + std::prev(next)->second + 8 <= *address);
        live.emplace(*address, size);
    }
}

}  // namespace
}  // namespace stipple::executor
