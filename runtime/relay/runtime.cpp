// The relay chain's runtime: its pallets, in the order of their hooks, with their indices.
//
// Indices are those of the networks where they have one, so that tools with habits feel at home.
// BABE comes before Timestamp (the time must lie in the slot) and before Session (which asks it
// whether the epoch is over). The leaf of the Merkle mountain range comes after the session,
// because it tells of the set of the next one.
#include "kit/runtime.hpp"

#include "pallets/authority_discovery/authority_discovery.hpp"
#include "pallets/authorship/authorship.hpp"
#include "pallets/babe/babe.hpp"
#include "pallets/balances/balances.hpp"
#include "pallets/beefy/beefy.hpp"
#include "pallets/grandpa/grandpa.hpp"
#include "pallets/mmr/mmr.hpp"
#include "pallets/mmr_leaf/mmr_leaf.hpp"
#include "pallets/multisig/multisig.hpp"
#include "pallets/offences/historical.hpp"
#include "pallets/offences/offences.hpp"
#include "pallets/para_session_info/para_session_info.hpp"
#include "pallets/preimage/preimage.hpp"
#include "pallets/proxy/proxy.hpp"
#include "pallets/scheduler/scheduler.hpp"
#include "pallets/session/session.hpp"
#include "pallets/staking/staking.hpp"
#include "pallets/sudo/sudo.hpp"
#include "pallets/system/system.hpp"
#include "pallets/timestamp/timestamp.hpp"
#include "pallets/transaction_payment/transaction_payment.hpp"
#include "pallets/utility/utility.hpp"

namespace stipple::runtime::inline kit {

std::span<const PalletEntry> runtime_pallets() {
    static constexpr PalletEntry kPallets[] = {
        pallet<System>(0),
        pallet<Babe>(1),
        pallet<Timestamp>(2),
        pallet<Balances>(4),
        pallet<TransactionPayment>(33),
        pallet<Authorship>(5),
        pallet<Staking>(6),
        pallet<Offences>(7),
        pallet<Historical>(34),
        pallet<Session>(8),
        pallet<Grandpa>(10),
        pallet<AuthorityDiscovery>(12),
        pallet<Utility>(24),
        pallet<Scheduler>(29),
        pallet<Proxy>(30),
        pallet<Multisig>(31),
        pallet<Preimage>(32),
        pallet<ParaSessionInfo>(61),
        pallet<Beefy>(240),
        pallet<Mmr>(241),
        pallet<MmrLeaf>(242),
        pallet<Sudo>(255),
    };
    return kPallets;
}

bool call_is_allowed(const RuntimeCall&) {
    return true;
}

}  // namespace stipple::runtime::inline kit
