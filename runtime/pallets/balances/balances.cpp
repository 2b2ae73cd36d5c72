#include "pallets/balances/balances.hpp"

namespace stipple::runtime {

namespace {
constexpr Balance kMinimum = config::kExistentialDeposit;

bool needs_consumer(const AccountData& data) {
    return data.reserved > 0 || data.frozen > 0;
}
}  // namespace

/// The one place where an account's balance changes: keeps provider and consumer references in
/// step, ends accounts that fell below the minimum and takes their dust off the issuance.
DispatchResult Balances::put(const AccountId& who, const AccountInfo& before,
                             const AccountData& data) {
    AccountInfo after = before;
    const bool is_new = before.data == AccountData{};
    const bool did_provide = before.data.free >= kMinimum && before.providers > 0;
    const bool does_provide = data.free >= kMinimum;
    const bool did_consume = !is_new && needs_consumer(before.data);
    const bool does_consume = needs_consumer(data);
    if (!did_provide && does_provide) {
        System::add_provider(who, after);
    }
    if (did_consume && !does_consume) {
        after.consumers = saturating_sub(after.consumers, 1U);
    }
    if (!did_consume && does_consume) {
        TRY(System::add_consumer(after));
    }
    if (did_provide && !does_provide) {
        TRY(System::drop_provider(who, after));
    }
    const bool is_dust = data.free < kMinimum && data.reserved == 0;
    const Balance dust = is_dust ? data.free : 0;
    after.data = is_dust ? AccountData{} : data;
    System::store(who, after);
    if (is_new && !is_dust) {
        deposit(kEndowed, who, data.free);
    }
    if (dust > 0) {
        deposit(kDustLost, who, dust);
        total_issuance.mutate([&](Balance& total) { total = saturating_sub(total, dust); });
    }
    return {};
}

// ---- what an account has ----

Balance Balances::total_balance(const AccountId& who) {
    const AccountData data = data_of(who);
    return saturating_add(data.free, data.reserved);
}

namespace {
Balance reducible_of(const AccountInfo& info, Preservation preservation) {
    const AccountData& data = info.data;
    const bool last_provider_needed = info.consumers > 0 && info.providers <= 1;
    const bool must_live =
        preservation == Preservation::preserve ||
        (preservation == Preservation::protect && data.free > 0 && info.providers == 1) ||
        (preservation == Preservation::expendable && data.free > 0 && last_provider_needed);
    Balance untouchable = saturating_sub(data.frozen, data.reserved);
    if (must_live) {
        untouchable = std::max(untouchable, kMinimum);
    }
    return saturating_sub(data.free, untouchable);
}

DispatchResult can_withdraw(const AccountInfo& info, Balance value, bool keep_nonzero) {
    if (value == 0) {
        return {};
    }
    const AccountData& data = info.data;
    const auto new_free = checked_sub(data.free, value);
    if (!new_free) {
        return Balances::fail(TokenError::funds_unavailable);
    }
    if (value > reducible_of(info, Preservation::expendable) &&
        *new_free + data.reserved < data.frozen) {
        return Balances::fail(TokenError::frozen);
    }
    if (*new_free < kMinimum) {
        if (info.consumers > 0 && info.providers <= 1) {
            return Balances::fail(TokenError::frozen);
        }
        if (keep_nonzero) {
            return Balances::fail(TokenError::not_expendable);
        }
    }
    return {};
}
}  // namespace

Balance Balances::reducible_balance(const AccountId& who, Preservation preservation) {
    return reducible_of(System::account.get(who), preservation);
}

bool Balances::can_reserve(const AccountId& who, Balance value) {
    return value == 0 || reducible_balance(who, Preservation::protect) >= value;
}

// ---- moving money ----

DispatchResult Balances::decrease(const AccountId& who, const AccountInfo& before, Balance value,
                                  Preservation preservation) {
    if (reducible_of(before, preservation) < value) {
        return fail(TokenError::funds_unavailable);
    }
    AccountData data = before.data;
    data.free -= value;
    return put(who, before, data);
}

DispatchResult Balances::increase(const AccountId& who, Balance value) {
    const AccountInfo before = System::account.get(who);
    AccountData data = before.data;
    const auto sum = checked_add(data.free, value);
    if (!sum || !checked_add(*sum, data.reserved)) {
        return fail(ArithmeticError::overflow);
    }
    if (*sum < kMinimum) {
        return fail(TokenError::below_minimum);
    }
    data.free = *sum;
    return put(who, before, data);
}

DispatchResult Balances::transfer(const AccountId& from, const AccountId& to, Balance value,
                                  Preservation preservation) {
    const AccountInfo giver = System::account.get(from);
    TRY(can_withdraw(giver, value, preservation != Preservation::expendable));
    if (value > 0 && from != to) {
        TRY(decrease(from, giver, value, preservation));
        TRY(increase(to, value));
    }
    deposit(kTransfer, from, to, value);
    return {};
}

DispatchResult Balances::withdraw(const AccountId& who, Balance value, Preservation preservation) {
    if (value == 0) {
        return {};
    }
    TRY(decrease(who, System::account.get(who), value, preservation));
    total_issuance.mutate([&](Balance& total) { total = saturating_sub(total, value); });
    deposit(kWithdraw, who, value);
    return {};
}

namespace {
DispatchResult add_to_issuance(Balance value) {
    const auto total = checked_add(Balances::total_issuance.get(), value);
    if (!total) {
        return Balances::fail(ArithmeticError::overflow);
    }
    Balances::total_issuance.set(*total);
    return {};
}
}  // namespace

DispatchResult Balances::deposit_into(const AccountId& who, Balance value) {
    if (value == 0) {
        return {};
    }
    TRY(add_to_issuance(value));
    TRY(increase(who, value));
    deposit(kDeposit, who, value);
    return {};
}

DispatchResult Balances::mint_into(const AccountId& who, Balance value) {
    TRY(add_to_issuance(value));
    TRY(increase(who, value));
    deposit(kMinted, who, value);
    return {};
}

DispatchResult Balances::burn_from(const AccountId& who, Balance value, Preservation preservation) {
    TRY(decrease(who, System::account.get(who), value, preservation));
    total_issuance.mutate([&](Balance& total) { total = saturating_sub(total, value); });
    deposit(kBurned, who, value);
    return {};
}

Balance Balances::slash(const AccountId& who, Balance value) {
    const AccountInfo before = System::account.get(who);
    AccountData data = before.data;
    const bool must_live = before.consumers > 0 && before.providers <= 1;
    const Balance free = must_live ? saturating_sub(data.free, kMinimum) : data.free;
    const Balance from_free = std::min(free, value);
    const Balance from_reserved = std::min(data.reserved, value - from_free);
    data.free -= from_free;
    data.reserved -= from_reserved;
    // The account keeps the minimum while somebody needs it, so this does not fail.
    const Balance taken = put(who, before, data) ? from_free + from_reserved : 0;
    total_issuance.mutate([&](Balance& total) { total = saturating_sub(total, taken); });
    deposit(kSlashed, who, taken);
    return taken;
}

// ---- calls ----

DispatchResult Balances::transfer_allow_death(const Origin& origin, const MultiAddress& dest,
                                              Compact<Balance> value) {
    TRY_ASSIGN(const AccountId from, ensure_signed(origin));
    TRY_ASSIGN(const AccountId to, lookup(dest));
    return transfer(from, to, value.value, Preservation::expendable);
}

DispatchResult Balances::force_transfer(const Origin& origin, const MultiAddress& source,
                                        const MultiAddress& dest, Compact<Balance> value) {
    TRY(ensure_root(origin));
    TRY_ASSIGN(const AccountId from, lookup(source));
    TRY_ASSIGN(const AccountId to, lookup(dest));
    return transfer(from, to, value.value, Preservation::expendable);
}

DispatchResult Balances::transfer_keep_alive(const Origin& origin, const MultiAddress& dest,
                                             Compact<Balance> value) {
    TRY_ASSIGN(const AccountId from, ensure_signed(origin));
    TRY_ASSIGN(const AccountId to, lookup(dest));
    return transfer(from, to, value.value, Preservation::preserve);
}

DispatchResult Balances::transfer_all(const Origin& origin, const MultiAddress& dest,
                                      bool keep_alive) {
    TRY_ASSIGN(const AccountId from, ensure_signed(origin));
    TRY_ASSIGN(const AccountId to, lookup(dest));
    const auto preservation = keep_alive ? Preservation::preserve : Preservation::expendable;
    return transfer(from, to, reducible_balance(from, preservation), preservation);
}

DispatchResult Balances::force_unreserve(const Origin& origin, const MultiAddress& who,
                                         Balance amount) {
    TRY(ensure_root(origin));
    TRY_ASSIGN(const AccountId account_id, lookup(who));
    unreserve(account_id, amount);
    return {};
}

DispatchResult Balances::upgrade_accounts(const Origin& origin, const std::vector<AccountId>&) {
    TRY(ensure_signed(origin));
    return {};  // every account of this chain is of the present kind
}

DispatchResult Balances::force_set_balance(const Origin& origin, const MultiAddress& who,
                                           Compact<Balance> new_free) {
    TRY(ensure_root(origin));
    TRY_ASSIGN(const AccountId account_id, lookup(who));
    const Balance wanted = new_free.value < kMinimum ? 0 : new_free.value;
    const Balance old = free_balance(account_id);
    const AccountInfo before = System::account.get(account_id);
    AccountData data = before.data;
    data.free = wanted;
    TRY(put(account_id, before, data));
    const auto total = checked_add(saturating_sub(total_issuance.get(), old), wanted);
    if (!total) {
        return fail(ArithmeticError::overflow);
    }
    total_issuance.set(*total);
    deposit(kBalanceSet, account_id, wanted);
    return {};
}

DispatchResult Balances::force_adjust_total_issuance(const Origin& origin,
                                                     AdjustmentDirection direction,
                                                     Compact<Balance> delta) {
    TRY(ensure_root(origin));
    if (delta.value == 0) {
        return fail(kDeltaZero);
    }
    const Balance old = total_issuance.get();
    const Balance changed = direction == AdjustmentDirection::increase
                                ? saturating_add(old, delta.value)
                                : saturating_sub(old, delta.value);
    if (inactive_issuance.get() > changed) {
        return fail(kIssuanceDeactivated);
    }
    total_issuance.set(changed);
    deposit(kTotalIssuanceForced, old, changed);
    return {};
}

DispatchResult Balances::burn(const Origin& origin, Compact<Balance> value, bool keep_alive) {
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    return burn_from(who, value.value,
                     keep_alive ? Preservation::preserve : Preservation::expendable);
}

// ---- genesis ----

void Balances::genesis(GenesisReader& config) {
    Balance total = 0;
    config.field("balances").each([&](const GenesisReader& entry) {
        if (entry.size() != 2) {
            entry.fail("not an account and an amount");
            return;
        }
        const auto who = entry.at(0).account();
        const auto amount = entry.at(1).number<Balance>();
        const auto sum = checked_add(total, amount);
        if (!sum) {
            entry.at(1).fail("the total issuance overflows");
        } else if (amount < kMinimum) {
            entry.at(1).fail("below the existential deposit");
        } else if (config.ok() && System::account.contains(who)) {
            entry.at(0).fail("the account is there twice");
        }
        if (!config.ok()) {
            return;
        }
        total = *sum;
        AccountInfo info;
        info.providers = 1;
        info.data.free = amount;
        System::account.insert(who, info);
    });
    total_issuance.set(total);
}

}  // namespace stipple::runtime
