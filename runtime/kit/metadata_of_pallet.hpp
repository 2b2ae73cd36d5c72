// The part of the metadata that one pallet's declaration gives.
//
// Written in the layout that V14 to V16 share: storage, calls, events, constants, errors, index;
// V15 adds the documentation of the pallet, V16 the deprecation of each item. Outer enums are put
// together in kit/metadata.cpp.
#pragma once

#include "kit/pallet.hpp"

namespace stipple::runtime::inline kit {

struct PalletMetadata {
    Bytes storage;    ///< Option<(prefix, entries)>, encoded
    Bytes constants;  ///< Vec<constant>, encoded
    std::string_view doc;
};
/// The Call, Event and Error enums of a pallet; absent when it has none.
struct PalletTypes {
    std::optional<TypeId> (*calls)(Registry&) = nullptr;
    std::optional<TypeId> (*events)(Registry&) = nullptr;
    std::optional<TypeId> (*errors)(Registry&) = nullptr;
    std::optional<TypeId> (*hold_reasons)(Registry&) = nullptr;
    std::optional<TypeId> (*freeze_reasons)(Registry&) = nullptr;
};

namespace detail {
/// One entry of the storage description; an empty list of hashers is a plain value.
void put_storage_entry(Bytes& out, const ItemBase& item, bool optional,
                       const std::vector<HasherKind>& hashers, std::optional<TypeId> key,
                       TypeId value, const Bytes& fallback);
void put_constant(Bytes& out, std::string_view name, TypeId type, const Bytes& value,
                  std::string_view doc);
Bytes storage_section(std::string_view prefix, std::uint32_t entries, const Bytes& encoded);

template <class V>
Bytes fallback_of(const Cell<V>& item) {
    return ItemBase::encode(item.absent());
}
template <class V>
std::uint32_t put_item(Bytes& out, Registry& types, const StorageValue<V>& item) {
    put_storage_entry(out, item, ValueTraits<V>::kOptional, {}, {},
                      types.id<typename ValueTraits<V>::Stored>(), fallback_of(item));
    types.put_not_deprecated(out);
    return 1;
}
template <class V, class... Hashers>
std::uint32_t put_item(Bytes& out, Registry& types, const BasicMap<V, Hashers...>& item) {
    const TypeId key = [&] {
        if constexpr (sizeof...(Hashers) == 1) {
            return types.id<typename Hashers::Key...>();
        } else {
            return types.id<std::tuple<typename Hashers::Key...>>();
        }
    }();
    const TypeId value = types.id<typename ValueTraits<V>::Stored>();
    put_storage_entry(out, item, ValueTraits<V>::kOptional, {Hashers::kKind...}, key, value,
                      fallback_of(item));
    types.put_not_deprecated(out);
    return 1;
}
template <class Hasher, class V>
std::uint32_t put_item(Bytes& out, Registry& types, const CountedMap<Hasher, V>& item) {
    put_item(out, types, item.counter);
    put_item(out, types, static_cast<const BasicMap<V, Hasher>&>(item));
    return 2;
}

template <class... Fields>
CaseInfo case_of(Registry& types, const Event<Fields...>& event) {
    CaseInfo made{event.name, event.index, {}, event.doc};
    std::size_t at = 0;
    (made.fields.push_back({event.fields[at++], types.id<Fields>()}), ...);
    return made;
}
template <std::uint8_t Index, class Cost, class Result, class... Args>
CaseInfo case_of(Registry& types, const Call<Index, Cost, Result, Args...>& call) {
    CaseInfo made{call.name, Index, {}, call.doc};
    std::size_t at = 0;
    (made.fields.push_back({call.fields[at++], types.id<std::remove_cvref_t<Args>>()}), ...);
    return made;
}
inline CaseInfo case_of(Registry&, const ModuleErrorInfo& error) {
    return {error.name, error.index, {}, error.doc};
}

/// The enum of all descriptors in a list, whose address names it in the registry.
TypeId enum_id(Registry& types, std::string_view pallet, std::string_view kind,
               const auto& descriptors) {
    const void* key = &descriptors;
    if (const auto known = types.find(key)) {
        return *known;
    }
    const TypeId id = types.reserve(key);
    std::vector<CaseInfo> cases;
    std::apply([&](const auto&... one) { (cases.push_back(case_of(types, one)), ...); },
               descriptors);
    std::string path(pallet);
    path.append("::pallet::").append(kind);
    types.fill(id, Registry::variant(path, cases, {{"T", {}}}));
    return id;
}
}  // namespace detail

/// The crate-like name in paths of the metadata, as generic tools know it: a pallet may give
/// kPath, otherwise it is "pallet_" and the name in small letters.
template <class P>
std::string metadata_path() {
    if constexpr (requires { P::kPath; }) {
        return std::string(P::kPath);
    } else {
        std::string path("pallet");
        for (const char c : P::kName) {
            if (c >= 'A' && c <= 'Z') {
                path.push_back('_');
            }
            path.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
        }
        return path;
    }
}

template <class P>
std::optional<TypeId> call_type(Registry& types) {
    if constexpr (requires { P::calls; }) {
        return detail::enum_id(types, metadata_path<P>(), "Call", P::calls);
    }
    return std::nullopt;
}
template <class P>
std::optional<TypeId> event_type(Registry& types) {
    if constexpr (requires { P::events; }) {
        return detail::enum_id(types, metadata_path<P>(), "Event", P::events);
    }
    return std::nullopt;
}
template <class P>
std::optional<TypeId> error_type(Registry& types) {
    if constexpr (requires { P::errors; }) {
        return detail::enum_id(types, metadata_path<P>(), "Error", P::errors);
    }
    return std::nullopt;
}

template <class P>
std::optional<TypeId> hold_reason_type(Registry& types) {
    if constexpr (requires { typename P::HoldReason; }) {
        return types.id<typename P::HoldReason>();
    }
    return std::nullopt;
}
template <class P>
std::optional<TypeId> freeze_reason_type(Registry& types) {
    if constexpr (requires { typename P::FreezeReason; }) {
        return types.id<typename P::FreezeReason>();
    }
    return std::nullopt;
}

/// Storage, constants and documentation.
template <class P>
PalletMetadata describe_pallet(Registry& types) {
    PalletMetadata out{{0}, {0}, {}};
    if constexpr (requires { P::storage; }) {
        Bytes entries;
        std::uint32_t count = 0;
        std::apply(
            [&](const auto&... item) { ((count += detail::put_item(entries, types, item)), ...); },
            P::storage);
        out.storage = detail::storage_section(P::kName, count, entries);
    }
    if constexpr (requires { P::constants; }) {
        out.constants.clear();
        scale::encode_compact(out.constants, std::tuple_size_v<decltype(P::constants)>);
        std::apply(
            [&]<class... T>(const Constant<T>&... one) {
                ((detail::put_constant(out.constants, one.name, types.id<T>(),
                                       detail::ItemBase::encode(one.value()), one.doc),
                  types.put_not_deprecated(out.constants)),
                 ...);
            },
            P::constants);
    }
    if constexpr (requires { P::kDoc; }) {
        out.doc = P::kDoc;
    }
    return out;
}

}  // namespace stipple::runtime::inline kit
