#include "network/discovery/authority_discovery.hpp"

#include <algorithm>

namespace stipple::network::discovery {
namespace {

constexpr std::uint64_t kNanosPerMilli = 1'000'000;

/// Addresses without a port cannot be dialled.
bool has_port(const libp2p::Multiaddr& address) {
    return std::ranges::any_of(address.parts(), [](const libp2p::AddrPart& part) {
        return part.protocol == libp2p::AddrProtocol::tcp ||
               part.protocol == libp2p::AddrProtocol::udp ||
               part.protocol == libp2p::AddrProtocol::memory;
    });
}

}  // namespace

AuthorityDiscovery::AuthorityDiscovery(DiscoveryConfig config, Instant now, Seed seed)
    : config_(std::move(config)), prng_(seed) {
    publish_.greatest = kPublishInterval;
    query_.greatest = kQueryInterval;
    publish_.next(now);
    query_.next(now);
}

// ---- publishing ----

void AuthorityDiscovery::on_addresses(std::vector<libp2p::Multiaddr> listening,
                                      std::vector<libp2p::Multiaddr> external) {
    listening_ = std::move(listening);
    external_ = std::move(external);
}

std::vector<libp2p::Multiaddr> AuthorityDiscovery::addresses_to_publish() const {
    std::vector<libp2p::Multiaddr> addresses;
    const auto add = [&](const libp2p::Multiaddr& address) {
        const auto full = address.with_peer(config_.local);
        if (!full || !has_port(address) || addresses.size() >= kAddressesPublishedMax ||
            std::ranges::find(addresses, *full) != addresses.end()) {
            return false;
        }
        addresses.push_back(*full);
        return true;
    };
    for (const auto& address : config_.public_addresses) {
        add(address);
    }
    // Networks of one machine are too small for peers to confirm an address: there, what we listen
    // on has to do. (The Rust node leaves such records out.)
    const bool local_too = config_.publish_non_global && addresses.empty() && external_.empty();
    std::size_t listen_count = 0;
    for (const auto& address : listening_) {
        if (listen_count < kListenAddressesPublishedMax &&
            (local_too || address.reach() == libp2p::Reach::global) && add(address)) {
            ++listen_count;
        }
    }
    for (const auto& address : external_) {
        if (config_.publish_non_global || address.reach() == libp2p::Reach::global) {
            add(address);
        }
    }
    return addresses;
}

void AuthorityDiscovery::publish(UnixMillis unix_time, Effects& effects) {
    const auto addresses = addresses_to_publish();
    if (addresses.empty() || own_.empty()) {
        return;
    }
    last_published_addresses_ = addresses.size();
    const JobId job(next_job_++);
    signing_ = SignJob{job, encode_record(addresses, uint128{unix_time.value} * kNanosPerMilli)};
    effects.emplace_back(
        SignRecord{job, signing_->record, std::vector<AuthorityId>(own_.begin(), own_.end())});
}

void AuthorityDiscovery::on_signed(
    JobId job, std::span<const std::pair<AuthorityId, crypto::Sr25519Signature>> auth,
    const std::optional<PeerSignature>& peer, Effects& effects) {
    if (!signing_ || signing_->id != job) {
        return;
    }
    published_.clear();
    for (const auto& [authority, signature] : auth) {
        if (own_.contains(authority)) {
            const RecordKey key = record_key(authority);
            published_.insert(key);
            effects.emplace_back(
                PutRecord{key, encode_signed_record(signing_->record, signature, peer)});
        }
    }
    signing_.reset();
}

void AuthorityDiscovery::on_put(Instant now, const RecordKey& key, bool is_stored) {
    if (is_stored && published_.contains(key)) {
        publish_.slow_down(now);
    }
}

// ---- looking up ----

void AuthorityDiscovery::on_authorities(Instant now, std::span<const AuthorityId> authorities,
                                        std::span<const AuthorityId> own_keys, Effects& effects) {
    std::set<AuthorityId> own;
    std::map<RecordKey, AuthorityId> others;
    std::vector<AuthorityId> pending;
    for (const auto& authority : authorities.first(std::min(authorities.size(), kAuthoritiesMax))) {
        if (std::ranges::find(own_keys, authority) != own_keys.end()) {
            if (own.size() < kOwnKeysMax) {
                own.insert(authority);
            }
        } else if (others.emplace(record_key(authority), authority).second && config_.look_up) {
            pending.push_back(authority);
        }
    }
    if (own != own_) {
        own_ = std::move(own);
        publish_.restart(now);
    }
    std::vector<AuthorityId> gone;
    for (const auto& [key, authority] : authorities_) {
        if (!others.contains(key) && known_.erase(key) != 0) {
            gone.push_back(authority);
        }
    }
    if (!gone.empty()) {
        effects.emplace_back(AuthoritiesGone{std::move(gone)});
    }
    authorities_ = std::move(others);
    for (std::size_t i = pending.size(); i > 1; --i) {
        std::swap(pending[i - 1], pending[prng_.below(i)]);
    }
    pending_ = std::move(pending);
    looking_.clear();  // what is not done by now never will be
    answering_.clear();
    start_lookups(effects);
}

void AuthorityDiscovery::start_lookups(Effects& effects) {
    while (looking_.size() < kLookupsMax && !pending_.empty()) {
        const RecordKey key = record_key(pending_.back());
        pending_.pop_back();
        looking_.insert(key);
        answering_.insert(key);
        effects.emplace_back(GetRecord{key});
    }
}

void AuthorityDiscovery::on_lookup_done(const RecordKey& key, Effects& effects) {
    if (looking_.erase(key) != 0) {
        start_lookups(effects);
    }
}

void AuthorityDiscovery::on_value_found(const RecordKey& key, ByteView value,
                                        const std::optional<PeerId>& holder, Effects& effects) {
    const auto authority = authorities_.find(key);
    if (authority == authorities_.end() || !answering_.contains(key)) {
        return;  // not asked for
    }
    const auto known = known_.find(key);
    if (known != known_.end() && equal(known->second.value, value)) {
        if (holder && known->second.holders.size() < kHoldersMax) {
            known->second.holders.insert(*holder);
        }
        return;
    }
    verify({key, authority->second, to_bytes(value), holder, std::nullopt}, effects);
}

void AuthorityDiscovery::on_put_request(const RecordKey& key, ByteView value,
                                        const PeerId& publisher, Effects& effects) {
    const auto authority = authorities_.find(key);
    if (authority != authorities_.end()) {
        verify({key, authority->second, to_bytes(value), std::nullopt, publisher}, effects);
    }
}

void AuthorityDiscovery::verify(VerifyJob job, Effects& effects) {
    if (jobs_.size() >= kVerifyingMax || job.value.size() > kRecordBytesMax) {
        return;
    }
    const JobId id(next_job_++);
    effects.emplace_back(VerifyRecord{id, job.authority, job.value, config_.needs_peer_signature});
    jobs_.emplace(id, std::move(job));
}

void AuthorityDiscovery::on_verified(JobId id,
                                     const std::expected<VerifiedRecord, RecordError>& record,
                                     Effects& effects) {
    const auto extracted = jobs_.extract(id);
    if (extracted.empty() || !record || !authorities_.contains(extracted.mapped().key)) {
        return;
    }
    const VerifyJob& job = extracted.mapped();
    if (job.publisher) {
        // Only the node itself puts its record, and never an older one over a newer one.
        const auto known = known_.find(job.key);
        const bool is_older =
            known != known_.end() && record->created_ns < known->second.created_ns;
        if (*job.publisher == record->peer && !is_older) {
            effects.emplace_back(StoreRecord{job.key, job.value, *job.publisher});
        }
        return;
    }
    if (record->peer != config_.local && note(job, *record, effects)) {
        effects.emplace_back(AddressesFound{job.authority, record->peer, record->addresses});
    }
}

bool AuthorityDiscovery::note(const VerifyJob& job, const VerifiedRecord& record,
                              Effects& effects) {
    const auto holders_of = [](const std::optional<PeerId>& holder) {
        return holder ? std::set{*holder} : std::set<PeerId>{};
    };
    const auto [known, is_new] = known_.try_emplace(
        job.key, Known{record.created_ns, job.value, record.peer, holders_of(job.holder)});
    if (is_new) {
        return true;
    }
    Known& current = known->second;
    if (record.created_ns < current.created_ns) {
        if (job.holder) {
            effects.emplace_back(
                PutRecordTo{job.key, current.value, current.publisher, {*job.holder}});
        }
        return false;
    }
    if (record.created_ns > current.created_ns) {
        if (!current.holders.empty()) {
            effects.emplace_back(PutRecordTo{
                job.key, job.value, record.peer, {current.holders.begin(), current.holders.end()}});
        }
        current = {record.created_ns, job.value, record.peer, holders_of(job.holder)};
        return true;
    }
    current.value = job.value;  // records without a time: the last one heard counts
    if (job.holder && current.holders.size() < kHoldersMax) {
        current.holders.insert(*job.holder);
    }
    return true;
}

// ---- time ----

void AuthorityDiscovery::on_wake(Instant now, UnixMillis unix_time, Effects& effects) {
    if (publish_.at <= now) {
        publish_.next(now);
        publish(unix_time, effects);
    }
    if (query_.at <= now) {
        query_.next(now);
        effects.emplace_back(QueryAuthorities{});
    }
}

std::optional<Instant> AuthorityDiscovery::wake_at() const {
    return std::min(publish_.at, query_.at);
}

}  // namespace stipple::network::discovery
