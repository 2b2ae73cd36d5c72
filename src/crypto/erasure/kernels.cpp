#include "crypto/erasure/kernels.hpp"

namespace stipple::crypto::erasure {

namespace {

struct Symbol {
    std::uint8_t low;
    std::uint8_t high;
};

Symbol multiply(const Multiples& c, std::uint8_t low, std::uint8_t high) {
    const std::size_t nibble[4] = {low & 0x0fu, static_cast<std::size_t>(low >> 4), high & 0x0fu,
                                   static_cast<std::size_t>(high >> 4)};
    Symbol product{0, 0};
    for (std::size_t i = 0; i < 4; ++i) {
        product.low ^= c.low[i][nibble[i]];
        product.high ^= c.high[i][nibble[i]];
    }
    return product;
}

/// Calls back with the places of the low and the high byte of each symbol.
template <class Visit>
void for_each_symbol(std::size_t bytes, Visit visit) {
    for (std::size_t block = 0; block < bytes; block += kBlockBytes) {
        for (std::size_t i = block; i < block + kBlockSymbols; ++i) {
            visit(i, i + kBlockSymbols);
        }
    }
}

void add(std::uint8_t* y, const std::uint8_t* x, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) {
        y[i] ^= x[i];
    }
}

void scale(std::uint8_t* x, const Multiples& c, std::size_t bytes) {
    for_each_symbol(bytes, [&](std::size_t low, std::size_t high) {
        const Symbol product = multiply(c, x[low], x[high]);
        x[low] = product.low;
        x[high] = product.high;
    });
}

void add_scaled(std::uint8_t* x, const std::uint8_t* y, const Multiples& c, std::size_t bytes) {
    for_each_symbol(bytes, [&](std::size_t low, std::size_t high) {
        const Symbol product = multiply(c, y[low], y[high]);
        x[low] ^= product.low;
        x[high] ^= product.high;
    });
}

void forward(std::uint8_t* x, std::uint8_t* y, const Multiples& c, std::size_t bytes) {
    add_scaled(x, y, c, bytes);
    add(y, x, bytes);
}

void inverse(std::uint8_t* x, std::uint8_t* y, const Multiples& c, std::size_t bytes) {
    add(y, x, bytes);
    add_scaled(x, y, c, bytes);
}

void to_symbols(std::uint8_t* symbols, const std::uint8_t* row, std::size_t bytes) {
    for_each_symbol(bytes, [&](std::size_t low, std::size_t high) {
        *symbols++ = row[high];
        *symbols++ = row[low];
    });
}

void from_symbols(std::uint8_t* row, const std::uint8_t* symbols, std::size_t bytes) {
    for_each_symbol(bytes, [&](std::size_t low, std::size_t high) {
        row[high] = *symbols++;
        row[low] = *symbols++;
    });
}

void gather16(std::uint8_t* rows, std::size_t row_bytes, const std::uint8_t* columns,
              std::size_t stride) {
    for (std::size_t column = 0; column < kBlockSymbols; ++column) {
        const std::uint8_t* from = columns + column * stride;
        for (std::size_t row = 0; row < 16; ++row) {
            rows[row * row_bytes + kBlockSymbols + column] = from[2 * row];
            rows[row * row_bytes + column] = from[2 * row + 1];
        }
    }
}

}  // namespace

Multiples multiples_of(Element constant) {
    const Field& field = Field::get();
    Multiples made{};
    made.is_zero = constant == 0;
    for (std::size_t nibble = 0; nibble < 4; ++nibble) {
        Element products[16] = {};
        for (std::size_t bit = 0; bit < 4; ++bit) {
            const std::size_t value = std::size_t{1} << bit;
            products[value] = field.multiply(constant, static_cast<Element>(value << (4 * nibble)));
            for (std::size_t less = 1; less < value; ++less) {
                products[value + less] = static_cast<Element>(products[value] ^ products[less]);
            }
        }
        for (std::size_t i = 0; i < 16; ++i) {
            made.low[nibble][i] = static_cast<std::uint8_t>(products[i] & 0xff);
            made.high[nibble][i] = static_cast<std::uint8_t>(products[i] >> 8);
        }
    }
    return made;
}

const Kernels& portable_kernels() {
    static constexpr Kernels kKernels = {.add = add,
                                         .scale = scale,
                                         .add_scaled = add_scaled,
                                         .forward = forward,
                                         .inverse = inverse,
                                         .to_symbols = to_symbols,
                                         .from_symbols = from_symbols,
                                         .gather16 = gather16};
    return kKernels;
}

const Kernels& best_kernels() {
    static const Kernels& best = avx2_kernels() != nullptr ? *avx2_kernels() : portable_kernels();
    return best;
}

}  // namespace stipple::crypto::erasure
