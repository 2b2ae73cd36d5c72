#include "state/trie/range_proof.hpp"

#include "base/prng.hpp"
#include "state/trie/memory_state.hpp"

#include <gtest/gtest.h>

namespace stipple::state {
namespace {

Bytes child_key_of(std::string_view name) {
    return child_root_key(TrieId{to_bytes(name)});
}

/// Keys that begin alike, some of them prefixes of others; values short, long and very long.
MemoryState::Pairs some_pairs(Prng& random, std::size_t count) {
    MemoryState::Pairs pairs;
    for (std::size_t n = 0; n < count; ++n) {
        Bytes key = random.bytes(random.below(3));
        for (std::uint64_t more = random.below(4); more > 0; --more) {
            key.push_back(static_cast<std::uint8_t>(random.below(3) * 8));
        }
        pairs[key] = random.bytes(random.chance(1, 20) ? 3000 : random.below(50));
    }
    return pairs;
}

MemoryState some_state(Prng& random) {
    std::map<TrieId, MemoryState::Pairs> children;
    children[TrieId{{'a'}}] = some_pairs(random, 150);
    children[TrieId{{'b'}}] = some_pairs(random, 5);
    children[TrieId{{'c'}}] = children[TrieId{{'a'}}];
    children[TrieId{{'d'}}] = {{Bytes{}, Bytes{1}}};
    children[TrieId{{'e'}}] = children[TrieId{{'d'}}];
    const auto version = random.chance(1, 2) ? StateVersion::v0 : StateVersion::v1;
    return {some_pairs(random, random.below(400)), std::move(children), version};
}

using Contents = std::map<TrieId, std::map<Bytes, StoredValue>>;

Contents contents(const MemoryState& state) {
    Contents all;
    for (const auto& [trie, changes] : state.as_difference().tries) {
        for (const auto& [key, value] : changes.values) {
            all[trie][to_bytes(key)] = value->stored();
        }
    }
    return all;
}

void take(Contents& all, const StateRange& range) {
    for (const auto& trie : range.tries) {
        for (const auto& [key, value] : trie.values) {
            all[trie.trie].insert_or_assign(key, value);
        }
    }
    for (const auto& [trie, same] : range.same) {
        all[trie] = all[same];
    }
}

TEST(RangeProof, gives_the_whole_state_in_ranges_of_any_size) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        Prng random(Seed{seed});
        const MemoryState state = some_state(random);
        const StateRoot root = *state.root(TrieId::main());
        for (const std::size_t bytes : {0U, 1U, 700U, 5000U, 1U << 20}) {
            Contents found;
            RangePosition at;
            std::size_t ranges = 0;
            do {
                const auto proof = prove_range(state, at, bytes);
                ASSERT_TRUE(proof && *proof);
                const auto range = check_range_proof(**proof, root, at);
                ASSERT_TRUE(range) << describe(range.error()) << " seed " << seed << " " << bytes;
                take(found, *range);
                for (const auto& trie : range->tries) {
                    for (const auto& [path, branch] : trie.branches) {
                        ASSERT_EQ(*state.branch(trie.trie, path), branch);
                    }
                }
                at = range->next;
                ASSERT_LT(++ranges, 3000U);
            } while (!at.empty());
            ASSERT_EQ(found, contents(state)) << "seed " << seed << " bytes " << bytes;
            EXPECT_TRUE(bytes > 5000 ? ranges == 1 : ranges > 1) << ranges;
        }
    }
}

TEST(RangeProof, shows_every_branch_that_a_store_keeps) {
    Prng random(Seed{77});
    const MemoryState state = some_state(random);
    std::map<TrieId, std::map<NibblePath, Bytes>> found;
    for (RangePosition at;;) {
        const auto proof = prove_range(state, at, 2000);
        const auto range = check_range_proof(**proof, *state.root(TrieId::main()), at);
        ASSERT_TRUE(range);
        for (const auto& trie : range->tries) {
            found[trie.trie].insert(trie.branches.begin(), trie.branches.end());
        }
        for (const auto& [trie, same] : range->same) {
            found[trie] = found[same];
        }
        at = range->next;
        if (range->complete()) {
            break;
        }
    }
    for (const auto& [trie, changes] : state.as_difference().tries) {
        for (const auto& [path, branch] : changes.nodes) {
            EXPECT_EQ(found[trie][to_bytes(path)], to_bytes(*branch));
        }
        EXPECT_EQ(found[trie].size(), changes.nodes.size());
    }
}

TEST(RangeProof, begins_behind_keys_that_are_not_there) {
    Prng random(Seed{5});
    const MemoryState state = some_state(random);
    const auto all = contents(state);
    for (int n = 0; n < 200; ++n) {
        const RangePosition at{random.bytes(random.below(4))};
        const auto proof = prove_range(state, at, 300);
        const auto range = check_range_proof(**proof, *state.root(TrieId::main()), at);
        ASSERT_TRUE(range) << describe(range.error());
        auto expected = all.at(TrieId::main()).upper_bound(at.front());
        for (const auto& [key, value] : range->tries.front().values) {
            ASSERT_EQ(key, expected->first);
            ASSERT_EQ(value, expected->second);
            ++expected;
        }
        EXPECT_EQ(range->complete(), expected == all.at(TrieId::main()).end());
    }
}

TEST(RangeProof, of_an_empty_state_is_complete_at_once) {
    const MemoryState state;
    const auto proof = prove_range(state, {}, 1000);
    const auto range = check_range_proof(**proof, empty_trie_root(), {});
    ASSERT_TRUE(range) << describe(range.error());
    EXPECT_TRUE(range->complete());
    EXPECT_EQ(range->key_count(), 0U);
}

TEST(RangeProof, refuses_positions_that_the_state_does_not_have) {
    Prng random(Seed{6});
    const MemoryState state = some_state(random);
    EXPECT_FALSE(*prove_range(state, {Bytes{1}, Bytes{2}, Bytes{3}}, 100));
    EXPECT_FALSE(*prove_range(state, {child_key_of("z"), Bytes{2}}, 100));
    EXPECT_FALSE(*prove_range(state, {Bytes{1}, Bytes{2}}, 100));
    EXPECT_FALSE(*read_range(state, {child_key_of("z"), Bytes{2}}, 100));
    const auto proof = prove_range(state, {}, 1 << 20);
    const auto wrong =
        check_range_proof(**proof, *state.root(TrieId::main()), {child_key_of("z"), Bytes{2}});
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error(), RangeProofError::bad_position);
}

TEST(RangeProof, that_was_tampered_with_shows_nothing_false) {
    Prng random(Seed{7});
    const MemoryState state = some_state(random);
    const StateRoot root = *state.root(TrieId::main());
    const auto all = contents(state);
    const auto proof = prove_range(state, {}, 4000);
    int refused = 0;
    for (int n = 0; n < 300; ++n) {
        Proof bad = **proof;
        Bytes& item = bad[random.below(bad.size())];
        if (random.chance(1, 4) || item.empty()) {
            bad.erase(bad.begin() + static_cast<std::ptrdiff_t>(random.below(bad.size())));
        } else {
            item[random.below(item.size())] ^= static_cast<std::uint8_t>(1 + random.below(255));
        }
        const auto range = check_range_proof(bad, root, {});
        refused += range ? 0 : 1;
        for (const auto& trie : range ? range->tries : std::vector<RangeTrie>{}) {
            for (const auto& [key, value] : trie.values) {
                ASSERT_EQ(all.at(trie.trie).at(key), value);
            }
        }
    }
    EXPECT_GT(refused, 290);
}

TEST(RangeProof, without_proof_has_the_same_entries) {
    Prng random(Seed{8});
    const MemoryState state = some_state(random);
    const auto range = read_range(state, {}, 1 << 20);
    ASSERT_TRUE(range && *range);
    Contents found;
    take(found, **range);
    auto expected = contents(state);
    expected.erase(TrieId{{'c'}});  // the same root as another
    expected.erase(TrieId{{'e'}});
    EXPECT_EQ(found, expected);
    EXPECT_TRUE((*range)->tries.front().complete);

    const auto part = read_range(state, {child_key_of("a"), Bytes{}}, 10);
    ASSERT_TRUE(part && *part);
    EXPECT_FALSE((*part)->tries[1].complete);
    EXPECT_EQ((*part)->tries[1].values.size(), 1U);
}

}  // namespace
}  // namespace stipple::state
