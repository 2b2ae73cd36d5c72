// Rows from the disk: whatever loads is written again as a row that loads to the same, and
// reputations stay within their scale.
#include "network/peers/peer_store.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    using namespace stipple::network;
    const ByteView input(data, size);
    const std::size_t split = std::min<std::size_t>(size, 38);
    PeerStore store({.own = {}, .peers_max = 4, .local_addresses = true});
    const Instant now{std::chrono::seconds(1)};
    const UnixMillis wall{1'700'000'000'000};
    if (store.load_row(now, wall, input.first(split), input.subspan(split))) {
        CHECK(store.size() == 1);
        CHECK(store.take_rows(now, wall, 10).empty());
        const PeerId peer{to_bytes(input.first(split))};
        const auto before = store.addresses(peer);
        CHECK(before.size() <= kAddressesPerPeerMax);
        store.on_connected(now, peer, std::nullopt);
        const auto rows = store.take_rows(now, wall, 10);
        CHECK(rows.size() == (before.empty() ? 0U : 1U));
        if (!rows.empty()) {
            PeerStore again({.own = {}, .peers_max = 4, .local_addresses = true});
            CHECK(again.load_row(now, wall, rows[0].key, *rows[0].value).has_value());
            CHECK(again.addresses(peer).size() == before.size());
        }
    }
    return 0;
}
