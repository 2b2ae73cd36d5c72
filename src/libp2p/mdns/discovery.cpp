#include "libp2p/mdns/discovery.hpp"

#include "libp2p/multiformats/peer_id.hpp"

namespace stipple::libp2p::mdns {

namespace {

constexpr std::string_view kService = "_p2p._udp.local";
constexpr std::string_view kServices = "_services._dns-sd._udp.local";
constexpr std::string_view kPrefix = "dnsaddr=";
constexpr std::size_t kOwnNameLetters = 32;

const Name& service() {
    static const Name name = name_of(kService);
    return name;
}
const Name& services() {
    static const Name name = name_of(kServices);
    return name;
}

Name random_name(Prng& prng) {
    std::string name;
    for (std::size_t i = 0; i < kOwnNameLetters; ++i) {
        name.push_back(static_cast<char>('a' + prng.below(26)));
    }
    return name_of(name + "." + std::string(kService));
}

ResourceRecord pointer(const Name& from, const Name& to) {
    return {.name = from,
            .type = RecordType::ptr,
            .cache_flush = false,
            .ttl_seconds = static_cast<std::uint32_t>(kLifetime.count()),
            .target = to,
            .texts = {}};
}

struct Told {
    PeerId peer;
    std::vector<Multiaddr> addresses;
    std::uint32_t ttl_seconds = 0;
};
/// The addresses of the texts under a name. All have to end in the same peer; others are left out.
std::optional<Told> told_under(const Packet& packet, const Name& name) {
    std::optional<Told> told;
    for (const ResourceRecord& record : packet.records) {
        if (record.type != RecordType::txt || record.name != name) {
            continue;
        }
        for (const std::string& text : record.texts) {
            if (!text.starts_with(kPrefix)) {
                continue;
            }
            const auto address = Multiaddr::parse(std::string_view(text).substr(kPrefix.size()));
            const auto peer = address ? address->peer() : std::nullopt;
            if (!peer) {
                continue;
            }
            if (!told) {
                told = Told{.peer = *peer, .addresses = {}, .ttl_seconds = record.ttl_seconds};
            }
            const Multiaddr bare = address->without_peer();
            auto& addresses = told->addresses;
            if (told->peer == *peer && !bare.empty() && addresses.size() < kAddressesPerPeerMax &&
                std::find(addresses.begin(), addresses.end(), bare) == addresses.end()) {
                addresses.push_back(bare);
            }
        }
    }
    return told;
}

}  // namespace

Discovery::Discovery(PeerId self, Seed seed, Duration interval)
    : self_(std::move(self)), prng_(seed), interval_(interval), own_name_(random_name(prng_)) {}

void Discovery::set_addresses(std::span<const Multiaddr> addresses) {
    own_texts_.clear();
    for (const Multiaddr& address : addresses) {
        const auto full = address.with_peer(self_);
        std::string text = full ? std::string(kPrefix) + full->text() : std::string();
        if (full && text.size() <= kTextBytesMax && own_texts_.size() < kOwnAddressesMax) {
            own_texts_.push_back(std::move(text));
        }
    }
}

void Discovery::on_packet(Instant now, ByteView bytes, DiscoveryEffects& effects) {
    const auto packet = decode_packet(bytes);
    if (!packet) {
        return;
    }
    if (packet->is_response) {
        on_answer(now, *packet, effects);
    } else {
        on_query(now, *packet);
    }
}

void Discovery::on_query(Instant now, const Packet& packet) {
    bool asked = false;
    for (const Question& question : packet.questions) {
        const bool fits = question.type == RecordType::ptr || question.type == RecordType::any;
        asked = asked || (fits && question.name == service());
        answer_services_ = answer_services_ || (fits && question.name == services());
    }
    if ((!asked && !answer_services_) || answer_at_) {
        return;
    }
    const auto spread = static_cast<std::uint64_t>(kAnswerDelaySpread.count());
    const Duration delay =
        kAnswerDelayMin +
        std::chrono::milliseconds(static_cast<std::int64_t>(prng_.below(spread + 1)));
    const Instant soon = now + delay;
    answer_at_ = answered_at_ ? std::max(soon, *answered_at_ + kAnswerGap) : soon;
}

void Discovery::on_answer(Instant now, const Packet& packet, DiscoveryEffects& effects) {
    for (const ResourceRecord& record : packet.records) {
        if (record.type != RecordType::ptr || record.name != service() ||
            record.target == own_name_) {
            continue;
        }
        auto told = told_under(packet, record.target);
        if (told && told->peer != self_) {
            const std::uint32_t ttl = std::min(record.ttl_seconds, told->ttl_seconds);
            note(now, told->peer, std::move(told->addresses), ttl, effects);
        }
    }
}

/// A lifetime of zero is a goodbye.
void Discovery::note(Instant now, const PeerId& peer, std::vector<Multiaddr> addresses,
                     std::uint32_t ttl_seconds, DiscoveryEffects& effects) {
    auto known = peers_.find(peer);
    if (ttl_seconds == 0) {
        if (known != peers_.end()) {
            peers_.erase(known);
            effects.push_back(PeerExpired{.peer = peer});
        }
        return;
    }
    if (known == peers_.end()) {
        if (addresses.empty() || peers_.size() >= kPeersMax) {
            return;
        }
        known = peers_.emplace(peer, Known{}).first;
    }
    known->second.expires =
        now + std::min<Duration>(std::chrono::seconds(ttl_seconds), kLifetimeMax);
    auto& have = known->second.addresses;
    bool news = false;
    for (Multiaddr& address : addresses) {
        if (have.size() < kAddressesPerPeerMax &&
            std::find(have.begin(), have.end(), address) == have.end()) {
            have.push_back(std::move(address));
            news = true;
        }
    }
    if (news) {
        effects.push_back(PeerFound{.peer = peer, .addresses = have});
    }
}

void Discovery::expire(Instant now, DiscoveryEffects& effects) {
    for (auto known = peers_.begin(); known != peers_.end();) {
        if (known->second.expires <= now) {
            effects.push_back(PeerExpired{.peer = known->first});
            known = peers_.erase(known);
        } else {
            ++known;
        }
    }
}

/// One packet, or as many as the addresses need.
std::vector<Bytes> Discovery::answer_packets() const {
    const auto ttl = static_cast<std::uint32_t>(kLifetime.count());
    const Packet start{
        .id = 0, .is_response = true, .questions = {}, .records = {pointer(service(), own_name_)}};
    std::vector<Bytes> packets;
    Packet packet = start;
    for (const std::string& text : own_texts_) {
        packet.records.push_back({.name = own_name_,
                                  .type = RecordType::txt,
                                  .cache_flush = false,
                                  .ttl_seconds = ttl,
                                  .target = {},
                                  .texts = {text}});
        if (packet.records.size() > 2 && encode_packet(packet).size() > kSentPacketBytesMax) {
            ResourceRecord last = std::move(packet.records.back());
            packet.records.pop_back();
            packets.push_back(encode_packet(packet));
            packet = start;
            packet.records.push_back(std::move(last));
        }
    }
    if (packet.records.size() > 1) {
        packets.push_back(encode_packet(packet));
    }
    return packets;
}

void Discovery::on_wake(Instant now, DiscoveryEffects& effects) {
    expire(now, effects);
    if (query_at_ <= now) {
        const Packet query{
            .id = 0,
            .is_response = false,
            .questions = {{.name = service(), .type = RecordType::ptr, .unicast_answer = false}},
            .records = {}};
        effects.push_back(SendPacket{.packet = encode_packet(query)});
        query_at_ = now + std::min(next_interval_, interval_);
        next_interval_ =
            std::min(next_interval_ * 2, std::max<Duration>(interval_, kFirstInterval));
    }
    if (answer_at_ && *answer_at_ <= now) {
        for (Bytes& packet : answer_packets()) {
            effects.push_back(SendPacket{.packet = std::move(packet)});
        }
        if (answer_services_) {
            const Packet answer{.id = 0,
                                .is_response = true,
                                .questions = {},
                                .records = {pointer(services(), service())}};
            effects.push_back(SendPacket{.packet = encode_packet(answer)});
        }
        answer_services_ = false;
        answer_at_.reset();
        answered_at_ = now;
    }
}

std::optional<Instant> Discovery::wake_at() const {
    Instant earliest = query_at_;
    if (answer_at_) {
        earliest = std::min(earliest, *answer_at_);
    }
    for (const auto& [peer, known] : peers_) {
        earliest = std::min(earliest, known.expires);
    }
    return earliest;
}

}  // namespace stipple::libp2p::mdns
