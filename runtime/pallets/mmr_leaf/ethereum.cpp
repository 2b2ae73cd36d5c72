// The second coordinate of a compressed point is a square root modulo the prime of secp256k1,
// p = 2^256 - 2^32 - 977. Since p is 3 modulo 4, the root of a is a^((p+1)/4), where there is one.
// (The host recovers keys from signatures, but does not decompress them.)
#include "pallets/mmr_leaf/ethereum.hpp"

#include <algorithm>

namespace stipple::runtime {

namespace {
/// A number below 2^256, lowest limb first.
using Number = std::array<std::uint64_t, 4>;

constexpr std::uint64_t kComplement = 0x1'0000'03d1;  // 2^256 - p
constexpr std::uint64_t kOnes = ~std::uint64_t{0};
constexpr Number kPrime{kOnes - kComplement + 1, kOnes, kOnes, kOnes};

bool below(const Number& a, const Number& b) {
    return std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend());
}
/// Adds `small` to the limbs from one on; what is carried out of the highest.
std::uint64_t add_small(Number& a, std::uint64_t small, std::size_t from = 0) {
    std::uint64_t carry = small;
    for (std::size_t i = from; i < a.size(); ++i) {
        const uint128 sum = static_cast<uint128>(a[i]) + carry;
        a[i] = static_cast<std::uint64_t>(sum);
        carry = static_cast<std::uint64_t>(sum >> 64);
    }
    return carry;
}
void subtract_prime(Number& a) {
    // a - p = a + 2^256 - p, without the carry.
    add_small(a, kComplement);
}

/// (a * b) mod p. REQUIRES both below p.
Number multiply(const Number& a, const Number& b) {
    std::array<std::uint64_t, 8> wide{};
    for (std::size_t i = 0; i < 4; ++i) {
        std::uint64_t carry = 0;
        for (std::size_t j = 0; j < 4; ++j) {
            const uint128 sum = static_cast<uint128>(a[i]) * b[j] + wide[i + j] + carry;
            wide[i + j] = static_cast<std::uint64_t>(sum);
            carry = static_cast<std::uint64_t>(sum >> 64);
        }
        wide[i + 4] = carry;
    }
    // 2^256 is 2^256 - p modulo p: the high half counts so often in the low half.
    Number out{};
    uint128 carry = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        carry += static_cast<uint128>(wide[i + 4]) * kComplement + wide[i];
        out[i] = static_cast<std::uint64_t>(carry);
        carry >>= 64;
    }
    const uint128 again = carry * kComplement;  // below 2^67
    const std::uint64_t over = add_small(out, static_cast<std::uint64_t>(again)) +
                               add_small(out, static_cast<std::uint64_t>(again >> 64), 1);
    if (over != 0) {
        add_small(out, kComplement);
    }
    if (!below(out, kPrime)) {
        subtract_prime(out);
    }
    return out;
}
Number square(Number a, int times) {
    for (int i = 0; i < times; ++i) {
        a = multiply(a, a);
    }
    return a;
}

/// a^((p+1)/4): the exponent in binary is 223 ones, 0, 22 ones, 0000, 11, 00.
Number root(const Number& a) {
    const Number x2 = multiply(square(a, 1), a);  // xN: the exponent is N ones
    const Number x3 = multiply(square(x2, 1), a);
    const Number x6 = multiply(square(x3, 3), x3);
    const Number x9 = multiply(square(x6, 3), x3);
    const Number x11 = multiply(square(x9, 2), x2);
    const Number x22 = multiply(square(x11, 11), x11);
    const Number x44 = multiply(square(x22, 22), x22);
    const Number x88 = multiply(square(x44, 44), x44);
    const Number x176 = multiply(square(x88, 88), x88);
    const Number x220 = multiply(square(x176, 44), x44);
    const Number x223 = multiply(square(x220, 3), x3);
    const Number with_22 = multiply(square(x223, 23), x22);
    return square(multiply(square(with_22, 6), x2), 2);
}

Number read(ByteView big_endian) {
    Number out{};
    for (std::size_t i = 0; i < 32; ++i) {
        out[3 - i / 8] = out[3 - i / 8] << 8 | big_endian[i];
    }
    return out;
}
void write(Bytes& out, const Number& value) {
    for (std::size_t i = 0; i < 32; ++i) {
        out.push_back(static_cast<std::uint8_t>(value[3 - i / 8] >> (56 - i % 8 * 8)));
    }
}
}  // namespace

Bytes ethereum_address(const crypto::EcdsaPublic& key) {
    const bool odd = key.bytes[0] == 3;
    const Number x = read(key.view().subspan(1));
    if ((key.bytes[0] != 2 && !odd) || !below(x, kPrime)) {
        return {};
    }
    Number square_of_y = multiply(square(x, 1), x);
    if (add_small(square_of_y, 7) != 0 || !below(square_of_y, kPrime)) {
        subtract_prime(square_of_y);
    }
    Number y = root(square_of_y);
    if (square(y, 1) != square_of_y) {
        return {};
    }
    if ((y[0] & 1) != (odd ? 1 : 0)) {
        // p - y, limb by limb: p has ones everywhere but in its lowest limb. y is not 0, as no
        // point of this curve has it.
        std::uint64_t borrow = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            const uint128 difference = static_cast<uint128>(kPrime[i]) - y[i] - borrow;
            y[i] = static_cast<std::uint64_t>(difference);
            borrow = static_cast<std::uint64_t>(difference >> 64) & 1;
        }
    }
    Bytes point;
    write(point, x);
    write(point, y);
    return to_bytes(host::keccak_256(point).view().subspan(12));
}

}  // namespace stipple::runtime
