// The chain specification with a checkpoint of the finalised block in it
// (`sync_state_genSyncSpec`).
//
// The checkpoint is made from what the chain says: the epochs from the runtime over the finalised
// block's state, the blocks that announced them from headers, the GRANDPA set and its past from
// their rows. Any thread may ask. Deviation: the specification is always written in its raw form,
// and of announced epochs only the present and the next one of the finalised chain are told.
#pragma once

#include "chain/import/chain.hpp"
#include "chain/spec/light_sync_state.hpp"

namespace stipple::node {

std::expected<chain::LightSyncState, std::string> make_light_sync_state(
    const chain::Chain& chain, const StoreReader& database);

/// As JSON text.
std::expected<std::string, std::string> make_sync_spec(const chain::Chain& chain,
                                                       const StoreReader& database,
                                                       executor::Executor& executor);

}  // namespace stipple::node
