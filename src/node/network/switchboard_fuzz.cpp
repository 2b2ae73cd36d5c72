// Bytes become what hostile hosts do to a switchboard and what its core tells it, with time jumps.
// After every step events fit together (who joined leaves once, a request of ours is answered once)
// and what is held is bounded; when all have gone, nothing is left.
#include "base/check.hpp"
#include "node/network/board_world.hpp"

namespace stipple::node {
namespace {

using namespace std::chrono_literals;
using network::Protocol;

constexpr std::size_t kVillainsMax = 6;
constexpr std::size_t kHeldMax = std::size_t{64} << 20U;

struct Fuzzed {
    Fuzzed() { world.join(); }

    testing::World world;
    std::deque<testing::World::Villain*> villains;
    std::set<PeerKey> joined;
    std::set<network::sync::RequestId> asked;  ///< of ours, not answered
    std::deque<RequestToken> tokens;           ///< of theirs, not answered
    std::map<testing::World::Villain*, std::deque<libp2p::InboundRequestId>> waiting;
    std::uint64_t next = 1;

    testing::World::Board& board() { return world.boards.front(); }
    std::optional<PeerKey> somebody(std::uint8_t value) const {
        if (joined.empty()) {
            return std::nullopt;
        }
        return *std::next(joined.begin(), static_cast<std::ptrdiff_t>(value % joined.size()));
    }

    void come(std::uint8_t value) {
        if (villains.size() < kVillainsMax) {
            villains.push_back(&world.attack(board(), value % 8));
        } else {
            world.attack_raw(board(), "8.8.4." + std::to_string(value), Bytes(value, value));
        }
    }

    void villain(testing::World::Villain& it, std::uint8_t what, std::uint8_t value) {
        const libp2p::NotificationProtocolId note(value % 3);
        const Bytes good = network::encode(network::BlockAnnounceHandshake{
            .role = network::Role::full, .best = {}, .genesis = testing::kNames.genesis});
        const Bytes shake = value % 8 == 7    ? Bytes(value, value)
                            : note.value == 0 ? good
                                              : Bytes{1};
        switch (what) {
            case 0:
                it.host->open_notifications(world.now, note, shake);
                break;
            case 1:
                it.host->accept_notifications(note, shake);
                break;
            case 2:
                it.host->close_notifications(note, value % 2 == 0 ? libp2p::Direction::inbound
                                                                  : libp2p::Direction::outbound);
                break;
            case 3:
                it.host->send_notification(note, Bytes(std::size_t{value} * 100, value));
                break;
            case 4:
                it.host->send_request(world.now, libp2p::RequestId(next++),
                                      libp2p::RequestProtocolId(value % 4), Bytes(value, 1));
                break;
            case 5:
                it.host->cancel_request(libp2p::RequestId(next - 1));
                break;
            case 6:
                it.host->send_kademlia(world.now, libp2p::RequestId(next++), kademlia(value),
                                       value % 16 == 0);
                break;
            case 7:
                answer(it, value);
                break;
            case 8:
                world.freeze(it, value % 2 == 0);
                break;
            default:
                if (value > 240) {
                    it.host->close();
                }
                break;
        }
    }

    static Bytes kademlia(std::uint8_t value) {
        libp2p::kademlia::Message message;
        message.kind = value % 3 == 0   ? libp2p::kademlia::MessageKind::put_value
                       : value % 3 == 1 ? libp2p::kademlia::MessageKind::find_node
                                        : libp2p::kademlia::MessageKind::add_provider;
        message.key = Bytes(32, value);
        message.record = libp2p::kademlia::Record{.key = message.key,
                                                  .value = Bytes(1000, value),
                                                  .publisher = std::nullopt,
                                                  .ttl_seconds = std::nullopt};
        Bytes encoded = libp2p::kademlia::encode_message(message);
        encoded.resize(value > 250 ? encoded.size() / 2 : encoded.size());
        return encoded;
    }

    /// What this one was asked, with nonsense.
    void answer(testing::World::Villain& it, std::uint8_t value) {
        auto& open = waiting[&it];
        for (const auto& event : std::exchange(it.events, {})) {
            if (const auto* request = std::get_if<libp2p::RequestReceived>(&event)) {
                open.push_back(request->id);
            } else if (const auto* query = std::get_if<libp2p::KademliaRequest>(&event)) {
                open.push_back(query->id);
            }
        }
        if (!open.empty()) {
            value % 4 == 0 ? it.host->refuse(open.front())
                           : it.host->respond(open.front(), Bytes(value, value));
            open.pop_front();
        }
    }

    void core(std::uint8_t what, std::uint8_t value) {
        const auto peer = somebody(value);
        const Protocol note = value % 2 == 0 ? Protocol::block_announces : Protocol::grandpa;
        network::discovery::RecordKey key;
        key.bytes.fill(value);
        if (what == 0 && peer) {
            world.perform(board(), SendNotification{{*peer}, note, Bytes(value, 2)});
        } else if (what == 1 && peer) {
            const network::sync::RequestId id(next++);
            asked.insert(id);
            world.perform(board(), SendRequest{id, *peer, Protocol::sync, Bytes(value, 3)});
        } else if (what == 2 && !asked.empty()) {
            const auto id = *asked.begin();
            asked.erase(id);
            world.perform(board(), CancelRequest{id});
        } else if (what == 3 && !tokens.empty()) {
            const auto answer = std::make_shared<const Bytes>(std::size_t{value} * 1000, value);
            world.perform(board(), AnswerRequest{tokens.front(), value == 0 ? nullptr : answer});
            tokens.pop_front();
        } else if (what == 4 && peer) {
            const auto conduct = static_cast<network::Conduct>(value % 8);
            world.perform(board(), network::ReportPeer{*peer, conduct, value > 200});
        } else if (what == 5) {
            world.perform(board(), network::discovery::GetRecord{key});
        } else if (what == 6) {
            world.perform(board(), network::discovery::PutRecord{key, Bytes(value, 1)});
        }
    }

    void check() {
        for (const auto& event : std::exchange(board().events, {})) {
            if (const auto* in = std::get_if<PeerJoined>(&event)) {
                CHECK(joined.insert(in->peer).second);
            } else if (const auto* out = std::get_if<PeerLeft>(&event)) {
                joined.erase(out->peer);  // of peers that only asked, too
            } else if (const auto* note = std::get_if<NotificationReceived>(&event)) {
                CHECK(joined.contains(note->peer));
            } else if (const auto* request = std::get_if<RequestReceived>(&event)) {
                tokens.push_back(request->token);
            } else if (const auto* response = std::get_if<ResponseReceived>(&event)) {
                CHECK(asked.erase(response->request) == 1);
            }
        }
        std::size_t held = 0;
        for (const auto& [id, end] : board().ends) {
            held += board().board->held_bytes(id);
        }
        CHECK(held <= kHeldMax);
        CHECK(tokens.size() <= kRequestsWaitingMax || held == 0);
    }

    void leave() {
        for (auto* each : villains) {
            world.freeze(*each, false);
            each->host->close();
        }
        world.pass(120s);
        check();
        CHECK(joined.empty());
        CHECK(asked.empty());
        CHECK(board().board->peers().empty());
        CHECK(board().board->numbers(world.now).slots == 0);
        CHECK(world.wires() == 0);
    }
};

}  // namespace
}  // namespace stipple::node

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    node::Fuzzed fuzzed;
    for (std::size_t i = 0; i + 2 < size && i < 1200; i += 3) {
        const std::uint8_t kind = data[i] % 20;
        if (kind < 2 || fuzzed.villains.empty()) {
            fuzzed.come(data[i + 1]);
        } else if (kind < 12) {
            fuzzed.villain(*fuzzed.villains[data[i + 1] % fuzzed.villains.size()],
                           static_cast<std::uint8_t>(kind - 2), data[i + 2]);
        } else if (kind < 19) {
            fuzzed.core(static_cast<std::uint8_t>(kind - 12), data[i + 2]);
        } else {
            fuzzed.world.pass(std::chrono::milliseconds(std::uint64_t{data[i + 2]} * 200));
        }
        fuzzed.world.run();
        fuzzed.check();
    }
    fuzzed.leave();
    return 0;
}
