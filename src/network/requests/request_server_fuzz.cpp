// Events from bytes to the serving side: every request is answered or refused exactly once, bounds
// hold, and when everybody has left nothing is open.
//
//   0 p n     peer p asks for block n     2 n k   the oldest job is answered with n bytes
//   1 p k …   peer p sends k raw bytes    3       a job fails            4 p   peer p leaves
//   5 t       time passes                 6       the best chain changes
#include "base/check.hpp"
#include "network/requests/server.hpp"
#include "tests/support/bytecode.hpp"

#include <set>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace stipple;
    using namespace stipple::network;
    using namespace stipple::network::requests;
    fuzzing::Bytecode input(data, size);
    RequestServer server;
    Instant now;
    std::uint64_t next_id = 1;
    std::map<InboundId, PeerKey> open;
    std::deque<JobId> jobs;
    while (input.more()) {
        Effects effects;
        switch (input.next() % 7) {
            case 0: {
                const PeerKey peer(input.next() % 8);
                const BlockRequest request{.parts = 3, .from = BlockNumber{input.next()}};
                open.emplace(InboundId(next_id), peer);
                server.on_request(now, peer, InboundId(next_id++), Protocol::sync, encode(request),
                                  effects);
                break;
            }
            case 1: {
                const PeerKey peer(input.next() % 8);
                const auto protocol = static_cast<Protocol>(input.next() % 10);
                const ByteView raw = input.take(input.next() % 64);
                open.emplace(InboundId(next_id), peer);
                server.on_request(now, peer, InboundId(next_id++), protocol, raw, effects);
                break;
            }
            case 2:
            case 3: {
                const std::size_t length = std::size_t{input.next()} * 1024;
                if (!jobs.empty()) {
                    const bool fails = length == 0;
                    server.on_answer(
                        now, jobs.front(),
                        fails ? std::nullopt : std::optional(Answer{Bytes(length), true}), effects);
                    jobs.pop_front();
                }
                break;
            }
            case 4: {
                const PeerKey peer(input.next() % 8);
                server.on_peer_disconnected(peer);
                std::erase_if(open, [&](const auto& one) { return one.second == peer; });
                break;
            }
            case 5:
                now = now + std::chrono::seconds(input.next());
                server.on_wake(now, effects);
                break;
            default:
                server.on_best_block();
        }
        for (const auto& effect : effects) {
            std::visit(
                [&](const auto& one) {
                    if constexpr (requires { one.job; }) {
                        jobs.push_back(one.job);
                    } else if constexpr (requires { one.request; }) {
                        CHECK(open.erase(one.request) == 1);
                    }
                },
                effect);
        }
        CHECK(server.open_requests() == open.size());
        CHECK(server.cached_bytes() <= kCachedBytesMax);
    }
    for (std::uint64_t peer = 0; peer < 8; ++peer) {
        server.on_peer_disconnected(PeerKey(peer));
    }
    CHECK(server.open_requests() == 0 && server.peer_count() == 0);
    return 0;
}
