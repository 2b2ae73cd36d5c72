#include "state/overlay/overlay.hpp"

#include "base/prng.hpp"
#include "scale/codec.hpp"
#include "state/trie/memory_state.hpp"
#include "state/trie/trie.hpp"
#include "tests/support/counting_reader.hpp"

#include <gtest/gtest.h>

namespace stipple::state {
namespace {

const TrieId kMain = TrieId::main();
const TrieId kChild{to_bytes("child")};

MemoryState some_state() {
    return MemoryState({{to_bytes("a1"), Bytes{1}},
                        {to_bytes("a2"), Bytes{2}},
                        {to_bytes("a3"), Bytes{3}},
                        {to_bytes("b1"), Bytes{4}}},
                       {{kChild, {{to_bytes("k1"), Bytes{5}}, {to_bytes("k2"), Bytes{6}}}}},
                       StateVersion::v1);
}

std::optional<Bytes> read(Overlay& overlay, const TrieId& trie, std::string_view key) {
    return overlay.get(trie, as_bytes(key)).value();
}

std::optional<std::string> next(Overlay& overlay, const TrieId& trie, std::string_view key) {
    const auto found = overlay.next_key(trie, as_bytes(key)).value();
    return found ? std::optional(std::string(as_text(*found))) : std::nullopt;
}

TEST(Overlay, reads_through_and_sees_its_own_writes) {
    const MemoryState below = some_state();
    Overlay overlay(below);
    EXPECT_EQ(read(overlay, kMain, "a1"), Bytes{1});
    EXPECT_EQ(read(overlay, kMain, "zz"), std::nullopt);
    overlay.set(kMain, as_bytes("a1"), Bytes{});
    EXPECT_EQ(read(overlay, kMain, "a1"), Bytes{});  // an empty value is a value
    overlay.set(kMain, as_bytes("a1"), std::nullopt);
    EXPECT_FALSE(overlay.exists(kMain, as_bytes("a1")).value());
    EXPECT_EQ(read(overlay, kChild, "k1"), Bytes{5});
    EXPECT_EQ(read(overlay, TrieId{to_bytes("absent")}, "k1"), std::nullopt);
}

TEST(Overlay, walks_keys_of_both_layers_in_order) {
    const MemoryState below = some_state();
    Overlay overlay(below);
    overlay.set(kMain, as_bytes("a2"), std::nullopt);
    overlay.set(kMain, as_bytes("a25"), Bytes{9});
    overlay.set(kMain, as_bytes("c"), Bytes{9});
    EXPECT_EQ(next(overlay, kMain, ""), ":child_storage:default:child");
    EXPECT_EQ(next(overlay, kMain, "a1"), "a25");
    EXPECT_EQ(next(overlay, kMain, "a25"), "a3");
    EXPECT_EQ(next(overlay, kMain, "b1"), "c");
    EXPECT_EQ(next(overlay, kMain, "c"), std::nullopt);
    EXPECT_EQ(next(overlay, kChild, "k1"), "k2");
}

TEST(Overlay, a_walk_sees_a_key_again_after_its_removal_is_rolled_back) {
    const MemoryState below = some_state();
    Overlay overlay(below);
    overlay.start_transaction();
    overlay.set(kMain, as_bytes("a2"), std::nullopt);
    EXPECT_EQ(next(overlay, kMain, "a1"), "a3");
    ASSERT_TRUE(overlay.rollback_transaction());
    EXPECT_EQ(next(overlay, kMain, "a1"), "a2");
}

TEST(Overlay, refuses_writes_to_child_storage_keys) {
    const MemoryState below = some_state();
    Overlay overlay(below);
    const StateRoot before = overlay.root(StateVersion::v1).value();
    overlay.set(kMain, as_bytes(":child_storage:default:child"), Bytes(32, 1));
    overlay.set(kMain, as_bytes(":child_storage:x"), Bytes(32, 1));
    for (const char* prefix : {"", ":", ":chi", ":child_storage:", ":child_storage:def"}) {
        const auto count = overlay.clear_prefix(kMain, as_bytes(prefix), std::nullopt).value();
        EXPECT_TRUE(count.all_removed);
        EXPECT_EQ(count.loops, 0U);
    }
    EXPECT_EQ(overlay.root(StateVersion::v1).value(), before);
    EXPECT_EQ(before, below.root(kMain).value());
}

TEST(Overlay, counts_visited_keys_of_the_state_below) {
    const MemoryState below = some_state();
    Overlay overlay(below);
    overlay.set(kMain, as_bytes("a11"), Bytes{1});     // only here: removed, never counted
    overlay.set(kMain, as_bytes("a1"), std::nullopt);  // gone already: visited all the same
    overlay.set(kMain, as_bytes("a2"), Bytes{7});      // in both
    auto count = overlay.clear_prefix(kMain, as_bytes("a"), 2).value();
    EXPECT_FALSE(count.all_removed);
    EXPECT_EQ(count.backend, 2U);
    EXPECT_EQ(count.loops, 2U);
    EXPECT_EQ(count.unique, 2U);  // a11 and a2
    EXPECT_EQ(count.cursor, to_bytes("a3"));
    // Without a cursor the walk begins at the same first key again.
    count = overlay.clear_prefix(kMain, as_bytes("a"), 2).value();
    EXPECT_FALSE(count.all_removed);
    EXPECT_EQ(count.unique, 0U);
    EXPECT_EQ(read(overlay, kMain, "a3"), Bytes{3});
    count = overlay.clear_prefix(kMain, as_bytes("a"), 2, to_bytes("a3")).value();
    EXPECT_TRUE(count.all_removed);
    EXPECT_EQ(count.backend, 1U);
    EXPECT_EQ(read(overlay, kMain, "a3"), std::nullopt);
    EXPECT_EQ(read(overlay, kMain, "b1"), Bytes{4});
}

TEST(Overlay, a_limit_of_zero_visits_nothing_but_removes_written_keys) {
    const MemoryState below = some_state();
    Overlay overlay(below);
    overlay.set(kMain, as_bytes("a9"), Bytes{1});
    const auto count = overlay.clear_prefix(kMain, as_bytes("a"), 0).value();
    EXPECT_FALSE(count.all_removed);
    EXPECT_EQ(count.backend, 0U);
    EXPECT_EQ(read(overlay, kMain, "a9"), std::nullopt);
    EXPECT_EQ(read(overlay, kMain, "a1"), Bytes{1});
}

TEST(Overlay, tells_a_mass_deletion_as_a_range_when_it_was_not_taken_back) {
    MemoryState::Pairs many;
    for (std::uint32_t n = 0; n < 5000; ++n) {
        Bytes key = to_bytes("k");
        append_be(key, n);
        many[key] = Bytes{1};
    }
    const MemoryState below(many, {}, StateVersion::v1);
    Overlay whole(below);
    ASSERT_TRUE(whole.clear_prefix(kMain, as_bytes("k"), std::nullopt));
    const auto cleared = whole.difference(StateVersion::v1).value();
    ASSERT_EQ(cleared.tries.at(kMain).cleared.size(), 1U);
    EXPECT_EQ(cleared.tries.at(kMain).cleared[0].keys, 5000U);
    EXPECT_EQ(cleared.root, empty_trie_root());
    Overlay partly(below);
    ASSERT_TRUE(partly.clear_prefix(kMain, as_bytes("k"), std::nullopt));
    partly.set(kMain, as_bytes("k7"), Bytes{2});
    const auto kept = partly.difference(StateVersion::v1).value();
    EXPECT_EQ(kept.tries.at(kMain).values.size(), 5001U);
    Overlay back(below);
    back.start_transaction();
    ASSERT_TRUE(back.clear_prefix(kMain, as_bytes("k"), std::nullopt));
    ASSERT_TRUE(back.rollback_transaction());
    back.set(kMain, as_bytes("other"), Bytes{2});
    EXPECT_EQ(back.difference(StateVersion::v1).value().tries.at(kMain).values.size(), 1U);
}

TEST(Overlay, a_killed_child_loses_its_entry_in_the_main_trie) {
    const MemoryState below = some_state();
    Overlay overlay(below);
    EXPECT_TRUE(overlay.clear_prefix(kChild, {}, std::nullopt).value().all_removed);
    EXPECT_EQ(overlay.child_root(kChild, StateVersion::v1).value(), empty_trie_root());
    const MemoryState expected({{to_bytes("a1"), Bytes{1}},
                                {to_bytes("a2"), Bytes{2}},
                                {to_bytes("a3"), Bytes{3}},
                                {to_bytes("b1"), Bytes{4}}},
                               {}, StateVersion::v1);
    EXPECT_EQ(overlay.root(StateVersion::v1).value(), expected.root(kMain).value());
    MemoryState after = below;
    after.apply(overlay.difference(StateVersion::v1).value());
    EXPECT_EQ(after.root(kMain).value(), expected.root(kMain).value());
    EXPECT_EQ(after.root(kChild).value(), empty_trie_root());
}

TEST(Overlay, a_child_rolled_back_leaves_no_trace_in_a_root_computed_before) {
    const MemoryState below = some_state();
    Overlay overlay(below);
    const TrieId other{to_bytes("other")};
    overlay.start_transaction();
    overlay.set(other, as_bytes("k"), Bytes{1});
    EXPECT_NE(overlay.root(StateVersion::v1).value(), below.root(kMain).value());
    ASSERT_TRUE(overlay.rollback_transaction());
    EXPECT_EQ(overlay.root(StateVersion::v1).value(), below.root(kMain).value());
    EXPECT_TRUE(overlay.difference(StateVersion::v1).value().tries.empty());
}

TEST(Overlay, appends_to_a_list_and_grows_its_count) {
    const MemoryState below;
    Overlay overlay(below);
    std::vector<std::uint32_t> expected;
    for (std::uint32_t i = 0; i < 20'000; ++i) {
        Bytes item;
        append_le(item, i);
        ASSERT_TRUE(overlay.append(kMain, as_bytes("list"), item));
        expected.push_back(i);
    }
    EXPECT_EQ(read(overlay, kMain, "list"), scale::encode(expected));
}

TEST(Overlay, an_append_to_something_else_than_a_list_begins_a_list) {
    const MemoryState below;
    Overlay overlay(below);
    const Bytes not_minimal = {0x01, 0x00, 0xaa};
    const Bytes full = {0x03, 0xff, 0xff, 0xff, 0xff};
    for (const Bytes& old : {Bytes{}, not_minimal, full}) {
        overlay.set(kMain, as_bytes("list"), old);
        ASSERT_TRUE(overlay.append(kMain, as_bytes("list"), Bytes{7}));
        EXPECT_EQ(read(overlay, kMain, "list"), (Bytes{4, 7}));
    }
}

TEST(Overlay, an_append_rolls_back_across_a_wider_count) {
    const Bytes sixty_three = scale::encode(Bytes(63, 1));
    const MemoryState below({{to_bytes("list"), sixty_three}}, {}, StateVersion::v1);
    Overlay overlay(below);
    overlay.start_transaction();
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(overlay.append(kMain, as_bytes("list"), Bytes{2}));
    }
    overlay.start_transaction();
    ASSERT_TRUE(overlay.append(kMain, as_bytes("list"), Bytes{3}));
    overlay.set(kMain, as_bytes("list"), Bytes{0});
    ASSERT_TRUE(overlay.append(kMain, as_bytes("list"), Bytes{9}));
    EXPECT_EQ(read(overlay, kMain, "list"), (Bytes{4, 9}));
    ASSERT_TRUE(overlay.rollback_transaction());
    EXPECT_EQ(read(overlay, kMain, "list")->size(), 2U + 68U);
    ASSERT_TRUE(overlay.rollback_transaction());
    EXPECT_EQ(read(overlay, kMain, "list"), sixty_three);
}

TEST(Overlay, a_block_does_not_pay_for_the_code_beside_its_keys) {
    const std::size_t code_bytes = 100'000;
    const MemoryState below({{to_bytes(kCodeKey), Bytes(code_bytes, 7)}, {Bytes{1}, Bytes{2}}}, {},
                            StateVersion::v1);
    const CountingReader counting(below);
    Overlay overlay(counting);
    overlay.set(kMain, as_bytes(":extrinsic_index"), Bytes{0});
    overlay.set(kMain, as_bytes(":extrinsic_index"), std::nullopt);
    overlay.set(kMain, Bytes{1}, Bytes{3});
    const MemoryState after({{to_bytes(kCodeKey), Bytes(code_bytes, 7)}, {Bytes{1}, Bytes{3}}}, {},
                            StateVersion::v1);
    EXPECT_EQ(overlay.root(StateVersion::v1).value(), after.root(kMain).value());
    EXPECT_EQ(counting.value_bytes, 0U);
    // A root in between moves the leaf; its value is hashed once, however many roots follow.
    for (std::uint8_t i = 0; i < 3; ++i) {
        overlay.set(kMain, as_bytes(":extrinsic_index"), Bytes{i});
        EXPECT_NE(overlay.root(StateVersion::v1).value(), after.root(kMain).value());
    }
    EXPECT_EQ(counting.value_bytes, code_bytes);
}

TEST(Overlay, says_when_no_transaction_is_open) {
    const MemoryState below;
    Overlay overlay(below);
    EXPECT_FALSE(overlay.rollback_transaction());
    EXPECT_FALSE(overlay.commit_transaction());
    overlay.start_transaction();
    overlay.start_transaction();
    overlay.rollback_to(0);
    EXPECT_EQ(overlay.open_transactions(), 0U);
}

TEST(Overlay, a_rewrite_of_an_equal_value_may_change_the_root_under_version_1) {
    const Bytes value(40, 1);
    const MemoryState below({{to_bytes("k"), value}}, {}, StateVersion::v0);
    Overlay overlay(below);
    overlay.set(kMain, as_bytes("k"), value);
    EXPECT_EQ(overlay.root(StateVersion::v0).value(), below.root(kMain).value());
    EXPECT_NE(overlay.root(StateVersion::v1).value(), below.root(kMain).value());
}

// ---- a model: every layer of transactions is a copy of plain maps ----

struct Layer {
    std::map<TrieId, std::map<Bytes, std::optional<Bytes>>> writes;
    OffchainChanges offchain;
};

class Model {
 public:
    explicit Model(std::map<TrieId, MemoryState::Pairs> base) : base_(std::move(base)) {}

    std::map<Bytes, Bytes> view(const TrieId& trie) {
        std::map<Bytes, Bytes> out(base_[trie].begin(), base_[trie].end());
        for (const auto& [key, value] : top().writes[trie]) {
            if (value) {
                out[key] = *value;
            } else {
                out.erase(key);
            }
        }
        return out;
    }
    RemovalCount clear(const TrieId& trie, const Bytes& prefix,
                       std::optional<std::uint32_t> limit) {
        RemovalCount count;
        auto& writes = top().writes[trie];
        for (auto& [key, value] : writes) {
            if (starts_with(key, prefix) && value) {
                value.reset();
                ++count.unique;
            }
        }
        for (const auto& [key, value] : base_[trie]) {
            if (!starts_with(key, prefix)) {
                continue;
            }
            if (limit && count.loops == *limit) {
                count.all_removed = false;
                break;
            }
            const auto found = writes.find(key);
            if (found == writes.end() || found->second) {
                writes[key] = std::nullopt;
                ++count.unique;
            }
            ++count.loops;
        }
        return count;
    }
    StateRoot root(StateVersion version) {
        std::map<Bytes, StoredValue, ByteLess> main = formed(kMain, version);
        for (const auto& [id, writes] : top().writes) {
            if (id.is_main() || writes.empty()) {
                continue;
            }
            const auto values = formed(id, version);
            if (values.empty()) {
                main.erase(child_root_key(id));
            } else {
                main[child_root_key(id)] = {to_bytes(root_of(values)), ValueForm::inline_bytes};
            }
        }
        return root_of(main);
    }
    Layer& top() { return layers_.back(); }
    std::vector<Layer>& layers() { return layers_; }

 private:
    std::map<Bytes, StoredValue, ByteLess> formed(const TrieId& trie, StateVersion version) {
        std::map<Bytes, StoredValue, ByteLess> out;
        for (const auto& [key, value] : view(trie)) {
            const bool written = top().writes[trie].contains(key);
            out[key] = {value, trie::form_of_new(value, written ? version : StateVersion::v0)};
        }
        return out;
    }
    static StateRoot root_of(const std::map<Bytes, StoredValue, ByteLess>& values) {
        std::vector<trie::KeyValue> pairs;
        std::vector<ValueForm> forms;
        for (const auto& [key, value] : values) {
            pairs.push_back({key, value.bytes});
            forms.push_back(value.form);
        }
        return trie::build_with_forms(pairs, forms).root;
    }

    std::map<TrieId, MemoryState::Pairs> base_;
    std::vector<Layer> layers_{1};
};

Bytes random_key(Prng& prng) {
    Bytes key(prng.below(4));
    for (auto& byte : key) {
        byte = static_cast<std::uint8_t>(0x70 + prng.below(3));
    }
    return key;
}

Bytes random_value(Prng& prng) {
    if (prng.chance(1, 3)) {  // a list, at times just below a wider count
        return scale::encode(Bytes(prng.chance(1, 2) ? 62 : prng.below(4), 7));
    }
    return prng.bytes(prng.below(45));
}

void model_append(std::map<Bytes, Bytes> view, Layer& layer, const TrieId& trie, const Bytes& key,
                  std::uint8_t item) {
    auto list = view.contains(key) ? scale::decode_prefix<scale::Compact<std::uint32_t>>(view[key])
                                   : std::unexpected(scale::DecodeError::end_of_input);
    Bytes out;
    if (list) {
        Bytes old_count;
        scale::encode_compact(old_count, list->value);
        scale::encode_compact(out, list->value + 1);
        append(out, ByteView(view[key]).subspan(old_count.size()));
    } else {
        scale::encode_compact(out, 1);
    }
    out.push_back(item);
    layer.writes[trie][key] = out;
}

class OverlayModel : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(OverlayModel, agrees_with_copies_of_maps_at_every_step) {
    Prng prng(Seed{GetParam()});
    std::map<TrieId, MemoryState::Pairs> base;
    const TrieId tries[] = {kMain, kChild, TrieId{to_bytes("other")}};
    for (int i = 0; i < 20; ++i) {
        base[tries[prng.below(2)]].insert_or_assign(random_key(prng), random_value(prng));
    }
    const MemoryState below(base[kMain], {{kChild, base[kChild]}}, StateVersion::v0);
    if (!base[kChild].empty()) {
        base[kMain][child_root_key(kChild)] = to_bytes(below.root(kChild).value());
    }
    Model model(base);
    Overlay overlay(below);
    for (int step = 0; step < 4000; ++step) {
        SCOPED_TRACE(step);
        const TrieId& trie = tries[prng.below(3)];
        const Bytes key = random_key(prng);
        switch (prng.below(14)) {
            case 0:
            case 1: {
                const Bytes value = random_value(prng);
                overlay.set(trie, key, value);
                model.top().writes[trie][key] = value;
                break;
            }
            case 2:
                overlay.set(trie, key, std::nullopt);
                model.top().writes[trie][key] = std::nullopt;
                break;
            case 3:
            case 4: {
                const auto item = static_cast<std::uint8_t>(prng.below(256));
                ASSERT_TRUE(overlay.append(trie, key, Bytes{item}));
                model_append(model.view(trie), model.top(), trie, key, item);
                break;
            }
            case 5:
                overlay.start_transaction();
                model.layers().push_back(Layer(model.top()));
                break;
            case 6:
            case 7: {
                const bool open = model.layers().size() > 1;
                if (prng.chance(1, 2)) {
                    ASSERT_EQ(overlay.rollback_transaction(), open);
                } else {
                    ASSERT_EQ(overlay.commit_transaction(), open);
                    if (open) {
                        model.layers()[model.layers().size() - 2] = model.top();
                    }
                }
                if (open) {
                    model.layers().pop_back();
                }
                break;
            }
            case 8: {
                if (key.empty() || prng.chance(1, 2)) {
                    break;
                }
                const auto limit = prng.chance(1, 2)
                                       ? std::optional(static_cast<std::uint32_t>(prng.below(4)))
                                       : std::nullopt;
                const auto count = overlay.clear_prefix(trie, key, limit).value();
                const auto expected = model.clear(trie, key, limit);
                ASSERT_EQ(count.all_removed, expected.all_removed);
                ASSERT_EQ(count.loops, expected.loops);
                ASSERT_EQ(count.unique, expected.unique);
                break;
            }
            case 9:
                overlay.set_offchain_index(key, Bytes{static_cast<std::uint8_t>(step)});
                model.top().offchain[key] = Bytes{static_cast<std::uint8_t>(step)};
                break;
            case 10: {
                const auto view = model.view(trie);
                const auto above = view.upper_bound(key);
                ASSERT_EQ(overlay.next_key(trie, key).value(),
                          above == view.end() ? std::nullopt : std::optional(above->first));
                break;
            }
            case 11:
                if (prng.chance(1, 8)) {
                    ASSERT_EQ(overlay.root(StateVersion::v1).value(), model.root(StateVersion::v1));
                }
                break;
            default: {
                const auto view = model.view(trie);
                const auto found = view.find(key);
                ASSERT_EQ(overlay.get(trie, key).value(),
                          found == view.end() ? std::nullopt : std::optional(found->second));
                break;
            }
        }
    }
    while (overlay.commit_transaction()) {
        model.layers()[model.layers().size() - 2] = model.top();
        model.layers().pop_back();
    }
    const StateRoot expected = model.root(StateVersion::v1);
    EXPECT_EQ(overlay.root(StateVersion::v1).value(), expected);
    const Difference difference = overlay.difference(StateVersion::v1).value();
    EXPECT_EQ(difference.offchain, model.top().offchain);
    MemoryState after = below;
    after.apply(difference);
    EXPECT_EQ(after.root(kMain).value(), expected);
}

INSTANTIATE_TEST_SUITE_P(Seeds, OverlayModel, ::testing::Range<std::uint64_t>(1, 13));

}  // namespace
}  // namespace stipple::state
