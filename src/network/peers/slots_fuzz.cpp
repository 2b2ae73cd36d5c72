// Bytes become events of connections, dials, slots and reports with time jumps. After every event
// the counts are within their limits; when every dial has failed and every connection has closed,
// nothing is left.
#include "libp2p/multiformats/peer_id.hpp"
#include "network/peers/slots.hpp"

namespace stipple::network {
namespace {

PeerId peer(std::uint8_t number) {
    crypto::Ed25519Public key;
    key.bytes.fill(number % 16);
    return libp2p::peer_id_of(key);
}
Multiaddr address_of(std::uint8_t number) {
    return Multiaddr::tcp(
        libp2p::IpAddress::v4_of({8, 8, 8, static_cast<std::uint8_t>(number % 4)}),
        static_cast<std::uint16_t>(1000 + number % 16));
}

struct World {
    static constexpr SlotConfig kConfig{
        .out = 3,
        .in_full = 2,
        .in_light = 1,
        .reserved_only = false,
        .connections = {.inbound_max = 12, .unproven_max = 4, .per_address_max = 3}};

    PeerSlots slots{kConfig, {.own = peer(15), .peers_max = 12, .local_addresses = false}};
    Instant now;
    std::set<PeerId> dials;
    std::vector<ConnectionId> unproven;
    std::map<ConnectionId, PeerId> connections;
    std::map<PeerKey, PeerId> peers;
    std::uint64_t next_connection = 1;
    SlotEffects effects;

    void obey() {
        for (const SlotEffect& effect : std::exchange(effects, {})) {
            if (const auto* it = std::get_if<Dial>(&effect)) {
                CHECK(!it->addresses.empty());
                CHECK(dials.insert(it->peer).second);
            } else if (const auto* joined = std::get_if<PeerConnected>(&effect)) {
                CHECK(peers.emplace(joined->key, joined->peer).second);
                CHECK(connections.contains(joined->connection));
            } else if (const auto* left = std::get_if<PeerDisconnected>(&effect)) {
                CHECK(peers.erase(left->key) == 1);
            } else if (const auto* closing = std::get_if<CloseConnection>(&effect)) {
                CHECK(connections.contains(closing->connection));
            } else if (const auto* open = std::get_if<OpenSlot>(&effect)) {
                CHECK(peers.contains(open->key));
            }
        }
    }

    void prove(ConnectionId id, const PeerId& who, bool dialled) {
        connections.emplace(id, who);
        const auto address = dialled ? std::optional(address_of(3)) : std::nullopt;
        slots.on_proved(now, {.id = id, .peer = who, .dialled = address}, effects);
    }

    void connection_event(std::uint8_t what, std::uint8_t who) {
        switch (what) {
            case 0: {
                const ConnectionId id(next_connection++);
                if (slots.on_inbound(id, address_of(who)) == InboundVerdict::accept) {
                    unproven.push_back(id);
                }
                break;
            }
            case 1:
                if (!unproven.empty()) {
                    const ConnectionId id = unproven.back();
                    unproven.pop_back();
                    prove(id, peer(who), false);
                }
                break;
            case 2:
                if (!dials.empty()) {
                    const PeerId dialled = *dials.begin();
                    dials.erase(dials.begin());
                    prove(ConnectionId(next_connection++), dialled, true);
                }
                break;
            case 3:
                if (!dials.empty()) {
                    slots.on_dial_failed(now, *dials.begin());
                    dials.erase(dials.begin());
                }
                break;
            default:
                close_one(who);
                break;
        }
    }

    void close_one(std::uint8_t which) {
        if (!connections.empty()) {
            const auto it =
                std::next(connections.begin(), static_cast<long>(which % connections.size()));
            const ConnectionId id = it->first;
            connections.erase(it);
            slots.on_closed(now, id, effects);
        } else if (!unproven.empty()) {
            slots.on_closed(now, unproven.back(), effects);
            unproven.pop_back();
        }
    }

    void slot_event(std::uint8_t what, std::uint8_t who) {
        const auto key = slots.find(peer(who));
        const PeerKey target = key.value_or(PeerKey(who));
        switch (what) {
            case 0:
                slots.on_slot_asked(now, target, who % 2 == 0);
                break;
            case 1:
                slots.on_slot_open(now, target, who % 2 == 0, effects);
                break;
            case 2:
                slots.on_slot_closed(now, target);
                break;
            case 3:
                slots.on_slot_failed(now, target);
                break;
            case 4:
                slots.report(now, target, kReputationLowest, effects);
                break;
            default:
                slots.disconnect(target, effects);
                break;
        }
    }

    void other_event(std::uint8_t what, std::uint8_t who) {
        switch (what) {
            case 0:
                slots.store().add_address(now, peer(who), address_of(who), AddressSource::identify);
                break;
            case 1:
                slots.want_connection(now, peer(who), effects);
                break;
            case 2:
                slots.set_reserved(now, {peer(who), peer(who / 16)}, effects);
                break;
            case 3:
                slots.set_reserved_only(now, who % 2 == 0, effects);
                break;
            case 4:
                now = now + std::chrono::seconds(who);
                break;
            case 5:
                slots.on_used(now, ConnectionId(who % 16), who >= 128);
                break;
            default:
                slots.on_wake(now, effects);
                break;
        }
        // A dial given up is not ours to answer any more.
        std::erase_if(dials, [&](const PeerId& it) { return !slots.dialling(it); });
    }

    void check() const {
        const auto counts = slots.counts();
        CHECK(counts.out <= kConfig.out);
        CHECK(counts.in_full <= kConfig.in_full);
        CHECK(counts.in_light <= kConfig.in_light);
        CHECK(counts.dials == dials.size());
        CHECK(counts.peers == peers.size());
        CHECK(slots.connections().all().size() == connections.size() + unproven.size());
        CHECK(slots.connections().inbound() <= 12);
        CHECK(slots.connections().unproven() == unproven.size());
        CHECK(slots.store().size() <= 12 + 2);
    }

    void leave() {
        while (!dials.empty()) {
            connection_event(3, 0);
        }
        while (!connections.empty() || !unproven.empty()) {
            close_one(0);
            obey();
        }
        CHECK(slots.empty());
        CHECK(peers.empty());
    }
};

}  // namespace
}  // namespace stipple::network

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple::network;
    World world;
    for (std::size_t i = 0; i + 1 < size; i += 2) {
        const std::uint8_t kind = data[i] % 18;
        const std::uint8_t who = data[i + 1];
        if (kind < 5) {
            world.connection_event(kind, who);
        } else if (kind < 11) {
            world.slot_event(static_cast<std::uint8_t>(kind - 5), who);
        } else {
            world.other_event(static_cast<std::uint8_t>(kind - 11), who);
        }
        world.obey();
        world.check();
    }
    world.leave();
    return 0;
}
