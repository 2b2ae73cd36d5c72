// Two hosts and a clock: bytes become commands, cuts, times and damage to the wire. Whatever
// happens, memory stays within its bounds; every request ends once; after the end nothing is left.
#include "libp2p/host/test_link.hpp"

namespace stipple::libp2p {
namespace {

struct World {
    test::Link link{300};
    std::uint64_t next_request = 1;
    std::set<std::uint64_t> waiting[2];
    std::vector<InboundRequestId> asked[2];

    Host& host(std::uint8_t side) { return side % 2 == 0 ? link.left : link.right; }

    void command(std::uint8_t what, std::uint8_t value) {
        Host& it = host(value);
        const std::size_t side = value % 2;
        const NotificationProtocolId protocol(value / 2 % 2);
        const auto direction = value / 4 % 2 == 0 ? Direction::inbound : Direction::outbound;
        const std::size_t size = std::size_t{value} * value;
        switch (what) {
            case 0: {
                const RequestId id(next_request++);
                waiting[side].insert(id.value);
                it.send_request(link.now, id, RequestProtocolId(value / 2 % 3), Bytes(size, 1));
                break;
            }
            case 1: {
                const RequestId id(next_request++);
                waiting[side].insert(id.value);
                it.send_kademlia(link.now, id, Bytes(value, 1), value / 2 % 2 == 0);
                break;
            }
            case 2:
                answer(side, true, size);
                break;
            case 3:
                answer(side, false, 0);
                break;
            case 4:
                it.open_notifications(link.now, protocol, Bytes(value % 64, 1));
                break;
            case 5:
                it.accept_notifications(protocol, Bytes(value % 64, 2));
                break;
            case 6:
                value % 4 == 3 ? it.hold_notifications(protocol, size % 2 == 0)
                               : it.reject_notifications(protocol);
                break;
            case 7:
                it.close_notifications(protocol, direction);
                break;
            case 8:
                it.send_notification(protocol, Bytes(size, 3));
                break;
            case 9:
                if (!waiting[side].empty()) {
                    it.cancel_request(RequestId(*waiting[side].begin()));
                    waiting[side].erase(waiting[side].begin());
                }
                break;
            default:
                it.set_identify(link.now, std::make_shared<IdentifyInfo>());
                break;
        }
    }

    void answer(std::size_t side, bool answers, std::size_t size) {
        if (!asked[side].empty()) {
            const InboundRequestId id = asked[side].back();
            asked[side].pop_back();
            Host& it = side == 0 ? link.left : link.right;
            answers ? it.respond(id, Bytes(size, 4)) : it.refuse(id);
        }
    }

    void wire(std::uint8_t what, std::uint8_t value) {
        test::Pipe& pipe = value % 2 == 0 ? link.to_left : link.to_right;
        switch (what) {
            case 0:
                link.cut = 1 + std::size_t{value} * 16;
                break;
            case 1:
                link.now = link.now + std::chrono::milliseconds(std::uint64_t{value} * 100);
                break;
            case 2:
                if (value > 250 && !pipe.bytes.empty()) {
                    pipe.bytes.back() ^= 1;  // the encryption notices
                }
                break;
            case 3:
                pipe.ended = pipe.ended || value > 253;
                break;
            case 4:
                if (value > 252) {
                    host(value).close();
                }
                break;
            default:
                for (int i = 0; i < value % 16; ++i) {
                    link.turn();
                }
                break;
        }
    }

    void look(std::vector<HostEvent>& events, std::size_t side) {
        for (const HostEvent& event : std::exchange(events, {})) {
            if (const auto* response = std::get_if<ResponseReceived>(&event)) {
                CHECK(waiting[side].erase(response->id.value) == 1);
            } else if (const auto* failed = std::get_if<RequestFailed>(&event)) {
                CHECK(waiting[side].erase(failed->id.value) == 1);
            } else if (const auto* request = std::get_if<RequestReceived>(&event)) {
                asked[side].push_back(request->id);
            } else if (const auto* kademlia = std::get_if<KademliaRequest>(&event)) {
                asked[side].push_back(kademlia->id);
            }
        }
    }

    void check() {
        look(link.left_events, 0);
        look(link.right_events, 1);
        for (const Host* it : {&link.left, &link.right}) {
            CHECK(it->substream_count() <= 1024);
            CHECK(it->held_bytes() <= 64U << 20);
            CHECK(!it->is_over() || it->substream_count() == 0);
        }
    }

    void leave() {
        link.cut = 1 << 20;
        link.left.close();
        for (int i = 0; i < 100'000 && !(link.left.is_over() && link.right.is_over()); ++i) {
            if (!link.turn()) {
                link.now = link.now + std::chrono::seconds(1);
            }
            check();
        }
        link.turn();
        check();
        CHECK(link.left.is_over() && link.right.is_over());
        CHECK(waiting[0].empty() && waiting[1].empty());
        CHECK(link.left.held_bytes() + link.right.held_bytes() == 0);
    }
};

}  // namespace
}  // namespace stipple::libp2p

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple::libp2p;
    World world;
    world.link.run();
    for (std::size_t i = 0; i + 1 < size; i += 2) {
        const std::uint8_t kind = data[i] % 17;
        if (kind < 11) {
            world.command(kind, data[i + 1]);
        } else {
            world.wire(static_cast<std::uint8_t>(kind - 11), data[i + 1]);
        }
        world.link.turn();
        world.check();
    }
    world.leave();
    return 0;
}
