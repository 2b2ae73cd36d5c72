// state_* over ranges of blocks and whole tries: queryStorage, trieMigrationStatus.
#include "rpc/methods/limits.hpp"
#include "rpc/methods/storage_read.hpp"

#include <algorithm>
#include <map>

namespace stipple::rpc {
namespace {

RpcError range_error(std::string_view from, std::string_view to, std::string_view details) {
    // The field's message shows both ends in quotes, and drops the last one.
    std::string text = "Cannot resolve a block range ['";
    append_json_string(text, from);
    text.append("' ... '");
    append_json_string(text, to);
    return {4001, text.append("]. ").append(details)};
}

RpcResult<Header> header_in_range(const RpcContext& context, const BlockHash& hash,
                                  const BlockHash& from, const BlockHash& to) {
    const auto header = context.chain.header(hash);
    if (!header || !*header) {
        return std::unexpected(
            range_error(from.hex(), "Some(" + to.hex() + ")",
                        header ? "UnknownBlock: Header was not found in the database: " + hash.hex()
                               : header.error().message()));
    }
    return **header;
}

/// Hashes from `from` up to `to`, both included.
RpcResult<std::vector<BlockHash>> hashes_between(const RpcContext& context, const BlockHash& from,
                                                 const BlockHash& to) {
    TRY_ASSIGN(const Header first, header_in_range(context, from, from, to));
    TRY_ASSIGN(Header last, header_in_range(context, to, from, to));
    const auto named = [](BlockNumber number, const BlockHash& hash) {
        return std::to_string(number) + " (" + hash.hex() + ")";
    };
    const std::string first_named = named(first.number, from);
    const std::string last_named = named(last.number, to);
    if (first.number > last.number) {
        return std::unexpected(range_error(first_named, last_named, "from number > to number"));
    }
    if (last.number - first.number >= kQueryBlocksMax) {
        return std::unexpected(range_error(first_named, last_named, "too many blocks"));
    }
    std::vector<BlockHash> hashes{to};
    while (last.number > first.number) {
        hashes.push_back(last.parent_hash);
        TRY_ASSIGN(last, header_in_range(context, last.parent_hash, from, to));
    }
    if (hashes.back() != from) {
        return std::unexpected(range_error(named(last.number, hashes.back()), last_named,
                                           "from and to are on different forks"));
    }
    std::ranges::reverse(hashes);
    return hashes;
}

using Values = std::map<Bytes, std::optional<Bytes>, ByteLess>;

/// One block's change set: keys that differ from `last`. False when there are none.
RpcResult<bool> append_changes(CallScope& scope, const BlockHash& block,
                               const std::vector<Bytes>& keys, Values& last) {
    TRY_ASSIGN(auto state, state_at(scope.context, block));
    const TrieView view{std::move(state), state::TrieId::main()};
    std::string& out = scope.out;
    out.append(R"({"block":)");
    append_json_hex(out, block);
    out.append(R"(,"changes":[)");
    bool any = false;
    for (const Bytes& key : keys) {
        TRY_ASSIGN(auto value, read_value(view, key));
        const auto before = last.find(key);
        if (before == last.end() || before->second != value) {
            out.append(any ? ",[" : "[");
            any = true;
            append_json_hex(out, key);
            out.push_back(',');
            if (value) {
                append_json_hex(out, *value);
            } else {
                out.append("null");
            }
            out.push_back(']');
        }
        last.insert_or_assign(key, std::move(value));
        if (is_too_big(scope)) {
            return std::unexpected(too_big_response(scope.context.answer_bytes_max));
        }
    }
    out.append("]}");
    return any;
}

RpcResult<> append_history(CallScope& scope, const std::vector<Bytes>& keys, const BlockHash& from,
                           const BlockHash& to) {
    TRY_ASSIGN(const auto hashes, hashes_between(scope.context, from, to));
    Values last;
    scope.out.push_back('[');
    bool first = true;
    for (const BlockHash& block : hashes) {
        const std::size_t mark = scope.out.size();
        if (!first) {
            scope.out.push_back(',');
        }
        TRY_ASSIGN(const bool any, append_changes(scope, block, keys, last));
        if (any) {
            first = false;
        } else {
            scope.out.resize(mark);
        }
    }
    scope.out.push_back(']');
    return {};
}

RpcResult<> query_storage(CallScope& scope) {
    TRY_ASSIGN(const auto keys, scope.params.bytes_list("keys"));
    TRY_ASSIGN(const BlockHash from, scope.params.hash("block"));
    TRY_ASSIGN(const auto to, scope.params.optional_hash("hash"));
    return append_history(scope, keys, from, block_or_best(scope.context, to));
}

RpcResult<> query_storage_at(CallScope& scope) {
    TRY_ASSIGN(const auto keys, scope.params.bytes_list("keys"));
    TRY_ASSIGN(const auto at, scope.params.optional_hash("at"));
    const BlockHash block = block_or_best(scope.context, at);
    return append_history(scope, keys, block, block);
}

struct MigrationCount {
    std::uint64_t remaining = 0;
    std::uint64_t total = 0;
};

/// Values still in the form of state version 0 although they are long enough to be hashed.
RpcResult<MigrationCount> count_migration(const state::Reader& state, const state::TrieId& trie,
                                          std::vector<state::TrieId>* children) {
    constexpr std::size_t kHashedFrom = 33;
    MigrationCount count;
    auto cursor = state.keys(trie, {});
    for (; cursor->valid(); cursor->next()) {
        const auto value = cursor->value();
        if (!value) {
            return std::unexpected(state_error(value.error().message()));
        }
        if (++count.total > kKeysVisitedMax) {
            return std::unexpected(state_error("too many keys"));
        }
        if (value->form == state::ValueForm::inline_bytes && value->bytes.size() >= kHashedFrom) {
            ++count.remaining;
        }
        const ByteView prefix = as_bytes(state::kDefaultChildStoragePrefix);
        if (children != nullptr && starts_with(cursor->key(), prefix)) {
            children->push_back({to_bytes(cursor->key().subspan(prefix.size()))});
        }
    }
    return count;
}

RpcResult<> trie_migration_status(CallScope& scope) {
    TRY_ASSIGN(const auto hash, scope.params.optional_hash("at"));
    TRY_ASSIGN(const auto state, state_at(scope.context, block_or_best(scope.context, hash)));
    std::vector<state::TrieId> children;
    TRY_ASSIGN(const MigrationCount top, count_migration(*state, state::TrieId::main(), &children));
    MigrationCount child;
    for (const state::TrieId& trie : children) {
        TRY_ASSIGN(const MigrationCount one, count_migration(*state, trie, nullptr));
        child.remaining += one.remaining;
        child.total += one.total;
    }
    std::string& out = scope.out;
    out.append(R"({"topRemainingToMigrate":)").append(std::to_string(top.remaining));
    out.append(R"(,"childRemainingToMigrate":)").append(std::to_string(child.remaining));
    out.append(R"(,"totalTop":)").append(std::to_string(top.total));
    out.append(R"(,"totalChild":)").append(std::to_string(child.total)).append("}");
    return {};
}

}  // namespace

void register_state_queries(Registry& registry, const RpcContext& /*context*/) {
    registry.add("state_queryStorage", query_storage, Access::unsafe, Cost::slow);
    registry.add("state_queryStorageAt", query_storage_at, Access::safe, Cost::slow);
    registry.add("state_trieMigrationStatus", trie_migration_status, Access::unsafe, Cost::slow);
}

}  // namespace stipple::rpc
