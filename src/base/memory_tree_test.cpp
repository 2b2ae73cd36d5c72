#include "base/memory_tree.hpp"

#include "base/prng.hpp"

#include <gtest/gtest.h>

#include <map>

namespace stipple {
namespace {

using Model = std::map<Bytes, Bytes, ByteLess>;

/// Keys as the columns have them, and worse: of common beginnings that are longer than a page keeps
/// and that end within a head, of zeros, of no length, and too long to lie in a page.
Bytes random_key(Prng& random) {
    constexpr std::size_t kBeginnings[] = {0, 1, 7, 33, 47, 48, 49, 70, 300};
    Bytes key(kBeginnings[random.below(std::size(kBeginnings))],
              static_cast<std::uint8_t>(random.below(3)));
    if (random.chance(1, 3)) {
        append_be(key, random.below(500));
    }
    for (std::uint64_t n = random.below(10); n > 0; --n) {
        key.push_back(static_cast<std::uint8_t>(random.chance(1, 2) ? 0 : random.below(256)));
    }
    return key;
}

Bytes random_value(Prng& random) {
    constexpr std::size_t kSizes[] = {1, 40, 40, 40, 120, 255, 300, 3000};
    return random.bytes(random.below(kSizes[random.below(std::size(kSizes))]));
}

/// Half of the time a key of the model.
Bytes some_key(Prng& random, const Model& model) {
    const Bytes key = random_key(random);
    const auto near = model.lower_bound(key);
    return near == model.end() || random.chance(1, 2) ? key : near->first;
}

void expect_row(const MemoryTree::Row& row, const Model& model, Model::const_iterator expected) {
    ASSERT_EQ(static_cast<bool>(row), expected != model.end());
    if (row) {
        ASSERT_TRUE(equal(row.key(), expected->first));
        ASSERT_TRUE(equal(row.value(), expected->second));
    }
}

void expect_answers(const MemoryTree& tree, const Model& model, const Bytes& key) {
    const auto before = [&](Model::const_iterator at) {
        return at == model.begin() ? model.end() : std::prev(at);
    };
    ASSERT_NO_FATAL_FAILURE(expect_row(tree.find(key), model, model.find(key)));
    ASSERT_NO_FATAL_FAILURE(expect_row(tree.find_from(key), model, model.lower_bound(key)));
    ASSERT_NO_FATAL_FAILURE(expect_row(tree.find_from(key, true), model, model.upper_bound(key)));
    ASSERT_NO_FATAL_FAILURE(
        expect_row(tree.find_until(ByteView(key)), model, before(model.lower_bound(key))));
    ASSERT_NO_FATAL_FAILURE(
        expect_row(tree.find_until(ByteView(key), true), model, before(model.upper_bound(key))));
}

void expect_same(const MemoryTree& tree, const Model& model) {
    auto row = tree.find_from({});
    for (auto at = model.begin(); at != model.end(); ++at) {
        ASSERT_NO_FATAL_FAILURE(expect_row(row, model, at));
        row = tree.next(row);
    }
    ASSERT_FALSE(row);
    row = tree.find_until(std::nullopt);
    for (auto at = model.rbegin(); at != model.rend(); ++at) {
        ASSERT_NO_FATAL_FAILURE(expect_row(row, model, std::prev(at.base())));
        row = tree.previous(row);
    }
    ASSERT_FALSE(row);
}

void change(Prng& random, MemoryTree& tree, Model& model, std::uint64_t puts_of_ten) {
    const Bytes key = some_key(random, model);
    if (random.below(10) < puts_of_ten) {
        const Bytes value = random_value(random);
        tree.put(key, value);
        model[key] = value;
    } else if (random.chance(1, 100)) {
        auto at = model.lower_bound(key);  // a few pages, mostly
        for (std::uint64_t n = random.below(60); n > 0 && at != model.end(); --n) {
            ++at;
        }
        const Bytes last =
            at == model.end() || random.chance(1, 8) ? some_key(random, model) : at->first;
        tree.erase_range(key, last);
        if (key < last) {
            model.erase(model.lower_bound(key), model.lower_bound(last));
        }
    } else {
        tree.erase(key);
        model.erase(key);
    }
}

/// Columns that grow, shrink and grow again while copies of them are kept.
void run(Seed seed) {
    Prng random(seed);
    MemoryTree tree;
    Model model;
    std::vector<std::pair<MemoryTree, Model>> copies;
    for (int step = 0; step < 12'000; ++step) {
        ASSERT_NO_FATAL_FAILURE(change(random, tree, model, (step / 3000) % 2 == 0 ? 8 : 2));
        ASSERT_NO_FATAL_FAILURE(expect_answers(tree, model, some_key(random, model)));
        if (random.chance(1, 100)) {
            copies.emplace_back(tree, model);
        }
        if (copies.size() > 8) {
            const auto at = random.below(copies.size());
            ASSERT_NO_FATAL_FAILURE(expect_same(copies[at].first, copies[at].second));
            if (random.chance(1, 8)) {  // back to it, as a disk after a crash
                std::tie(tree, model) = copies[at];
            }
            copies.erase(copies.begin() + static_cast<std::ptrdiff_t>(at));
        }
        if (random.chance(1, 200)) {
            ASSERT_NO_FATAL_FAILURE(expect_same(tree, model));
        }
    }
    for (const auto& [copy, then] : copies) {
        ASSERT_NO_FATAL_FAILURE(expect_same(copy, then));
    }
}

TEST(MemoryTree, is_a_map_whose_copies_never_change) {
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        ASSERT_NO_FATAL_FAILURE(run(Seed{seed}));
    }
}

Bytes number_key(std::uint64_t number) {
    Bytes key;
    append_be(key, number);
    return key;
}

TEST(MemoryTree, rows_in_order_fill_their_pages) {
    MemoryTree tree;
    for (std::uint64_t n = 0; n < 32'000; ++n) {
        tree.put(number_key(n), Bytes(8));
    }
    EXPECT_LT(tree.page_count(), 32'000 / MemoryPage::kRowsMax * 6 / 5);
}

TEST(MemoryTree, pages_of_few_rows_are_joined) {
    MemoryTree tree;
    Prng random(Seed{1});
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t n = 0; n < 20'000; ++n) {
        numbers.push_back(random.next());
        tree.put(number_key(numbers.back()), Bytes(8));
    }
    const std::size_t before = tree.page_count();
    for (std::size_t n = 0; n < numbers.size(); ++n) {
        if (n % 10 != 0) {
            tree.erase(number_key(numbers[n]));
        }
    }
    EXPECT_LT(tree.page_count(), before / 3);
    for (const std::uint64_t number : numbers) {
        tree.erase(number_key(number));
    }
    EXPECT_EQ(tree.page_count(), 0U);
}

TEST(MemoryTree, rows_of_every_size_fit) {
    MemoryTree tree;
    Model model;
    for (std::size_t size = 0; size < 1200; ++size) {  // upwards, so that pages fill up with bytes
        Bytes key(size, 5);
        append_be(key, static_cast<std::uint32_t>(size * 2'654'435'761U));
        tree.put(key, Bytes(size % 300, 6));
        model[key] = Bytes(size % 300, 6);
    }
    ASSERT_NO_FATAL_FAILURE(expect_same(tree, model));
    for (auto& [key, value] : model) {  // and every row grows out of its page
        value.resize(250);
        tree.put(key, value);
    }
    expect_same(tree, model);
}

}  // namespace
}  // namespace stipple
