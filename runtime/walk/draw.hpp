// Values of any type that calls take, drawn at random but with sense: accounts that exist, amounts
// near the limits that matter, short lists, calls within calls.
#pragma once

#include "base/prng.hpp"
#include "kit/address.hpp"
#include "kit/call.hpp"
#include "runtime_config.hpp"

namespace stipple::runtime::walk {

inline constexpr std::uint64_t kListMax = 4;
inline constexpr int kCallsDeep = 3;

struct Drawer {
    Prng& prng;
    const std::vector<AccountId>& actors;
    BlockNumber now = 0;
    int depth = 0;

    std::uint64_t below(std::uint64_t bound) { return prng.below(bound); }
    AccountId account() {
        if (prng.chance(1, 40)) {
            return AccountId::copy(prng.bytes(AccountId::kSize));
        }
        return actors[below(actors.size())];
    }
    Balance balance() {
        switch (below(8)) {
            case 0:
                return below(3);
            case 1:
                return config::kExistentialDeposit - 1 + below(3);
            case 2:
                return below(100) * config::kMillicent;
            case 3:
                return kBalanceMax - below(3);
            case 4:
                return static_cast<Balance>(prng.next()) * prng.next();
            default:
                return below(2000) * config::kUnit / 4;
        }
    }
    std::uint64_t number() {
        switch (below(6)) {
            case 0:
                return prng.next();
            case 1:
                return now + below(20);
            default:
                return below(8);
        }
    }
};

/// A call of any pallet that a walk may make; defined beside the list of pallets.
RuntimeCall draw_call(Drawer& from);

template <class T>
void draw(Drawer& from, T& value);

namespace detail {
template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;
template <class T>
inline constexpr bool is_option = false;
template <class T>
inline constexpr bool is_option<std::optional<T>> = true;
template <class T>
inline constexpr bool is_tuple_like = false;
template <class... T>
inline constexpr bool is_tuple_like<std::tuple<T...>> = true;
template <class T>
inline constexpr bool is_compact = false;
template <class T>
inline constexpr bool is_compact<Compact<T>> = true;
template <class T>
concept Bounded = requires(T& value) {
    T::kMax;
    value.items;
};
template <class T>
concept Fixed = requires(T& value) {
    T::kSize;
    value.bytes;
};
template <class T>
inline constexpr bool is_array = false;
template <class T, std::size_t N>
inline constexpr bool is_array<std::array<T, N>> = true;

template <class T>
void draw_list(Drawer& from, std::vector<T>& list) {
    list.resize(from.below(kListMax));
    for (T& one : list) {
        draw(from, one);
    }
}
template <class T>
void draw_variant(Drawer& from, T& value) {
    using Values = std::remove_cvref_t<decltype(value.value)>;
    const std::uint64_t which = from.below(std::variant_size_v<Values>);
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (void)((which == I && (draw(from, value.value.template emplace<I>()), true)) || ...);
    }(std::make_index_sequence<std::variant_size_v<Values>>());
}
template <class T>
void draw_enum(Drawer& from, T& value) {
    constexpr EnumNames names = describe_enum<T>();
    do {
        value = static_cast<T>(from.below(kNamesMax));
    } while (names.cases[static_cast<std::size_t>(value)].empty());
}
}  // namespace detail

/// What is of no known shape stays as it is by default.
template <class T>
void draw(Drawer& from, T& value) {
    if constexpr (std::is_same_v<T, RuntimeCall>) {
        value = draw_call(from);
    } else if constexpr (std::is_same_v<T, AccountId>) {
        value = from.account();
    } else if constexpr (std::is_same_v<T, MultiAddress>) {
        value = MultiAddress::of(from.account());
    } else if constexpr (std::is_same_v<T, bool>) {
        value = from.prng.chance(1, 2);
    } else if constexpr (std::is_same_v<T, Balance>) {
        value = from.balance();
    } else if constexpr (std::is_integral_v<T>) {
        value = static_cast<T>(from.number());
    } else if constexpr (detail::is_compact<T>) {
        draw(from, value.value);
    } else if constexpr (detail::is_list<T>) {
        detail::draw_list(from, value);
    } else if constexpr (detail::Bounded<T>) {
        detail::draw_list(from, value.items);
    } else if constexpr (detail::is_option<T>) {
        if (from.prng.chance(1, 2)) {
            draw(from, value.emplace());
        }
    } else if constexpr (detail::Fixed<T>) {
        const Bytes raw = from.prng.bytes(T::kSize);
        std::copy(raw.begin(), raw.end(), value.bytes.begin());
    } else if constexpr (detail::is_array<T>) {
        for (auto& one : value) {
            draw(from, one);
        }
    } else if constexpr (detail::is_tuple_like<T>) {
        std::apply([&](auto&... one) { (draw(from, one), ...); }, value);
    } else if constexpr (DescribedEnum<T>) {
        detail::draw_enum(from, value);
    } else if constexpr (DescribedVariant<T>) {
        detail::draw_variant(from, value);
    } else if constexpr (scale::HasFields<T>) {
        std::apply([&](auto&... one) { (draw(from, one), ...); }, T::fields(value));
    }
}

}  // namespace stipple::runtime::walk
