// The pallets of the relay chain as a list of types: what the table of the runtime has forgotten.
#pragma once

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

namespace stipple::runtime::walk {

using AllPallets =
    std::tuple<System, Babe, Timestamp, Balances, TransactionPayment, Authorship, Staking, Offences,
               Historical, Session, Grandpa, AuthorityDiscovery, Utility, Scheduler, Proxy,
               Multisig, Preimage, ParaSessionInfo, Beefy, Mmr, MmrLeaf, Sudo>;

void for_each_pallet(auto&& visit) {
    [&]<class... P>(std::tuple<P...>*) {
        (visit(std::type_identity<P>()), ...);
    }(static_cast<AllPallets*>(nullptr));
}

}  // namespace stipple::runtime::walk
