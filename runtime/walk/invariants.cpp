#include "kit/native_host.hpp"
#include "walk/pallets.hpp"
#include "walk/walk.hpp"

#include <array>
#include <map>

namespace stipple::runtime::walk {

namespace {
using Complaint = std::optional<std::string>;

std::string of(std::string_view what, const AccountId& who) {
    return std::string(what) + " of " + to_hex(who);
}

Complaint check_balances() {
    Balance sum = 0;
    Complaint broken;
    System::account.for_each([&](const auto& keys, const AccountInfo& info) {
        const AccountId& who = std::get<0>(keys);
        sum += info.data.free + info.data.reserved;
        Balance named = 0;
        for (const auto& hold : Balances::holds.get(who)) {
            named += hold.amount;
        }
        for (const auto& reserve : Balances::reserves.get(who)) {
            named += reserve.amount;
        }
        if (named > info.data.reserved) {
            broken = of("holds are above the reserved balance", who);
        }
        if (info.data.reserved > 0 && info.consumers == 0) {
            broken = of("nobody is noted to need the reserved balance", who);
        }
        return !broken;
    });
    if (!broken && sum != Balances::total_issuance.get()) {
        broken = "the total issuance is not the sum of all accounts";
    }
    Balances::holds.for_each([&](const auto& keys, const auto&) {
        if (!System::account.contains(std::get<0>(keys))) {
            broken = of("there are holds but no account", std::get<0>(keys));
        }
        return !broken;
    });
    return broken;
}

Complaint check_staking() {
    Complaint broken;
    Staking::ledger.for_each([&](const auto& keys, const StakingLedger& mine) {
        const AccountId& who = std::get<0>(keys);
        Balance sum = mine.active.value;
        for (const UnlockChunk& chunk : mine.unlocking) {
            sum += chunk.value.value;
        }
        if (sum != mine.total.value || who != mine.stash || Staking::bonded.get(who) != who ||
            !Staking::payee.contains(who)) {
            broken = of("the ledger is inconsistent", who);
        } else if (Balances::balance_on_hold(Staking::held(), who) != sum) {
            broken = of("another amount than the ledger's is on hold", who);
        }
        return !broken;
    });
    std::uint32_t roles = 0;
    const auto check_role = [&](const auto& keys, const auto&) {
        ++roles;
        if (!Staking::ledger.contains(std::get<0>(keys))) {
            broken = of("a role without a ledger", std::get<0>(keys));
        }
        return !broken;
    };
    Staking::validators.for_each(check_role);
    Staking::nominators.for_each(check_role);
    if (!broken && roles != Staking::validators.count() + Staking::nominators.count()) {
        broken = "the counters of roles are wrong";
    }
    return broken;
}

/// Whether the bytes are exactly one value of the item.
template <class T>
bool decodes(ByteView raw) {
    scale::Decoder in(raw);
    T value{};
    using scale::decode_from;
    decode_from(in, value);
    return in.finish().has_value();
}
/// The events of the block, which the runtime writes and never reads.
template <>
bool decodes<std::vector<EventRecord>>(ByteView) {
    return true;
}
template <class V>
bool check_entry(const StorageValue<V>&, ByteView rest, ByteView raw) {
    return rest.empty() && decodes<typename StorageValue<V>::Stored>(raw);
}
template <class V, class... Hashers>
bool check_entry(const BasicMap<V, Hashers...>&, ByteView rest, ByteView raw) {
    scale::Decoder in(rest);
    using scale::decode_from;
    typename BasicMap<V, Hashers...>::Keys keys{};
    std::apply([&](auto&... one) { ((in.take(Hashers::kPrefixBytes), decode_from(in, one)), ...); },
               keys);
    return in.finish().has_value() && decodes<typename BasicMap<V, Hashers...>::Stored>(raw);
}

using Prefix = std::array<std::uint8_t, 32>;
/// Whether a key behind the item's prefix and a value are the item's.
using IsEntry = bool (*)(ByteView rest, ByteView raw);
template <class P, std::size_t I>
bool is_entry(ByteView rest, ByteView raw) {
    return check_entry(std::get<I>(P::storage), rest, raw);
}
template <class P, std::size_t I>
bool is_counter(ByteView rest, ByteView raw) {
    return check_entry(std::get<I>(P::storage).counter, rest, raw);
}
template <class P, std::size_t I>
void add_item(std::map<Prefix, IsEntry>& all) {
    constexpr const auto& kItem = std::get<I>(P::storage);
    all.emplace(kItem.prefix, &is_entry<P, I>);
    if constexpr (requires { kItem.counter; }) {
        all.emplace(kItem.counter.prefix, &is_counter<P, I>);
    }
}
/// Of all items of all pallets.
const std::map<Prefix, IsEntry>& items() {
    static const std::map<Prefix, IsEntry> kItems = [] {
        std::map<Prefix, IsEntry> all;
        for_each_pallet([&]<class P>(std::type_identity<P>) {
            if constexpr (requires { P::storage; }) {
                [&]<std::size_t... I>(std::index_sequence<I...>) {
                    (add_item<P, I>(all), ...);
                }(std::make_index_sequence<std::tuple_size_v<decltype(P::storage)>>());
            }
        });
        return all;
    }();
    return kItems;
}

Complaint check_storage() {
    for (const auto& [key, value] : native_host::storage()) {
        if (!key.empty() && key[0] == ':') {
            continue;
        }
        Prefix prefix{};
        std::copy_n(key.begin(), std::min(key.size(), prefix.size()), prefix.begin());
        const auto known = items().find(prefix);
        if (key.size() < prefix.size() || known == items().end()) {
            return "no item has the key " + to_hex(key);
        }
        if (!known->second(ByteView(key).subspan(prefix.size()), value)) {
            return "undecodable value under " + to_hex(key);
        }
    }
    return std::nullopt;
}
}  // namespace

std::optional<std::string> find_broken_invariant() {
    if (native_host::open_layers() != 0) {
        return "a storage layer is left open";
    }
    for (const auto check : {&check_balances, &check_staking, &check_storage}) {
        if (auto broken = check()) {
            return broken;
        }
    }
    return std::nullopt;
}

}  // namespace stipple::runtime::walk
