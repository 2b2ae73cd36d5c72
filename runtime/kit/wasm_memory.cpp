// malloc and friends over the host's allocator, and what libc++ and our own checks end in.
#include "kit/wasm_memory.hpp"

#include "base/check.hpp"
#include "kit/host.hpp"

#include <cstdint>
#include <cstring>

extern "C" {
__attribute__((import_module("env"), import_name("ext_allocator_malloc_version_1"))) void*
ext_allocator_malloc_version_1(std::uint32_t size);
__attribute__((import_module("env"), import_name("ext_allocator_free_version_1"))) void
ext_allocator_free_version_1(void* block);
}

namespace stipple::runtime::inline kit::wasm_memory {

namespace {
constexpr std::uint32_t kChunkBytes = 128 * 1024;
constexpr std::uint32_t kSmallestShift = 4;
constexpr std::uint32_t kClasses = 11;  // 16 bytes to 16 KiB
constexpr std::uint32_t kLarge = kClasses;

/// Before each block: its class, and for large ones the size.
struct alignas(8) Head {
    std::uint32_t kind;
    std::uint32_t size;
};
struct FreeBlock {
    FreeBlock* next;
};
FreeBlock* free_lists[kClasses];
std::uint8_t* chunk_at = nullptr;
std::uint32_t chunk_left = 0;

std::uint32_t class_of(std::uint32_t size) {
    const std::uint32_t bits =
        size <= 16 ? 4 : 32 - static_cast<std::uint32_t>(__builtin_clz(size - 1));
    return bits - kSmallestShift;
}
Head* head_of(void* block) {
    return static_cast<Head*>(block) - 1;
}

void* allocate(std::uint32_t size) {
    const std::uint32_t kind = class_of(size);
    if (kind >= kClasses) {
        auto* head = static_cast<Head*>(ext_allocator_malloc_version_1(size + sizeof(Head)));
        *head = {kLarge, size};
        return head + 1;
    }
    if (FreeBlock* known = free_lists[kind]) {
        free_lists[kind] = known->next;
        return known;
    }
    const std::uint32_t needed = (std::uint32_t{1} << (kind + kSmallestShift)) + sizeof(Head);
    if (chunk_left < needed) {
        chunk_at = static_cast<std::uint8_t*>(ext_allocator_malloc_version_1(kChunkBytes));
        chunk_left = kChunkBytes;
    }
    auto* head = reinterpret_cast<Head*>(chunk_at);
    *head = {kind, needed - static_cast<std::uint32_t>(sizeof(Head))};
    chunk_at += needed;
    chunk_left -= needed;
    return head + 1;
}

void release(void* block) {
    if (block == nullptr) {
        return;
    }
    Head* head = head_of(block);
    if (head->kind == kLarge) {
        ext_allocator_free_version_1(head);
        return;
    }
    auto* freed = static_cast<FreeBlock*>(block);
    freed->next = free_lists[head->kind];
    free_lists[head->kind] = freed;
}
}  // namespace

void free_host_block(void* block) {
    ext_allocator_free_version_1(block);
}

}  // namespace stipple::runtime::inline kit::wasm_memory

namespace memory = stipple::runtime::wasm_memory;

extern "C" {
void* malloc(std::size_t size) {
    return memory::allocate(size);
}
void free(void* block) {
    memory::release(block);
}
void* calloc(std::size_t count, std::size_t size) {
    void* block = memory::allocate(count * size);
    std::memset(block, 0, count * size);
    return block;
}
void* realloc(void* block, std::size_t size) {
    void* bigger = memory::allocate(size);
    if (block != nullptr) {
        const std::size_t old = memory::head_of(block)->size;
        std::memcpy(bigger, block, old < size ? old : size);
        memory::release(block);
    }
    return bigger;
}
void abort() {
    __builtin_trap();
}
}

void* operator new(std::size_t size) {
    return memory::allocate(size);
}
void* operator new[](std::size_t size) {
    return memory::allocate(size);
}
void operator delete(void* block) noexcept {
    memory::release(block);
}
void operator delete(void* block, std::size_t) noexcept {
    memory::release(block);
}
void operator delete[](void* block) noexcept {
    memory::release(block);
}
void operator delete[](void* block, std::size_t) noexcept {
    memory::release(block);
}

// libc++ ends here instead of throwing; its own version would bring stdio along.
_LIBCPP_BEGIN_NAMESPACE_STD
[[noreturn]] void __libcpp_verbose_abort(const char* format, ...) {
    stipple::runtime::host::panic(format);
}
_LIBCPP_END_NAMESPACE_STD

namespace stipple {
void check_failed(const char* condition, const char*, int) {
    std::string message("internal error: ");
    message += condition;
    runtime::host::panic(message);
}
}  // namespace stipple
