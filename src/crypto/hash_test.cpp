#include "crypto/hash.hpp"

#include "base/prng.hpp"
#include "crypto/blake2b.hpp"
#include "tests/support/shared_data.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace stipple::crypto {

namespace {

TEST(Hashes, agree_with_the_rust_crates_on_the_vectors) {
    const auto rows = testing::read_json(testing::vector_path("hashes.json")).as_array();
    ASSERT_GE(rows.size(), 20u);
    Prng prng(Seed{10});  // the file leaves long inputs out: they are this generator's
    for (const auto& row : rows) {
        const Bytes input = prng.bytes(row.at("length").to_number<std::size_t>());
        const auto expect = [&](const char* name, ByteView actual) {
            EXPECT_EQ(to_hex0x(actual), std::string(row.at(name).as_string()))
                << name << " of " << input.size() << " bytes";
        };
        expect("blake2_64", blake2b_64(input));
        expect("blake2_128", blake2b_128(input));
        expect("blake2_256", blake2b_256(input));
        expect("blake2_512", blake2b_512(input));
        expect("twox_64", twox_64(input));
        expect("twox_128", twox_128(input));
        expect("twox_256", twox_256(input));
        expect("keccak_256", keccak_256(input));
        expect("keccak_512", keccak_512(input));
        expect("sha2_256", sha2_256(input));
    }
}

using HashMany = void (*)(std::span<const ByteView>, std::span<Hash256>);

void expect_hashes_like_one_by_one(HashMany hash_many) {
    Prng prng(Seed{7});
    for (std::size_t count = 0; count < 40; ++count) {
        std::vector<Bytes> owned;
        for (std::size_t i = 0; i < count; ++i) {
            // Every third message ends near a block's edge.
            const std::size_t length =
                i % 3 == 0 ? 128 * prng.below(4) + prng.below(3) : prng.below(1000);
            owned.push_back(prng.bytes(length));
        }
        const std::vector<ByteView> views(owned.begin(), owned.end());
        std::vector<Hash256> out(count);
        hash_many(views, out);
        for (std::size_t i = 0; i < count; ++i) {
            EXPECT_EQ(out[i], blake2b_256(owned[i])) << owned[i].size() << " bytes of " << count;
        }
    }
}

TEST(Blake2bMany, gives_what_one_by_one_gives_for_unequal_lengths) {
    expect_hashes_like_one_by_one(blake2b_256_many);
}

TEST(Blake2bMany, four_lanes_do_when_the_processor_has_them) {
    if (!blake2b::has_avx2()) {
        GTEST_SKIP() << "no AVX2 here";
    }
    expect_hashes_like_one_by_one(blake2b::hash_many_avx2);
}

TEST(Blake2bMany, eight_lanes_do_when_the_processor_has_them) {
    if (!blake2b::has_avx512()) {
        GTEST_SKIP() << "no AVX-512 here";
    }
    expect_hashes_like_one_by_one(blake2b::hash_many_avx512);
}

}  // namespace

}  // namespace stipple::crypto
