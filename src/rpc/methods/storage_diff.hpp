// archive_v1_storageDiff: which keys differ between two states, told in parts.
//
// Both states are walked side by side in key order, only below the prefixes that were asked for,
// and a key is told as added, modified or deleted:
//     "key":"0x…","value":"0x…","type":"modified","childTrieKey":"0x…"            or "hash"
//
// Spec: json-rpc-interface-spec, archive_v1_storageDiff
#pragma once

#include "rpc/methods/storage_query.hpp"

namespace stipple::rpc {

/// One item as sent: keys still in hexadecimal.
struct RawDiffItem {
    std::string key;
    bool wants_hash = false;  ///< else the value
    std::optional<std::string> child_trie_key{};
};
/// The next parameter: a list of {"key", "returnType", "childTrieKey"}.
RpcResult<std::vector<RawDiffItem>> storage_diff_items(Params& params, std::string_view name);

/// What is wanted of one trie.
struct TrieDiffQuery {
    std::optional<std::string> child_text;  ///< as the client wrote it; absent: the main trie
    state::TrieId trie;
    struct Item {
        Bytes prefix;
        bool wants_hash = false;
    };
    std::vector<Item> items;
};
/// Grouped by trie, main first. The error is what is not hexadecimal.
std::expected<std::vector<TrieDiffQuery>, std::string> parse_diff_items(
    const std::vector<RawDiffItem>& raw);

/// Where the comparison has got to.
class StorageDiffRun {
 public:
    StorageDiffRun(ReaderPointer before, ReaderPointer after, std::vector<TrieDiffQuery> queries);
    /// Appends answers until they have about `bytes_max` together, or kDiffKeysVisitedMax keys were
    /// compared. False at the end.
    Result<bool> next(StorageItems& items, std::size_t bytes_max);

 private:
    struct Range {
        std::size_t query = 0;
        Bytes prefix;
    };
    /// False when the range has not come to its end within the bounds.
    Result<bool> run_range(StorageItems& items, const Range& range, std::size_t bytes_max,
                           std::size_t& visits);
    void add_items(StorageItems& items, const TrieDiffQuery& query, ByteView key,
                   std::string_view type, ByteView value) const;

    ReaderPointer before_;
    ReaderPointer after_;
    std::vector<TrieDiffQuery> queries_;
    std::vector<Range> ranges_;
    std::size_t at_ = 0;
    std::optional<Bytes> last_key_;  ///< within the range at `at_`
};

}  // namespace stipple::rpc
