#include "chain/pool/watch_list.hpp"

#include "chain/pool/limits.hpp"

namespace stipple::chain::pool {

bool WatchList::watch(const ExtrinsicHash& hash) {
    if (watched_.size() >= kWatchedMax) {
        return false;
    }
    watched_.insert(hash);
    return true;
}

void WatchList::unwatch(const ExtrinsicHash& hash) {
    watched_.erase(hash);
}

void WatchList::note_in_block(const ExtrinsicHash& hash, const BlockHash& block,
                              std::uint32_t index, std::vector<Notice>& notices) {
    if (!is_watched(hash)) {
        return;
    }
    const auto [entry, is_new] = blocks_.try_emplace(block);
    if (is_new) {
        entry->second.order = ++orders_;
        by_order_.emplace(orders_, block);
    }
    entry->second.places.push_back({hash, index});
    notices.push_back({hash, {.kind = StatusKind::in_block, .block = block, .index = index}});
    while (blocks_.size() > kFinalityWatchBlocksMax) {
        close(BlockHash(by_order_.begin()->second), StatusKind::finality_timeout, notices);
    }
}

void WatchList::note_retracted(const BlockHash& block, std::vector<Notice>& notices) {
    close(block, StatusKind::retracted, notices);
}

void WatchList::note_finalized(const BlockHash& block, std::vector<Notice>& notices) {
    close(block, StatusKind::finalized, notices);
}

void WatchList::close(const BlockHash& block, StatusKind kind, std::vector<Notice>& notices) {
    const auto found = blocks_.find(block);
    if (found == blocks_.end()) {
        return;
    }
    const BlockEntry entry = std::move(found->second);
    by_order_.erase(entry.order);
    blocks_.erase(found);
    for (const Place& place : entry.places) {
        if (!is_watched(place.hash)) {
            continue;
        }
        const std::uint32_t index = kind == StatusKind::finalized ? place.index : 0;
        notices.push_back({place.hash, {.kind = kind, .block = block, .index = index}});
        if (is_last(kind)) {
            unwatch(place.hash);
        }
    }
}

}  // namespace stipple::chain::pool
