// Reserves, holds, locks and freezes of the Balances pallet.
#include "pallets/balances/balances.hpp"

namespace stipple::runtime {

namespace {
/// The entry of a bounded list of (id, amount) pairs, or null.
auto* find_entry(auto& list, const auto& id) {
    const auto found =
        std::find_if(list.begin(), list.end(), [&](const auto& item) { return item.id == id; });
    return found == list.end() ? nullptr : &*found;
}

/// Sets the amount of an entry, 0 removes it; false when a new one does not fit.
template <class List, class Id>
bool set_entry(List& list, const Id& id, Balance amount) {
    if (auto* known = find_entry(list, id)) {
        known->amount = amount;
    } else if (amount > 0) {
        typename decltype(list.items)::value_type entry;
        entry.id = id;
        entry.amount = amount;
        return list.try_push(entry);
    }
    std::erase_if(list.items, [](const auto& item) { return item.amount == 0; });
    return true;
}

void store(const auto& map, const AccountId& who, const auto& list) {
    if (list.empty()) {
        map.remove(who);
    } else {
        map.insert(who, list);
    }
}
/// What is reserved without a name or a reason: nothing else may be taken by who gives none.
Balance nameless_reserve(const AccountId& who) {
    Balance rest = Balances::reserved_balance(who);
    for (const auto& one : Balances::holds.get(who)) {
        rest = saturating_sub(rest, one.amount);
    }
    for (const auto& one : Balances::reserves.get(who)) {
        rest = saturating_sub(rest, one.amount);
    }
    return rest;
}
}  // namespace

// ---- reserves ----

DispatchResult Balances::reserve(const AccountId& who, Balance value) {
    if (value == 0) {
        return {};
    }
    if (!can_reserve(who, value)) {
        return fail(free_balance(who) < value ? kInsufficientBalance : kLiquidityRestrictions);
    }
    const AccountInfo before = System::account.get(who);
    AccountData data = before.data;
    data.free -= value;
    data.reserved += value;
    TRY(put(who, before, data));
    deposit(kReserved, who, value);
    return {};
}

Balance Balances::unreserve(const AccountId& who, Balance value) {
    const AccountInfo before = System::account.get(who);
    AccountData data = before.data;
    const Balance freed = std::min(nameless_reserve(who), value);
    data.reserved -= freed;
    data.free = saturating_add(data.free, freed);
    if (freed == 0 || !put(who, before, data)) {
        return value;
    }
    deposit(kUnreserved, who, freed);
    return value - freed;
}

Outcome<Balance> Balances::repatriate_reserved(const AccountId& from, const AccountId& to,
                                               Balance value, BalanceStatus status) {
    if (from == to) {
        const Balance moved = std::min(value, nameless_reserve(from));
        return status == BalanceStatus::free ? unreserve(from, value) : value - moved;
    }
    const AccountInfo giver = System::account.get(from);
    const Balance moved = std::min(value, nameless_reserve(from));
    if (moved == 0) {
        return value;
    }
    const AccountInfo taker = System::account.get(to);
    if (taker.providers == 0) {
        return fail(kDeadAccount);
    }
    AccountData given = taker.data;
    Balance& where = status == BalanceStatus::free ? given.free : given.reserved;
    where = saturating_add(where, moved);
    TRY(put(to, taker, given));
    AccountData left = giver.data;
    left.reserved -= moved;
    TRY(put(from, giver, left));
    deposit(kReserveRepatriated, from, to, moved, status);
    return value - moved;
}

Balance Balances::slash_reserved(const AccountId& who, Balance value) {
    const AccountInfo before = System::account.get(who);
    AccountData data = before.data;
    const Balance taken = std::min(nameless_reserve(who), value);
    data.reserved -= taken;
    if (taken == 0 || !put(who, before, data)) {
        return 0;
    }
    total_issuance.mutate([&](Balance& total) { total = saturating_sub(total, taken); });
    deposit(kSlashed, who, taken);
    return taken;
}

DispatchResult Balances::reserve_named(const Name8& id, const AccountId& who, Balance value) {
    auto list = reserves.get(who);
    const auto* known = find_entry(list, id);
    if (!set_entry(list, id, saturating_add(known != nullptr ? known->amount : 0, value))) {
        return fail(kTooManyReserves);
    }
    TRY(reserve(who, value));
    store(reserves, who, list);
    return {};
}

Balance Balances::unreserve_named(const Name8& id, const AccountId& who, Balance value) {
    auto list = reserves.get(who);
    auto* known = find_entry(list, id);
    if (known == nullptr) {
        return value;
    }
    const auto before = list;
    const Balance wanted = std::min(known->amount, value);
    set_entry(list, id, known->amount - wanted);
    store(reserves, who, list);
    const Balance stuck = unreserve(who, wanted);  // all or nothing, as it is there
    if (stuck > 0) {
        store(reserves, who, before);
    }
    return value - (wanted - stuck);
}

// ---- holds ----

Balance Balances::balance_on_hold(RuntimeHoldReason reason, const AccountId& who) {
    const auto list = holds.get(who);
    const auto* known = find_entry(list, reason);
    return known == nullptr ? 0 : known->amount;
}

DispatchResult Balances::hold(RuntimeHoldReason reason, const AccountId& who, Balance value) {
    if (value == 0) {
        return {};
    }
    if (!can_reserve(who, value)) {
        return fail(TokenError::funds_unavailable);
    }
    auto list = holds.get(who);
    const auto* known = find_entry(list, reason);
    const auto sum = checked_add(known != nullptr ? known->amount : Balance{0}, value);
    if (!sum) {
        return fail(ArithmeticError::overflow);
    }
    if (!set_entry(list, reason, *sum)) {
        return fail(kTooManyHolds);
    }
    const AccountInfo before = System::account.get(who);
    AccountData data = before.data;
    data.free -= value;
    data.reserved += value;
    TRY(put(who, before, data));
    store(holds, who, list);
    return {};
}

Outcome<Balance> Balances::release(RuntimeHoldReason reason, const AccountId& who, Balance value) {
    auto list = holds.get(who);
    auto* known = find_entry(list, reason);
    const Balance released = known == nullptr ? 0 : std::min(known->amount, value);
    if (released == 0) {
        return Balance{0};
    }
    set_entry(list, reason, known->amount - released);
    const AccountInfo before = System::account.get(who);
    AccountData data = before.data;
    data.reserved = saturating_sub(data.reserved, released);
    data.free = saturating_add(data.free, released);
    TRY(put(who, before, data));
    store(holds, who, list);
    return released;
}

Balance Balances::slash_held(RuntimeHoldReason reason, const AccountId& who, Balance value) {
    auto list = holds.get(who);
    auto* known = find_entry(list, reason);
    const Balance wanted = known == nullptr ? 0 : std::min(known->amount, value);
    if (wanted == 0) {
        return 0;
    }
    const auto before = list;
    set_entry(list, reason, known->amount - wanted);
    store(holds, who, list);
    const Balance taken = slash_reserved(who, wanted);  // all or nothing, as it is there
    if (taken == 0) {
        store(holds, who, before);
    }
    return taken;
}

// ---- locks and freezes ----

/// `frozen` becomes the largest of all locks and freezes.
DispatchResult Balances::refreeze(const AccountId& who) {
    const AccountInfo before = System::account.get(who);
    AccountData data = before.data;
    data.frozen = 0;
    for (const BalanceLock& lock : locks.get(who)) {
        data.frozen = std::max(data.frozen, lock.amount);
    }
    for (const auto& freeze : freezes.get(who)) {
        data.frozen = std::max(data.frozen, freeze.amount);
    }
    TRY(put(who, before, data));
    if (data.frozen > before.data.frozen) {
        deposit(kLocked, who, data.frozen - before.data.frozen);
    } else if (data.frozen < before.data.frozen) {
        deposit(kUnlocked, who, before.data.frozen - data.frozen);
    }
    return {};
}

DispatchResult Balances::set_lock(const Name8& id, const AccountId& who, Balance value) {
    auto list = locks.get(who);
    if (!set_entry(list, id, value)) {
        return fail(kLiquidityRestrictions);
    }
    store(locks, who, list);
    return refreeze(who);
}

void Balances::remove_lock(const Name8& id, const AccountId& who) {
    auto list = locks.get(who);
    set_entry(list, id, 0);
    store(locks, who, list);
    (void)refreeze(who);  // less is frozen now, which never fails
}

DispatchResult Balances::set_freeze(RuntimeFreezeReason reason, const AccountId& who,
                                    Balance value) {
    auto list = freezes.get(who);
    if (!set_entry(list, reason, value)) {
        return fail(kTooManyFreezes);
    }
    store(freezes, who, list);
    return refreeze(who);
}

DispatchResult Balances::thaw(RuntimeFreezeReason reason, const AccountId& who) {
    return set_freeze(reason, who, 0);
}

}  // namespace stipple::runtime
