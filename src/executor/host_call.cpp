#include "executor/host_call.hpp"

#include <fmt/format.h>

#include <array>

namespace stipple::executor {
namespace {

/// Length of a SCALE compact below 2³⁰ or, in the big form, below 2³².
std::size_t compact_size(std::size_t value) {
    return value < 64 ? 1 : value < (1U << 14) ? 2 : value < (1U << 30) ? 4 : 5;
}
void write_compact(std::uint8_t* out, std::size_t value) {
    const std::size_t size = compact_size(value);
    if (size == 5) {
        out[0] = 3;
        const auto number = static_cast<std::uint32_t>(value);
        std::memcpy(out + 1, &number, sizeof number);
        return;
    }
    const std::size_t mode = size == 1 ? 0 : size == 2 ? 1 : 2;
    const auto number = static_cast<std::uint32_t>(value << 2 | mode);
    std::memcpy(out, &number, size);
}

}  // namespace

MutableByteView HostCall::bytes_at(std::uint32_t address, std::uint32_t length) {
    if (!memory.holds(address, length)) {
        trap(fmt::format("{} bytes at {:#x} are outside of the runtime's memory", length, address));
        return {};
    }
    return {memory.data + address, length};
}

MutableByteView HostCall::allocate(std::size_t length) {
    if (length > Allocator::kAllocationMax) {
        trap(describe(AllocatorError::too_large));
        return {};
    }
    const auto address = allocator.allocate(memory, static_cast<std::uint32_t>(length));
    if (!address) {
        trap(describe(address.error()));
        return {};
    }
    return bytes_at(*address, static_cast<std::uint32_t>(length));
}

GuestBytes HostCall::give(ByteView bytes) {
    const MutableByteView block = allocate(bytes.size());
    if (failed()) {
        return {};
    }
    if (!bytes.empty()) {
        std::memcpy(block.data(), bytes.data(), bytes.size());
    }
    return packed(block);
}

GuestPointer HostCall::give_fixed(ByteView bytes) {
    return {static_cast<std::uint32_t>(give(bytes).packed)};
}

GuestBytes HostCall::give_option(const std::optional<ByteView>& bytes) {
    if (!bytes) {
        const std::uint8_t none = 0;
        return give({&none, 1});
    }
    const std::size_t head = 1 + compact_size(bytes->size());
    const MutableByteView block = allocate(head + bytes->size());
    if (failed()) {
        return {};
    }
    block[0] = 1;
    write_compact(block.data() + 1, bytes->size());
    if (!bytes->empty()) {
        std::memcpy(block.data() + head, bytes->data(), bytes->size());
    }
    return packed(block);
}

GuestBytes HostCall::give_option(std::optional<std::uint32_t> value) {
    std::array<std::uint8_t, 5> out{};
    if (!value) {
        return give(ByteView(out).first(1));
    }
    out[0] = 1;
    std::memcpy(out.data() + 1, &*value, sizeof *value);
    return give(out);
}

}  // namespace stipple::executor
