// archive_v1_storage and archive_v1_storageDiff: one subscription each, that tells its answer in
// parts, at the peer's pace, and ends.
//
// Spec: json-rpc-interface-spec, archive_v1_storage, archive_v1_storageDiff
#pragma once

#include "rpc/methods/storage_diff.hpp"
#include "rpc/subscriptions/outbox.hpp"
#include "rpc/subscriptions/strand.hpp"

namespace stipple::rpc {

/// The parameters of either, as sent.
struct ArchiveQuery {
    BlockHash block;
    bool is_difference = false;
    std::vector<RawStorageQuery> items;     ///< of storage
    std::optional<std::string> child_trie;  ///< of storage
    std::vector<RawDiffItem> diff_items;
    std::optional<BlockHash> previous;  ///< of a difference; absent: the parent
};
RpcResult<ArchiveQuery> read_archive_query(Params& params, bool is_difference);

/// Tells the answer; a query that cannot be answered is told as an error event. Runs here until the
/// peer must read first, then on workers. `ended` is called once, after the last event.
void answer_archive_query(const RpcContext& context, const ArchiveQuery& query,
                          std::shared_ptr<Outbox> outbox, RunSlow run_slow,
                          std::function<void()> ended);

}  // namespace stipple::rpc
