#include "libp2p/kademlia/record_store.hpp"

namespace stipple::libp2p::kademlia {

namespace {

std::size_t bytes_of(const Record& record) {
    return record.key.size() + record.value.size();
}

}  // namespace

void RecordStore::erase_record(std::map<Distance, StoredRecord>::iterator entry) {
    record_bytes_ -= bytes_of(entry->second.record);
    records_.erase(entry);
}

bool RecordStore::put(Instant now, const Record& record) {
    if (record.key.size() > kKeyBytesMax || record.value.size() > kValueBytesMax) {
        return false;
    }
    static_assert(kStoredBytesMax >= kKeyBytesMax + kValueBytesMax);
    const Distance at = distance(self_, key_of(record.key));
    if (const auto known = records_.find(at); known != records_.end()) {
        erase_record(known);
    }
    const std::size_t size = bytes_of(record);
    while (records_.size() >= kStoredRecordsMax || record_bytes_ + size > kStoredBytesMax) {
        const auto farthest = std::prev(records_.end());
        if (farthest->first < at) {
            return false;
        }
        erase_record(farthest);
    }
    const Duration lifetime =
        record.ttl_seconds
            ? std::min<Duration>(std::chrono::seconds(*record.ttl_seconds), kRecordLifetime)
            : Duration(kRecordLifetime);
    records_.emplace(at, StoredRecord{.record = record, .expires = now + lifetime});
    record_bytes_ += size;
    return true;
}

void RecordStore::remove_record(ByteView key) {
    if (const auto known = records_.find(distance(self_, key_of(key))); known != records_.end()) {
        erase_record(known);
    }
}

std::optional<Record> RecordStore::find_record(Instant now, ByteView key) const {
    const auto found = records_.find(distance(self_, key_of(key)));
    if (found == records_.end() || found->second.expires <= now) {
        return std::nullopt;
    }
    Record record = found->second.record;
    const auto left =
        std::chrono::duration_cast<std::chrono::seconds>(found->second.expires - now).count();
    record.ttl_seconds = static_cast<std::uint32_t>(std::max<std::int64_t>(left, 1));
    return record;
}

bool RecordStore::add_provider(Instant now, ByteView key, const PeerInfo& provider) {
    if (key.size() > kKeyBytesMax) {
        return false;
    }
    const Distance at = distance(self_, key_of(key));
    auto entry = providers_.find(at);
    if (entry == providers_.end()) {
        if (providers_.size() >= kProvidedKeysMax) {
            const auto farthest = std::prev(providers_.end());
            if (farthest->first < at) {
                return false;
            }
            providers_.erase(farthest);
        }
        entry = providers_.emplace(at, ProvidedKey{.key = to_bytes(key), .providers = {}}).first;
    }
    auto& providers = entry->second.providers;
    const Distance provider_at = distance(key_of(key), key_of(provider.peer));
    providers.insert_or_assign(provider_at,
                               Provider{.info = provider, .expires = now + kProviderLifetime});
    if (providers.size() <= kProvidersPerKeyMax) {
        return true;
    }
    const auto farthest = std::prev(providers.end());
    const bool kept = farthest->first != provider_at;
    providers.erase(farthest);
    return kept;
}

std::vector<PeerInfo> RecordStore::providers(Instant now, ByteView key) const {
    std::vector<PeerInfo> found;
    const auto entry = providers_.find(distance(self_, key_of(key)));
    if (entry != providers_.end()) {
        for (const auto& [at, provider] : entry->second.providers) {
            if (provider.expires > now) {
                found.push_back(provider.info);
            }
        }
    }
    return found;
}

void RecordStore::expire(Instant now) {
    for (auto entry = records_.begin(); entry != records_.end();) {
        const auto next = std::next(entry);
        if (entry->second.expires <= now) {
            erase_record(entry);
        }
        entry = next;
    }
    for (auto& [at, provided] : providers_) {
        std::erase_if(provided.providers,
                      [&](const auto& provider) { return provider.second.expires <= now; });
    }
    std::erase_if(providers_, [](const auto& entry) { return entry.second.providers.empty(); });
}

}  // namespace stipple::libp2p::kademlia
