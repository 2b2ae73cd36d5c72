#include "libp2p/kademlia/routing_table.hpp"

#include "base/check.hpp"

namespace stipple::libp2p::kademlia {

namespace {

/// The new ones to the front, each once, the oldest dropped.
void merge_addresses(std::vector<Multiaddr>& known, std::span<const Multiaddr> fresh) {
    for (auto address = fresh.rbegin(); address != fresh.rend(); ++address) {
        const auto found = std::find(known.begin(), known.end(), *address);
        if (found != known.end()) {
            std::rotate(known.begin(), found, found + 1);
        } else {
            known.insert(known.begin(), *address);
        }
    }
    known.resize(std::min(known.size(), kAddressesPerContactMax));
}

bool is_failed(const Contact& contact) {
    return !contact.connected && contact.failures > 0;
}

}  // namespace

std::optional<std::size_t> RoutingTable::index_of(const PeerId& peer) const {
    return bucket_of(distance(self_, key_of(peer)));
}

Contact* RoutingTable::find_in(Bucket& bucket, const PeerId& peer) {
    const auto found = std::find_if(bucket.begin(), bucket.end(),
                                    [&](const Contact& c) { return c.peer == peer; });
    return found == bucket.end() ? nullptr : &*found;
}

RoutingTable::Outcome RoutingTable::add(Instant now, const PeerId& peer,
                                        std::span<const Multiaddr> addresses, bool connected) {
    const auto index = index_of(peer);
    if (!index) {
        return {};
    }
    Bucket& bucket = buckets_[*index];
    if (Contact* known = find_in(bucket, peer)) {
        merge_addresses(known->addresses, addresses);
        known->failures = 0;
        known->heard = now;
        known->connected = known->connected || connected;
        const auto at = bucket.begin() + (known - bucket.data());
        std::rotate(at, at + 1, bucket.end());
        return {.added = Added::known, .challenged = {}};
    }
    Contact contact{
        .peer = peer, .key = key_of(peer), .addresses = {}, .connected = connected, .heard = now};
    merge_addresses(contact.addresses, addresses);
    if (bucket.size() < kBucketSize) {
        bucket.push_back(std::move(contact));
        return {.added = Added::inserted, .challenged = {}};
    }
    const auto failed = std::find_if(bucket.begin(), bucket.end(), is_failed);
    if (failed != bucket.end()) {
        bucket.erase(failed);
        bucket.push_back(std::move(contact));
        return {.added = Added::inserted, .challenged = {}};
    }
    // A later newcomer does not get more time, or steady newcomers would never get in.
    const auto waiting = pending_.find(*index);
    if (waiting != pending_.end()) {
        waiting->second.contact = std::move(contact);
        return {.added = Added::pending, .challenged = {}};
    }
    const auto quietest =
        std::find_if(bucket.begin(), bucket.end(), [](const Contact& c) { return !c.connected; });
    if (quietest == bucket.end()) {
        return {};
    }
    pending_.emplace(
        *index, Pending{.contact = std::move(contact), .challenged = quietest->peer, .since = now});
    return {.added = Added::pending, .challenged = quietest->peer};
}

void RoutingTable::on_connected(const PeerId& peer) {
    const auto index = index_of(peer);
    if (Contact* contact = index ? find_in(buckets_[*index], peer) : nullptr) {
        contact->connected = true;
        contact->failures = 0;
    }
}

void RoutingTable::on_disconnected(const PeerId& peer) {
    const auto index = index_of(peer);
    if (Contact* contact = index ? find_in(buckets_[*index], peer) : nullptr) {
        contact->connected = false;
    }
}

void RoutingTable::on_failure(Instant now, const PeerId& peer) {
    const auto index = index_of(peer);
    Contact* contact = index ? find_in(buckets_[*index], peer) : nullptr;
    if (contact == nullptr) {
        return;
    }
    if (++contact->failures >= kFailuresMax) {
        remove(now, peer);
    } else if (!contact->connected && pending_.contains(*index)) {
        let_in(*index, now);
    }
}

void RoutingTable::remove(Instant now, const PeerId& peer) {
    const auto index = index_of(peer);
    if (!index) {
        return;
    }
    std::erase_if(buckets_[*index], [&](const Contact& c) { return c.peer == peer; });
    const auto waiting = pending_.find(*index);
    if (waiting == pending_.end()) {
        return;
    }
    if (waiting->second.contact.peer == peer) {
        pending_.erase(waiting);
    } else if (buckets_[*index].size() < kBucketSize) {
        let_in(*index, now);
    }
}

/// The bucket's newcomer gets a place that is free, a failed contact's, or that of the challenged
/// one if it kept silent. Otherwise the newcomer is forgotten.
bool RoutingTable::let_in(std::size_t index, Instant now) {
    const auto entry = pending_.find(index);
    CHECK(entry != pending_.end());
    Pending pending = std::move(entry->second);
    pending_.erase(entry);
    Bucket& bucket = buckets_[index];
    if (bucket.size() >= kBucketSize) {
        auto leaving = std::find_if(bucket.begin(), bucket.end(), is_failed);
        if (leaving == bucket.end() && pending.since + kPendingTime <= now) {
            leaving = std::find_if(bucket.begin(), bucket.end(), [&](const Contact& c) {
                return c.peer == pending.challenged && !c.connected && c.heard <= pending.since;
            });
        }
        if (leaving == bucket.end()) {
            return false;
        }
        bucket.erase(leaving);
    }
    bucket.push_back(std::move(pending.contact));
    return true;
}

std::vector<PeerId> RoutingTable::settle(Instant now) {
    std::vector<std::size_t> due;
    for (const auto& [index, waiting] : pending_) {
        if (waiting.since + kPendingTime <= now) {
            due.push_back(index);
        }
    }
    std::vector<PeerId> settled;
    for (const std::size_t index : due) {
        PeerId peer = pending_.at(index).contact.peer;
        if (let_in(index, now)) {
            settled.push_back(std::move(peer));
        }
    }
    return settled;
}

std::optional<Instant> RoutingTable::settle_at() const {
    std::optional<Instant> earliest;
    for (const auto& [index, waiting] : pending_) {
        const Instant due = waiting.since + kPendingTime;
        if (!earliest || due < *earliest) {
            earliest = due;
        }
    }
    return earliest;
}

const Contact* RoutingTable::find(const PeerId& peer) const {
    const auto index = index_of(peer);
    if (!index) {
        return nullptr;
    }
    const Bucket& bucket = buckets_[*index];
    const auto found = std::find_if(bucket.begin(), bucket.end(),
                                    [&](const Contact& c) { return c.peer == peer; });
    return found == bucket.end() ? nullptr : &*found;
}

std::vector<const Contact*> RoutingTable::closest(const Key& target, std::size_t count) const {
    std::vector<std::pair<Distance, const Contact*>> all;
    for (const Bucket& bucket : buckets_) {
        for (const Contact& contact : bucket) {
            all.emplace_back(distance(target, contact.key), &contact);
        }
    }
    const auto wanted = static_cast<std::ptrdiff_t>(std::min(count, all.size()));
    std::partial_sort(all.begin(), all.begin() + wanted, all.end(),
                      [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<const Contact*> contacts;
    for (auto entry = all.begin(); entry != all.begin() + wanted; ++entry) {
        contacts.push_back(entry->second);
    }
    return contacts;
}

std::size_t RoutingTable::size() const {
    std::size_t count = 0;
    for (const Bucket& bucket : buckets_) {
        count += bucket.size();
    }
    return count;
}

std::map<std::size_t, std::size_t> RoutingTable::bucket_sizes() const {
    std::map<std::size_t, std::size_t> sizes;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        if (!buckets_[i].empty()) {
            sizes.emplace(i, buckets_[i].size());
        }
    }
    return sizes;
}

}  // namespace stipple::libp2p::kademlia
