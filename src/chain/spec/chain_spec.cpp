#include "chain/spec/chain_spec.hpp"

#include "chain/spec/json_text.hpp"
#include "chain/spec/limits.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

namespace stipple::chain {
namespace {

namespace json = boost::json;
template <class T>
using Parsed = std::expected<T, SpecError>;

std::unexpected<SpecError> wrong(std::string where, std::string problem) {
    return std::unexpected(SpecError{std::move(where), std::move(problem)});
}

const char* kind_name(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            return "null";
        case json::kind::bool_:
            return "a boolean";
        case json::kind::string:
            return "a string";
        case json::kind::array:
            return "an array";
        case json::kind::object:
            return "an object";
        default:
            return "a number";
    }
}

std::unexpected<SpecError> expected_a(const char* what, const std::string& where,
                                      const json::value& found) {
    return wrong(where, fmt::format("expected {}, found {}", what, kind_name(found)));
}

std::string_view view(const json::string& text) {
    return {text.data(), text.size()};
}

/// Long keys are shortened in messages: the first 16 digits tell which it is.
std::string entry(const std::string& where, std::string_view key) {
    constexpr std::size_t kShown = 18;
    return fmt::format("{}[{}{}]", where, key.substr(0, kShown), key.size() > kShown ? "…" : "");
}

Parsed<Bytes> parse_hex(const std::string& where, std::string_view text) {
    if (auto bytes = from_hex(text)) {
        return *std::move(bytes);
    }
    const std::string_view digits = text.starts_with("0x") ? text.substr(2) : text;
    const std::size_t bad = digits.find_first_not_of("0123456789abcdefABCDEF");
    if (bad != std::string_view::npos) {
        return wrong(where, fmt::format("not hexadecimal at digit {}", bad + 1));
    }
    return wrong(where, fmt::format("odd number of hex digits ({})", digits.size()));
}

Parsed<Bytes> parse_hex(const std::string& where, const json::value& value) {
    if (!value.is_string()) {
        return expected_a("a hexadecimal string", where, value);
    }
    return parse_hex(where, view(value.as_string()));
}

template <class Hash>
Parsed<Hash> parse_hash(const std::string& where, const json::value& value) {
    TRY_ASSIGN(const Bytes bytes, parse_hex(where, value));
    if (const auto hash = Hash::from(bytes)) {
        return *hash;
    }
    return wrong(where, fmt::format("expected a hash of 32 bytes, found {}", bytes.size()));
}

Parsed<std::string> required_text(const json::object& object, const char* key) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr) {
        return wrong(key, "missing");
    }
    if (!value->is_string()) {
        return expected_a("a string", key, *value);
    }
    return std::string(view(value->as_string()));
}

Parsed<std::optional<std::string>> optional_text(const json::object& object, const char* key) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr || value->is_null()) {
        return std::nullopt;
    }
    TRY_ASSIGN(std::string text, required_text(object, key));
    return text;
}

Parsed<std::string> parse_chain_type(const json::object& root) {
    const json::value* value = root.if_contains("chainType");
    if (value == nullptr) {
        return "Live";
    }
    if (value->is_string()) {
        const auto name = view(value->as_string());
        if (name != "Live" && name != "Local" && name != "Development") {
            return wrong("chainType",
                         fmt::format("unknown type \"{}\": expected Live, Development, "
                                     "Local or {{\"Custom\": name}}",
                                     name));
        }
        return std::string(name);
    }
    const json::object* object = value->if_object();
    const json::value* custom = object == nullptr ? nullptr : object->if_contains("Custom");
    if (custom == nullptr || !custom->is_string()) {
        return wrong("chainType", "expected Live, Development, Local or {\"Custom\": name}");
    }
    return std::string(view(custom->as_string()));
}

Parsed<std::vector<std::string>> parse_boot_nodes(const json::object& root) {
    std::vector<std::string> nodes;
    const json::value* value = root.if_contains("bootNodes");
    if (value == nullptr || value->is_null()) {
        return nodes;
    }
    if (!value->is_array()) {
        return expected_a("an array", "bootNodes", *value);
    }
    for (const json::value& node : value->as_array()) {
        if (!node.is_string()) {
            return expected_a("a string", fmt::format("bootNodes[{}]", nodes.size()), node);
        }
        nodes.emplace_back(view(node.as_string()));
    }
    return nodes;
}

Parsed<BlockNumber> parse_number(const std::string& where, const json::value& value) {
    boost::system::error_code error;
    const auto number = value.is_number() ? value.to_number<BlockNumber>(error) : BlockNumber{0};
    if (!value.is_number() || error) {
        return wrong(where, "expected a block number");
    }
    return number;
}

Parsed<std::map<BlockNumber, BlockHash>> parse_fork_blocks(const json::object& root) {
    std::map<BlockNumber, BlockHash> blocks;
    const json::value* value = root.if_contains("forkBlocks");
    if (value == nullptr || value->is_null()) {
        return blocks;
    }
    if (!value->is_array()) {
        return expected_a("an array", "forkBlocks", *value);
    }
    std::size_t index = 0;
    for (const json::value& row : value->as_array()) {
        const std::string where = fmt::format("forkBlocks[{}]", index++);
        if (!row.is_array() || row.as_array().size() != 2) {
            return wrong(where, "expected [number, hash]");
        }
        TRY_ASSIGN(const auto number, parse_number(where + "[0]", row.as_array()[0]));
        TRY_ASSIGN(const auto hash, parse_hash<BlockHash>(where + "[1]", row.as_array()[1]));
        blocks[number] = hash;
    }
    return blocks;
}

Parsed<std::vector<BlockHash>> parse_bad_blocks(const json::object& root) {
    std::vector<BlockHash> blocks;
    const json::value* value = root.if_contains("badBlocks");
    if (value == nullptr || value->is_null()) {
        return blocks;
    }
    if (!value->is_array()) {
        return expected_a("an array", "badBlocks", *value);
    }
    for (const json::value& row : value->as_array()) {
        TRY_ASSIGN(const auto hash,
                   parse_hash<BlockHash>(fmt::format("badBlocks[{}]", blocks.size()), row));
        blocks.push_back(hash);
    }
    return blocks;
}

Parsed<std::map<BlockNumber, Bytes>> parse_code_substitutes(const json::object& root) {
    std::map<BlockNumber, Bytes> codes;
    const json::value* value = root.if_contains("codeSubstitutes");
    if (value == nullptr || value->is_null()) {
        return codes;
    }
    if (!value->is_object()) {
        return expected_a("an object", "codeSubstitutes", *value);
    }
    for (const auto& [key, code] : value->as_object()) {
        const std::string where = entry("codeSubstitutes", {key.data(), key.size()});
        BlockNumber number = 0;
        const auto end = key.data() + key.size();
        const auto read = std::from_chars(key.data(), end, number);
        if (read.ec != std::errc{} || read.ptr != end) {
            return wrong(where, "the key is not a block number");
        }
        TRY_ASSIGN(codes[number], parse_hex(where, code));
    }
    return codes;
}

Parsed<state::MemoryState::Pairs> parse_pairs(const std::string& where, const json::value& value) {
    if (!value.is_object()) {
        return expected_a("an object", where, value);
    }
    state::MemoryState::Pairs pairs;
    for (const auto& [key, item] : value.as_object()) {
        const std::string_view key_text(key.data(), key.size());
        TRY_ASSIGN(Bytes raw_key, parse_hex(entry(where, key_text) + " (key)", key_text));
        TRY_ASSIGN(Bytes raw_value, parse_hex(entry(where, key_text), item));
        pairs.insert_or_assign(std::move(raw_key), std::move(raw_value));
    }
    return pairs;
}

/// `childrenDefault` is keyed by the unprefixed child key. The array form of 2020 wrapped the pairs
/// into {"data": …} and had the prefixed key.
Parsed<std::map<state::TrieId, state::MemoryState::Pairs>> parse_children(
    const std::string& where, const json::value& value) {
    if (!value.is_object()) {
        return expected_a("an object", where, value);
    }
    std::map<state::TrieId, state::MemoryState::Pairs> children;
    for (const auto& [key, item] : value.as_object()) {
        const std::string_view key_text(key.data(), key.size());
        const std::string place = entry(where, key_text);
        TRY_ASSIGN(Bytes child_key, parse_hex(place + " (key)", key_text));
        const ByteView prefix = as_bytes(state::kDefaultChildStoragePrefix);
        if (starts_with(child_key, prefix)) {
            child_key.erase(child_key.begin(),
                            child_key.begin() + static_cast<std::ptrdiff_t>(prefix.size()));
        }
        if (child_key.empty()) {
            return wrong(place, "the key of a child trie is empty");
        }
        const json::object* object = item.if_object();
        const json::value* wrapped = object == nullptr ? nullptr : object->if_contains("data");
        TRY_ASSIGN(auto pairs, parse_pairs(place, wrapped == nullptr ? item : *wrapped));
        children[state::TrieId{std::move(child_key)}] = std::move(pairs);
    }
    return children;
}

Parsed<RawGenesis> parse_raw(const json::value& value) {
    static const json::value kNoChildren = json::object{};
    const json::value* top = nullptr;
    const json::value* children = &kNoChildren;
    if (const json::array* old_form = value.if_array()) {
        if (old_form->empty() || old_form->size() > 2) {
            return wrong("genesis.raw", "expected [top, children]");
        }
        top = &old_form->front();
        children = old_form->size() == 2 ? &old_form->back() : children;
    } else if (const json::object* object = value.if_object()) {
        top = object->if_contains("top");
        if (const json::value* given = object->if_contains("childrenDefault")) {
            children = given;
        }
    } else {
        return expected_a("an object with \"top\"", "genesis.raw", value);
    }
    if (top == nullptr) {
        return wrong("genesis.raw.top", "missing");
    }
    RawGenesis genesis;
    TRY_ASSIGN(genesis.top, parse_pairs("genesis.raw.top", *top));
    TRY_ASSIGN(genesis.children, parse_children("genesis.raw.childrenDefault", *children));
    const auto reserved = genesis.top.lower_bound(as_bytes(state::kChildStoragePrefix));
    if (reserved != genesis.top.end() &&
        starts_with(reserved->first, as_bytes(state::kChildStoragePrefix))) {
        return wrong(entry("genesis.raw.top", to_hex0x(reserved->first)),
                     "roots of child tries are computed: list the trie under childrenDefault");
    }
    return genesis;
}

Parsed<RuntimeGenesis> parse_runtime(const json::value& value, std::string_view text) {
    const std::string where = "genesis.runtimeGenesis";
    const json::object* object = value.if_object();
    if (object == nullptr) {
        return expected_a("an object", where, value);
    }
    RuntimeGenesis genesis;
    const json::value* code = object->if_contains("code");
    if (code == nullptr) {
        return wrong(where + ".code", "missing");
    }
    TRY_ASSIGN(genesis.code, parse_hex(where + ".code", *code));
    const bool has_patch = object->contains("patch");
    const bool has_config = object->contains("config");
    if (has_patch == has_config) {
        return wrong(where, "expected either \"patch\" or \"config\"");
    }
    genesis.kind = has_patch ? RuntimeGenesis::Kind::patch : RuntimeGenesis::Kind::full;
    const auto outer = json_member(text, "genesis");
    const auto inner = outer ? json_member(*outer, "runtimeGenesis") : std::nullopt;
    const auto config = inner ? json_member(*inner, has_patch ? "patch" : "config") : std::nullopt;
    CHECK(config.has_value());  // the parser has seen the same members
    genesis.json = std::string(*config);
    return genesis;
}

Parsed<decltype(ChainSpec::genesis)> parse_genesis(const json::object& root,
                                                   std::string_view text) {
    const json::value* value = root.if_contains("genesis");
    if (value == nullptr) {
        return wrong("genesis", "missing");
    }
    const json::object* genesis = value->if_object();
    if (genesis == nullptr) {
        return expected_a("an object", "genesis", *value);
    }
    if (const json::value* raw = genesis->if_contains("raw")) {
        TRY_ASSIGN(auto parsed, parse_raw(*raw));
        return parsed;
    }
    if (const json::value* runtime = genesis->if_contains("runtimeGenesis")) {
        TRY_ASSIGN(auto parsed, parse_runtime(*runtime, text));
        return parsed;
    }
    if (const json::value* root_hash = genesis->if_contains("stateRootHash")) {
        TRY_ASSIGN(const auto hash,
                   parse_hash<state::StateRoot>("genesis.stateRootHash", *root_hash));
        return RootOnlyGenesis{hash};
    }
    if (genesis->contains("runtime") || genesis->contains("runtimeAndCode")) {
        return wrong("genesis",
                     "a plain specification of the old form, which only the node that wrote it can "
                     "build: convert it to raw there");
    }
    return wrong("genesis", "expected \"raw\", \"runtimeGenesis\" or \"stateRootHash\"");
}

json::value copy_of(const json::object& root, const char* key) {
    const json::value* value = root.if_contains(key);
    return value == nullptr ? json::value(nullptr) : json::value(*value, {});
}

}  // namespace

std::expected<ChainSpec, SpecError> parse_chain_spec(std::string_view text) {
    if (text.size() > kChainSpecBytesMax) {
        return wrong("", fmt::format("{} bytes, more than the limit of {}", text.size(),
                                     kChainSpecBytesMax));
    }
    json::parse_options options;
    options.max_depth = kChainSpecDepthMax;
    boost::system::error_code error;
    json::monotonic_resource memory;
    json::parser parser(&memory, options);
    const std::size_t used = parser.write_some(text.data(), text.size(), error);
    if (!error && used < text.size()) {
        error = json::error::extra_data;
    }
    if (error) {
        const auto line = std::ranges::count(text.substr(0, used), '\n') + 1;
        return wrong("", fmt::format("not JSON: {}, near line {}", error.message(), line));
    }
    const json::value document = parser.release();
    const json::object* root = document.if_object();
    if (root == nullptr) {
        return expected_a("an object", "", document);
    }
    ChainSpec spec;
    TRY_ASSIGN(spec.name, required_text(*root, "name"));
    TRY_ASSIGN(spec.id, required_text(*root, "id"));
    TRY_ASSIGN(spec.chain_type, parse_chain_type(*root));
    TRY_ASSIGN(spec.boot_nodes, parse_boot_nodes(*root));
    TRY_ASSIGN(spec.protocol_id, optional_text(*root, "protocolId"));
    TRY_ASSIGN(spec.fork_id, optional_text(*root, "forkId"));
    TRY_ASSIGN(spec.fork_blocks, parse_fork_blocks(*root));
    TRY_ASSIGN(spec.bad_blocks, parse_bad_blocks(*root));
    TRY_ASSIGN(spec.code_substitutes, parse_code_substitutes(*root));
    TRY_ASSIGN(spec.genesis, parse_genesis(*root, text));
    spec.properties = copy_of(*root, "properties");
    spec.telemetry_endpoints = copy_of(*root, "telemetryEndpoints");
    spec.light_sync_state = copy_of(*root, "lightSyncState");
    return spec;
}

std::expected<ChainSpec, SpecError> load_chain_spec(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return wrong(path, "cannot open the chain specification");
    }
    std::string text;
    std::string chunk(1 << 20, '\0');
    while (text.size() <= kChainSpecBytesMax &&
           (file.read(chunk.data(), static_cast<std::streamsize>(chunk.size())) ||
            file.gcount() > 0)) {
        text.append(chunk, 0, static_cast<std::size_t>(file.gcount()));
    }
    if (file.bad()) {
        return wrong(path, "cannot read the chain specification");
    }
    auto spec = parse_chain_spec(text);
    if (!spec) {
        return wrong(path, spec.error().message());
    }
    return spec;
}

}  // namespace stipple::chain
