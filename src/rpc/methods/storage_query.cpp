#include "rpc/methods/storage_query.hpp"

#include "crypto/hash.hpp"
#include "rpc/methods/limits.hpp"
#include "state/trie/node.hpp"
#include "state/trie/proof.hpp"

namespace stipple::rpc {
namespace {

using Kind = StorageQuery::Kind;

constexpr std::pair<std::string_view, Kind> kKinds[] = {
    {"value", Kind::value},
    {"hash", Kind::hash},
    {"closestDescendantMerkleValue", Kind::closest_descendant_merkle_value},
    {"descendantsValues", Kind::descendants_values},
    {"descendantsHashes", Kind::descendants_hashes},
};

RpcResult<Kind> kind_of(std::string_view text) {
    for (const auto& [name, kind] : kKinds) {
        if (name == text) {
            return kind;
        }
    }
    return std::unexpected(
        invalid_params("unknown variant `" + std::string(text) +
                       "`, expected one of `value`, `hash`, `closestDescendantMerkleValue`, "
                       "`descendantsValues`, `descendantsHashes`"));
}

/// The part of a key's nibbles from `from` on begins with, or is the beginning of, a partial key.
bool agrees(ByteView nibbles, std::size_t from, const state::trie::PartialView& partial) {
    for (std::size_t i = 0; i < partial.count && from + i < nibbles.size(); ++i) {
        if (partial[i] != nibbles[from + i]) {
            return false;
        }
    }
    return true;
}

}  // namespace

RpcResult<std::vector<RawStorageQuery>> storage_queries(Params& params, std::string_view name) {
    TRY_ASSIGN(const auto items, params.raw_list(name));
    std::vector<RawStorageQuery> queries;
    queries.reserve(items.size());
    for (const std::string_view item : items) {
        Params fields(item);
        RawStorageQuery query;
        TRY_ASSIGN(query.key, fields.text("key"));
        TRY_ASSIGN(const std::string kind, fields.text("type"));
        TRY_ASSIGN(query.kind, kind_of(kind));
        TRY_ASSIGN(query.start_after, fields.optional_text("paginationStartKey"));
        queries.push_back(std::move(query));
    }
    return queries;
}

std::expected<Bytes, std::string> parse_hex_parameter(std::string_view text) {
    const std::string_view digits = text.starts_with("0x") ? text.substr(2) : text;
    const bool whole = digits.size() % 2 == 0 &&
                       digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
    if (!whole) {
        return std::unexpected(std::string(text));
    }
    return parse_hex_text(digits).value_or(Bytes{});
}

std::expected<std::vector<StorageQuery>, std::string> parse_queries(
    const std::vector<RawStorageQuery>& raw, bool paginated) {
    std::vector<StorageQuery> queries;
    queries.reserve(raw.size());
    for (const RawStorageQuery& item : raw) {
        StorageQuery query{.key = {}, .kind = item.kind};
        TRY_ASSIGN(query.key, parse_hex_parameter(item.key));
        if (paginated && item.start_after) {
            if (!query.is_descendants()) {
                return std::unexpected(
                    std::string("paginationStartKey is only valid for descendantsValues and "
                                "descendantsHashes query types"));
            }
            TRY_ASSIGN(query.start_after, parse_hex_parameter(*item.start_after));
        }
        queries.push_back(std::move(query));
    }
    return queries;
}

StorageRun::StorageRun(ReaderPointer state, std::optional<Bytes> child_key,
                       std::vector<StorageQuery> queries)
    : state_(std::move(state)),
      child_key_(std::move(child_key)),
      trie_(child_key_ ? state::TrieId{*child_key_} : state::TrieId::main()),
      queries_(std::move(queries)) {}

void StorageRun::add_item(StorageItems& items, ByteView key, std::string_view what,
                          ByteView value) const {
    std::string item = R"("key":)";
    append_json_hex(item, key);
    item.append(",\"").append(what).append("\":");
    append_json_hex(item, value);
    if (child_key_) {
        item.append(R"(,"childTrieKey":)");
        append_json_hex(item, *child_key_);
    }
    items.add(std::move(item));
}

Result<> StorageRun::run_one(StorageItems& items, const StorageQuery& query) {
    if (query.kind == Kind::closest_descendant_merkle_value) {
        TRY_ASSIGN(const auto merkle, closest_merkle_value(*state_, trie_, query.key));
        if (merkle) {
            add_item(items, query.key, "closestDescendantMerkleValue", *merkle);
        }
        return {};
    }
    TRY_ASSIGN(const auto value, state_->get(trie_, query.key));
    if (value && query.kind == Kind::value) {
        add_item(items, query.key, "value", *value);
    } else if (value) {
        add_item(items, query.key, "hash", crypto::blake2b_256(*value));
    }
    return {};
}

Result<bool> StorageRun::run_descendants(StorageItems& items, const StorageQuery& query,
                                         std::size_t bytes_max) {
    const std::optional<Bytes>& after = last_key_ ? last_key_ : query.start_after;
    const bool resumes = after && compare(*after, query.key) >= 0;
    auto cursor = state_->keys(trie_, resumes ? ByteView(*after) : ByteView(query.key));
    if (resumes && cursor->valid() && equal(cursor->key(), *after)) {
        cursor->next();
    }
    for (; cursor->valid() && starts_with(cursor->key(), query.key); cursor->next()) {
        if (items.bytes >= bytes_max) {
            return false;
        }
        TRY_ASSIGN(const auto value, cursor->value());
        if (query.kind == Kind::descendants_values) {
            add_item(items, cursor->key(), "value", value.bytes);
        } else {
            add_item(items, cursor->key(), "hash", crypto::blake2b_256(value.bytes));
        }
        last_key_ = to_bytes(cursor->key());
    }
    TRY(cursor->status());
    return true;
}

Result<bool> StorageRun::next(StorageItems& items, std::size_t bytes_max) {
    for (; at_ < queries_.size(); ++at_) {
        if (items.bytes >= bytes_max) {
            return true;
        }
        const StorageQuery& query = queries_[at_];
        if (!query.is_descendants()) {
            TRY(run_one(items, query));
            continue;
        }
        TRY_ASSIGN(const bool finished, run_descendants(items, query, bytes_max));
        if (!finished) {
            return true;
        }
        last_key_.reset();
    }
    return false;
}

Result<std::optional<Bytes>> closest_merkle_value(const state::Reader& state,
                                                  const state::TrieId& trie, ByteView key) {
    const auto cursor = state.keys(trie, key);
    TRY(cursor->status());
    if (!cursor->valid() || !starts_with(cursor->key(), key)) {
        return std::nullopt;
    }
    // The nodes on the way to the first key below, whatever stands in the store.
    const Bytes first = to_bytes(cursor->key());
    TRY_ASSIGN(const auto proof, state::prove_keys(state, trie, std::span(&first, 1)));
    TRY_ASSIGN(const state::StateRoot root, state.root(trie));
    const state::ProofReader nodes(proof, root);
    Bytes nibbles;
    state::trie::append_nibbles(nibbles, key);
    Bytes merkle = to_bytes(root.view());
    for (std::size_t depth = 0;;) {
        const bool hashed = merkle.size() == state::trie::kHashBytes;
        const auto found = hashed ? nodes.find(state::StateRoot::copy(merkle)) : ByteView(merkle);
        if (!found) {
            return fail("incomplete proof");
        }
        const auto node = state::trie::decode_node(*found);
        if (!node) {
            return fail(state::trie::describe(node.error()));
        }
        if (!agrees(nibbles, depth, node->partial)) {
            return std::nullopt;
        }
        depth += node->partial.count;
        if (depth >= nibbles.size()) {
            return merkle;
        }
        const std::uint8_t slot = nibbles[depth++];
        if (!node->is_branch() || !node->has_child(slot)) {
            return std::nullopt;
        }
        merkle = to_bytes(node->children[slot]);
    }
}

}  // namespace stipple::rpc
