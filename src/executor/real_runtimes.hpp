// For tests and benchmarks: the real runtimes of host-api.md section A, and small modules written
// by hand.
#pragma once

#include "executor/executor.hpp"
#include "state/trie/memory_state.hpp"
#include "tests/support/shared_data.hpp"

#include <boost/json.hpp>

#include <cstdlib>
#include <map>

namespace stipple::executor::testing {

using stipple::testing::hex_of;
using stipple::testing::read_file;
using stipple::testing::read_json;
using stipple::testing::shared_data_path;

/// Where compiled code survives from one test run to the next.
inline std::filesystem::path cache_dir() {
    const char* chosen = std::getenv("STIPPLE_TEST_CACHE");
    return chosen != nullptr ? std::filesystem::path(chosen)
                             : std::filesystem::temp_directory_path() / "stipple-test-code-cache";
}
inline Executor& shared_executor() {
    static const auto executor = [] {
        auto made = Executor::create({.cache_dir = cache_dir()});
        CHECK(made.has_value());
        return std::move(*made);
    }();
    return *executor;
}

/// What the table says of a runtime.
struct RealRuntime {
    std::string_view name;
    std::string_view path;  ///< .json: a chain spec with the code in its genesis, or a test case
    std::string_view spec_name;
    std::string_view impl_name;
    std::uint32_t authoring;
    std::uint32_t spec;
    std::uint32_t impl;
    std::uint32_t transaction;
    std::uint8_t system;
    std::size_t unpacked_bytes;
};
inline constexpr RealRuntime kRealRuntimes[] = {
    {"westend_1", "chain-specs/westend.json", "westend", "parity-westend", 2, 1, 1, 1, 0, 1105147},
    {"polkadot_9160", "runtimes/polkadot-runtime-v9160.wasm.zstd", "polkadot", "parity-polkadot", 0,
     9160, 0, 10, 0, 4926992},
    {"westend_9300", "runtimes/westend-runtime-v9300.wasm", "westend", "parity-westend", 2, 9300, 0,
     13, 0, 6348887},
    {"westend_9320", "chain-specs/westend-local-0.9.32.json", "westend", "parity-westend", 2, 9320,
     0, 14, 0, 4516519},
    {"westend_9430", "host-api/validate-transaction.json", "westend", "parity-westend", 2, 9430, 0,
     22, 1, 6290686},
    {"paseo_1001002", "chain-specs/paseo.json", "paseo", "paseo-testnet", 0, 1001002, 0, 25, 0,
     7705801},
    {"rococo_1014000", "chain-specs/rococo-dev-1.14.json", "rococo", "parity-rococo-v2.0", 0,
     1014000, 0, 26, 1, 9006769},
    {"rococo_1015000", "chain-specs/rococo-local-bulk-1.15.json", "rococo", "parity-rococo-v2.0", 0,
     1015000, 0, 26, 1, 7494171},
    {"sassafras_100", "chain-specs/sassafras.json", "node-sassafras", "node-sassafras", 1, 100, 1,
     1, 1, 1853451},
    {"swanky_3", "host-api/child-trie-create-one.json", "swanky-node", "swanky-node", 1, 3, 1, 1, 1,
     3088290},
};

inline state::MemoryState::Pairs pairs_of(const boost::json::object& object) {
    state::MemoryState::Pairs pairs;
    for (const auto& [key, value] : object) {
        pairs.emplace(*from_hex(std::string_view(key.data(), key.size())), hex_of(value));
    }
    return pairs;
}
inline state::MemoryState state_of(const boost::json::object& top,
                                   const boost::json::object& children,
                                   state::StateVersion version) {
    std::map<state::TrieId, state::MemoryState::Pairs> tries;
    for (const auto& [key, pairs] : children) {
        Bytes child = *from_hex(std::string_view(key.data(), key.size()));
        if (starts_with(child, as_bytes(state::kDefaultChildStoragePrefix))) {
            child.erase(child.begin(), child.begin() + state::kDefaultChildStoragePrefix.size());
        }
        tries.emplace(state::TrieId{std::move(child)}, pairs_of(pairs.as_object()));
    }
    return {pairs_of(top), std::move(tries), version};
}

/// The state a runtime's file brings along: its genesis, or the parent of its test block.
inline state::MemoryState state_beside(const RealRuntime& runtime) {
    const auto version = runtime.system >= 1 ? state::StateVersion::v1 : state::StateVersion::v0;
    if (!runtime.path.ends_with(".json")) {
        return {};
    }
    const auto json = read_json(shared_data_path(runtime.path)).as_object();
    if (const auto* genesis = json.if_contains("genesis")) {
        const auto& raw = genesis->at("raw").as_object();
        return state_of(raw.at("top").as_object(), raw.at("childrenDefault").as_object(), version);
    }
    if (const auto* parent = json.if_contains("parentStorage")) {
        return state_of(parent->at("mainTrie").as_object(), parent->at("childTries").as_object(),
                        version);
    }
    return {};
}

inline Bytes code_of(const RealRuntime& runtime) {
    const auto path = shared_data_path(runtime.path);
    if (!runtime.path.ends_with(".json")) {
        return read_file(path);
    }
    const auto json = read_json(path).as_object();
    constexpr std::string_view kCode = "0x3a636f6465";
    if (const auto* genesis = json.if_contains("genesis")) {
        return hex_of(genesis->at("raw").at("top").at(kCode));
    }
    if (const auto* parent = json.if_contains("parentStorage")) {
        return hex_of(parent->at("mainTrie").at(kCode));
    }
    return hex_of(json.at("runtimeCode"));
}

}  // namespace stipple::executor::testing
