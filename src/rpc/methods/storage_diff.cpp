#include "rpc/methods/storage_diff.hpp"

#include "crypto/hash.hpp"
#include "rpc/methods/limits.hpp"

#include <algorithm>

namespace stipple::rpc {
namespace {

/// On the first key under the prefix that is above `after`.
std::unique_ptr<state::KeyCursor> cursor_at(const state::Reader& state, const state::TrieId& trie,
                                            ByteView prefix, const std::optional<Bytes>& after) {
    auto cursor = state.keys(trie, after ? ByteView(*after) : prefix);
    if (after && cursor->valid() && equal(cursor->key(), *after)) {
        cursor->next();
    }
    return cursor;
}

}  // namespace

RpcResult<std::vector<RawDiffItem>> storage_diff_items(Params& params, std::string_view name) {
    TRY_ASSIGN(const auto list, params.raw_list(name));
    std::vector<RawDiffItem> items;
    items.reserve(list.size());
    for (const std::string_view raw : list) {
        Params fields(raw);
        RawDiffItem item;
        TRY_ASSIGN(item.key, fields.text("key"));
        TRY_ASSIGN(const std::string type, fields.text("returnType"));
        if (type != "value" && type != "hash") {
            return std::unexpected(
                invalid_params("unknown variant `" + type + "`, expected `value` or `hash`"));
        }
        item.wants_hash = type == "hash";
        TRY_ASSIGN(item.child_trie_key, fields.optional_text("childTrieKey"));
        items.push_back(std::move(item));
    }
    return items;
}

std::expected<std::vector<TrieDiffQuery>, std::string> parse_diff_items(
    const std::vector<RawDiffItem>& raw) {
    std::map<std::optional<Bytes>, TrieDiffQuery> by_trie;
    for (const RawDiffItem& item : raw) {
        TRY_ASSIGN(Bytes prefix, parse_hex_parameter(item.key));
        std::optional<Bytes> child;
        if (item.child_trie_key) {
            TRY_ASSIGN(child, parse_hex_parameter(*item.child_trie_key));
        }
        TrieDiffQuery& query = by_trie[child];
        if (query.items.empty() && child) {
            query.child_text = item.child_trie_key;
            query.trie = state::TrieId{*child};
        }
        query.items.push_back({std::move(prefix), item.wants_hash});
    }
    if (by_trie.empty()) {
        by_trie[std::nullopt].items.push_back({});  // every value of the main trie
    }
    std::vector<TrieDiffQuery> queries;
    for (auto& [child, query] : by_trie) {
        queries.push_back(std::move(query));
    }
    return queries;
}

StorageDiffRun::StorageDiffRun(ReaderPointer before, ReaderPointer after,
                               std::vector<TrieDiffQuery> queries)
    : before_(std::move(before)), after_(std::move(after)), queries_(std::move(queries)) {
    for (std::size_t i = 0; i < queries_.size(); ++i) {
        std::vector<Bytes> prefixes;
        for (const auto& item : queries_[i].items) {
            prefixes.push_back(item.prefix);
        }
        // A prefix stands right before what it covers.
        std::ranges::sort(prefixes, ByteLess{});
        for (Bytes& prefix : prefixes) {
            const bool covered = !ranges_.empty() && ranges_.back().query == i &&
                                 starts_with(prefix, ranges_.back().prefix);
            if (!covered) {
                ranges_.push_back({i, std::move(prefix)});
            }
        }
    }
}

void StorageDiffRun::add_items(StorageItems& items, const TrieDiffQuery& query, ByteView key,
                               std::string_view type, ByteView value) const {
    for (const bool hash : {false, true}) {
        const bool wanted = std::ranges::any_of(query.items, [&](const auto& item) {
            return item.wants_hash == hash && starts_with(key, item.prefix);
        });
        if (!wanted) {
            continue;
        }
        std::string item = R"("key":)";
        append_json_hex(item, key);
        item.append(hash ? R"(,"hash":)" : R"(,"value":)");
        if (hash) {
            append_json_hex(item, crypto::blake2b_256(value));
        } else {
            append_json_hex(item, value);
        }
        item.append(R"(,"type":")").append(type).push_back('"');
        if (query.child_text) {
            item.append(R"(,"childTrieKey":)");
            append_json_string(item, *query.child_text);
        }
        items.add(std::move(item));
    }
}

Result<bool> StorageDiffRun::run_range(StorageItems& items, const Range& range,
                                       std::size_t bytes_max, std::size_t& visits) {
    const TrieDiffQuery& query = queries_[range.query];
    const auto before = cursor_at(*before_, query.trie, range.prefix, last_key_);
    const auto after = cursor_at(*after_, query.trie, range.prefix, last_key_);
    for (;;) {
        TRY(before->status());
        TRY(after->status());
        const bool old_has = before->valid() && starts_with(before->key(), range.prefix);
        const bool new_has = after->valid() && starts_with(after->key(), range.prefix);
        if (!old_has && !new_has) {
            return true;
        }
        if (items.bytes >= bytes_max || visits >= kDiffKeysVisitedMax) {
            return false;
        }
        ++visits;
        const int order = !new_has ? -1 : !old_has ? 1 : compare(before->key(), after->key());
        last_key_ = to_bytes(order < 0 ? before->key() : after->key());
        if (order < 0) {
            TRY_ASSIGN(const auto value, before->value());
            add_items(items, query, *last_key_, "deleted", value.bytes);
            before->next();
        } else if (order > 0) {
            TRY_ASSIGN(const auto value, after->value());
            add_items(items, query, *last_key_, "added", value.bytes);
            after->next();
        } else {
            TRY_ASSIGN(const auto old_value, before->value());
            TRY_ASSIGN(const auto value, after->value());
            if (old_value.bytes != value.bytes) {
                add_items(items, query, *last_key_, "modified", value.bytes);
            }
            before->next();
            after->next();
        }
    }
}

Result<bool> StorageDiffRun::next(StorageItems& items, std::size_t bytes_max) {
    std::size_t visits = 0;
    for (; at_ < ranges_.size(); ++at_) {
        TRY_ASSIGN(const bool finished, run_range(items, ranges_[at_], bytes_max, visits));
        if (!finished) {
            return true;
        }
        last_key_.reset();
    }
    return false;
}

}  // namespace stipple::rpc
