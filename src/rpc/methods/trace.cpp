// state_traceBlock: a block executed again, and what it read and wrote under keys on the way.
//
// The field's node answers with the spans and events of its logging library. What runtimes of real
// chains leave there are the accesses to their state, as events of target "state"; spans come from
// runtimes built for profiling only, and none is recorded here. Filters are comma-separated
// beginnings, each with a level behind "=" if wanted; an access counts as level trace.
#include "rpc/methods/trace.hpp"

#include "rpc/methods/registry.hpp"
#include "state/overlay/observer.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace stipple::rpc {
namespace {

constexpr std::string_view kTargetsDefault = "pallet,frame,state";
constexpr std::string_view kTarget = "state";
/// Values are shown whole in one member and, above this, shortened in another.
constexpr std::size_t kShownBytesMax = 1026;
constexpr std::size_t kShownEndBytes = 512;

/// Whether a filter's level lets level trace through; a level that is no level does.
bool lets_trace_through(std::string_view level) {
    constexpr std::array<std::string_view, 8> kLower{"error", "warn", "info", "debug",
                                                     "1",     "2",    "3",    "4"};
    std::string text(level);
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    return std::ranges::find(kLower, text) == kLower.end();
}

/// Whether one of the filters is a beginning of `name`.
bool passes(std::string_view filters, std::string_view name) {
    while (true) {
        const std::size_t comma = filters.find(',');
        const std::string_view filter = filters.substr(0, comma);
        const std::size_t level = filter.find('=');
        if (name.starts_with(filter.substr(0, level)) &&
            (level == std::string_view::npos || lets_trace_through(filter.substr(level + 1)))) {
            return true;
        }
        if (comma == std::string_view::npos) {
            return false;
        }
        filters.remove_prefix(comma + 1);
    }
}

std::string shown(ByteView bytes) {
    if (bytes.size() <= kShownBytesMax) {
        return to_hex(bytes);
    }
    return to_hex(bytes.first(kShownEndBytes)) + "..." + to_hex(bytes.last(kShownEndBytes));
}
std::string shown_option(std::optional<ByteView> bytes) {
    return bytes ? "Some(" + to_hex(*bytes) + ")" : "None";
}
/// As an encoded option of bytes without a length.
std::string shown_encoded(std::optional<ByteView> bytes) {
    Bytes encoded{bytes ? std::uint8_t{1} : std::uint8_t{0}};
    append(encoded, bytes.value_or(ByteView()));
    return shown(encoded);
}

/// Writes the accesses that pass the filters as the items of a JSON list.
class Events final : public state::AccessObserver {
 public:
    struct Filters {
        std::string_view targets;
        std::optional<std::string> keys;     ///< absent: nothing passes
        std::optional<std::string> methods;  ///< likewise
    };
    Events(const Filters& filters, std::size_t bytes_max)
        : filters_(filters),
          wanted_(filters.keys && filters.methods && passes(filters.targets, kTarget)),
          bytes_max_(bytes_max) {}

    const std::string& text() const { return text_; }
    bool too_big() const { return text_.size() > bytes_max_; }

    void got(const state::TrieId& trie, ByteView key, std::optional<ByteView> value) override {
        if (begin("Get", trie, key)) {
            member("result", shown_option(value));
            end(trie, "result_encoded", value);
        }
    }
    void looked(const state::TrieId& trie, ByteView key, bool exists) override {
        if (begin("Exists", trie, key)) {
            member("result", exists ? "true" : "false");
            close();
        }
    }
    void put(const state::TrieId& trie, ByteView key, std::optional<ByteView> value) override {
        if (begin("Put", trie, key)) {
            member("value", shown_option(value));
            end(trie, "value_encoded", value);
        }
    }
    void appended(const state::TrieId& trie, ByteView key, ByteView item) override {
        if (begin("Append", trie, key)) {
            member("value", shown(item));
            close();
        }
    }

 private:
    /// False when the access does not pass the filters.
    bool begin(std::string_view method, const state::TrieId& trie, ByteView key) {
        if (!wanted_ || too_big()) {
            return false;
        }
        const std::string name =
            trie.is_main() ? std::string(method) : std::string("Child").append(method);
        const std::string shown_key = shown(key);
        if (!passes(*filters_.keys, shown_key) || !passes(*filters_.methods, name)) {
            return false;
        }
        text_.append(text_.empty() ? "" : ",");
        text_.append(R"({"target":"state","data":{"stringValues":{"method":)");
        append_json_string(text_, name);
        // The field numbers its executions at random; all accesses here are of one.
        member("ext_id", "0000");
        member("key", shown_key);
        if (!trie.is_main()) {
            member("child_info", shown(trie.child_key));
        }
        return true;
    }
    void member(std::string_view name, std::string_view value) {
        text_.push_back(',');
        append_json_string(text_, name);
        text_.push_back(':');
        append_json_string(text_, value);
    }
    /// Of the main trie the value is also told encoded.
    void end(const state::TrieId& trie, std::string_view name, std::optional<ByteView> value) {
        if (trie.is_main()) {
            member(name, shown_encoded(value));
        }
        close();
    }
    void close() { text_.append(R"(}},"parentId":null})"); }

    Filters filters_;
    bool wanted_;
    std::size_t bytes_max_;
    std::string text_;
};

RpcError untraceable(const BlockHash& block, std::string_view why) {
    return {4001, "Cannot resolve a block range ['\"" + block.hex() + "\"' ... '\"None\"]. " +
                      std::string(why)};
}

RpcResult<Block> block_at(const RpcContext& context, const BlockHash& hash) {
    const auto header = context.chain.header(hash);
    if (!header || !*header) {
        return std::unexpected(untraceable(hash, "Missing block component: Header not found"));
    }
    auto body = context.chain.body(hash);
    if (!body || !*body) {
        return std::unexpected(untraceable(hash, "Missing block component: Extrinsics not found"));
    }
    return Block{**header, *std::move(*body)};
}

RpcResult<> trace_block(CallScope& scope) {
    TRY_ASSIGN(const BlockHash hash, scope.params.hash("block"));
    TRY_ASSIGN(const auto targets, scope.params.optional_text("targets"));
    Events::Filters filters;
    filters.targets = targets ? std::string_view(*targets) : kTargetsDefault;
    TRY_ASSIGN(filters.keys, scope.params.optional_text("storage_keys"));
    TRY_ASSIGN(filters.methods, scope.params.optional_text("methods"));
    TRY_ASSIGN(const Block block, block_at(scope.context, hash));
    const BlockHash& parent = block.header.parent_hash;
    const auto failed = [&](std::string_view why) {
        return std::unexpected(untraceable(
            hash,
            "Dispatch error: Failed to collect traces and execute block: " + std::string(why)));
    };
    const auto state = scope.context.chain.state(parent);
    if (!state) {
        return failed(state.error().message());
    }
    const auto runtime = scope.context.chain.runtime(parent);
    if (!runtime) {
        return failed(runtime.error().message);
    }
    Events events(filters, scope.context.answer_bytes_max);
    const state::ObservedReader observed(**state, events);
    if (const auto done = chain::execute_block(block, observed, **runtime, nullptr); !done) {
        return failed(done.error().message);
    }
    if (events.too_big()) {
        return std::unexpected(too_big_response(scope.context.answer_bytes_max));
    }
    const auto text_member = [&](std::string_view name, std::string_view text) {
        scope.out.append(name);
        append_json_string(scope.out, text);
    };
    text_member(R"({"blockTrace":{"blockHash":)", to_hex(hash));
    text_member(R"(,"parentHash":)", to_hex(parent));
    text_member(R"(,"tracingTargets":)", filters.targets);
    text_member(R"(,"storageKeys":)", filters.keys.value_or(""));
    text_member(R"(,"methods":)", filters.methods.value_or(""));
    scope.out.append(R"(,"spans":[],"events":[)");
    scope.out.append(events.text());
    scope.out.append("]}}");
    return {};
}

}  // namespace

void register_trace(Registry& registry, const RpcContext& /*context*/) {
    registry.add("state_traceBlock", trace_block, Access::unsafe, Cost::slow);
}

}  // namespace stipple::rpc
