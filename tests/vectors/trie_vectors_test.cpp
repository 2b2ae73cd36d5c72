// Tries against known answers: the field's own library, real genesis blocks, published fixtures.
#include "base/prng.hpp"
#include "crypto/hash.hpp"
#include "scale/codec.hpp"
#include "state/trie/memory_state.hpp"
#include "state/trie/proof.hpp"
#include "state/trie/trie.hpp"
#include "tests/support/shared_data.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <fstream>
#include <set>

namespace stipple::state {
namespace {

using Pairs = MemoryState::Pairs;
using testing::hex_of;

StateRoot root_of(const Pairs& pairs, StateVersion version) {
    std::vector<trie::KeyValue> views;
    for (const auto& [key, value] : pairs) {
        views.push_back({key, value});
    }
    return trie::root_of_sorted(views, version);
}

Pairs pairs_of(const boost::json::value& list) {
    Pairs pairs;
    for (const auto& pair : list.as_array()) {
        pairs.insert_or_assign(hex_of(pair.at(0)), hex_of(pair.at(1)));
    }
    return pairs;
}

Difference main_difference(TrieDifference&& changes) {
    Difference difference;
    difference.root = changes.root;
    difference.tries.emplace(TrieId::main(), std::move(changes));
    return difference;
}

TEST(TrieVectors, roots_equal_those_of_the_field) {
    const auto data = testing::read_json(testing::vector_path("tries.json"));
    std::size_t seen = 0;
    for (const auto& row : data.at("roots").as_array()) {
        SCOPED_TRACE(std::string(row.at("name").as_string()));
        const Pairs pairs = pairs_of(row.at("pairs"));
        EXPECT_EQ(to_hex0x(root_of(pairs, StateVersion::v0)), row.at("root_v0").as_string());
        EXPECT_EQ(to_hex0x(root_of(pairs, StateVersion::v1)), row.at("root_v1").as_string());
        ++seen;
    }
    EXPECT_EQ(seen, 24U);
}

TEST(TrieVectors, ordered_roots_equal_those_of_the_field) {
    const auto data = testing::read_json(testing::vector_path("tries.json"));
    for (const auto& row : data.at("ordered").as_array()) {
        std::vector<Bytes> items;
        for (const auto& item : row.at("items").as_array()) {
            items.push_back(hex_of(item));
        }
        EXPECT_EQ(to_hex0x(trie::ordered_root(items, StateVersion::v0)),
                  row.at("ordered_root_v0").as_string());
        EXPECT_EQ(to_hex0x(trie::ordered_root(items, StateVersion::v1)),
                  row.at("ordered_root_v1").as_string());
    }
}

TEST(TrieVectors, removing_all_but_the_first_half_leaves_the_root_of_the_field) {
    const auto data = testing::read_json(testing::vector_path("tries.json"));
    std::size_t seen = 0;
    for (const auto& row : data.at("roots").as_array()) {
        const auto* expected =
            row.as_object().if_contains("root_v1_after_removing_all_but_the_first_half");
        if (expected == nullptr) {
            continue;
        }
        SCOPED_TRACE(std::string(row.at("name").as_string()));
        const Pairs pairs = pairs_of(row.at("pairs"));
        const MemoryState before(pairs, {}, StateVersion::v1);
        trie::ValueWrites writes;
        auto at = std::next(pairs.begin(), static_cast<std::ptrdiff_t>(pairs.size() / 2));
        for (; at != pairs.end(); ++at) {
            writes.emplace(at->first, trie::ValueWrite{});
        }
        const auto after = trie::update(before, TrieId::main(), writes, StateVersion::v1);
        ASSERT_TRUE(after) << after.error().message();
        EXPECT_EQ(to_hex0x(after->root), expected->as_string());
        ++seen;
    }
    EXPECT_GT(seen, 10U);
}

class Fixture : public ::testing::TestWithParam<const char*> {};

// The fixtures name pairs but no roots: what they show is that the order of writing does not
// matter.
TEST_P(Fixture, gives_one_root_however_it_is_written) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, std::string("trie/") + GetParam());
    const bool hex = std::string_view(GetParam()).starts_with("hex") ||
                     std::string_view(GetParam()).starts_with("10000");
    const YAML::Node file = YAML::LoadFile(path.string());
    std::vector<std::pair<Bytes, Bytes>> pairs;
    for (std::size_t i = 0; i < file["keys"].size(); ++i) {
        const auto key = file["keys"][i].as<std::string>();
        const auto value = file["values"][i].as<std::string>();
        pairs.emplace_back(hex ? from_hex(key).value() : to_bytes(key), to_bytes(value));
    }
    ASSERT_FALSE(pairs.empty());
    for (const StateVersion version : {StateVersion::v0, StateVersion::v1}) {
        const Pairs all(pairs.begin(), pairs.end());
        const StateRoot expected = root_of(all, version);
        MemoryState state;
        Prng prng(Seed{7});
        for (std::size_t i = 0; i < pairs.size();) {
            trie::ValueWrites writes;
            for (std::size_t n = prng.below(40) + 1; n > 0 && i < pairs.size(); --n, ++i) {
                writes.emplace(pairs[i].first, trie::ValueWrite{all.at(pairs[i].first)});
            }
            auto changes = trie::update(state, TrieId::main(), writes, version);
            ASSERT_TRUE(changes) << changes.error().message();
            state.apply(main_difference(*std::move(changes)));
        }
        EXPECT_EQ(state.root(TrieId::main()).value(), expected);
        // Everything away again leaves the empty trie.
        trie::ValueWrites removals;
        for (const auto& [key, value] : all) {
            removals.emplace(key, trie::ValueWrite{});
        }
        const auto empty = trie::update(state, TrieId::main(), removals, version);
        ASSERT_TRUE(empty);
        EXPECT_EQ(empty->root, empty_trie_root());
    }
}

INSTANTIATE_TEST_SUITE_P(PublishedPairs, Fixture,
                         ::testing::Values("10000_node.yaml", "1c1.yaml", "hex_1c1.yaml",
                                           "hex_limit.yaml", "hex_long.yaml", "pk_branch.yaml",
                                           "pk_branch2.yaml", "random_state_80.yaml", "scv.yaml"));

struct Genesis {
    const char* spec;
    StateVersion version;
    const char* root;  ///< null: only the hash of the genesis header is known
    const char* block_hash;
};

class GenesisOf : public ::testing::TestWithParam<Genesis> {};

Bytes genesis_header(const StateRoot& root) {
    Bytes header(32);
    header.push_back(0);  // number
    append(header, root);
    append(header, empty_trie_root());
    header.push_back(0);  // digest
    return header;
}

TEST_P(GenesisOf, has_the_known_state_root_and_hash) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, std::string("chain-specs/") + GetParam().spec);
    const auto spec = testing::read_json(path);
    const auto& raw = spec.at("genesis").at("raw").as_object();
    Pairs top;
    for (const auto& [key, value] : raw.at("top").as_object()) {
        top.emplace(from_hex(std::string_view(key)).value(), hex_of(value));
    }
    const MemoryState state(std::move(top), {}, GetParam().version);
    const StateRoot root = state.root(TrieId::main()).value();
    if (GetParam().root != nullptr) {
        EXPECT_EQ(to_hex(root), GetParam().root);
    }
    EXPECT_EQ(to_hex(crypto::blake2b_256(genesis_header(root))), GetParam().block_hash);
}

INSTANTIATE_TEST_SUITE_P(
    Chains, GenesisOf,
    ::testing::Values(Genesis{"westend.json", StateVersion::v0,
                              "7e92439a94f79671f9cade9dff96a094519b9001a7432244d46ab644bb6f746f",
                              "e143f23803ac50e8f6f8e62695d1ce9e4e1d68aa36c1cd2cfd15340213f3423e"},
                      Genesis{"paseo.json", StateVersion::v0,
                              "2b2a8395a8ec27c54d322d3a6602152da0e3bd0c8f4c01f17a572a44a8e36ab6",
                              "77afd6190f1554ad45fd0d31aee62aacc33c6db0ea801129acb813f913e0764f"},
                      Genesis{"westend-local-0.9.32.json", StateVersion::v0,
                              "05bc21d67b3709bc7d11ccdc25bab60fb810ae48029d5fe18dcda7665b7ddb1e",
                              "b6d36a6766363567d2a385c8b5f9bd93b223b8f42e54aa830270edcf375f4d63"},
                      Genesis{"rococo-dev-1.14.json", StateVersion::v1,
                              "877cae3663b780566d0313f1ee81c8e0cdf07762918bbc907793af6b98bc09af",
                              "c81df6f5b2871fa630d7056055dc6922ec5cd19c328f216e6d9ec797c99c1f25"},
                      Genesis{"rococo-local-bulk-1.15.json", StateVersion::v1, nullptr,
                              "7d29038ac90e6a4b404502595d4ddce763a8116c9675653e6b66157c1750043b"},
                      Genesis{"rococo-local-timeout-1.15.json", StateVersion::v1, nullptr,
                              "302c9879604be9c17f6bc367adbab91bcaeb5751f8a1d9f868b7e0e51485a55b"}));

// ---- proofs of real nodes ----

Proof proof_of(ByteView encoded) {
    return scale::decode<std::vector<Bytes>>(encoded).value();
}

class KnownProof : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(KnownProof, hangs_together_from_its_root) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, std::string("trie/") + GetParam().first);
    const Proof proof = proof_of(testing::read_file(path));
    EXPECT_EQ(proof.size(), 70U);
    const StateRoot root = StateRoot::from_hex(GetParam().second).value();
    // A walk from the root meets every node: the compact form, which is made by one, keeps all.
    const auto compact = encode_compact_proof(proof, root);
    ASSERT_TRUE(compact) << describe(compact.error());
    const auto nodes = decode_compact_proof(*compact, root);
    ASSERT_TRUE(nodes) << describe(nodes.error());
    EXPECT_EQ(std::set(nodes->begin(), nodes->end()), std::set(proof.begin(), proof.end()));
}

INSTANTIATE_TEST_SUITE_P(
    Issue2035, KnownProof,
    ::testing::Values(
        std::pair("issue_2035_proof",
                  "f72fa98efbf23c21d162a6690a2412d0b2e3d2e769cab46a7eb6004138ebeda7"),
        std::pair("issue_2035_bis_proof",
                  "f119f9b4d26ca952df2698c929da6b8877a53e9f649f2c3fd3dcc391771dfb62"),
        std::pair("issue_2035_ter_proof",
                  "293aa6e077dbe7090ca71154dba71af3d43f61736b1a6e900cd771ac08c18e3c")));

TEST(PrefixProof, shows_exactly_the_expected_keys) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "trie/prefix-proof.json");
    const auto data = testing::read_json(path);
    Proof all;
    for (const auto& part : data.at("proofs").as_array()) {
        for (Bytes& node : proof_of(hex_of(part))) {
            all.push_back(std::move(node));
        }
    }
    std::vector<Bytes> expected;
    for (const auto& entry : data.at("expected_entries").as_array()) {
        expected.push_back(hex_of(entry));
    }
    std::sort(expected.begin(), expected.end());
    const ProofReader reader(all, StateRoot::copy(hex_of(data.at("trie_root_hash"))));
    const Bytes prefix = hex_of(data.at("prefix"));
    std::vector<Bytes> seen;
    const auto cursor = reader.keys(TrieId::main(), prefix);
    for (; cursor->valid() && starts_with(cursor->key(), prefix); cursor->next()) {
        seen.push_back(to_bytes(cursor->key()));
    }
    EXPECT_EQ(seen, expected);
}

/// Proofs that a Rust node gave of the genesis state equal ours, node for node.
TEST(ReadProof, of_the_genesis_equals_that_of_the_field) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "rococo-dev-chain/answers.jsonl");
    STIPPLE_SHARED_DATA_OR_SKIP(spec_path, "chain-specs/rococo-dev-1.14.json");
    const auto spec = testing::read_json(spec_path);
    Pairs top;
    for (const auto& [key, value] : spec.at("genesis").at("raw").at("top").as_object()) {
        top.emplace(from_hex(std::string_view(key)).value(), hex_of(value));
    }
    const MemoryState state(std::move(top), {}, StateVersion::v1);
    std::ifstream lines(path);
    std::size_t seen = 0;
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(R"({"method": "state_getReadProof")")) {
            continue;
        }
        const auto row = boost::json::parse(line);
        const auto* result = row.as_object().if_contains("result");
        if (result == nullptr || !result->is_object() ||
            result->at("at").as_string() !=
                "0xc81df6f5b2871fa630d7056055dc6922ec5cd19c328f216e6d9ec797c99c1f25") {
            continue;
        }
        std::vector<Bytes> keys;
        for (const auto& key : row.at("params").at(0).as_array()) {
            keys.push_back(hex_of(key));
        }
        std::set<Bytes> expected;
        for (const auto& node : result->at("proof").as_array()) {
            expected.insert(hex_of(node));
        }
        const auto proof = prove_keys(state, TrieId::main(), keys);
        ASSERT_TRUE(proof) << proof.error().message();
        EXPECT_EQ(std::set(proof->begin(), proof->end()), expected) << "row " << seen;
        ++seen;
    }
    EXPECT_GT(seen, 0U);
}

}  // namespace
}  // namespace stipple::state
