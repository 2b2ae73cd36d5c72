// Events from bytes to three voters and an observer: whatever comes, nobody crashes, tables stay in
// their bounds, finality only rises, and a voter without peers keeps none. (Votes are injected for
// any voter, so agreement is not claimed here: the scripted tests and the simulation do.)
//
//   0 n     grow the trunk by n blocks        4 n s   grow fork s by n blocks from the trunk
//   1 t     let t seconds pass                5 i     a voter leaves or returns
//   2 v k r n s / 3 v n  a vote of voter v    6 n     everybody enters a new set
//   7 ...   raw bytes as a message
#include "consensus/grandpa/voter_world.hpp"
#include "tests/support/bytecode.hpp"

namespace {

using namespace stipple;
using namespace stipple::grandpa;
using fuzzing::Bytecode;
using grandpa::testing::block;
using grandpa::testing::voter_id;
using grandpa::testing::World;

constexpr BlockNumber kBlocksMax = 400;
constexpr int kStepsMax = 200;

void check_bounds(const World& world) {
    for (const auto& node : world.nodes) {
        CHECK(node.voter->waiting() <= 3 * kVotesWaitingMax + 2 * kCommitsWaitingMax + 2);
        for (std::size_t i = 1; i < node.finalized.size(); ++i) {
            CHECK(node.finalized[i].number > node.finalized[i - 1].number);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytecode code(data, size);
    World world(3, 1);
    world.start();
    BlockNumber trunk = 0;
    AuthoritySetId set(0);
    for (int step = 0; step < kStepsMax && code.more(); ++step) {
        switch (code.next() % 8) {
            case 0: {
                const BlockNumber top = std::min<BlockNumber>(kBlocksMax, trunk + code.next() % 16);
                if (top > trunk) {
                    world.grow(trunk + 1, top);
                    trunk = top;
                }
                break;
            }
            case 1:
                world.run_for(std::chrono::seconds(code.next()));
                break;
            case 2:
            case 3: {
                const std::size_t voter = code.next() % 4;
                const auto kind = static_cast<VoteKind>(code.next() % 3);
                const RoundNumber round(code.next());
                const BlockRef target = block(code.next(), code.next() % 3);
                for (std::size_t to = 0; to < 3; ++to) {
                    world.send(3, to,
                               VoteMessage{round, set, {{kind, target}, {}, voter_id(voter)}});
                }
                break;
            }
            case 4: {
                const BlockNumber count = code.next() % 8;
                const auto fork = static_cast<std::uint8_t>(1 + code.next() % 2);
                if (count > 0) {
                    world.grow(trunk + 1, trunk + count, fork, 0);
                }
                break;
            }
            case 5: {
                auto& node = world.nodes[code.next() % 3];
                node.online = !node.online;
                break;
            }
            case 6:
                ++set;
                for (auto& node : world.nodes) {
                    VoterEffects effects;
                    node.voter->on_new_set(world.now, set,
                                           *VoterSet::create(grandpa::testing::voter_list(3)),
                                           node.voter->finalized(), effects);
                    CHECK(node.voter->waiting() == 0);
                }
                break;
            default:
                if (const auto message = decode_gossip(code.take(code.next()))) {
                    world.send(3, 0, *message);
                }
        }
        check_bounds(world);
    }
    for (auto& node : world.nodes) {
        for (std::uint64_t peer = 0; peer < world.nodes.size(); ++peer) {
            node.voter->on_peer_disconnected(PeerKey(peer));
        }
        CHECK(node.voter->peer_count() == 0);
    }
    return 0;
}
