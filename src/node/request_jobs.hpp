// The jobs of the request server: what peers asked, read from the chain. Pure reads, for any
// worker.
#pragma once

#include "chain/import/chain.hpp"
#include "network/requests/server.hpp"
#include "network/requests/warp_answer.hpp"

namespace stipple::node {

/// Time a runtime call for a light client may take.
inline constexpr std::chrono::milliseconds kLightCallMax{10'000};

class RequestJobs {
 public:
    using Answer = std::optional<network::requests::Answer>;
    /// References outlive this.
    RequestJobs(const chain::Chain& chain, const StoreReader& store)
        : chain_(chain), store_(store) {}

    // Each gives an encoded response; absent when it cannot be answered (unknown block, pruned
    // state, a call that fails).
    Answer answer(const network::requests::ReadBlocks& job) const;
    Answer answer(const network::requests::ReadState& job) const;
    Answer answer(const network::requests::BuildWarpProof& job) const;
    Answer answer(const network::requests::ReadBeefyProof& job) const;
    Answer answer(const network::requests::LightCall& job) const;
    Answer answer(const network::requests::LightRead& job) const;

 private:
    network::requests::WarpReader warp_reader() const;

    const chain::Chain& chain_;
    const StoreReader& store_;
};

}  // namespace stipple::node
