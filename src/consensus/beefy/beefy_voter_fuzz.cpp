// Events from bytes to three voters and an observer: whatever comes, nobody crashes, tables stay in
// their bounds, every proof holds, and a voter without peers keeps none.
//
//   0 n        n more blocks are final       4 i     a node leaves or returns
//   1 t        let t seconds pass            5 i     a node restarts
//   2 v n s k  a vote of validator v for     6 n     a new session begins n blocks on
//              block n of set s on fork k    7 n     a proof comes with block n
//   8 ...      raw bytes as a message
#include "consensus/beefy/voter_world.hpp"
#include "tests/support/bytecode.hpp"

namespace {

using namespace stipple;
using namespace stipple::beefy;
using beefy::testing::World;
using fuzzing::Bytecode;

constexpr BlockNumber kBlocksMax = 400;
constexpr int kStepsMax = 60;

void check(const World& world) {
    for (const auto& node : world.nodes) {
        CHECK(node.voter->waiting() <= kVotesWaitingMax + kVotesEarlyMax + kProofsBufferedMax + 64);
        for (const auto& [block, proof] : node.proofs) {
            const auto& set = std::prev(world.sessions.upper_bound(block))->second;
            CHECK(verify_finality_proof(proof, block, set).has_value());
        }
        CHECK(!node.voter->oracle() || node.voter->oracle()->best_beefy() <= node.finalized);
    }
}

void step(World& world, Bytecode& code, BlockNumber& final_block) {
    switch (code.next() % 9) {
        case 0:
            final_block = std::min<BlockNumber>(kBlocksMax, final_block + code.next() % 32);
            world.finalize(final_block);
            break;
        case 1:
            world.run_for(std::chrono::seconds(code.next()));
            break;
        case 2: {
            const std::size_t voter = code.next() % 4;
            const BlockNumber block = code.next();
            const std::uint64_t set = code.next() % 8;
            world.send(3, 0, beefy::testing::vote_of(voter, block, set, code.next() % 3));
            break;
        }
        case 4: {
            auto& node = world.nodes[code.next() % 3];
            node.online = !node.online;
            break;
        }
        case 5:
            world.restart(code.next() % 4);
            break;
        case 6: {
            const BlockNumber start =
                std::max(final_block, world.sessions.rbegin()->first) + 1 + code.next() % 32;
            world.sessions.emplace(start, beefy::testing::set_of(3, world.sessions.size()));
            break;
        }
        case 7: {
            const BlockNumber block = 1 + code.next();
            const auto& set = std::prev(world.sessions.upper_bound(block))->second;
            VoterEffects effects;
            // As import gives them: they hold.
            world.nodes[3].voter->on_imported_proof(
                world.now, beefy::testing::proof_of(set, block, 3), effects);
            world.take(3, effects);
            world.deliver();
            break;
        }
        default:
            if (const auto message = decode_gossip(code.take(code.next()))) {
                world.send(3, 0, *message);
            }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytecode code(data, size);
    World world(3, 1);
    world.start();
    BlockNumber final_block = 1;
    for (int i = 0; i < kStepsMax && code.more(); ++i) {
        step(world, code, final_block);
    }
    check(world);
    for (auto& node : world.nodes) {
        for (std::uint64_t peer = 0; peer < world.nodes.size(); ++peer) {
            node.voter->on_peer_disconnected(PeerKey(peer));
        }
        CHECK(node.voter->peer_count() == 0);
    }
    return 0;
}
