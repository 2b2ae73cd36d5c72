#include "executor/allocator.hpp"

#include "base/result.hpp"
#include "executor/limits.hpp"

#include <bit>

namespace stipple::executor {
namespace {

constexpr std::uint32_t kBlockMin = 8;
constexpr std::uint64_t kUsed = std::uint64_t{1} << 32;

static_assert(std::endian::native == std::endian::little, "headers are copied as they are");

std::uint64_t load_header(const GuestMemory& memory, std::uint32_t at) {
    std::uint64_t raw = 0;
    std::memcpy(&raw, memory.data + at, sizeof raw);
    return raw;
}
void store_header(GuestMemory& memory, std::uint32_t at, std::uint64_t raw) {
    std::memcpy(memory.data + at, &raw, sizeof raw);
}

}  // namespace

const char* describe(AllocatorError error) {
    switch (error) {
        case AllocatorError::too_large:
            return "requested allocation size is too large";
        case AllocatorError::out_of_space:
            return "allocator ran out of space";
        case AllocatorError::bad_pointer:
            return "invalid pointer for deallocation";
        case AllocatorError::corrupt_header:
            return "allocation header is corrupt";
        case AllocatorError::accounting:
            return "underflow of the currently allocated bytes count";
        case AllocatorError::poisoned:
            return "the allocator has been poisoned";
    }
    return "";
}

Allocator::Allocator(std::uint32_t heap_base) : bump_((heap_base + 7U) & ~7U) {
    free_.fill(kNil);
}

std::expected<std::uint32_t, AllocatorError> Allocator::allocate(GuestMemory& memory,
                                                                 std::uint32_t size) {
    if (poisoned_) {
        return std::unexpected(AllocatorError::poisoned);
    }
    poisoned_ = true;  // until the end is reached
    if (size > kAllocationMax) {
        return std::unexpected(AllocatorError::too_large);
    }
    const std::uint32_t block = std::bit_ceil(std::max(size, kBlockMin));
    const auto order =
        static_cast<std::uint32_t>(std::countr_zero(block) - std::countr_zero(kBlockMin));
    TRY_ASSIGN(const std::uint32_t header, take_block(memory, order));
    store_header(memory, header, kUsed | order);
    allocated_ += block + kHeaderBytes;
    poisoned_ = false;
    return header + kHeaderBytes;
}

std::expected<std::uint32_t, AllocatorError> Allocator::take_block(GuestMemory& memory,
                                                                   std::uint32_t order) {
    const std::uint32_t block = kBlockMin << order;
    const std::uint32_t header = free_[order];
    if (header == kNil) {
        return take_bump(memory, block + kHeaderBytes);
    }
    if (!memory.holds(header, std::uint64_t{block} + kHeaderBytes)) {
        return std::unexpected(AllocatorError::corrupt_header);
    }
    const std::uint64_t raw = load_header(memory, header);
    if ((raw & kUsed) != 0) {
        return std::unexpected(AllocatorError::corrupt_header);
    }
    free_[order] = static_cast<std::uint32_t>(raw);
    return header;
}

std::expected<std::uint32_t, AllocatorError> Allocator::take_bump(GuestMemory& memory,
                                                                  std::uint32_t bytes) {
    const std::uint64_t required = std::uint64_t{bump_} + bytes;
    if (required > memory.size) {
        const std::uint64_t required_pages = (required + kPageBytes - 1) / kPageBytes;
        const std::uint64_t pages = memory.size / kPageBytes;
        if (pages >= memory.pages_max || required_pages > memory.pages_max) {
            return std::unexpected(AllocatorError::out_of_space);
        }
        // Doubling keeps growth rare; it is visible to the runtime as memory.size.
        const std::uint64_t wanted =
            std::max(std::min(pages * 2, std::uint64_t{memory.pages_max}), required_pages);
        if (memory.grow == nullptr ||
            !memory.grow(memory, static_cast<std::uint32_t>(wanted - pages))) {
            return std::unexpected(AllocatorError::out_of_space);
        }
    }
    const std::uint32_t header = bump_;
    bump_ = static_cast<std::uint32_t>(required);
    return header;
}

std::expected<void, AllocatorError> Allocator::free(GuestMemory& memory, std::uint32_t address) {
    if (poisoned_) {
        return std::unexpected(AllocatorError::poisoned);
    }
    auto released = release(memory, address);
    poisoned_ = !released;
    return released;
}

std::expected<void, AllocatorError> Allocator::release(GuestMemory& memory, std::uint32_t address) {
    if (address < kHeaderBytes) {
        return std::unexpected(AllocatorError::bad_pointer);
    }
    const std::uint32_t header = address - kHeaderBytes;
    if (!memory.holds(header, kHeaderBytes)) {
        return std::unexpected(AllocatorError::bad_pointer);
    }
    const std::uint64_t raw = load_header(memory, header);
    if ((raw & kUsed) == 0) {
        return std::unexpected(AllocatorError::bad_pointer);
    }
    const auto order = static_cast<std::uint32_t>(raw);
    if (order >= kOrders) {
        return std::unexpected(AllocatorError::corrupt_header);
    }
    store_header(memory, header, free_[order]);
    free_[order] = header;
    const std::uint32_t bytes = (kBlockMin << order) + kHeaderBytes;
    if (allocated_ < bytes) {
        return std::unexpected(AllocatorError::accounting);
    }
    allocated_ -= bytes;
    return {};
}

}  // namespace stipple::executor
