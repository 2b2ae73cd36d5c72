// Chain specifications: the JSON file that says which chain a node runs.
//
// protocols.md section 15 lists the fields. Raw specs bring the genesis state; others bring the
// runtime code and a configuration that its GenesisBuilder turns into state
// (chain/spec/genesis.hpp).
#pragma once

#include "primitives/ids.hpp"
#include "state/trie/memory_state.hpp"

#include <boost/json/value.hpp>

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace stipple::chain {

/// What is wrong and where: "genesis.raw.top[0x3a63…]: odd number of hex digits".
struct SpecError {
    std::string where;  ///< path of the field
    std::string problem;
    std::string message() const { return where.empty() ? problem : where + ": " + problem; }
};

/// Genesis as complete state.
struct RawGenesis {
    state::MemoryState::Pairs top;
    std::map<state::TrieId, state::MemoryState::Pairs> children;
};
/// Genesis as runtime code and what to tell its GenesisBuilder.
struct RuntimeGenesis {
    Bytes code;
    enum class Kind : std::uint8_t { patch, full, preset } kind = Kind::patch;
    std::string json;    ///< patch or whole configuration
    std::string preset;  ///< named preset to start from
};
/// Only the state root is known: a light specification; a full node cannot start from it.
struct RootOnlyGenesis {
    state::StateRoot root;
};

struct ChainSpec {
    std::string name;
    std::string id;
    std::string chain_type;  ///< Live, Development, Local, or the custom name
    std::vector<std::string> boot_nodes;
    std::optional<std::string> protocol_id;
    std::optional<std::string> fork_id;
    boost::json::value properties;  ///< shown by system_properties
    boost::json::value telemetry_endpoints;
    std::map<BlockNumber, BlockHash> fork_blocks;
    std::vector<BlockHash> bad_blocks;
    std::map<BlockNumber, Bytes> code_substitutes;
    boost::json::value light_sync_state;
    std::variant<RawGenesis, RuntimeGenesis, RootOnlyGenesis> genesis;
};

std::expected<ChainSpec, SpecError> parse_chain_spec(std::string_view json);
/// Reads the file first; the error names it.
std::expected<ChainSpec, SpecError> load_chain_spec(const std::string& path);
/// Raw JSON with the given genesis state (export-state, build-spec --raw). Keys in order, two-space
/// indent.
std::string raw_chain_spec_json(const ChainSpec& spec, const RawGenesis& genesis);

}  // namespace stipple::chain
