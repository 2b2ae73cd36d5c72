// The heap of a legacy runtime: a bump allocator with free lists, run by the host.
//
// Spec: sect-allocation-api (host-api.md section 0). Addresses are visible to the runtime and some
// runtimes are sensitive to them, so this is exact: blocks of 8·2ⁿ bytes (n = order, 0..22), each
// behind a header of 8 bytes, taken from the free list of the order or else from the bump pointer.
//
//     used block   | order u32 | 1 u32 | data …      free block   | next header u32 | 0 u32 | … |
//
// The lists live in the runtime's own memory, which may be corrupt: any contradiction is an error,
// and after an error the heap refuses everything (poisoned).
#pragma once

#include "base/bytes.hpp"

#include <array>
#include <expected>

namespace stipple::executor {

/// The linear memory of an instance. `data` never moves while the instance lives.
struct GuestMemory {
    std::uint8_t* data = nullptr;
    std::size_t size = 0;  ///< bytes, a multiple of the page size
    std::uint32_t pages_max = 0;
    /// Grows by this many pages and updates `size`; false when the engine refuses.
    bool (*grow)(GuestMemory& memory, std::uint32_t pages) = nullptr;
    void* owner = nullptr;  ///< for `grow`

    bool holds(std::uint64_t address, std::uint64_t length) const {
        return address + length <= size;
    }
};

enum class AllocatorError : std::uint8_t {
    too_large,       ///< more than 32 MiB at once
    out_of_space,    ///< no memory left up to pages_max
    bad_pointer,     ///< freed something that is not a used block
    corrupt_header,  ///< the runtime overwrote a header
    accounting,      ///< more freed than allocated
    poisoned,        ///< used after an error
};
const char* describe(AllocatorError error);

class Allocator {
 public:
    explicit Allocator(std::uint32_t heap_base);

    /// Address of `size` bytes (0 takes the smallest block).
    std::expected<std::uint32_t, AllocatorError> allocate(GuestMemory& memory, std::uint32_t size);
    std::expected<void, AllocatorError> free(GuestMemory& memory, std::uint32_t address);

    std::uint32_t bump() const { return bump_; }

    static constexpr std::uint32_t kAllocationMax = 32 * 1024 * 1024;
    static constexpr std::uint32_t kHeaderBytes = 8;
    static constexpr std::size_t kOrders = 23;

 private:
    static constexpr std::uint32_t kNil = UINT32_MAX;

    std::expected<std::uint32_t, AllocatorError> take_block(GuestMemory& memory,
                                                            std::uint32_t order);
    std::expected<std::uint32_t, AllocatorError> take_bump(GuestMemory& memory,
                                                           std::uint32_t bytes);
    std::expected<void, AllocatorError> release(GuestMemory& memory, std::uint32_t address);

    std::uint32_t bump_;
    std::uint32_t allocated_ = 0;  ///< bytes in use, headers included, modulo 2³²
    std::array<std::uint32_t, kOrders> free_;
    bool poisoned_ = false;
};

}  // namespace stipple::executor
