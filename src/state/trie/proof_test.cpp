#include "state/trie/proof.hpp"

#include "base/prng.hpp"
#include "crypto/hash.hpp"
#include "scale/codec.hpp"
#include "state/trie/memory_state.hpp"
#include "tests/support/shared_data.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <set>

namespace stipple::state {
namespace {

using testing::hex_of;
const TrieId kMain = TrieId::main();
const TrieId kChild{to_bytes("child")};

MemoryState random_state(Prng& prng, StateVersion version) {
    MemoryState::Pairs top;
    MemoryState::Pairs child;
    for (int i = 0; i < 300; ++i) {
        top.insert_or_assign(prng.bytes(prng.below(3) + 1), prng.bytes(prng.below(60)));
        child.insert_or_assign(prng.bytes(2), prng.bytes(prng.below(60)));
    }
    return MemoryState(top, {{kChild, child}}, version);
}

TEST(Proof, shows_values_and_absences_and_nothing_else) {
    Prng prng(Seed{5});
    for (const StateVersion version : {StateVersion::v0, StateVersion::v1}) {
        const MemoryState state = random_state(prng, version);
        const StateRoot root = state.root(kMain).value();
        for (const TrieId& trie : {kMain, kChild}) {
            for (int i = 0; i < 200; ++i) {
                const std::vector<Bytes> keys = {prng.bytes(prng.below(4)), prng.bytes(2)};
                const auto proof = prove_keys(state, trie, keys);
                ASSERT_TRUE(proof) << proof.error().message();
                const ProofReader reader(*proof, root);
                for (const Bytes& key : keys) {
                    const auto shown = reader.value(trie, key);
                    ASSERT_TRUE(shown) << shown.error().message();
                    ASSERT_EQ(*shown, state.value(trie, key).value());
                }
                // Every node is needed.
                for (std::size_t drop = 0; drop < proof->size(); ++drop) {
                    Proof less = *proof;
                    less.erase(less.begin() + static_cast<std::ptrdiff_t>(drop));
                    const ProofReader poorer(less, root);
                    ASSERT_FALSE(poorer.value(trie, keys[0]) && poorer.value(trie, keys[1]));
                }
            }
        }
    }
}

TEST(Proof, fails_as_incomplete_where_a_node_is_missing) {
    const MemoryState state({{Bytes{1}, Bytes{2}}}, {}, StateVersion::v1);
    const ProofReader reader({}, state.root(kMain).value());
    const auto shown = reader.get(Bytes{1});
    ASSERT_FALSE(shown);
    EXPECT_TRUE(shown.error().message().starts_with("incomplete proof: no node 0x"));
    const auto cursor = reader.keys(kMain, {});
    EXPECT_FALSE(cursor->valid());
    EXPECT_FALSE(cursor->status());
}

TEST(Proof, recorded_over_walks_and_updates_replays_them) {
    Prng prng(Seed{6});
    for (int round = 0; round < 60; ++round) {
        const MemoryState state = random_state(prng, StateVersion::v0);
        const ProofRecorder recorder(state);
        const TrieId& trie = round % 2 == 0 ? kMain : kChild;
        trie::ValueWrites writes;
        for (int i = 0; i < 10; ++i) {
            const Bytes key = prng.bytes(prng.below(3) + 1);
            const auto next = state.next_key(trie, key).value();
            writes[next && prng.chance(1, 2) ? *next : key] =
                prng.chance(1, 2) ? trie::ValueWrite{prng.bytes(prng.below(60))}
                                  : trie::ValueWrite{};
        }
        const Bytes from = prng.bytes(1);
        const auto work = [&](const Reader& reader) {
            std::vector<Bytes> seen;
            const auto cursor = reader.keys(trie, from);
            for (int i = 0; i < 20 && cursor->valid(); ++i, cursor->next()) {
                seen.push_back(to_bytes(cursor->key()));
                if (i % 3 == 0) {
                    seen.push_back(cursor->value().value().bytes);
                }
            }
            EXPECT_TRUE(cursor->status());
            const auto changes = trie::update(reader, trie, writes, StateVersion::v1);
            EXPECT_TRUE(changes) << changes.error().message();
            return std::pair(seen, changes ? changes->root : StateRoot{});
        };
        const auto expected = work(recorder);
        const auto proof = recorder.proof();
        ASSERT_TRUE(proof) << proof.error().message();
        const ProofReader reader(*proof, state.root(kMain).value());
        EXPECT_EQ(work(reader), expected);
        EXPECT_LT(proof->size(), 300U);
    }
}

TEST(CompactProof, gives_back_the_nodes_it_was_made_of) {
    Prng prng(Seed{7});
    for (int round = 0; round < 100; ++round) {
        const MemoryState state = random_state(prng, StateVersion::v1);
        const StateRoot root = state.root(kMain).value();
        const ProofRecorder recorder(state);
        for (int i = 0; i < 8; ++i) {
            const TrieId& trie = prng.chance(1, 2) ? kMain : kChild;
            ASSERT_TRUE(recorder.value(trie, prng.bytes(2)));
        }
        const Proof proof = recorder.proof().value();
        const auto compact = encode_compact_proof(proof, root);
        ASSERT_TRUE(compact) << describe(compact.error());
        EXPECT_LT(scale::encode(*compact).size(), scale::encode(proof).size());
        auto nodes = decode_compact_proof(*compact, root);
        ASSERT_TRUE(nodes) << describe(nodes.error());
        EXPECT_EQ(std::set(nodes->begin(), nodes->end()), std::set(proof.begin(), proof.end()));

        Proof longer = *compact;
        longer.push_back(Bytes{0x41, 0x02, 0x04, 0x01});
        EXPECT_FALSE(decode_compact_proof(longer, root));
        Proof shorter = *compact;
        shorter.pop_back();
        EXPECT_FALSE(decode_compact_proof(shorter, root));
    }
}

TEST(OmittedProof, of_the_field_is_accepted_and_a_wrong_value_is_not) {
    const auto data = testing::read_json(testing::vector_path("tries.json"));
    std::size_t seen = 0;
    for (const auto& row : data.at("roots").as_array()) {
        const auto* known = row.as_object().if_contains("proof_v1");
        if (known == nullptr) {
            continue;
        }
        SCOPED_TRACE(std::string(row.at("name").as_string()));
        MemoryState::Pairs pairs;
        for (const auto& pair : row.at("pairs").as_array()) {
            pairs.insert_or_assign(hex_of(pair.at(0)), hex_of(pair.at(1)));
        }
        Proof proof;
        std::vector<Bytes> keys;
        for (const auto& [name, list] : known->as_object()) {
            for (const auto& item : list.as_array()) {
                (name == "keys" ? keys : proof).push_back(hex_of(item));
            }
        }
        std::sort(keys.begin(), keys.end());
        std::vector<ProvenItem> items;
        for (const Bytes& key : keys) {
            const auto found = pairs.find(key);
            items.push_back({key, found == pairs.end() ? std::nullopt
                                                       : std::optional<ByteView>(found->second)});
        }
        if (proof.size() > 7) {
            continue;
        }
        // The file sorts the nodes: just one order of them is the proof.
        const StateRoot root = StateRoot::copy(hex_of(row.at("root_v1")));
        std::sort(proof.begin(), proof.end());
        std::size_t accepted = 0;
        Proof right;
        do {
            if (verify_compact_trie_proof(proof, root, items, StateVersion::v1)) {
                ++accepted;
                right = proof;
            }
        } while (std::next_permutation(proof.begin(), proof.end()));
        EXPECT_EQ(accepted, 1U);
        const Bytes wrong = {0xff};
        auto lies = items;
        lies[0].value = wrong;
        EXPECT_FALSE(verify_compact_trie_proof(right, root, lies, StateVersion::v1));
        right.push_back(Bytes{0});
        EXPECT_FALSE(verify_compact_trie_proof(right, root, items, StateVersion::v1));
        ++seen;
    }
    EXPECT_GT(seen, 10U);
}

TEST(OmittedProof, works_with_keccak) {
    // One leaf, its value left out.
    const Bytes key = {0x12};
    const Bytes value(40, 7);
    const std::vector<trie::KeyValue> pairs = {{key, value}};
    const Proof proof = {{0x42, 0x12, 0x00}};
    const std::vector<ProvenItem> items = {{key, ByteView(value)}};
    for (const StateVersion version : {StateVersion::v0, StateVersion::v1}) {
        const StateRoot root = trie::keccak_root_of_sorted(pairs, version);
        EXPECT_TRUE(verify_compact_trie_proof(proof, root, items, version, TrieHasher::keccak));
        EXPECT_FALSE(verify_compact_trie_proof(proof, root, items, version));
    }
}

TEST(Proof, of_a_real_call_links_to_its_state_root) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "host-api/validate-transaction.json");
    const auto data = testing::read_json(path);
    const auto proof = scale::decode<std::vector<Bytes>>(hex_of(data.at("callProof")));
    ASSERT_TRUE(proof);
    EXPECT_EQ(proof->size(), 32U);
    const Bytes header = hex_of(data.at("blockHeader"));
    const auto root = StateRoot::copy(ByteView(header).subspan(32 + 4, 32));
    EXPECT_EQ(root.hex().substr(0, 10), "0xeb5dddd9");
    const auto compact = encode_compact_proof(*proof, root);
    ASSERT_TRUE(compact) << describe(compact.error());
    const auto nodes = decode_compact_proof(*compact, root);
    ASSERT_TRUE(nodes);
    EXPECT_EQ(std::set(nodes->begin(), nodes->end()), std::set(proof->begin(), proof->end()));
}

}  // namespace
}  // namespace stipple::state
