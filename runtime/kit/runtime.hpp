// The runtime as a table: its pallets with their calls and hooks, type-erased.
//
// relay/ (or a test) defines `runtime_pallets()` from `pallet<P>(index)` entries, and everything
// that needs to know all pallets reads that table: decoding and dispatching calls, hooks, genesis,
// metadata. A pallet so never names the runtime it runs in.
#pragma once

#include "kit/call.hpp"
#include "kit/hooks.hpp"
#include "kit/metadata_of_pallet.hpp"

namespace stipple::runtime::inline kit {

/// One call of one pallet.
struct CallEntry {
    std::uint8_t index;
    Label name;
    /// What it costs; null: `price` says it from the (decodable) arguments.
    const DispatchInfo* fixed_price;
    DispatchInfo (*price)(ByteView arguments);
    /// Reads the arguments, which may not decode; with an origin they do, and the call runs.
    PostDispatchResult (*run)(scale::Decoder& arguments, const Origin* origin);
};

struct PalletEntry {
    std::uint8_t index;
    std::string_view name;
    std::span<const CallEntry> calls;
    Hooks hooks;
    // In native builds alone, null in Wasm:
    PalletTypes types;
    PalletMetadata (*describe)(Registry&);
};

/// All pallets in the order of their hooks. Defined once by each runtime.
std::span<const PalletEntry> runtime_pallets();
/// A step from the state of an earlier version; runs once, in the first block of this one.
struct Migration {
    std::string_view name;  ///< for the log
    Weight (*run)();
};
/// In their order, before the pallets' own on_runtime_upgrade. Defined once by each runtime.
std::span<const Migration> runtime_migrations();
/// The enum of all pallets' calls, events or errors, by pallet index: `&PalletTypes::events`.
Bytes outer_enum(Registry& types, std::string_view path,
                 std::optional<TypeId> (*PalletTypes::*kind)(Registry&));
/// The pallet at an index, or null.
const PalletEntry* find_pallet(std::uint8_t index);

namespace detail {
template <class P, std::size_t I>
using CallAt = std::remove_cvref_t<decltype(std::get<I>(P::calls))>;

template <class Arguments>
Arguments decode_arguments(scale::Decoder& in) {
    Arguments arguments{};
    std::apply(
        [&](auto&... one) {
            using scale::decode_from;
            (decode_from(in, one), ...);
        },
        arguments);
    return arguments;
}
template <class P, std::size_t I>
PostDispatchResult run_call(scale::Decoder& in, const Origin* origin) {
    const auto arguments = decode_arguments<typename CallAt<P, I>::Arguments>(in);
    if (origin == nullptr) {
        return PostDispatchInfo{};
    }
    return std::apply(
        [&](const auto&... one) {
            return with_post_info(std::get<I>(P::calls).function(*origin, one...));
        },
        arguments);
}
template <class P, std::size_t I>
DispatchInfo price_of_call(ByteView raw) {
    scale::Decoder in(raw);
    return std::get<I>(P::calls).info(decode_arguments<typename CallAt<P, I>::Arguments>(in));
}
template <class P, std::size_t I>
inline constexpr DispatchInfo fixed_price_of = std::get<I>(P::calls).fixed_info();
template <class P, std::size_t I>
constexpr CallEntry call_entry() {
    using Call = CallAt<P, I>;
    if constexpr (Call::kFixedPrice) {
        return {Call::kIndex, std::get<I>(P::calls).name, &fixed_price_of<P, I>, nullptr,
                &run_call<P, I>};
    } else {
        return {Call::kIndex, std::get<I>(P::calls).name, nullptr, &price_of_call<P, I>,
                &run_call<P, I>};
    }
}
template <class P>
constexpr auto make_calls() {
    if constexpr (requires { P::calls; }) {
        return []<std::size_t... I>(std::index_sequence<I...>) {
            return std::array<CallEntry, sizeof...(I)>{call_entry<P, I>()...};
        }(std::make_index_sequence<std::tuple_size_v<decltype(P::calls)>>());
    } else {
        return std::array<CallEntry, 0>{};
    }
}
template <class P>
inline constexpr auto call_table = make_calls<P>();
}  // namespace detail

/// The entry of pallet P at an index.
template <class P>
constexpr PalletEntry pallet(std::uint8_t index) {
    PalletEntry entry{index, P::kName, detail::call_table<P>, hooks_of<P>(), {}, nullptr};
    if constexpr (kDescribesItself) {
        entry.types = {&call_type<P>, &event_type<P>, &error_type<P>, &hold_reason_type<P>,
                       &freeze_reason_type<P>};
        entry.describe = &describe_pallet<P>;
    }
    return entry;
}

}  // namespace stipple::runtime::inline kit
