// Events from bytes to the spreading of transactions: bounds hold, nothing is sent twice to a peer,
// and when everybody has left the tables are empty.
//
//   0 p     peer p opens          2 n     the pool takes transaction n     4 n v   a verdict
//   1 p     peer p closes         3 p n   peer p sends transaction n       5 p k …  k raw bytes
//   6       major sync toggles    7       time passes
#include "base/check.hpp"
#include "network/gossip/transactions.hpp"
#include "tests/support/bytecode.hpp"

#include <set>

namespace {

using namespace stipple;
using namespace stipple::network;
using namespace stipple::network::gossip;

Extrinsic transaction(std::uint8_t number) {
    return {{number, 1, 2}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzzing::Bytecode input(data, size);
    TransactionGossip gossip;
    Instant now;
    bool is_major = false;
    std::set<std::pair<std::uint64_t, ExtrinsicHash>> told;
    std::set<ExtrinsicHash> validating;
    while (input.more()) {
        TransactionEffects effects;
        switch (input.next() % 8) {
            case 0:
                gossip.on_peer_opened(now, PeerKey(input.next() % 8), Role::full);
                break;
            case 1: {
                const PeerKey peer(input.next() % 8);
                gossip.on_peer_closed(peer);
                std::erase_if(told, [&](const auto& one) { return one.first == peer.value; });
                break;
            }
            case 2:
                gossip.on_pool_transaction(transaction(input.next()), effects);
                break;
            case 3: {
                const PeerKey peer(input.next() % 8);
                gossip.on_message(peer, encode_transaction_message(transaction(input.next())),
                                  effects);
                break;
            }
            case 4: {
                const auto hash = transaction(input.next()).hash();
                gossip.on_validated(hash, static_cast<TransactionVerdict>(input.next() % 4),
                                    effects);
                validating.erase(hash);
                break;
            }
            case 5: {
                const PeerKey peer(input.next() % 8);
                const ByteView raw = input.take(input.next() % 64);
                gossip.on_message(peer, raw, effects);
                break;
            }
            case 6:
                is_major = !is_major;
                gossip.set_major_sync(now, is_major);
                break;
            default:
                now = now + std::chrono::seconds(input.next());
                gossip.on_wake(now, effects);
        }
        for (const auto& effect : effects) {
            if (const auto* send = std::get_if<SendTransaction>(&effect)) {
                CHECK(!is_major);
                for (const PeerKey peer : send->to) {
                    CHECK(told.emplace(peer.value, send->hash).second);
                }
            } else if (const auto* job = std::get_if<ValidateTransaction>(&effect)) {
                CHECK(validating.insert(job->hash).second);
            }
        }
        CHECK(gossip.validating() == validating.size());
    }
    for (std::uint64_t peer = 0; peer < 8; ++peer) {
        gossip.on_peer_closed(PeerKey(peer));
    }
    TransactionEffects effects;
    for (const auto& hash : std::set(validating)) {
        gossip.on_validated(hash, TransactionVerdict::bad, effects);
    }
    CHECK(effects.empty() && gossip.peer_count() == 0 && gossip.validating() == 0);
    return 0;
}
