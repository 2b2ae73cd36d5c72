#include "state/store/cache.hpp"

namespace stipple::state::store {

CachedRow RowCache::find(RowKind kind, ByteView row, BlockNumber number) {
    auto& shard = shard_of(row);
    const std::lock_guard lock(shard.mutex);
    auto& places = shard.places[static_cast<std::size_t>(kind)];
    const auto found = places.find(row);
    if (found == places.end() || found->second->changed_at > number) {
        return nullptr;
    }
    shard.entries.splice(shard.entries.begin(), shard.entries, found->second);
    return found->second->value;
}

void RowCache::insert(RowKind kind, ByteView row, CachedRow value, BlockNumber changed_at,
                      std::uint64_t generation) {
    auto& shard = shard_of(row);
    const std::lock_guard lock(shard.mutex);
    if (generation_.load() == generation) {
        put(shard, kind, row, std::move(value), changed_at);
    }
}

void RowCache::replace(RowKind kind, ByteView row, CachedRow value, BlockNumber changed_at) {
    auto& shard = shard_of(row);
    const std::lock_guard lock(shard.mutex);
    put(shard, kind, row, std::move(value), changed_at);
}

void RowCache::put(Shard& shard, RowKind kind, ByteView row, CachedRow value,
                   BlockNumber changed_at) {
    auto& places = shard.places[static_cast<std::size_t>(kind)];
    const auto found = places.find(row);
    if (found != places.end()) {
        auto& entry = *found->second;
        shard.bytes -= cost(entry);
        entry.value = std::move(value);
        entry.changed_at = changed_at;
        shard.bytes += cost(entry);
        shard.entries.splice(shard.entries.begin(), shard.entries, found->second);
    } else {
        shard.entries.push_front(Entry{kind, to_bytes(row), std::move(value), changed_at});
        places.emplace(shard.entries.front().row, shard.entries.begin());
        shard.bytes += cost(shard.entries.front());
    }
    while (shard.bytes > shard_bytes_max_ && !shard.entries.empty()) {
        auto& oldest = shard.entries.back();
        shard.bytes -= cost(oldest);
        shard.places[static_cast<std::size_t>(oldest.kind)].erase(ByteView(oldest.row));
        shard.entries.pop_back();
    }
}

void RowCache::clear() {
    for (auto& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        for (auto& places : shard.places) {
            places.clear();
        }
        shard.entries.clear();
        shard.bytes = 0;
    }
}

std::size_t RowCache::bytes() const {
    std::size_t sum = 0;
    for (const auto& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        sum += shard.bytes;
    }
    return sum;
}

}  // namespace stipple::state::store
