#include "chain/spec/chain_spec.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace stipple::chain {
namespace {

namespace json = boost::json;

/// JSON as the field's tools print it: two spaces a level, `{}` and `[]` when empty.
class PrettyWriter {
 public:
    std::string take() && { return std::move(out_); }

    void open(char bracket) {
        out_ += bracket;
        ++depth_;
        first_ = true;
    }
    void close(char bracket) {
        --depth_;
        if (!first_) {
            new_line();
        }
        first_ = false;
        out_ += bracket;
    }
    void item() {
        if (!first_) {
            out_ += ',';
        }
        first_ = false;
        new_line();
    }
    void key(std::string_view name) {
        item();
        out_ += json::serialize(json::string(name));
        out_ += ": ";
    }
    void text(std::string_view value) { out_ += json::serialize(json::string(value)); }
    void null() { out_ += "null"; }
    void hex(ByteView bytes) {
        out_ += '"';
        out_ += to_hex0x(bytes);
        out_ += '"';
    }
    void hex_pairs(const state::MemoryState::Pairs& pairs) {
        open('{');
        for (const auto& [pair_key, value] : pairs) {
            item();
            hex(pair_key);
            out_ += ": ";
            hex(value);
        }
        close('}');
    }
    void value(const json::value& given) {
        if (const auto* object = given.if_object()) {
            open('{');
            for (const auto& [name, inner] : *object) {
                key({name.data(), name.size()});
                value(inner);
            }
            close('}');
        } else if (const auto* array = given.if_array()) {
            open('[');
            for (const auto& inner : *array) {
                item();
                value(inner);
            }
            close(']');
        } else {
            out_ += json::serialize(given);
        }
    }
    void number(BlockNumber value) { out_ += fmt::to_string(value); }

 private:
    void new_line() {
        out_ += '\n';
        out_.append(2 * depth_, ' ');
    }
    std::string out_;
    std::size_t depth_ = 0;
    bool first_ = true;
};

void write_chain_type(PrettyWriter& out, const std::string& type) {
    out.key("chainType");
    if (type == "Live" || type == "Development" || type == "Local") {
        out.text(type);
        return;
    }
    out.open('{');
    out.key("Custom");
    out.text(type);
    out.close('}');
}

void write_optional_text(PrettyWriter& out, const char* key,
                         const std::optional<std::string>& text) {
    out.key(key);
    if (text) {
        out.text(*text);
    } else {
        out.null();
    }
}

void write_special_blocks(PrettyWriter& out, const ChainSpec& spec) {
    out.key("forkBlocks");
    if (spec.fork_blocks.empty()) {
        out.null();
    } else {
        out.open('[');
        for (const auto& [number, hash] : spec.fork_blocks) {
            out.item();
            out.open('[');
            out.item();
            out.number(number);
            out.item();
            out.hex(hash);
            out.close(']');
        }
        out.close(']');
    }
    out.key("badBlocks");
    if (spec.bad_blocks.empty()) {
        out.null();
        return;
    }
    out.open('[');
    for (const BlockHash& hash : spec.bad_blocks) {
        out.item();
        out.hex(hash);
    }
    out.close(']');
}

void write_raw_genesis(PrettyWriter& out, const RawGenesis& genesis) {
    out.key("genesis");
    out.open('{');
    out.key("raw");
    out.open('{');
    out.key("top");
    out.hex_pairs(genesis.top);
    out.key("childrenDefault");
    out.open('{');
    for (const auto& [trie, pairs] : genesis.children) {
        out.key(to_hex0x(trie.child_key));
        out.hex_pairs(pairs);
    }
    out.close('}');
    out.close('}');
    out.close('}');
}

}  // namespace

std::string raw_chain_spec_json(const ChainSpec& spec, const RawGenesis& genesis) {
    PrettyWriter out;
    out.open('{');
    out.key("name");
    out.text(spec.name);
    out.key("id");
    out.text(spec.id);
    write_chain_type(out, spec.chain_type);
    out.key("bootNodes");
    out.open('[');
    for (const std::string& node : spec.boot_nodes) {
        out.item();
        out.text(node);
    }
    out.close(']');
    out.key("telemetryEndpoints");
    out.value(spec.telemetry_endpoints);
    write_optional_text(out, "protocolId", spec.protocol_id);
    if (spec.fork_id) {
        write_optional_text(out, "forkId", spec.fork_id);
    }
    out.key("properties");
    out.value(spec.properties);
    write_special_blocks(out, spec);
    out.key("lightSyncState");
    out.value(spec.light_sync_state);
    out.key("codeSubstitutes");
    out.open('{');
    for (const auto& [number, code] : spec.code_substitutes) {
        out.key(fmt::to_string(number));
        out.hex(code);
    }
    out.close('}');
    write_raw_genesis(out, genesis);
    out.close('}');
    return std::move(out).take();
}

}  // namespace stipple::chain
