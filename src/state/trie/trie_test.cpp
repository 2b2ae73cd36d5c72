#include "state/trie/trie.hpp"

#include "base/prng.hpp"
#include "crypto/hash.hpp"
#include "scale/codec.hpp"
#include "state/trie/memory_state.hpp"
#include "state/trie/node.hpp"

#include <gtest/gtest.h>

namespace stipple::state::trie {
namespace {

using Model = std::map<Bytes, StoredValue, ByteLess>;

// ---- a second trie, as plain as it can be: what the fast ones are compared with ----

Bytes compact_bytes(ByteView bytes) {
    Bytes out;
    scale::encode_byte_string(out, bytes);
    return out;
}

Bytes plain_header(unsigned tag, std::size_t max, std::size_t count) {
    Bytes out = {static_cast<std::uint8_t>(tag | std::min(count, max))};
    if (count >= max) {
        std::size_t rest = count - max;
        for (; rest >= 255; rest -= 255) {
            out.push_back(255);
        }
        out.push_back(static_cast<std::uint8_t>(rest));
    }
    return out;
}

/// `pairs` by nibbles, all sharing the first `depth`.
Bytes plain_node(const std::map<Bytes, StoredValue>& pairs, std::size_t depth) {
    std::size_t end = pairs.begin()->first.size();
    for (const auto& [key, value] : pairs) {
        std::size_t same = 0;
        while (same < end && same < key.size() && key[same] == pairs.begin()->first[same]) {
            ++same;
        }
        end = same;
    }
    const Bytes& first = pairs.begin()->first;
    std::map<std::uint8_t, std::map<Bytes, StoredValue>> slots;
    const StoredValue* own = nullptr;
    for (const auto& [key, value] : pairs) {
        if (key.size() == end) {
            own = &value;
        } else {
            slots[key[end]].emplace(key, value);
        }
    }
    const bool hashed = own != nullptr && own->form == ValueForm::hashed;
    Bytes out;
    const std::size_t count = end - depth;
    if (slots.empty()) {
        out = hashed ? plain_header(0x20, 31, count) : plain_header(0x40, 63, count);
    } else if (hashed) {
        out = plain_header(0x10, 15, count);
    } else {
        out = plain_header(own != nullptr ? 0xc0 : 0x80, 63, count);
    }
    std::size_t at = depth;
    if (count % 2 != 0) {
        out.push_back(first[at++]);
    }
    for (; at < end; at += 2) {
        out.push_back(static_cast<std::uint8_t>(first[at] * 16 + first[at + 1]));
    }
    if (!slots.empty()) {
        unsigned bitmap = 0;
        for (const auto& [nibble, below] : slots) {
            bitmap |= 1U << nibble;
        }
        append_le(out, static_cast<std::uint16_t>(bitmap));
    }
    if (own != nullptr) {
        append(out, hashed ? to_bytes(crypto::blake2b_256(own->bytes)) : compact_bytes(own->bytes));
    }
    for (const auto& [nibble, below] : slots) {
        const Bytes child = plain_node(below, end + 1);
        append(out, child.size() < 32 ? compact_bytes(child)
                                      : compact_bytes(crypto::blake2b_256(child)));
    }
    return out;
}

StateRoot plain_root(const Model& model) {
    if (model.empty()) {
        return empty_trie_root();
    }
    std::map<Bytes, StoredValue> nibbles;
    for (const auto& [key, value] : model) {
        Bytes path;
        append_nibbles(path, key);
        nibbles.emplace(path, value);
    }
    return StateRoot(crypto::blake2b_256(plain_node(nibbles, 0)).bytes);
}

// ---- random tries ----

/// Few letters and odd lengths: many shared prefixes, keys inside keys, small nodes.
Bytes random_key(Prng& prng) {
    static constexpr std::uint8_t kLetters[] = {0x00, 0x01, 0x10, 0x11, 0x1f, 0xf0};
    Bytes key(prng.below(6));
    for (auto& byte : key) {
        byte = kLetters[prng.below(prng.chance(1, 2) ? 2 : 6)];
    }
    if (prng.chance(1, 20)) {
        key.resize(key.size() + prng.below(80), 0x11);
    }
    return key;
}

Bytes random_value(Prng& prng) {
    static constexpr std::size_t kSizes[] = {0, 1, 2, 5, 20, 31, 32, 33, 34, 70};
    return prng.bytes(kSizes[prng.below(10)]);
}

ValueWrites random_writes(Prng& prng, const Model& model) {
    ValueWrites writes;
    const std::uint64_t count = prng.chance(1, 30) ? 40 : prng.below(6);
    const bool only_removals = prng.chance(1, 10);
    for (std::uint64_t i = 0; i < count; ++i) {
        Bytes key = random_key(prng);
        if (prng.chance(1, 2)) {  // one that may be there
            const auto at = model.lower_bound(key);
            key = at == model.end() ? key : at->first;
        }
        if (only_removals || prng.chance(2, 5)) {
            writes[key] = {};
        } else if (prng.chance(1, 5) && model.contains(key)) {
            writes[key] = {model.at(key).bytes};  // an equal value: may change its form
        } else {
            writes[key] = {random_value(prng)};
        }
    }
    return writes;
}

void apply_to_model(Model& model, const ValueWrites& writes, StateVersion version) {
    for (const auto& [key, write] : writes) {
        if (write.value) {
            const bool hashed = version == StateVersion::v1 && write.value->size() >= 33;
            model[key] = {*write.value, hashed ? ValueForm::hashed : ValueForm::inline_bytes};
        } else {
            model.erase(key);
        }
    }
}

/// The difference that makes a fresh state out of the model.
TrieDifference built_from(const Model& model) {
    std::vector<KeyValue> pairs;
    std::vector<ValueForm> forms;
    for (const auto& [key, value] : model) {
        pairs.push_back({key, value.bytes});
        forms.push_back(value.form);
    }
    return build_with_forms(pairs, forms);
}

class TrieUpdate : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(TrieUpdate, equals_building_from_scratch_at_every_step) {
    Prng prng(Seed{GetParam()});
    Model model;
    MemoryState state;
    // The chain begins under version 0 and migrates in the middle of the run, lazily.
    for (int step = 0; step < 1200; ++step) {
        const StateVersion version = step < 500 ? StateVersion::v0 : StateVersion::v1;
        const ValueWrites writes = random_writes(prng, model);
        auto changes = update(state, TrieId::main(), writes, version);
        ASSERT_TRUE(changes) << changes.error().message();
        apply_to_model(model, writes, version);
        ASSERT_EQ(changes->root, plain_root(model)) << "step " << step;
        Difference difference;
        difference.root = changes->root;
        difference.tries.emplace(TrieId::main(), *std::move(changes));
        state.apply(difference);

        const TrieDifference fresh = built_from(model);
        ASSERT_EQ(fresh.root, difference.root);
        const Difference kept = state.as_difference();
        const TrieDifference& now = kept.tries.at(TrieId::main());
        ASSERT_EQ(now.values, fresh.values) << "step " << step;
        ASSERT_EQ(now.nodes, fresh.nodes) << "step " << step;
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, TrieUpdate, ::testing::Range<std::uint64_t>(1, 9));

TEST(TrieUpdate, keeps_a_long_inline_value_inline_when_only_its_place_changes) {
    const Bytes old_value(50, 7);
    MemoryState state({{Bytes{0x12, 0x34}, old_value}}, {}, StateVersion::v0);
    const ValueWrites writes = {{Bytes{0x12, 0x35}, {Bytes{1}}}};
    const auto changes = update(state, TrieId::main(), writes, StateVersion::v1);
    ASSERT_TRUE(changes);
    const Model model = {{Bytes{0x12, 0x34}, {old_value, ValueForm::inline_bytes}},
                         {Bytes{0x12, 0x35}, {Bytes{1}, ValueForm::inline_bytes}}};
    EXPECT_EQ(changes->root, plain_root(model));
}

TEST(TrieUpdate, turns_a_long_inline_value_into_a_hashed_one_when_it_is_written_again) {
    const Bytes key = {0x12};
    const Bytes value(33, 7);
    const MemoryState state({{key, value}}, {}, StateVersion::v0);
    const auto changes = update(state, TrieId::main(), {{key, {value}}}, StateVersion::v1);
    ASSERT_TRUE(changes);
    EXPECT_NE(changes->root, state.root(TrieId::main()).value());
    EXPECT_EQ(changes->values.at(key)->form, ValueForm::hashed);
}

TEST(TrieUpdate, answers_the_present_root_when_nothing_is_written) {
    const MemoryState state({{Bytes{1}, Bytes{2}}}, {}, StateVersion::v0);
    const auto changes = update(state, TrieId::main(), {}, StateVersion::v0);
    ASSERT_TRUE(changes);
    EXPECT_EQ(changes->root, state.root(TrieId::main()).value());
    EXPECT_TRUE(changes->nodes.empty());
}

TEST(TrieUpdate, lists_no_branch_whose_encoding_stays) {
    MemoryState::Pairs pairs;
    Prng prng(Seed{3});
    for (int i = 0; i < 100; ++i) {
        pairs.emplace(prng.bytes(8), prng.bytes(40));
    }
    const MemoryState state(pairs, {}, StateVersion::v1);
    const auto& [key, value] = *pairs.begin();
    const auto changes = update(state, TrieId::main(), {{key, {value}}}, StateVersion::v1);
    ASSERT_TRUE(changes);
    EXPECT_TRUE(changes->nodes.empty());
    EXPECT_EQ(changes->values.size(), 1U);
}

/// A state whose branch table lies.
class Liar final : public Reader {
 public:
    explicit Liar(const Reader& truth) : truth_(truth) {}
    Result<std::optional<StoredValue>> value(const TrieId& trie, ByteView key) const override {
        return truth_.value(trie, key);
    }
    std::unique_ptr<KeyCursor> keys(const TrieId& trie, ByteView from) const override {
        return truth_.keys(trie, from);
    }
    Result<std::optional<LentBytes>> lend_branch(const TrieId&, ByteView path) const override {
        static constexpr std::uint8_t kCut[] = {0x80};
        return path.empty() ? std::optional(LentBytes(kCut)) : std::nullopt;
    }
    Result<StateRoot> root(const TrieId& trie) const override { return truth_.root(trie); }

 private:
    const Reader& truth_;
};

TEST(TrieUpdate, names_the_path_of_a_branch_that_cannot_be_read) {
    const MemoryState state({{Bytes{1}, Bytes{2}}}, {}, StateVersion::v0);
    const auto changes =
        update(Liar(state), TrieId::main(), {{Bytes{5}, {Bytes{1}}}}, StateVersion::v0);
    ASSERT_FALSE(changes);
    EXPECT_EQ(changes.error().message(), "trie: path /: node ends too early");
}

TEST(TrieRoot, is_the_known_constant_when_empty) {
    EXPECT_EQ(to_hex(root_of_sorted({}, StateVersion::v0)),
              "03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314");
    EXPECT_EQ(empty_trie_root(), root_of_sorted({}, StateVersion::v1));
}

TEST(TrieRoot, of_a_set_larger_than_a_batch_equals_the_plain_one) {
    Prng prng(Seed{11});
    for (const StateVersion version : {StateVersion::v0, StateVersion::v1}) {
        Model model;
        while (model.size() < 3 * kHashedValueBytesMin * 100) {
            Bytes key = prng.bytes(prng.below(4) + 1);
            key[0] = static_cast<std::uint8_t>(key[0] & 0x3f);
            apply_to_model(model, {{key, {prng.bytes(prng.below(50))}}}, version);
        }
        std::vector<KeyValue> pairs;
        for (const auto& [key, value] : model) {
            pairs.push_back({key, value.bytes});
        }
        EXPECT_EQ(root_of_sorted(pairs, version), plain_root(model));
    }
}

TEST(TrieRoot, of_unsorted_pairs_takes_the_last_of_equal_keys) {
    const Bytes a = {1};
    const Bytes longer = {1, 0};
    const Bytes b = {2, 3, 4, 5, 6, 7, 8, 9, 1};
    const Bytes c = {2, 3, 4, 5, 6, 7, 8, 9, 0};
    const std::vector<KeyValue> mixed = {{b, a}, {longer, b}, {a, c}, {c, a}, {longer, a}, {{}, b}};
    const std::vector<KeyValue> sorted = {{{}, b}, {a, c}, {longer, a}, {c, a}, {b, a}};
    EXPECT_EQ(root_of_unsorted(mixed, StateVersion::v1), root_of_sorted(sorted, StateVersion::v1));
}

TEST(TrieRoot, of_thousands_of_unsorted_pairs_equals_that_of_a_sorted_map) {
    Prng prng(Seed{12});
    std::vector<std::pair<Bytes, Bytes>> input;
    for (int i = 0; i < 6000; ++i) {
        // Short keys, keys with a common head, random ones, and some of them twice.
        Bytes key = prng.chance(1, 2) ? Bytes(8, 0x77) : Bytes();
        append(key, prng.bytes(prng.below(4)));
        append(key, prng.chance(1, 2) ? prng.bytes(9) : Bytes());
        input.emplace_back(std::move(key), prng.bytes(prng.below(50)));
    }
    std::vector<KeyValue> mixed;
    std::map<Bytes, ByteView, ByteLess> map;
    for (const auto& [key, value] : input) {
        mixed.push_back({key, value});
        map.insert_or_assign(key, value);
    }
    ASSERT_LT(map.size(), mixed.size());
    std::vector<KeyValue> sorted;
    for (const auto& [key, value] : map) {
        sorted.push_back({key, value});
    }
    EXPECT_EQ(root_of_unsorted(mixed, StateVersion::v1), root_of_sorted(sorted, StateVersion::v1));
}

TEST(TrieRoot, with_keccak_differs_and_has_its_own_empty_root) {
    EXPECT_EQ(to_hex(keccak_root_of_sorted({}, StateVersion::v0)),
              to_hex(crypto::keccak_256(Bytes{0})));
    const std::vector<Bytes> items = {{1, 2, 3}};
    EXPECT_NE(keccak_ordered_root(items, StateVersion::v0), ordered_root(items, StateVersion::v0));
}

TEST(MemoryState, puts_child_roots_into_the_main_trie) {
    const TrieId child{to_bytes("child")};
    const MemoryState state({{Bytes{1}, Bytes{2}}}, {{child, {{Bytes{3}, Bytes{4}}}}},
                            StateVersion::v0);
    const auto root = state.get(child_root_key(child));
    ASSERT_TRUE(root && *root);
    EXPECT_EQ(**root, to_bytes(state.root(child).value()));
    EXPECT_EQ(state.root(TrieId{to_bytes("absent")}).value(), empty_trie_root());
}

}  // namespace
}  // namespace stipple::state::trie
