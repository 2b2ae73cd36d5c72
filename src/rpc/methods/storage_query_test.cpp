#include "rpc/methods/storage_query.hpp"

#include "crypto/hash.hpp"
#include "rpc/methods/storage_diff.hpp"
#include "state/trie/memory_state.hpp"
#include "state/trie/proof.hpp"

#include <gtest/gtest.h>

namespace stipple::rpc {
namespace {

using Pairs = state::MemoryState::Pairs;

Pairs pairs_of(std::initializer_list<std::pair<std::string_view, std::string_view>> list) {
    Pairs pairs;
    for (const auto& [key, value] : list) {
        pairs[to_bytes(key)] = to_bytes(value);
    }
    return pairs;
}

ReaderPointer state_of(Pairs top, std::map<state::TrieId, Pairs> children = {}) {
    return std::make_shared<state::MemoryState>(std::move(top), std::move(children),
                                                state::StateVersion::v1);
}

/// Every step's answers, by steps.
template <class Run>
std::vector<std::vector<std::string>> run_all(Run run, std::size_t bytes_max) {
    std::vector<std::vector<std::string>> steps;
    for (bool more = true; more && steps.size() < 1000;) {
        StorageItems items;
        const auto went = run.next(items, bytes_max);
        EXPECT_TRUE(went.has_value());
        more = went.value_or(false);
        steps.push_back(std::move(items.members));
    }
    return steps;
}

std::vector<std::string> joined(const std::vector<std::vector<std::string>>& steps) {
    std::vector<std::string> all;
    for (const auto& step : steps) {
        all.insert(all.end(), step.begin(), step.end());
    }
    return all;
}

constexpr std::string_view kLong = "a value that is longer than the hash of a node, so not inline";

TEST(StorageQuery, reads_what_clients_send_and_names_what_is_wrong) {
    Params good(R"([[{"key":"0x01","type":"hash"},{"type":"descendantsValues","key":"",
                     "paginationStartKey":"0x02"}]])");
    const auto queries = storage_queries(good, "items");
    ASSERT_TRUE(queries.has_value());
    ASSERT_EQ(queries->size(), 2U);
    EXPECT_EQ((*queries)[1].start_after, "0x02");
    EXPECT_TRUE(parse_queries(*queries, true).has_value());
    EXPECT_FALSE((*parse_queries(*queries, false))[1].start_after.has_value());
    Params unknown(R"([[{"key":"0x01","type":"all"}]])");
    EXPECT_EQ(storage_queries(unknown, "items").error().code, kInvalidParams);
    EXPECT_FALSE(parse_queries({{.key = "0x0"}}, true).has_value());
    EXPECT_FALSE(parse_queries({{.key = "0x0g"}}, true).has_value());
    EXPECT_FALSE(parse_queries({{.key = "0x00", .start_after = "0x"}}, true).has_value());
    EXPECT_TRUE(parse_hex_parameter("")->empty());
}

TEST(StorageQuery, answers_values_hashes_and_descendants_in_parts) {
    const ReaderPointer state =
        state_of(pairs_of({{"a", "1"}, {"ab", "2"}, {"ac", "3"}, {"b", "4"}}), {});
    const std::vector<StorageQuery> queries = {
        {.key = to_bytes("b"), .kind = StorageQuery::Kind::value},
        {.key = to_bytes("nothing"), .kind = StorageQuery::Kind::value},
        {.key = to_bytes("a"), .kind = StorageQuery::Kind::descendants_values}};
    const std::vector<std::string> expected = {
        R"("key":"0x62","value":"0x34")", R"("key":"0x61","value":"0x31")",
        R"("key":"0x6162","value":"0x32")", R"("key":"0x6163","value":"0x33")"};
    EXPECT_EQ(run_all(StorageRun(state, {}, queries), 10'000).size(), 1U);
    const auto steps = run_all(StorageRun(state, {}, queries), 1);
    EXPECT_GT(steps.size(), 3U);
    EXPECT_EQ(joined(steps), expected);
    const std::vector<StorageQuery> rest = {{.key = to_bytes("a"),
                                             .kind = StorageQuery::Kind::descendants_hashes,
                                             .start_after = to_bytes("ab")}};
    std::string hash = R"("key":"0x6163","hash":)";
    append_json_hex(hash, crypto::blake2b_256(as_bytes("3")));
    EXPECT_EQ(joined(run_all(StorageRun(state, {}, rest), 1)), std::vector{hash});
}

TEST(StorageQuery, names_the_child_trie_it_read) {
    const ReaderPointer state =
        state_of({}, {{state::TrieId{to_bytes("c")}, pairs_of({{"k", "v"}})}});
    const std::vector<StorageQuery> queries = {{.key = to_bytes("k")}};
    EXPECT_EQ(joined(run_all(StorageRun(state, to_bytes("c"), queries), 1)),
              std::vector<std::string>{R"("key":"0x6b","value":"0x76","childTrieKey":"0x63")"});
}

TEST(ClosestMerkleValue, is_that_of_the_node_at_or_below_the_key) {
    const Pairs before = pairs_of({{"aa1", kLong}, {"aa2", kLong}, {"b", kLong}, {"c", "x"}});
    Pairs after = before;
    after[to_bytes("b")] = to_bytes("another");
    const auto first = state_of(before);
    const auto second = state_of(after);
    const auto value = [](const ReaderPointer& state, std::string_view key) {
        return *closest_merkle_value(*state, state::TrieId::main(), as_bytes(key));
    };
    EXPECT_EQ(value(first, ""), to_bytes(first->root(state::TrieId::main())->view()));
    // "a", "aa" and the branch above aa1 and aa2 are one node; what is elsewhere does not matter.
    EXPECT_EQ(value(first, "a"), value(first, "aa"));
    EXPECT_EQ(value(first, "a"), value(second, "a"));
    EXPECT_NE(value(first, "aa1"), value(first, "a"));
    EXPECT_NE(value(first, "b"), value(second, "b"));
    // Short nodes stand for themselves.
    EXPECT_LT(value(first, "c")->size(), 32U);
    EXPECT_FALSE(value(first, "d").has_value());
    EXPECT_FALSE(value(first, "aa11").has_value());
    const Bytes key = to_bytes("aa1");
    const auto proof = state::prove_keys(*first, state::TrieId::main(), std::span(&key, 1));
    const bool proven = std::ranges::any_of(*proof, [&](const Bytes& node) {
        return equal(crypto::blake2b_256(node), *value(first, "aa1"));
    });
    EXPECT_TRUE(proven);
}

TEST(StorageDiff, tells_added_modified_and_deleted_keys_below_the_prefixes) {
    const auto before = state_of(pairs_of({{"a1", "x"}, {"a2", "x"}, {"b1", "x"}, {"c", "x"}}));
    const auto after = state_of(pairs_of({{"a1", "y"}, {"a3", "x"}, {"b1", "x"}, {"c", "z"}}));
    const auto run = [&](const std::vector<RawDiffItem>& items, std::size_t bytes_max) {
        return joined(run_all(StorageDiffRun(before, after, *parse_diff_items(items)), bytes_max));
    };
    const std::vector<std::string> under_a = {R"("key":"0x6131","value":"0x79","type":"modified")",
                                              R"("key":"0x6132","value":"0x78","type":"deleted")",
                                              R"("key":"0x6133","value":"0x78","type":"added")"};
    EXPECT_EQ(run({{.key = "0x61"}, {.key = "0x6131"}, {.key = "0x62"}}, 1), under_a);
    EXPECT_EQ(run({}, 10'000).size(), 4U);
    const auto both = run({{.key = "0x63"}, {.key = "0x63", .wants_hash = true}}, 1);
    ASSERT_EQ(both.size(), 2U);
    EXPECT_NE(both[1].find("\"hash\""), std::string::npos);
    EXPECT_FALSE(parse_diff_items({{.key = "0x6"}}).has_value());
}

}  // namespace
}  // namespace stipple::rpc
