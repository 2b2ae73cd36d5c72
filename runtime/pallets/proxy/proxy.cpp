#include "pallets/proxy/proxy.hpp"

#include "pallets/balances/balances.hpp"

#include <algorithm>

namespace stipple::runtime {

namespace {
constexpr Balance deposit_for(Balance base, Balance factor, std::size_t items) {
    return items == 0 ? 0 : base + factor * items;
}

/// Reserves or frees the difference.
DispatchResult change_deposit(const AccountId& who, Balance before, Balance after) {
    if (after > before) {
        return Balances::reserve(who, after - before);
    }
    Balances::unreserve(who, before - after);
    return {};
}

/// Stores a list with the deposit that its length asks for; an empty list is no entry.
DispatchResult store(const auto& map, const AccountId& who, auto entry, Balance base,
                     Balance factor) {
    auto& [items, deposit] = entry;
    const Balance due = deposit_for(base, factor, items.size());
    TRY(change_deposit(who, deposit, due));
    deposit = due;
    if (items.empty()) {
        map.remove(who);
    } else {
        map.insert(who, entry);
    }
    return {};
}
DispatchResult store_proxies(const AccountId& who,
                             const std::tuple<Proxy::Definitions, Balance>& entry) {
    return store(Proxy::proxies, who, entry, config::kProxyDepositBase,
                 config::kProxyDepositFactor);
}
DispatchResult store_announcements(const AccountId& who,
                                   const std::tuple<Proxy::Announcements, Balance>& entry) {
    return store(Proxy::announcements, who, entry, config::kAnnouncementDepositBase,
                 config::kAnnouncementDepositFactor);
}

/// Removes the announcements that `matches`; NotFound when there is none.
DispatchResult drop_announcements(const AccountId& delegate, auto&& matches) {
    auto entry = Proxy::announcements.get(delegate);
    if (std::erase_if(std::get<0>(entry).items, matches) == 0) {
        return Proxy::fail(Proxy::kNotFound);
    }
    return store_announcements(delegate, entry);
}
DispatchResult drop_announcements(const AccountId& delegate, const AccountId& real,
                                  const Hash& call_hash) {
    return drop_announcements(delegate, [&](const Proxy::Announcement& one) {
        return one.real == real && one.call_hash == call_hash;
    });
}

Outcome<Proxy::Definition> find_proxy(const AccountId& real, const AccountId& delegate,
                                      const Proxy::ForcedType& type) {
    const auto entry = Proxy::proxies.get(real);
    for (const Proxy::Definition& one : std::get<0>(entry)) {
        if (one.delegate == delegate && (!type || one.proxy_type == *type)) {
            return one;
        }
    }
    return Proxy::fail(Proxy::kNotProxy);
}

/// A delegate may not give, take or end more than it has itself.
bool may_call(ProxyType type, const RuntimeCall& call) {
    if (call.pallet() == Proxy::index() && (call.call() == 1 || call.call() == 2)) {
        scale::Decoder in(call.arguments());
        MultiAddress delegate;
        ProxyType given{};
        decode_from(in, delegate);
        decode_from(in, given);
        if (!covers(type, given)) {
            return false;
        }
    }
    if (call.pallet() == Proxy::index() && (call.call() == 3 || call.call() == 5) &&
        type != ProxyType::any) {
        return false;
    }
    return type == ProxyType::any || wiring::proxy_type_allows(type, call);
}

void call_as(const AccountId& real, ProxyType type, const RuntimeCall& call) {
    const auto allows = +[](std::uint8_t which, const RuntimeCall& inner) {
        return may_call(static_cast<ProxyType>(which), inner);
    };
    const Origin origin =
        Origin::signed_by(real).limited_by({allows, static_cast<std::uint8_t>(type)});
    Proxy::deposit(Proxy::kProxyExecuted, {without_post_info(call.dispatch(origin))});
}
}  // namespace

DispatchInfo Proxy::cost_around(const RuntimeCall& call, Weight own) {
    const DispatchInfo inner = call.info();
    return {inner.weight + own, inner.kind, Pays::yes};
}

AccountId Proxy::pure_account(const AccountId& who, ProxyType type, std::uint16_t index,
                              BlockNumber height, std::uint32_t extrinsic_index) {
    Bytes material = to_bytes("modlpy/proxy____");
    append(material, who);
    scale::encode_to(material, height);
    scale::encode_to(material, extrinsic_index);
    encode_to(material, type);
    scale::encode_to(material, index);
    return AccountId::copy(host::blake2_256(material));
}

// ---- delegates ----

DispatchResult Proxy::proxy(const Origin& origin, const MultiAddress& real,
                            const ForcedType& force_type, const RuntimeCall& call) {
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    TRY_ASSIGN(const AccountId account, lookup(real));
    TRY_ASSIGN(const Definition found, find_proxy(account, who, force_type));
    if (found.delay != 0) {
        return fail(kUnannounced);
    }
    call_as(account, found.proxy_type, call);
    return {};
}

DispatchResult Proxy::add_proxy(const Origin& origin, const MultiAddress& delegate, ProxyType type,
                                BlockNumber delay) {
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    TRY_ASSIGN(const AccountId account, lookup(delegate));
    if (account == who) {
        return fail(kNoSelfProxy);
    }
    const Definition added{account, type, delay};
    auto entry = proxies.get(who);
    std::vector<Definition>& items = std::get<0>(entry).items;
    const auto place = std::lower_bound(items.begin(), items.end(), added);
    if (place != items.end() && *place == added) {
        return fail(kDuplicate);
    }
    if (items.size() >= config::kMaxProxies) {
        return fail(kTooMany);
    }
    items.insert(place, added);
    TRY(store_proxies(who, entry));
    deposit(kProxyAdded, who, account, type, delay);
    return {};
}

DispatchResult Proxy::remove_proxy(const Origin& origin, const MultiAddress& delegate,
                                   ProxyType type, BlockNumber delay) {
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    TRY_ASSIGN(const AccountId account, lookup(delegate));
    auto entry = proxies.get(who);
    if (std::erase(std::get<0>(entry).items, Definition{account, type, delay}) == 0) {
        return fail(kNotFound);
    }
    TRY(store_proxies(who, entry));
    deposit(kProxyRemoved, who, account, type, delay);
    return {};
}

DispatchResult Proxy::remove_proxies(const Origin& origin) {
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    Balances::unreserve(who, std::get<1>(proxies.take(who)));
    return {};
}

// ---- pure accounts ----

DispatchResult Proxy::create_pure(const Origin& origin, ProxyType type, BlockNumber delay,
                                  std::uint16_t index) {
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    const AccountId pure =
        pure_account(who, type, index, System::number.get(), System::extrinsic_index());
    if (proxies.contains(pure)) {
        return fail(kDuplicate);
    }
    const Balance due = deposit_for(config::kProxyDepositBase, config::kProxyDepositFactor, 1);
    TRY(Balances::reserve(who, due));
    proxies.insert(pure, {Definitions{{{who, type, delay}}}, due});
    deposit(kPureCreated, pure, who, type, index);
    return {};
}

DispatchResult Proxy::kill_pure(const Origin& origin, const MultiAddress& spawner, ProxyType type,
                                std::uint16_t index, Compact<BlockNumber> height,
                                Compact<std::uint32_t> ext_index) {
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    TRY_ASSIGN(const AccountId maker, lookup(spawner));
    if (pure_account(maker, type, index, height.value, ext_index.value) != who) {
        return fail(kNoPermission);
    }
    Balances::unreserve(maker, std::get<1>(proxies.take(who)));
    return {};
}

// ---- announcements ----

DispatchResult Proxy::announce(const Origin& origin, const MultiAddress& real,
                               const Hash& call_hash) {
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    TRY_ASSIGN(const AccountId account, lookup(real));
    TRY(find_proxy(account, who, {}));
    auto entry = announcements.get(who);
    if (!std::get<0>(entry).try_push({account, call_hash, System::number.get()})) {
        return fail(kTooMany);
    }
    TRY(store_announcements(who, entry));
    deposit(kAnnounced, account, who, call_hash);
    return {};
}

DispatchResult Proxy::remove_announcement(const Origin& origin, const MultiAddress& real,
                                          const Hash& call_hash) {
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    TRY_ASSIGN(const AccountId account, lookup(real));
    return drop_announcements(who, account, call_hash);
}

DispatchResult Proxy::reject_announcement(const Origin& origin, const MultiAddress& delegate,
                                          const Hash& call_hash) {
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    TRY_ASSIGN(const AccountId announcer, lookup(delegate));
    return drop_announcements(announcer, who, call_hash);
}

DispatchResult Proxy::proxy_announced(const Origin& origin, const MultiAddress& delegate,
                                      const MultiAddress& real, const ForcedType& force_type,
                                      const RuntimeCall& call) {
    TRY(ensure_signed(origin));
    TRY_ASSIGN(const AccountId announcer, lookup(delegate));
    TRY_ASSIGN(const AccountId account, lookup(real));
    TRY_ASSIGN(const Definition found, find_proxy(account, announcer, force_type));
    const BlockNumber now = System::number.get();
    const auto ripe = [&, hash = call.hash()](const Announcement& one) {
        return one.real == account && one.call_hash == hash &&
               saturating_sub(now, one.height) >= found.delay;
    };
    if (!drop_announcements(announcer, ripe)) {
        return fail(kUnannounced);
    }
    call_as(account, found.proxy_type, call);
    return {};
}

}  // namespace stipple::runtime
