// What the chain thread tells the BEEFY voter, and what it asks the runtime for it.
//
// Spec: sect-grandpa-beefy. BEEFY begins once `BeefyApi_beefy_genesis` names a block that is final;
// should it name another one later, everything begins anew. Runs on the chain thread but for
// `mmr_root_at`, which any thread may ask.
#pragma once

#include "chain/import/chain.hpp"
#include "consensus/beefy/history.hpp"

namespace stipple::node {

struct BeefyNews {
    BlockNumber finalized = 0;
    std::vector<beefy::Session> sessions;        ///< that began with what is newly final
    std::optional<beefy::VoterState> beginning;  ///< begin with this instead
    std::vector<beefy::AuthorityId> own_keys;    ///< of the keystore, when this node may vote
};

class BeefyWatch {
 public:
    using OwnKeys = std::function<std::vector<beefy::AuthorityId>()>;

    /// References outlive this.
    BeefyWatch(const chain::Chain& chain, const StoreReader& database, OwnKeys own_keys)
        : chain_(chain), database_(database), own_keys_(std::move(own_keys)) {}

    /// None while the chain has no BEEFY, or does not say enough to begin.
    std::optional<BeefyNews> on_finalized(const BlockRef& block,
                                          const std::vector<BlockRef>& newly_finalized);

 private:
    bool begin(BlockNumber genesis, const BlockRef& block, BeefyNews& news);

    const chain::Chain& chain_;
    const StoreReader& database_;
    const OwnKeys own_keys_;
    std::optional<BlockNumber> genesis_;
};

std::optional<beefy::ValidatorSet> beefy_validator_set(const chain::Chain& chain,
                                                       const BlockHash& at);
/// The proof, when it is one of this block by the set its state names.
std::optional<beefy::FinalityProof> verified_beefy_proof(const chain::Chain& chain,
                                                         const BlockRef& block, ByteView encoded);
/// The root of the mountain range as of a finalised block: its header's, which the state has to
/// agree with as long as it is there; the state's for headers that name none.
std::optional<beefy::MmrRoot> mmr_root_at(const chain::Chain& chain, BlockNumber block);

}  // namespace stipple::node
