#include "libp2p/kademlia/kademlia.hpp"

#include "base/check.hpp"

namespace stipple::libp2p::kademlia {

namespace {

bool is_within_bounds(const QueryTask& task) {
    if (const auto* put = std::get_if<PutValue>(&task)) {
        return put->record.key.size() <= kKeyBytesMax && put->record.value.size() <= kValueBytesMax;
    }
    return true;
}

/// Whether an address is worth a dial, or telling others.
bool is_useful(const Multiaddr& address, bool allow_local) {
    const Reach reach = address.reach();
    return reach == Reach::global ||
           (allow_local && (reach == Reach::local || reach == Reach::loopback));
}

PeerInfo info_of(const Contact& contact) {
    return {.peer = contact.peer,
            .addresses = contact.addresses,
            .connection =
                contact.connected ? ConnectionState::connected : ConnectionState::not_connected};
}

void earlier(std::optional<Instant>& earliest, std::optional<Instant> other) {
    if (other && (!earliest || *other < *earliest)) {
        earliest = other;
    }
}

}  // namespace

Kademlia::Kademlia(Config config, PeerId self, Seed seed)
    : config_(std::move(config)),
      self_(std::move(self)),
      prng_(seed),
      table_(self_),
      store_(self_) {}

void Kademlia::set_own_addresses(std::span<const Multiaddr> addresses) {
    own_addresses_.assign(addresses.begin(),
                          addresses.begin() + static_cast<std::ptrdiff_t>(
                                                  std::min(addresses.size(), kOwnAddressesMax)));
}

PeerInfo Kademlia::own_info() const {
    return {.peer = self_, .addresses = own_addresses_, .connection = ConnectionState::can_connect};
}

// --- contacts ---

void Kademlia::add_address(Instant now, const PeerId& peer, const Multiaddr& address,
                           KademliaEffects& effects) {
    if (address.peer().value_or(peer) != peer) {
        return;
    }
    const Multiaddr bare = address.without_peer();
    if (is_useful(bare, config_.allow_local_addresses)) {
        heard_from(now, {.peer = peer, .addresses = {bare}}, effects);
    }
}

void Kademlia::heard_from(Instant now, const PeerInfo& peer, KademliaEffects& effects) {
    const auto outcome = table_.add(now, peer.peer, peer.addresses, connected_.contains(peer.peer));
    if (outcome.added == RoutingTable::Added::inserted) {
        effects.push_back(ContactFound{.contact = peer});
        if (config_.refresh_interval && !refresh_at_) {
            refresh_at_ = now;
        }
    }
    if (outcome.challenged) {
        challenge(*outcome.challenged, effects);
    }
}

/// Nobody knows which address worked, so those of a contact stay as they are: others cannot push
/// them out by telling of many.
void Kademlia::answered(Instant now, const PeerInfo& peer, KademliaEffects& effects) {
    if (table_.find(peer.peer) != nullptr) {
        heard_from(now, {.peer = peer.peer, .addresses = {}}, effects);
    } else {
        heard_from(now, peer, effects);
    }
}

/// Asks a contact for anything: an answer keeps its place in the table.
void Kademlia::challenge(const PeerId& peer, KademliaEffects& effects) {
    const Contact* contact = table_.find(peer);
    CHECK(contact != nullptr);
    const RequestId id = next_request_;
    ++next_request_;
    requests_.emplace(id, Request{.query = std::nullopt, .peer = info_of(*contact)});
    effects.push_back(SendRequest{.request = id,
                                  .peer = peer,
                                  .addresses = contact->addresses,
                                  .message = {.kind = MessageKind::find_node,
                                              .key = self_.bytes,
                                              .record = {},
                                              .closer_peers = {},
                                              .provider_peers = {}},
                                  .expects_answer = true});
}

void Kademlia::remove_peer(Instant now, const PeerId& peer) {
    table_.remove(now, peer);
}

void Kademlia::on_connected(const PeerId& peer) {
    connected_.insert(peer);
    table_.on_connected(peer);
}

void Kademlia::on_disconnected(const PeerId& peer) {
    connected_.erase(peer);
    table_.on_disconnected(peer);
}

// --- queries ---

std::optional<QueryId> Kademlia::start_query(Instant now, QueryTask task,
                                             KademliaEffects& effects) {
    return start(now, std::move(task), true, effects);
}

std::optional<QueryId> Kademlia::start(Instant now, QueryTask task, bool reported,
                                       KademliaEffects& effects) {
    if (queries_.size() >= kQueriesMax || !is_within_bounds(task)) {
        return std::nullopt;
    }
    if (const auto* put = std::get_if<PutValue>(&task)) {
        store_.put(now, put->record);
    }
    Query query(std::move(task), now + kQueryTimeout);
    if (query.key().size() > kKeyBytesMax) {
        return std::nullopt;
    }
    seed_from_here(now, query);
    const QueryId id = next_query_;
    ++next_query_;
    queries_.emplace(id, Running{.query = std::move(query), .reported = reported});
    advance(now, id, effects);
    return id;
}

/// Where a walk begins, and what we know ourselves.
void Kademlia::seed_from_here(Instant now, Query& query) {
    for (const Contact* contact : table_.closest(key_of(query.key()), kBucketSize)) {
        query.lookup().add(info_of(*contact));
    }
    if (const auto record = store_.find_record(now, query.key())) {
        query.add_record(self_, *record);
    }
    for (const PeerInfo& provider : store_.providers(now, query.key())) {
        query.add_provider(provider);
    }
}

void Kademlia::advance(Instant now, QueryId id, KademliaEffects& effects) {
    Query& query = queries_.at(id).query;
    while (!query.done(now)) {
        auto ask = query.next_ask(now, own_info());
        if (!ask) {
            break;
        }
        const RequestId request = next_request_;
        ++next_request_;
        effects.push_back(SendRequest{.request = request,
                                      .peer = ask->peer.peer,
                                      .addresses = ask->peer.addresses,
                                      .message = std::move(ask->message),
                                      .expects_answer = ask->expects_answer});
        requests_.emplace(request, Request{.query = id, .peer = std::move(ask->peer)});
    }
    if (query.done(now)) {
        finish(now, id, effects);
    }
}

void Kademlia::finish(Instant now, QueryId id, KademliaEffects& effects) {
    const auto running = queries_.find(id);
    if (running->second.reported) {
        effects.push_back(QueryDone{.query = id,
                                    .result = running->second.query.result(),
                                    .timed_out = running->second.query.timed_out(now)});
    }
    queries_.erase(running);
    forget_requests(id);
}

void Kademlia::forget_requests(QueryId query) {
    std::erase_if(requests_, [&](const auto& entry) { return entry.second.query == query; });
}

void Kademlia::cancel_query(QueryId query) {
    if (queries_.erase(query) > 0) {
        forget_requests(query);
    }
}

/// What of an answer may be asked or stored: others than us, and addresses of use.
std::vector<PeerInfo> Kademlia::usable(std::span<const PeerInfo> told) const {
    std::vector<PeerInfo> peers;
    for (const PeerInfo& info : told.first(std::min(told.size(), kBucketSize))) {
        if (info.peer == self_) {
            continue;
        }
        PeerInfo kept{.peer = info.peer, .addresses = {}, .connection = info.connection};
        // What we know comes before what somebody says.
        if (const Contact* contact = table_.find(info.peer); contact != nullptr) {
            kept.addresses = contact->addresses;
        }
        for (const Multiaddr& address : info.addresses) {
            const auto& have = kept.addresses;
            if (have.size() < kAddressesPerPeerMax &&
                is_useful(address, config_.allow_local_addresses) &&
                std::find(have.begin(), have.end(), address) == have.end()) {
                kept.addresses.push_back(address);
            }
        }
        if (!kept.addresses.empty() || connected_.contains(info.peer)) {
            peers.push_back(std::move(kept));
        }
    }
    return peers;
}

void Kademlia::on_response(Instant now, RequestId request, const std::optional<Message>& answer,
                           KademliaEffects& effects) {
    const auto known = requests_.find(request);
    if (known == requests_.end()) {
        return;
    }
    const Request asked = std::move(known->second);
    requests_.erase(known);
    if (!asked.query) {
        answered(now, asked.peer, effects);
        return;
    }
    const auto running = queries_.find(*asked.query);
    CHECK(running != queries_.end());
    Query& query = running->second.query;
    const Message* message = answer ? &*answer : nullptr;
    const auto closer = usable(message != nullptr ? std::span<const PeerInfo>(message->closer_peers)
                                                  : std::span<const PeerInfo>());
    if (!query.on_answer(asked.peer.peer, message, closer)) {
        table_.on_failure(now, asked.peer.peer);
    } else {
        answered(now, asked.peer, effects);
        if (message != nullptr && message->record &&
            (!config_.record_passes || config_.record_passes(*message->record))) {
            query.add_record(asked.peer.peer, *message->record);
        }
        if (message != nullptr) {
            for (const PeerInfo& provider : usable(message->provider_peers)) {
                query.add_provider(provider);
            }
        }
    }
    advance(now, *asked.query, effects);
}

void Kademlia::on_failure(Instant now, RequestId request, KademliaEffects& effects) {
    const auto known = requests_.find(request);
    if (known == requests_.end()) {
        return;
    }
    const Request asked = std::move(known->second);
    requests_.erase(known);
    if (!asked.query) {
        table_.on_failure(now, asked.peer.peer);
        return;
    }
    // A late peer has paid for it already.
    if (queries_.at(*asked.query).query.on_failure(asked.peer.peer)) {
        table_.on_failure(now, asked.peer.peer);
    }
    advance(now, *asked.query, effects);
}

// --- serving ---

std::vector<PeerInfo> Kademlia::closest_to(ByteView key, const PeerId& but) const {
    std::vector<PeerInfo> peers;
    for (const Contact* contact : table_.closest(key_of(key), kBucketSize + 1)) {
        if (contact->peer != but && !contact->addresses.empty() && peers.size() < kBucketSize) {
            peers.push_back(info_of(*contact));
        }
    }
    return peers;
}

namespace {

/// No less than encode_message would take.
std::size_t encoded_size_at_most(const Message& message) {
    constexpr std::size_t kAnyField = 16;  // tag, length, and whatever small number is beside
    std::size_t size = 4 * kAnyField + message.key.size();
    if (message.record) {
        size += 4 * kAnyField + message.record->key.size() + message.record->value.size() +
                kDigestBytesMax;
    }
    for (const auto* peers : {&message.closer_peers, &message.provider_peers}) {
        for (const PeerInfo& info : *peers) {
            size += 2 * kAnyField + info.peer.bytes.size();
            for (const Multiaddr& address : info.addresses) {
                size += kAnyField + address.bytes().size();
            }
        }
    }
    return size;
}

/// Leaves peers out, the farthest first, until everybody takes the message.
void make_fit(Message& message) {
    while (encoded_size_at_most(message) > kMessageBytesMax) {
        auto& peers = message.closer_peers.empty() ? message.provider_peers : message.closer_peers;
        if (peers.empty()) {
            return;
        }
        peers.pop_back();
    }
}

}  // namespace

std::optional<Message> Kademlia::on_request(Instant now, const PeerId& from, const Message& request,
                                            KademliaEffects& effects) {
    if (config_.mode == Mode::client || request.key.size() > kKeyBytesMax) {
        return std::nullopt;
    }
    Message answer{.kind = request.kind,
                   .key = request.key,
                   .record = {},
                   .closer_peers = {},
                   .provider_peers = {}};
    switch (request.kind) {
        case MessageKind::ping:
            return answer;
        case MessageKind::find_node:
            answer.closer_peers = closest_to(request.key, from);
            make_fit(answer);
            return answer;
        case MessageKind::get_value:
            answer.record = store_.find_record(now, request.key);
            answer.closer_peers = closest_to(request.key, from);
            make_fit(answer);
            return answer;
        case MessageKind::get_providers:
            answer.provider_peers = store_.providers(now, request.key);
            if (provided_.contains(request.key) &&
                answer.provider_peers.size() < kProvidersPerKeyMax) {
                answer.provider_peers.push_back(own_info());
            }
            answer.closer_peers = closest_to(request.key, from);
            make_fit(answer);
            return answer;
        case MessageKind::put_value:
            return on_put(now, from, request, effects);
        case MessageKind::add_provider:
            // A peer may speak for itself only.
            for (const PeerInfo& provider : usable(request.provider_peers)) {
                if (provider.peer == from) {
                    store_.add_provider(now, request.key, provider);
                    break;
                }
            }
            return std::nullopt;
    }
    return std::nullopt;
}

/// The same answer whatever becomes of the record.
std::optional<Message> Kademlia::on_put(Instant now, const PeerId& from, const Message& request,
                                        KademliaEffects& effects) {
    if (!request.record) {
        return std::nullopt;
    }
    const Record& record = *request.record;
    if (!config_.record_passes || config_.record_passes(record)) {
        if (config_.records == RecordPolicy::keep) {
            store_.put(now, record);
        } else {
            effects.push_back(RecordOffered{.from = from, .record = record});
        }
    }
    return Message{
        .kind = MessageKind::put_value,
        .key = record.key,
        .record =
            Record{.key = record.key, .value = record.value, .publisher = {}, .ttl_seconds = {}},
        .closer_peers = {},
        .provider_peers = {}};
}

// --- upkeep ---

bool Kademlia::start_providing(Instant now, ByteView key, KademliaEffects& effects) {
    if (key.size() > kKeyBytesMax ||
        (provided_.size() >= kOwnProvidedKeysMax && !provided_.contains(key))) {
        return false;
    }
    provided_.insert_or_assign(to_bytes(key), now);
    renew_provided(now, effects);
    return true;
}

void Kademlia::stop_providing(ByteView key) {
    if (const auto known = provided_.find(key); known != provided_.end()) {
        provided_.erase(known);
    }
}

void Kademlia::renew_provided(Instant now, KademliaEffects& effects) {
    for (auto& [key, due] : provided_) {
        if (due > now) {
            continue;
        }
        const bool told =
            table_.size() > 0 && start(now, Provide{.key = key}, false, effects).has_value();
        due = told ? now + kProviderRenewal : now + kProviderRetry;
    }
}

/// Walks to ourselves find our neighbours, walks to random keys fill the other buckets.
void Kademlia::refresh(Instant now, KademliaEffects& effects) {
    const bool own = refreshes_++ % 2 == 0;
    start(now, FindPeers{.key = own ? self_.bytes : prng_.bytes(Key::kSize)}, false, effects);
    refresh_at_ = now + *config_.refresh_interval;
}

void Kademlia::on_wake(Instant now, KademliaEffects& effects) {
    for (const PeerId& peer : table_.settle(now)) {
        effects.push_back(ContactFound{.contact = info_of(*table_.find(peer))});
    }
    std::vector<QueryId> running;
    for (const auto& [id, entry] : queries_) {
        running.push_back(id);
    }
    for (const QueryId id : running) {
        for (const PeerId& late : queries_.at(id).query.expire(now)) {
            table_.on_failure(now, late);
        }
        advance(now, id, effects);
    }
    if (!expire_at_ || *expire_at_ <= now) {
        store_.expire(now);
        expire_at_ = now + kExpiryInterval;
    }
    renew_provided(now, effects);
    if (refresh_at_ && *refresh_at_ <= now) {
        refresh(now, effects);
    }
}

std::optional<Instant> Kademlia::wake_at() const {
    std::optional<Instant> earliest = table_.settle_at();
    earlier(earliest, refresh_at_);
    for (const auto& [id, running] : queries_) {
        earlier(earliest, running.query.wake_at());
    }
    for (const auto& [key, due] : provided_) {
        earlier(earliest, due);
    }
    if (store_.record_count() > 0 || store_.provided_key_count() > 0) {
        earlier(earliest, expire_at_.value_or(Instant{}));
    }
    return earliest;
}

}  // namespace stipple::libp2p::kademlia
