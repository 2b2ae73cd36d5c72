// A pallet: one struct that declares its storage, calls, events, errors, constants and hooks.
//
// The declaration is plain constants and static functions. From it come the storage access, the
// dispatch of calls, the metadata with documentation and the hooks, and nothing is said twice:
//
//     struct Greeter : Pallet<Greeter> {
//         static constexpr std::string_view kName = "Greeter";
//
//         static constexpr StorageValue<std::uint32_t> count{kName, "Count", "Greetings so far."};
//         static constexpr auto storage = list(count);
//
//         static constexpr Event<AccountId> kGreeted{0, "Greeted", {"who"}, "A greeting."};
//         static constexpr auto events = list(kGreeted);
//
//         static constexpr ModuleErrorInfo kTooMany{0, "TooMany", "Enough greetings."};
//         static constexpr auto errors = list(kTooMany);
//
//         static DispatchResult greet(const Origin& origin, const AccountId& who);
//         static constexpr auto calls =
//             list(call<0>("greet", &greet, {"who"}, work(10, 1, 1), "Greets somebody."));
//     };
//
// A runtime is a list of pallets with their indices (kit/runtime.hpp). Hooks are static functions
// found by name: on_initialize, on_idle, on_finalize, on_runtime_upgrade, create_inherent,
// check_inherent, is_inherent, validate_unsigned, genesis, offchain_worker (kit/hooks.hpp).
#pragma once

#include "kit/hooks.hpp"
#include "kit/label.hpp"
#include "kit/storage.hpp"

namespace stipple::runtime::inline kit {

/// A list of descriptors of different types.
template <class... Items>
constexpr std::tuple<Items...> list(const Items&... items) {
    return {items...};
}

/// An event: its fields' types, its index in the pallet, its name, the fields' names.
template <class... Fields>
struct Event {
    std::uint8_t index;
    Label name;
    std::array<Label, sizeof...(Fields) == 0 ? 1 : sizeof...(Fields)> fields;
    Label doc;
};

/// An error: its index in the pallet and its name.
struct ModuleErrorInfo {
    std::uint8_t index;
    Label name;
    Label doc;
};

/// A value the metadata tells clients.
template <class T>
struct Constant {
    Label name;
    T (*value)();
    Label doc;
};
/// From a function or a lambda without captures: `constant("Name", [] { return 5u; }, "..")`.
template <class F>
constexpr auto constant(Label name, F value, Label doc) {
    using T = decltype(value());
    return Constant<T>{name, static_cast<T (*)()>(value), doc};
}

/// A dispatchable: the index, name and fields' names of the call, the function, and the cost:
/// a Weight, a DispatchInfo, or a function of the arguments that gives one of these.
template <std::uint8_t Index, class Cost, class Result, class... Args>
struct Call {
    static constexpr std::uint8_t kIndex = Index;
    using Arguments = std::tuple<std::remove_cvref_t<Args>...>;
    Label name;
    Result (*function)(const Origin&, Args...);
    std::array<Label, sizeof...(Args) == 0 ? 1 : sizeof...(Args)> fields;
    Cost cost;
    Label doc;

    /// The same with any arguments.
    static constexpr bool kFixedPrice =
        std::is_convertible_v<Cost, DispatchInfo> || std::is_same_v<Cost, Weight>;
    constexpr DispatchInfo fixed_info() const
        requires kFixedPrice
    {
        return priced(cost);
    }
    DispatchInfo info(const Arguments& arguments) const {
        return priced(std::apply(cost, arguments));
    }

 private:
    static constexpr DispatchInfo priced(const DispatchInfo& info) { return info; }
    static constexpr DispatchInfo priced(const Weight& weight) {
        return {weight, DispatchClass::normal, Pays::yes};
    }
};
template <std::uint8_t Index, class Cost, class Result, class... Args>
constexpr Call<Index, Cost, Result, Args...> call(
    Label name, Result (*function)(const Origin&, Args...),
    const std::type_identity_t<std::array<Label, sizeof...(Args) == 0 ? 1 : sizeof...(Args)>>&
        fields,
    Cost cost, Label doc) {
    return {name, function, fields, cost, doc};
}

/// The index of a pallet in the runtime at hand, by its name.
std::uint8_t pallet_index(std::string_view name);
/// Adds an encoded event (pallet index, event index, fields) to the block's events.
void deposit_encoded_event(const Bytes& event, const std::vector<Hash>& topics = {});
/// The same in two steps, without copies: where the block is, the event behind that, then this.
/// False where nothing is kept.
bool begin_event(Bytes& record);
void deposit_begun_event(Bytes& record);

/// What a pallet struct derives from.
template <class Self>
struct Pallet {
    /// Where the pallet stands in the runtime: first byte of its calls, events and errors.
    static std::uint8_t index() {
        static const std::uint8_t found = pallet_index(Self::kName);
        return found;
    }
    template <class... Fields>
    static Bytes encode_event(const Event<Fields...>& event,
                              const std::type_identity_t<Fields>&... values) {
        Bytes out;
        out.reserve(detail::kUsualBytes);
        put_event(out, event, values...);
        return out;
    }
    template <class... Fields>
    static void deposit(const Event<Fields...>& event,
                        const std::type_identity_t<Fields>&... values) {
        Bytes record;
        record.reserve(detail::kUsualBytes);
        if (begin_event(record)) {
            put_event(record, event, values...);
            deposit_begun_event(record);
        }
    }
    static DispatchError error(const ModuleErrorInfo& error) {
        return ModuleError{index(), {error.index, 0, 0, 0}};
    }
    static std::unexpected<DispatchError> fail(const ModuleErrorInfo& why) {
        return std::unexpected(error(why));
    }
    static std::unexpected<DispatchError> fail(DispatchError why) {
        return std::unexpected(std::move(why));
    }

 private:
    template <class... Fields>
    static void put_event(Bytes& out, const Event<Fields...>& event,
                          const std::type_identity_t<Fields>&... values) {
        using scale::encode_to;
        out.push_back(index());
        out.push_back(event.index);
        (encode_to(out, values), ...);
    }
};

}  // namespace stipple::runtime::inline kit
