// The genesis configuration of Staking, and its complaints.
#include "pallets/staking/staking.hpp"

#include <algorithm>

namespace stipple::runtime {

namespace {
void nominate_at_genesis(const AccountId& stash, const GenesisReader& targets) {
    Nominations made;
    if (targets.size() == 0 || targets.size() > Nominations::kMaxTargets) {
        targets.fail("not between 1 and 16 targets");
    }
    targets.each([&](const GenesisReader& target) {
        const AccountId who = target.account();
        if (target.ok() && !Staking::validators.contains(who)) {
            target.fail("not a validator of an entry before");
        }
        if (target.ok() && !made.targets.try_push(who)) {
            target.fail("too many targets");
        }
    });
    if (targets.ok()) {
        Staking::nominators.insert(stash, made);
    }
}

/// [stash, stash, amount, "Validator" or "Idle" or {"Nominator": [...]}].
void add_staker(const GenesisReader& entry) {
    if (entry.size() != 4) {
        entry.fail("not a stash, its controller, an amount and a role");
        return;
    }
    const AccountId stash = entry.at(0).account();
    if (entry.at(1).account() != stash) {
        entry.at(1).fail("another controller than the stash itself");
    }
    const auto amount = entry.at(2).number<Balance>();
    if (!entry.ok()) {
        return;
    }
    if (Staking::bonded.contains(stash)) {
        entry.at(0).fail("the stash is there twice");
    } else if (amount < config::kExistentialDeposit) {
        entry.at(2).fail("below the existential deposit");
    } else if (amount > Balances::reducible_balance(stash, Preservation::preserve)) {
        entry.at(2).fail("more than the stash has and need not keep");
    } else if (!Staking::bond(Origin::signed_by(stash), {amount}, {})) {
        entry.fail("cannot be bonded");
    }
    const GenesisReader role = entry.at(3);
    if (!entry.ok() || (role.is_text() && role.text() == "Idle")) {
        return;
    }
    if (!role.is_text()) {
        nominate_at_genesis(stash, role.field("Nominator"));
    } else if (role.text() != "Validator") {
        role.fail("not a role");
    } else if (Staking::validators.count() >= config::kMaxValidators) {
        role.fail("too many validators");
    } else {
        Staking::validators.insert(stash, {});
    }
}

std::uint32_t count(const GenesisReader& given) {
    const std::uint32_t wanted = given.present() ? given.number<std::uint32_t>() : 0;
    if (wanted > config::kMaxValidators) {
        given.fail("more validators than there can be");
    }
    return wanted;
}
}  // namespace

void Staking::genesis(GenesisReader& config) {
    const GenesisReader minimum = config.field("minimumValidatorCount");
    validator_count.set(count(config.field("validatorCount")));
    minimum_validator_count.set(count(minimum));
    if (config.ok() && minimum_validator_count.get() > validator_count.get()) {
        minimum.fail("above validatorCount");
    }
    BoundedVec<AccountId, config::kMaxInvulnerables> safe;
    config.field("invulnerables").each([&](const GenesisReader& one) {
        const AccountId who = one.account();
        if (one.ok() && std::ranges::find(safe, who) != safe.end()) {
            one.fail("the account is there twice");
        } else if (!safe.try_push(who)) {
            one.fail("too many invulnerables");
        }
    });
    invulnerables.set(safe);
    config.field("stakers").each([](const GenesisReader& entry) { add_staker(entry); });
}

}  // namespace stipple::runtime
