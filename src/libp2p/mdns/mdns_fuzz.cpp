// Arbitrary packets: what decodes encodes to what decodes alike, and a discovery fed with them
// stays within its bounds and is empty once everything has expired.
#include "base/check.hpp"
#include "libp2p/mdns/discovery.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    using namespace stipple::libp2p::mdns;
    const ByteView input(data, size);
    if (auto packet = decode_packet(input)) {
        // Of other types only the frame is kept; without them the packet is whole.
        std::erase_if(packet->records, [](const ResourceRecord& record) {
            return record.type != RecordType::ptr && record.type != RecordType::txt;
        });
        const Bytes encoded = encode_packet(*packet);
        if (encoded.size() <= kPacketBytesMax) {
            const auto again = decode_packet(encoded);
            CHECK(again && again->records.size() == packet->records.size());
            CHECK(encode_packet(*again) == encoded);
        }
    }
    Discovery discovery(PeerId{.bytes = {0x00, 0x00}}, Seed{1});
    DiscoveryEffects effects;
    Instant now{std::chrono::hours(1)};
    discovery.on_packet(now, input, effects);
    discovery.on_wake(now + std::chrono::seconds(2), effects);
    CHECK(discovery.peer_count() <= kPeersMax);
    CHECK(effects.size() <= 2 * kEntriesMax + 4);
    discovery.on_wake(now + kLifetimeMax, effects);
    CHECK(discovery.peer_count() == 0);
    return 0;
}
