// Gives the nodes of the Merkle mountain range their final place as blocks become final.
//
// Spec: none (the Rust node's MMR gadget); chain/offchain/mmr_nodes.hpp says what moves where. The
// first block with a leaf follows from `MmrApi_mmr_leaf_count`; should it be another one than
// before, the range began anew and so does this. What was final while the node was down is made up
// for at the next finality. Row (column `offchain`): `mmr/canonical`: first block, last block done.
// Runs on the chain thread.
#pragma once

#include "chain/import/chain.hpp"
#include "chain/offchain/mmr_nodes.hpp"

namespace stipple::node {

class MmrGadget {
 public:
    /// References outlive this.
    MmrGadget(const chain::Chain& chain, KeyValueStore& database,
              chain::offchain::LocalStorage& storage)
        : chain_(chain), database_(database), storage_(storage) {}

    void on_finalized(const chain::FinalityOutcome& outcome);

 private:
    struct Progress {
        BlockNumber first = 0;  ///< the first block with a leaf
        BlockNumber done = 0;   ///< up to here nodes have their final place
        friend bool operator==(const Progress&, const Progress&) = default;
        static auto fields(auto& self) { return std::tie(self.first, self.done); }
    };

    std::optional<BlockNumber> first_block(const BlockRef& at) const;
    void load(BlockNumber first);
    void canonicalize(BlockNumber number);

    const chain::Chain& chain_;
    KeyValueStore& database_;
    chain::offchain::LocalStorage& storage_;
    std::optional<Progress> progress_;
};

}  // namespace stipple::node
