#include "kit/storage_buffer.hpp"

#include "base/prng.hpp"
#include "kit/native_host.hpp"
#include "kit/raw_host.hpp"
#include "kit/storage.hpp"

#include <gtest/gtest.h>

namespace stipple::runtime {
namespace {

Bytes key_of(std::uint64_t number) {
    Bytes key(32, 0x11);
    scale::encode_to(key, number);
    return key;
}
/// As the host itself has it, whatever waits.
std::optional<Bytes> on_host(const Bytes& key) {
    Bytes value(200);
    const auto size = raw_host::read(key, value);
    value.resize(size.value_or(0));
    return size ? std::optional(value) : std::nullopt;
}
Bytes list_of(std::initializer_list<std::uint8_t> items) {
    return scale::encode(std::vector<std::uint8_t>(items));
}

class StorageBufferTest : public testing::Test {
 protected:
    void SetUp() override { native_host::reset(); }
};

TEST_F(StorageBufferTest, writes_wait_for_the_end_of_the_call) {
    host::set(key_of(1), Bytes{1, 2});
    host::clear(key_of(2));
    host::append(key_of(3), Bytes{7});
    EXPECT_EQ(host::get(key_of(1)), (Bytes{1, 2}));
    EXPECT_TRUE(host::exists(key_of(3)));
    EXPECT_EQ(on_host(key_of(1)), std::nullopt);
    EXPECT_EQ(on_host(key_of(3)), std::nullopt);
    host::end_call();
    EXPECT_EQ(on_host(key_of(1)), (Bytes{1, 2}));
    EXPECT_EQ(on_host(key_of(3)), list_of({7}));
}

TEST_F(StorageBufferTest, a_sequence_is_whole_when_it_is_read) {
    host::set(key_of(1), list_of({1}));
    host::append(key_of(1), Bytes{2});
    host::append(key_of(1), Bytes{3});
    EXPECT_EQ(host::first_bytes(key_of(1), 1), (Bytes{3 << 2}));
    host::append(key_of(1), Bytes{4});
    EXPECT_EQ(host::get(key_of(1)), list_of({1, 2, 3, 4}));
    host::append(key_of(1), Bytes{5});
    host::set(key_of(1), list_of({9}));
    host::append(key_of(1), Bytes{6});
    EXPECT_EQ(host::get(key_of(1)), list_of({9, 6}));
}

TEST_F(StorageBufferTest, a_layer_that_is_undone_leaves_no_trace_at_the_host) {
    host::set(key_of(1), Bytes{1});
    host::append(key_of(2), Bytes{1});
    host::start_transaction();
    host::set(key_of(1), Bytes{2});
    host::append(key_of(2), Bytes{2});
    host::rollback_transaction();
    EXPECT_EQ(host::get(key_of(1)), Bytes{1});
    EXPECT_EQ(host::get(key_of(2)), list_of({1}));
}

TEST_F(StorageBufferTest, layers_that_the_host_had_to_see_are_undone_there) {
    host::set(key_of(1), Bytes{1});
    host::start_transaction();
    host::set(key_of(1), Bytes{2});
    host::start_transaction();
    host::set(key_of(1), Bytes{3});
    EXPECT_EQ(host::next_key(Bytes{}), key_of(1));
    EXPECT_EQ(on_host(key_of(1)), Bytes{3});
    host::set(key_of(1), Bytes{4});
    host::rollback_transaction();
    EXPECT_EQ(host::get(key_of(1)), Bytes{2});
    EXPECT_EQ(on_host(key_of(1)), Bytes{2});
    host::rollback_transaction();
    EXPECT_EQ(host::get(key_of(1)), Bytes{1});
    EXPECT_EQ(native_host::open_layers(), 0U);
}

TEST_F(StorageBufferTest, an_entry_is_undone_again_in_the_layer_around_an_undone_one) {
    host::set(key_of(1), Bytes{1});
    host::start_transaction();
    host::start_transaction();
    host::set(key_of(1), Bytes{2});
    host::rollback_transaction();
    host::set(key_of(1), Bytes{3});
    host::rollback_transaction();
    EXPECT_EQ(host::get(key_of(1)), Bytes{1});
}

/// The same steps over a map with whole copies for layers, many keys, long values and all that
/// makes the buffer settle.
class Model {
 public:
    using Pairs = std::map<Bytes, Bytes, ByteLess>;
    void start() { layers_.push_back(pairs_); }
    void end(bool commit) {
        if (!commit) {
            pairs_ = layers_.back();
        }
        layers_.pop_back();
    }
    bool is_open() const { return !layers_.empty(); }
    Pairs& pairs() { return pairs_; }

 private:
    Pairs pairs_;
    std::vector<Pairs> layers_;
};

void append_to_list(Model::Pairs& pairs, const Bytes& key, std::uint8_t item) {
    auto list = scale::decode<Bytes>(pairs[key]).value_or(Bytes{});
    list.push_back(item);
    pairs[key] = scale::encode(list);
}

void step(Prng& prng, Model& model) {
    const bool many = prng.chance(1, 2);
    const Bytes key = key_of(prng.below(many ? 400 : 4));
    const Bytes list = key_of(1000 + prng.below(2));
    switch (prng.below(14)) {
        case 0:
        case 1:
            model.start();
            return host::start_transaction();
        case 2:
        case 3:
            if (model.is_open()) {
                const bool commit = prng.chance(1, 2);
                model.end(commit);
                commit ? host::commit_transaction() : host::rollback_transaction();
            }
            return;
        case 4:
            model.pairs().erase(key);
            return host::clear(key);
        case 5: {
            const auto item = static_cast<std::uint8_t>(prng.below(256));
            append_to_list(model.pairs(), list, item);
            return host::append(list, Bytes{item});
        }
        case 6:
            if (prng.chance(1, 8)) {
                model.pairs().erase(list);
                host::clear(list);
            }
            return;
        case 7:
            if (prng.chance(1, 10)) {
                const auto above = model.pairs().upper_bound(key);
                EXPECT_EQ(host::next_key(key), above == model.pairs().end()
                                                   ? std::nullopt
                                                   : std::optional(above->first));
            }
            return;
        case 8:
            if (prng.chance(1, 40)) {
                model.pairs().clear();
                host::clear_prefix(Bytes(32, 0x11), std::nullopt);
            }
            return;
        default: {
            const Bytes value = prng.bytes(prng.chance(1, 20) ? 150 : prng.below(145));
            model.pairs().insert_or_assign(key, value);
            return host::set(key, value);
        }
    }
}

TEST_F(StorageBufferTest, answers_as_a_map_does_over_a_random_walk) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        native_host::reset();
        Prng prng(Seed{seed});
        Model model;
        for (int i = 0; i < 1500; ++i) {
            step(prng, model);
            const Bytes key = prng.chance(1, 8) ? key_of(1000) : key_of(prng.below(400));
            const auto known = model.pairs().find(key);
            ASSERT_EQ(host::exists(key), known != model.pairs().end()) << seed << ", " << i;
            ASSERT_EQ(host::get(key),
                      known == model.pairs().end() ? std::nullopt : std::optional(known->second))
                << seed << ", " << i;
        }
        while (model.is_open()) {
            model.end(true);
            host::commit_transaction();
        }
        ASSERT_EQ(native_host::storage(), model.pairs()) << seed;
    }
}

}  // namespace
}  // namespace stipple::runtime
