// memcpy and its kin for wasm32, eight bytes at a time.
//
// Wasm loads and stores at any address, so nothing has to be aligned first, as the C library's
// versions do; its memcmp even goes byte by byte. Keys and values of storage are short: simple
// loops win.
#include <cstddef>
#include <cstdint>

namespace {
/// A word at any address.
struct [[gnu::packed, gnu::may_alias]] Word {
    std::uint64_t bits;
};
constexpr std::size_t kWord = sizeof(Word);
std::uint64_t word_at(const std::uint8_t* from) {
    return reinterpret_cast<const Word*>(from)->bits;
}
void put_word(std::uint8_t* to, std::uint64_t bits) {
    reinterpret_cast<Word*>(to)->bits = bits;
}
}  // namespace

// The compiler must not see these loops as calls of the functions they define.
extern "C" {
[[clang::no_builtin]] void* memcpy(void* to, const void* from, std::size_t size) {
    auto* out = static_cast<std::uint8_t*>(to);
    const auto* in = static_cast<const std::uint8_t*>(from);
    for (; size >= kWord; size -= kWord, in += kWord, out += kWord) {
        put_word(out, word_at(in));
    }
    for (; size > 0; --size) {
        *out++ = *in++;
    }
    return to;
}

[[clang::no_builtin]] void* memmove(void* to, const void* from, std::size_t size) {
    auto* out = static_cast<std::uint8_t*>(to);
    const auto* in = static_cast<const std::uint8_t*>(from);
    if (out <= in || out >= in + size) {
        return memcpy(to, from, size);
    }
    for (; size >= kWord; size -= kWord) {
        put_word(out + size - kWord, word_at(in + size - kWord));
    }
    for (; size > 0; --size) {
        out[size - 1] = in[size - 1];
    }
    return to;
}

[[clang::no_builtin]] void* memset(void* to, int value, std::size_t size) {
    auto* out = static_cast<std::uint8_t*>(to);
    const auto byte = static_cast<std::uint8_t>(value);
    const std::uint64_t word = byte * 0x0101010101010101ULL;
    for (; size >= kWord; size -= kWord, out += kWord) {
        put_word(out, word);
    }
    for (; size > 0; --size) {
        *out++ = byte;
    }
    return to;
}

[[clang::no_builtin]] int memcmp(const void* left, const void* right, std::size_t size) {
    const auto* a = static_cast<const std::uint8_t*>(left);
    const auto* b = static_cast<const std::uint8_t*>(right);
    for (; size >= kWord && word_at(a) == word_at(b); size -= kWord) {
        a += kWord;
        b += kWord;
    }
    for (; size > 0; --size, ++a, ++b) {
        if (*a != *b) {
            return *a < *b ? -1 : 1;
        }
    }
    return 0;
}
}
