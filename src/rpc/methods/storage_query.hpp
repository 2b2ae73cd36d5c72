// Storage queries of chainHead_v1_storage and archive_v1_storage: what is asked, and answering it
// in parts.
//
// A query names a key and what is wanted of it: the value, its hash, the Merkle value of the
// closest node at or below it, or values or hashes of all keys under it. Answers are the members of
// JSON objects:
//     "key":"0x…","value":"0x…","childTrieKey":"0x…"        or "hash",
//     "closestDescendantMerkleValue"
// A key without a value gives none.
//
// Spec: json-rpc-interface-spec, chainHead_v1_storage, archive_v1_storage
#pragma once

#include "rpc/methods/storage_read.hpp"

namespace stipple::rpc {

struct StorageQuery {
    enum class Kind : std::uint8_t {
        value,
        hash,
        closest_descendant_merkle_value,
        descendants_values,
        descendants_hashes,
    };
    Bytes key;
    Kind kind = Kind::value;
    /// Of descendants: only keys above this one (archive).
    std::optional<Bytes> start_after{};
    bool is_descendants() const {
        return kind == Kind::descendants_values || kind == Kind::descendants_hashes;
    }
};

/// As sent: keys still in hexadecimal.
struct RawStorageQuery {
    std::string key;
    StorageQuery::Kind kind = StorageQuery::Kind::value;
    std::optional<std::string> start_after{};
};
/// The next parameter: a list of {"key", "type", "paginationStartKey"}.
RpcResult<std::vector<RawStorageQuery>> storage_queries(Params& params, std::string_view name);

/// Hexadecimal text as this group of methods takes it: with or without 0x, whole bytes, may be
/// empty. The error is the text itself.
std::expected<Bytes, std::string> parse_hex_parameter(std::string_view text);
/// The error is what stands in the text that is not hexadecimal. Start keys stay out when
/// `paginated` is not set.
std::expected<std::vector<StorageQuery>, std::string> parse_queries(
    const std::vector<RawStorageQuery>& raw, bool paginated);

/// Answers that go out together.
struct StorageItems {
    std::vector<std::string> members;  ///< of one object each, without braces
    std::size_t bytes = 0;
    void add(std::string item) {
        bytes += item.size();
        members.push_back(std::move(item));
    }
};

/// Where the answer of a list of queries has got to.
class StorageRun {
 public:
    /// `child_key` is absent for the main trie.
    StorageRun(ReaderPointer state, std::optional<Bytes> child_key,
               std::vector<StorageQuery> queries);
    /// Appends answers until they have about `bytes_max` together. False at the end.
    Result<bool> next(StorageItems& items, std::size_t bytes_max);

 private:
    Result<> run_one(StorageItems& items, const StorageQuery& query);
    /// False when the query has not come to its end within the bound.
    Result<bool> run_descendants(StorageItems& items, const StorageQuery& query,
                                 std::size_t bytes_max);
    void add_item(StorageItems& items, ByteView key, std::string_view what, ByteView value) const;

    ReaderPointer state_;
    std::optional<Bytes> child_key_;
    state::TrieId trie_;
    std::vector<StorageQuery> queries_;
    std::size_t at_ = 0;
    std::optional<Bytes> last_key_;  ///< within the query at `at_`
};

/// The Merkle value of the trie node at this key, or else of the closest one below it: its hash, or
/// the node itself when that is shorter than one. Absent when there is no key with this prefix.
Result<std::optional<Bytes>> closest_merkle_value(const state::Reader& state,
                                                  const state::TrieId& trie, ByteView key);

}  // namespace stipple::rpc
