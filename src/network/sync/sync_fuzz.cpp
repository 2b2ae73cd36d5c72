// Events from bytes to the sync machine among peers of all characters: whatever comes, bounds hold;
// and when everybody has left, nothing is open and nothing wakes.
//
//   0 c k   a peer of character c, on chain k      4 p       peer p announces its head
//   1 p     peer p leaves                          5 p k …   peer p announces k raw bytes
//   2 n     the honest chain grows                 6 p n     peer p announces block n of a fork
//   3 t     time passes                            7 n       somebody asks for things by name
#include "network/sync/sync_world.hpp"
#include "tests/support/bytecode.hpp"

namespace {

using namespace stipple;
using namespace stipple::network;
using namespace stipple::network::sync;
using network::sync::testing::Character;
using network::sync::testing::World;

constexpr int kStepsMax = 200;
constexpr std::size_t kBlocksMax = 600;

void name_things(World& world, std::uint8_t number) {
    const auto at = std::min<std::size_t>(number, world.honest.blocks.size() - 1);
    const BlockRef block{world.honest.blocks[at], static_cast<BlockNumber>(at)};
    world.feed([&](Effects& effects) {
        if ((number & 1) != 0) {
            world.sync->request_block(world.now, block, {}, effects);
        } else {
            world.sync->request_justification(world.now, block, effects);
        }
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzzing::Bytecode input(data, size);
    const std::uint8_t mode = input.next();
    SyncConfig config;
    config.mode = static_cast<SyncMode>(mode % 4);
    World world(input.next(), config);
    world.set_change_period = 32;
    world.environment_failure_every = (mode & 16) != 0 ? 5 : 0;
    world.peers_give_justifications_with_blocks = (mode & 32) == 0;
    world.grow(world.honest, 100);
    auto& fork = world.fork(60, 50, 8);
    auto& bad = world.fork(70, 80, 9, true);
    const World::Chain* chains[] = {&world.honest, &fork, &bad};
    std::vector<PeerKey> peers;
    const auto pick = [&]() -> std::optional<PeerKey> {
        return peers.empty() ? std::nullopt : std::optional(peers[input.next() % peers.size()]);
    };
    for (int step = 0; step < kStepsMax && input.more(); ++step) {
        switch (input.next() % 8) {
            case 0: {
                const auto character = static_cast<Character>(input.next() % 12);
                peers.push_back(world.connect(character, *chains[input.next() % 3]));
                break;
            }
            case 1:
                if (const auto peer = pick()) {
                    world.disconnect(*peer);
                }
                break;
            case 2:
                if (world.honest.blocks.size() < kBlocksMax) {
                    world.grow(world.honest, input.next() % 40);
                }
                break;
            case 3:
                world.run_for(std::chrono::milliseconds(40 * input.next()));
                break;
            case 4:
                if (const auto peer = pick()) {
                    const auto& chain = *world.peers[*peer].chain;
                    world.announce(*peer, world.blocks[chain.best().hash].header);
                }
                break;
            case 5: {
                const auto peer = pick();
                const ByteView raw = input.take(input.next());
                const auto announce = decode_block_announce(raw);
                if (peer && announce) {
                    world.announce(*peer, announce->header, announce->is_best);
                }
                break;
            }
            case 6:
                if (const auto peer = pick()) {
                    const std::size_t at = input.next() % fork.blocks.size();
                    world.announce(*peer, world.blocks[fork.blocks[at]].header, false);
                }
                break;
            default:
                name_things(world, input.next());
        }
        CHECK(world.sync->open_work() <= kLineBlocksMax + 2 * kQueueBlocksMax);
        CHECK(world.sync->peer_count() <= peers.size());
    }
    for (const PeerKey peer : peers) {
        world.disconnect(peer);
    }
    world.run_for(std::chrono::minutes(2));
    CHECK(world.sync->peer_count() == 0);
    const auto state = world.sync->status().state;
    // A state download waits for peers to come back; all else has ended.
    const bool waits = state == SyncState::state || state == SyncState::state_target;
    CHECK(world.sync->open_work() == (waits ? 1U : 0U));
    CHECK(!world.sync->wake_at().has_value());
    return 0;
}
