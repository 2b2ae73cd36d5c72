#include "base/prng.hpp"
#include "crypto/erasure/code.hpp"
#include "crypto/hash.hpp"
#include "tests/support/shared_data.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace stipple::crypto::erasure {

namespace {

using testing::hex_of;

/// AvailableData of the vectors: a PoV and default validation data (empty head, zeros).
Bytes available_data(const Bytes& pov) {
    Bytes data;
    const auto length = static_cast<std::uint32_t>(pov.size());
    if (length < 64) {
        data.push_back(static_cast<std::uint8_t>(length << 2));
    } else if (length < (1u << 14)) {
        append_le(data, static_cast<std::uint16_t>((length << 2) | 1));
    } else {
        append_le(data, (length << 2) | 2);
    }
    append(data, pov);
    data.push_back(0);                       // parent head
    data.insert(data.end(), 4 + 32 + 4, 0);  // relay parent number, storage root, PoV size limit
    return data;
}

std::string first_text(const Bytes& chunk) {
    return chunk.size() <= 64 ? to_hex0x(chunk) : blake2b_256(chunk).hex();
}

class ErasureVectors : public ::testing::TestWithParam<const Kernels*> {};

TEST_P(ErasureVectors, chunks_and_thresholds_agree) {
    if (GetParam() == nullptr) {
        GTEST_SKIP() << "no AVX2 here";
    }
    const auto document = testing::read_json(testing::vector_path("erasure.json"));
    const auto& rows = document.at("rows").as_array();
    ASSERT_EQ(rows.size(), 119u);
    Prng prng(Seed{14});
    for (const auto& row : rows) {
        const auto validators = row.at("validators").to_number<std::size_t>();
        const Bytes data = available_data(prng.bytes(row.at("pov_bytes").to_number<std::size_t>()));
        ASSERT_EQ(blake2b_256(data).hex(), to_hex0x(hex_of(row.at("data_hash"))));
        EXPECT_EQ(recovery_threshold(validators), row.at("threshold").to_number<std::size_t>());
        EXPECT_EQ(systematic_threshold(validators),
                  row.at("systematic_threshold").to_number<std::size_t>());
        const auto code = ErasureCode::make(validators, *GetParam());
        ASSERT_TRUE(code);
        const auto chunks = code->encode(data);
        ASSERT_TRUE(chunks);
        ASSERT_EQ(chunks->size(), validators);
        EXPECT_EQ(chunks->at(0).size(), row.at("chunk_bytes").to_number<std::size_t>());
        Bytes all;
        for (const Bytes& chunk : *chunks) {
            append(all, chunk);
        }
        EXPECT_EQ(blake2b_256(all).hex(), to_hex0x(hex_of(row.at("all_chunks_hash"))))
            << validators << " validators, " << data.size() << " bytes";
        EXPECT_EQ(first_text(chunks->front()), to_hex0x(hex_of(row.at("first"))));
        EXPECT_EQ(blake2b_256(chunks->back()).hex(), to_hex0x(hex_of(row.at("last_hash"))));
    }
}

TEST_P(ErasureVectors, any_threshold_of_chunks_gives_the_data_back) {
    if (GetParam() == nullptr) {
        GTEST_SKIP() << "no AVX2 here";
    }
    Prng prng(Seed{5});
    for (const std::size_t validators : {2u, 3u, 4u, 6u, 7u, 10u, 33u, 100u, 300u, 1000u}) {
        const auto code = ErasureCode::make(validators, *GetParam());
        for (const std::size_t size : {1u, 2u, 77u, 5000u, 70000u}) {
            const Bytes data = prng.bytes(size);
            const auto chunks = code->encode(data);
            std::vector<std::size_t> order(validators);
            for (std::size_t i = 0; i < validators; ++i) {
                order[i] = i;
                std::swap(order[i], order[prng.below(i + 1)]);
            }
            std::vector<IndexedChunk> some;
            for (std::size_t i = 0; i < code->systematic_threshold(); ++i) {
                some.push_back({order[i], chunks->at(order[i])});
            }
            const auto back = code->reconstruct(some);
            ASSERT_TRUE(back) << describe(back.error());
            ASSERT_GE(back->size(), size);
            EXPECT_TRUE(equal(ByteView(*back).first(size), data)) << validators << " " << size;
            EXPECT_TRUE(std::all_of(back->begin() + static_cast<std::ptrdiff_t>(size), back->end(),
                                    [](std::uint8_t byte) { return byte == 0; }));
            some.pop_back();
            EXPECT_EQ(code->reconstruct(some).error(), ErasureError::not_enough_chunks);

            const std::vector<ByteView> all(chunks->begin(), chunks->end());
            const auto systematic = code->reconstruct_systematic(all);
            ASSERT_TRUE(systematic);
            EXPECT_EQ(*systematic, *back);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Kernels, ErasureVectors,
                         ::testing::Values(&portable_kernels(), avx2_kernels()),
                         [](const auto& about) { return about.index == 0 ? "portable" : "avx2"; });

TEST(Field, multiplication_is_associative_and_has_inverses) {
    const Field& field = Field::get();
    Prng prng(Seed{1});
    for (int i = 0; i < 1000; ++i) {
        const auto a = static_cast<Element>(prng.next());
        const auto b = static_cast<Element>(prng.next());
        const auto c = static_cast<Element>(prng.next());
        EXPECT_EQ(field.multiply(a, field.multiply(b, c)), field.multiply(field.multiply(a, b), c));
        EXPECT_EQ(field.multiply(a, static_cast<Element>(b ^ c)),
                  field.multiply(a, b) ^ field.multiply(a, c));
        if (a != 0) {
            EXPECT_EQ(field.multiply(a, field.exp(kOrder - field.log(a))), 1);
        }
    }
    EXPECT_EQ(field.multiply(1, 777), 777);
}

TEST(ErasureCode, refuses_bad_input) {
    EXPECT_EQ(recovery_threshold(0).error(), ErasureError::not_enough_validators);
    EXPECT_EQ(recovery_threshold(1).error(), ErasureError::not_enough_validators);
    EXPECT_EQ(recovery_threshold(65537).error(), ErasureError::too_many_validators);
    EXPECT_TRUE(recovery_threshold(65536));
    const auto code = ErasureCode::make(10);
    ASSERT_TRUE(code);
    EXPECT_EQ(code->encode({}).error(), ErasureError::empty_payload);
    const Bytes four(4, 1);
    const Bytes odd(3, 1);
    const auto reconstruct = [&](std::vector<IndexedChunk> chunks) {
        return code->reconstruct(chunks).error();
    };
    EXPECT_EQ(reconstruct({}), ErasureError::not_enough_chunks);
    EXPECT_EQ(reconstruct({{10, four}}), ErasureError::index_out_of_range);
    EXPECT_EQ(reconstruct({{1, odd}}), ErasureError::uneven_chunks);
    EXPECT_EQ(reconstruct({{1, four}, {2, Bytes(6, 1)}}), ErasureError::uneven_chunks);
    EXPECT_EQ(reconstruct({{1, four}, {1, four}, {1, four}, {1, four}}),
              ErasureError::not_enough_chunks)
        << "the same chunk over and over is one chunk";
    EXPECT_EQ(code->reconstruct_systematic({}).error(), ErasureError::not_enough_chunks);
}

}  // namespace

}  // namespace stipple::crypto::erasure
