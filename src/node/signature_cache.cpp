#include "node/signature_cache.hpp"

#include <algorithm>

namespace stipple::node {

SignatureCache::SignatureCache(std::size_t entries_max)
    : shard_entries_max_(std::max<std::size_t>(1, entries_max / kShards)) {}

std::optional<bool> SignatureCache::find(const crypto::Hash256& claim) const {
    const auto& shard = shards_[shard_of(claim)];
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.verdicts.find(claim);
    return found == shard.verdicts.end() ? std::nullopt : std::optional(found->second);
}

void SignatureCache::insert(const crypto::Hash256& claim, bool valid) {
    auto& shard = shards_[shard_of(claim)];
    const std::lock_guard lock(shard.mutex);
    if (!shard.verdicts.emplace(claim, valid).second) {
        return;
    }
    shard.arrival.push_back(claim);
    if (shard.arrival.size() > shard_entries_max_) {
        shard.verdicts.erase(shard.arrival.front());
        shard.arrival.pop_front();
    }
}

std::size_t SignatureCache::size() const {
    std::size_t total = 0;
    for (const auto& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        total += shard.verdicts.size();
    }
    return total;
}

}  // namespace stipple::node
