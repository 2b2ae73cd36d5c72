// The erasure root of a candidate: a V0 trie of chunk index (SCALE u32) -> BLAKE2b-256 of the
// chunk.
#include "base/prng.hpp"
#include "crypto/erasure/code.hpp"
#include "crypto/hash.hpp"
#include "state/trie/trie.hpp"
#include "tests/support/shared_data.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <map>

namespace stipple {

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
    data.insert(data.end(), 1 + 4 + 32 + 4, 0);
    return data;
}

TEST(ErasureRoots, agree_with_the_vectors) {
    const auto document = testing::read_json(testing::vector_path("erasure.json"));
    Prng prng(Seed{14});
    std::size_t count = 0;
    for (const auto& row : document.at("rows").as_array()) {
        const auto validators = row.at("validators").to_number<std::size_t>();
        const Bytes data = available_data(prng.bytes(row.at("pov_bytes").to_number<std::size_t>()));
        const auto chunks = crypto::erasure::ErasureCode::make(validators)->encode(data);
        ASSERT_TRUE(chunks);
        std::map<Bytes, Bytes> leaves;
        for (std::size_t i = 0; i < chunks->size(); ++i) {
            Bytes key;
            append_le(key, static_cast<std::uint32_t>(i));
            leaves[key] = to_bytes(crypto::blake2b_256(chunks->at(i)).view());
        }
        std::vector<state::trie::KeyValue> pairs;
        for (const auto& [key, value] : leaves) {
            pairs.push_back({key, value});
        }
        EXPECT_EQ(state::trie::root_of_sorted(pairs, state::StateVersion::v0).hex(),
                  to_hex0x(hex_of(row.at("root"))));
        ++count;
    }
    EXPECT_EQ(count, 119u);
}

}  // namespace

}  // namespace stipple
