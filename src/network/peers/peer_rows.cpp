// The rows a PeerStore keeps on disk.
//
//     key     peer id
//     value   SCALE: version 0 (u8), last connected (u64, ms since 1970),
//             addresses Vec<(bytes, source u8, failures u16)>
//
// Reputation is not kept: it is forgotten within an hour anyway.
#include "libp2p/multiformats/peer_id.hpp"
#include "network/peers/peer_store.hpp"
#include "scale/codec.hpp"

namespace stipple::network {
namespace {

constexpr std::uint8_t kRowVersion = 0;

struct AddressRow {
    Bytes address;
    std::uint8_t source = 0;
    std::uint16_t failures = 0;
    static auto fields(auto& self) { return std::tie(self.address, self.source, self.failures); }
};
struct Row {
    std::uint8_t version = kRowVersion;
    std::uint64_t last_connected_ms = 0;
    std::vector<AddressRow> addresses;
    static auto fields(auto& self) {
        return std::tie(self.version, self.last_connected_ms, self.addresses);
    }
};

std::uint64_t wall_of(Instant past, Instant now, UnixMillis wall) {
    const auto ago = std::chrono::duration_cast<std::chrono::milliseconds>(now - past).count();
    const auto passed = static_cast<std::uint64_t>(std::max<std::int64_t>(ago, 0));
    return wall.value > passed ? wall.value - passed : 0;
}

}  // namespace

std::vector<PeerRow> PeerStore::take_rows(Instant now, UnixMillis wall, std::size_t rows_max) {
    std::vector<PeerRow> rows;
    while (!changed_.empty() && rows.size() < rows_max) {
        const PeerId peer = *changed_.begin();
        changed_.erase(changed_.begin());
        const auto it = peers_.find(peer);
        if (it == peers_.end()) {
            rows.push_back({peer.bytes, std::nullopt});
            continue;
        }
        Known& known = it->second;
        if (!known.last_connected || known.addresses.empty()) {
            continue;  // an inbound peer whose address is not known cannot be dialled later
        }
        Row row{.version = kRowVersion,
                .last_connected_ms = wall_of(*known.last_connected, now, wall),
                .addresses = {}};
        for (const KnownAddress& address : known.addresses) {
            row.addresses.push_back({to_bytes(address.address.bytes()),
                                     static_cast<std::uint8_t>(address.source), address.failures});
        }
        known.on_disk = true;
        rows.push_back({peer.bytes, scale::encode(row)});
    }
    return rows;
}

std::expected<void, PeerRowError> PeerStore::load_row(Instant now, UnixMillis wall, ByteView key,
                                                      ByteView value) {
    const auto peer = libp2p::decode_peer_id(key);
    if (!peer || *peer == config_.own) {
        return std::unexpected(PeerRowError::bad_key);
    }
    const auto row = scale::decode<Row>(value);
    if (!row || row->version != kRowVersion || row->addresses.size() > kAddressesPerPeerMax) {
        return std::unexpected(PeerRowError::bad_value);
    }
    for (const AddressRow& address : row->addresses) {
        const auto decoded = Multiaddr::decode(address.address);
        if (!decoded || !decoded->dial_target() || decoded->peer() ||
            address.source > static_cast<std::uint8_t>(AddressSource::discovery)) {
            return std::unexpected(PeerRowError::bad_value);
        }
    }
    Known* const known = find_or_add(now, *peer);
    if (known == nullptr) {
        return std::unexpected(PeerRowError::full);
    }
    known->on_disk = true;
    const std::uint64_t ago =
        wall.value > row->last_connected_ms ? wall.value - row->last_connected_ms : 0;
    constexpr std::uint64_t kAgoMax = 10ULL * 365 * 24 * 3600 * 1000;
    known->last_connected =
        now - std::chrono::milliseconds(static_cast<std::int64_t>(std::min(ago, kAgoMax)));
    for (const AddressRow& address : row->addresses) {
        // What was configured then need not be now.
        const auto source =
            std::max(static_cast<AddressSource>(address.source), AddressSource::connected);
        const Multiaddr decoded = *Multiaddr::decode(address.address);
        if (add_address(now, *peer, decoded, source)) {
            for (KnownAddress& entry : known->addresses) {
                if (entry.address == decoded) {
                    entry.failures = std::max(entry.failures, address.failures);
                }
            }
        }
    }
    changed_.erase(*peer);
    return {};
}

}  // namespace stipple::network
