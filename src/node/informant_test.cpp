#include "node/informant.hpp"

#include <gtest/gtest.h>

namespace stipple::node {
namespace {

using network::sync::SyncState;
using network::sync::SyncStatus;

Instant at(int seconds) {
    return Instant{} + std::chrono::seconds(seconds);
}
chain::Heads heads_at(BlockNumber best) {
    return {{BlockHash({1}), best}, {BlockHash({2}), 3}, BlockHash({3})};
}

TEST(Informant, speaks_every_five_seconds_in_the_words_of_the_field) {
    Informant informant;
    SyncStatus status;
    status.state = SyncState::waiting_for_peers;
    status.peers = 2;
    EXPECT_TRUE(informant.look(at(10), status, heads_at(0))
                    ->starts_with("Warping, waiting for peers (2 peers), best: #0 (0x01"));
    EXPECT_FALSE(informant.look(at(14), status, heads_at(0)));
    status.state = SyncState::state;
    status.state_percent = 40;
    status.state_bytes = 3 * 1024 * 1024;
    EXPECT_TRUE(informant.look(at(15), status, heads_at(0))
                    ->starts_with("State sync, 40 %, 3.00 MiB (2 peers)"));
    status.state = SyncState::importing;
    status.target = 900;
    status.peers = 1;
    status.is_major = true;
    EXPECT_TRUE(informant.look(at(20), status, heads_at(50))
                    ->starts_with("Syncing 10.0 bps, target=#900 (1 peers), best: #50"));
    status.is_major = false;
    status.history_remaining = 77;
    EXPECT_TRUE(
        informant.look(at(25), status, heads_at(50))->starts_with("Block history, #77 (1 peers)"));
    status.history_remaining.reset();
    EXPECT_TRUE(informant.look(at(30), status, heads_at(50))->starts_with("Idle (1 peers)"));
}

}  // namespace
}  // namespace stipple::node
