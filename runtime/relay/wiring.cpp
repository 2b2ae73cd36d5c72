// What the pallets of this runtime tell each other.
#include "pallets/authority_discovery/authority_discovery.hpp"
#include "pallets/authorship/authorship.hpp"
#include "pallets/babe/babe.hpp"
#include "pallets/beefy/beefy.hpp"
#include "pallets/grandpa/grandpa.hpp"
#include "pallets/mmr/mmr.hpp"
#include "pallets/mmr_leaf/mmr_leaf.hpp"
#include "pallets/multisig/multisig.hpp"
#include "pallets/offences/historical.hpp"
#include "pallets/offences/offences.hpp"
#include "pallets/para_session_info/para_session_info.hpp"
#include "pallets/proxy/proxy.hpp"
#include "pallets/session/session.hpp"
#include "pallets/staking/staking.hpp"
#include "pallets/sudo/sudo.hpp"
#include "pallets/timestamp/timestamp.hpp"
#include "pallets/transaction_payment/transaction_payment.hpp"
#include "pallets/utility/utility.hpp"

#include <algorithm>

namespace stipple::runtime::wiring {

namespace {
babe::AuthorityList babe_authorities(const ValidatorKeys& validators) {
    babe::AuthorityList list;
    for (const auto& [who, keys] : validators) {
        list.push_back({keys.babe, 1});
    }
    return list;
}
grandpa::AuthorityList grandpa_authorities(const ValidatorKeys& validators) {
    grandpa::AuthorityList list;
    for (const auto& [who, keys] : validators) {
        list.push_back({keys.grandpa, 1});
    }
    return list;
}
AuthorityDiscovery::Keys discovery_keys(const ValidatorKeys& validators) {
    AuthorityDiscovery::Keys list;
    for (const auto& [who, keys] : validators) {
        list.items.push_back(keys.authority_discovery);
    }
    return list;
}
}  // namespace

// ---- time and fees ----

void on_timestamp_set(Moment now) {
    Babe::check_time(now);
}

void on_tip(Balance tip) {
    if (const auto author = Authorship::author()) {
        // An author whose account cannot take it goes without.
        (void)with_storage_layer([&] { return Balances::deposit_into(*author, tip); });
    }
}

std::optional<AccountId> find_author() {
    const auto index = Babe::author_index();
    const auto validators = Session::validators.get();
    if (!index || *index >= validators.size()) {
        return std::nullopt;
    }
    return validators[*index];
}

// ---- sessions ----

bool should_end_session(BlockNumber now) {
    return Babe::should_end_epoch(now);
}

std::optional<std::vector<AccountId>> next_validators(SessionIndex session) {
    return Staking::new_session(session);
}

void on_session_ending(SessionIndex session) {
    Staking::end_session(session);
}

void on_session_started(SessionIndex session) {
    Staking::start_session(session);
}

void on_genesis_session(const ValidatorKeys& validators) {
    Staking::on_genesis_session();
    Historical::note_session(0, validators);
    Beefy::on_genesis_session(validators);
    Babe::set_genesis_authorities(babe_authorities(validators));
    Grandpa::set_genesis_authorities(grandpa_authorities(validators));
    AuthorityDiscovery::keys.set(discovery_keys(validators));
    AuthorityDiscovery::next_keys.set(discovery_keys(validators));
    ParaSessionInfo::note_session(0, validators, {});
}

void on_new_session(bool changed, const ValidatorKeys& validators, const ValidatorKeys& queued) {
    const SessionIndex session = Session::current_index.get();
    Historical::note_session(session, validators);
    Beefy::on_new_session(validators, queued, session);
    Babe::start_epoch(babe_authorities(validators), babe_authorities(queued), session);
    Grandpa::on_new_session(changed, grandpa_authorities(validators), session);
    AuthorityDiscovery::keys.set(discovery_keys(validators));
    AuthorityDiscovery::next_keys.set(discovery_keys(queued));
    ParaSessionInfo::note_session(session, validators, Hash(Babe::randomness.get().bytes));
}

void on_validator_disabled(std::uint32_t index) {
    Babe::note_disabled(index);
    Beefy::on_disabled(index);
}

// ---- the Merkle mountain range ----

Bytes mmr_leaf() {
    return scale::encode(MmrLeaf::leaf());
}

/// The root of the heads of parachains, of which there are none yet.
Hash mmr_leaf_extra() {
    return {};
}

void on_new_mmr_root(const Hash& root) {
    Beefy::announce_mmr_root(root);
}

void on_new_beefy_set(const BeefyValidatorSet& now, const BeefyValidatorSet& next) {
    MmrLeaf::on_new_validator_set(now, next);
}

// ---- offences ----

void on_offence(const AccountId& offender, const std::vector<AccountId>& at_once,
                SessionIndex session, Perbill fraction) {
    for (const AccountId& one : at_once) {
        Staking::on_offence(one, session, fraction);
    }
    const auto validators = Session::validators.get();
    const std::size_t disabled = Session::disabled_validators.get().size();
    const auto place = std::find(validators.begin(), validators.end(), offender);
    // A third and more may not be silenced, or finality would end.
    if (place != validators.end() && 3 * (disabled + 1) < validators.size()) {
        Session::disable(static_cast<std::uint32_t>(place - validators.begin()));
    }
}

// ---- accounts acting for others ----

bool proxy_type_allows(ProxyType type, const RuntimeCall& call) {
    switch (type) {
        case ProxyType::any:
            return true;
        case ProxyType::non_transfer:
            return call.pallet() != Balances::index() && call.pallet() != Sudo::index();
        case ProxyType::cancel_proxy: {
            constexpr std::uint8_t kRejectAnnouncement = 8;
            return call.is(Proxy::index(), kRejectAnnouncement) ||
                   call.pallet() == Utility::index() || call.pallet() == Multisig::index();
        }
    }
    return false;
}

}  // namespace stipple::runtime::wiring
