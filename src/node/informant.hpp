// The line that tells an operator every few seconds what the node is at, in the words of the field:
// Warping, State sync, Block history, Syncing, Idle.
#pragma once

#include "base/time.hpp"
#include "chain/import/chain.hpp"
#include "network/sync/effects.hpp"

namespace stipple::node {

class Informant {
 public:
    static constexpr std::chrono::seconds kPeriod{5};

    /// The line, when one is due.
    std::optional<std::string> look(Instant now, const network::sync::SyncStatus& status,
                                    const chain::Heads& heads);

 private:
    std::optional<Instant> told_at_;
    BlockNumber told_best_ = 0;
};

}  // namespace stipple::node
