// The type registry of the metadata: every type that a storage item, call, event, constant or
// extension mentions, once, with its path, fields and indices.
//
// Clients decode everything through this registry alone (scale-info's portable form). A C++ type
// takes part by its declaration (kit/codec.hpp: kType, kVariant, describe) or by a specialisation
// of TypeInfo<T>; two C++ types with one meaning give one entry through TypeInfo<T>::Same. Ids
// follow the order of registration, which the order of pallets fixes, so metadata is deterministic.
#pragma once

#include "kit/arithmetic.hpp"
#include "kit/bounded.hpp"
#include "kit/codec.hpp"

#include <map>

namespace stipple::runtime::inline kit {

using TypeId = std::uint32_t;
class Registry;

enum class Primitive : std::uint8_t {
    boolean = 0,
    character,
    string,
    u8,
    u16,
    u32,
    u64,
    u128,
    u256,
    i8,
    i16,
    i32,
    i64,
    i128,
    i256
};

struct FieldInfo {
    std::string_view name;  ///< "" when unnamed
    TypeId type = 0;
    std::string_view type_name{};
};
struct CaseInfo {
    std::string_view name;
    std::uint8_t index = 0;
    std::vector<FieldInfo> fields{};
    std::string_view doc{};
};
struct TypeParameter {
    std::string_view name;
    std::optional<TypeId> type;
};

/// Says how T looks: `static Bytes describe(Registry&)`, built with the functions of Registry, or
/// `using Same = U` for "as U". The primary template serves kType, kVariant and describe(enum).
template <class T>
struct TypeInfo;

class Registry {
 public:
    /// For metadata of this version.
    explicit Registry(std::uint32_t version) : version_(version) {}
    std::uint32_t version() const { return version_; }
    /// Since V16 every item and enum says which parts are deprecated. Nothing here is: 0 stands for
    /// that in both forms.
    void put_not_deprecated(Bytes& out) const {
        if (version_ >= 16) {
            out.push_back(0);
        }
    }

    /// The id of T, registering it and what it holds on first use.
    template <class T>
    TypeId id();

    // ---- descriptions, for TypeInfo<T>::describe ----
    static Bytes primitive(Primitive kind);
    static Bytes sequence(TypeId item);
    static Bytes array(std::uint32_t count, TypeId item);
    static Bytes tuple(const std::vector<TypeId>& items);
    static Bytes compact(TypeId inner);
    static Bytes composite(std::string_view path, const std::vector<FieldInfo>& fields,
                           const std::vector<TypeParameter>& parameters = {});
    static Bytes variant(std::string_view path, const std::vector<CaseInfo>& cases,
                         const std::vector<TypeParameter>& parameters = {},
                         std::string_view doc = {});

    /// An entry that is not a C++ type (the outer enums): reserve first, fill later, so that it may
    /// be recursive. `key` is any address that names it.
    std::optional<TypeId> find(const void* key) const;
    TypeId reserve(const void* key);
    void fill(TypeId id, Bytes description);

    /// Vec<PortableType>.
    Bytes encode() const;

 private:
    std::uint32_t version_;
    std::map<const void*, TypeId> ids_;
    std::vector<Bytes> types_;
};

namespace detail {
template <class T>
inline constexpr char type_key{};

/// The metadata names of byte arrays with a meaning.
template <class Tag>
inline constexpr std::string_view fixed_bytes_path{};
template <>
inline constexpr std::string_view fixed_bytes_path<AccountIdTag> = "sp_core::crypto::AccountId32";
template <>
inline constexpr std::string_view fixed_bytes_path<HashTag> = "primitive_types::H256";
template <>
inline constexpr std::string_view fixed_bytes_path<BlockHashTag> = "primitive_types::H256";

template <class T>
std::vector<FieldInfo> fields_of(Registry& types, const NameList& names) {
    using Fields = decltype(T::fields(std::declval<T&>()));
    std::vector<FieldInfo> out;
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (out.push_back(
             {names[I], types.id<std::remove_cvref_t<std::tuple_element_t<I, Fields>>>()}),
         ...);
    }(std::make_index_sequence<std::tuple_size_v<Fields>>());
    return out;
}

template <class T>
inline constexpr bool is_tuple = false;
template <class... T>
inline constexpr bool is_tuple<std::tuple<T...>> = true;

template <class T>
std::vector<FieldInfo> fields_of_case(Registry& types) {
    if constexpr (std::is_same_v<T, Unit>) {
        return {};
    } else if constexpr (is_tuple<T>) {
        return []<class... Items>(Registry& all, std::tuple<Items...>*) {
            return std::vector<FieldInfo>{{"", all.id<Items>()}...};
        }(types, static_cast<T*>(nullptr));
    } else if constexpr (requires { T::kCase; }) {
        return fields_of<T>(types, T::kCase);
    } else {
        return {{"", types.id<T>()}};
    }
}
}  // namespace detail

template <class T>
concept HasTypeName = requires { T::kType.path; };

template <class T>
constexpr EnumNames describe_enum() {
    return describe(T{});  // found beside the enum
}

template <class T>
struct TypeInfo {
    static Bytes describe(Registry& types) {
        if constexpr (HasTypeName<T>) {
            return Registry::composite(T::kType.path, detail::fields_of<T>(types, T::kType.names));
        } else if constexpr (DescribedVariant<T>) {
            using Values = decltype(std::declval<T&>().value);
            std::vector<CaseInfo> cases;
            [&]<std::size_t... I>(std::index_sequence<I...>) {
                (cases.push_back(
                     {T::kVariant.cases[I], T::kVariant.index(I),
                      detail::fields_of_case<std::variant_alternative_t<I, Values>>(types)}),
                 ...);
            }(std::make_index_sequence<std::variant_size_v<Values>>());
            return Registry::variant(T::kVariant.path, cases);
        } else {
            static_assert(DescribedEnum<T>,
                          "give the type a kType, kVariant, describe() or TypeInfo<T>");
            constexpr EnumNames names = describe_enum<T>();
            std::vector<CaseInfo> cases;
            for (std::size_t i = 0; i < kNamesMax; ++i) {
                if (!names.cases[i].empty()) {
                    cases.push_back({names.cases[i], static_cast<std::uint8_t>(i)});
                }
            }
            return Registry::variant(names.path, cases);
        }
    }
};

template <class T>
TypeId Registry::id() {
    if constexpr (requires { typename TypeInfo<T>::Same; }) {
        return id<typename TypeInfo<T>::Same>();
    } else {
        const void* key = &detail::type_key<T>;
        if (const auto known = find(key)) {
            return *known;
        }
        const TypeId id = reserve(key);
        fill(id, TypeInfo<T>::describe(*this));
        return id;
    }
}

// ---- what every runtime uses ----
template <Primitive kKind>
struct PrimitiveInfo {
    static Bytes describe(Registry&) { return Registry::primitive(kKind); }
};
template <>
struct TypeInfo<bool> : PrimitiveInfo<Primitive::boolean> {};
template <>
struct TypeInfo<std::string> : PrimitiveInfo<Primitive::string> {};
template <>
struct TypeInfo<std::uint8_t> : PrimitiveInfo<Primitive::u8> {};
template <>
struct TypeInfo<std::uint16_t> : PrimitiveInfo<Primitive::u16> {};
template <>
struct TypeInfo<std::uint32_t> : PrimitiveInfo<Primitive::u32> {};
template <>
struct TypeInfo<std::uint64_t> : PrimitiveInfo<Primitive::u64> {};
template <>
struct TypeInfo<uint128> : PrimitiveInfo<Primitive::u128> {};
template <>
struct TypeInfo<Unit> {
    static Bytes describe(Registry&) { return Registry::tuple({}); }
};
template <>
struct TypeInfo<std::tuple<>> {
    using Same = Unit;
};
template <class... T>
struct TypeInfo<std::tuple<T...>> {
    static Bytes describe(Registry& types) { return Registry::tuple({types.id<T>()...}); }
};
template <class A, class B>
struct TypeInfo<std::pair<A, B>> {
    using Same = std::tuple<A, B>;
};
template <class T>
struct TypeInfo<std::vector<T>> {
    static Bytes describe(Registry& types) { return Registry::sequence(types.id<T>()); }
};
template <class T, std::size_t N>
struct TypeInfo<std::array<T, N>> {
    static Bytes describe(Registry& types) { return Registry::array(N, types.id<T>()); }
};
template <class T>
struct TypeInfo<Compact<T>> {
    static Bytes describe(Registry& types) { return Registry::compact(types.id<T>()); }
};
template <class T>
struct TypeInfo<std::optional<T>> {
    static Bytes describe(Registry& types) {
        const TypeId some = types.id<T>();
        return Registry::variant("Option", {{"None", 0}, {"Some", 1, {{"", some}}}}, {{"T", some}});
    }
};
template <class T, class E>
struct TypeInfo<ScaleResult<T, E>> {
    static Bytes describe(Registry& types) {
        const TypeId good = types.id<std::conditional_t<std::is_void_v<T>, Unit, T>>();
        const TypeId bad = types.id<E>();
        return Registry::variant("Result", {{"Ok", 0, {{"", good}}}, {"Err", 1, {{"", bad}}}},
                                 {{"T", good}, {"E", bad}});
    }
};
template <class T, std::uint32_t Max, Strictness kStrictness>
struct TypeInfo<BasicBoundedVec<T, Max, kStrictness>> {
    static Bytes describe(Registry& types) {
        return Registry::composite(kStrictness == Strictness::strict
                                       ? "bounded_collections::bounded_vec::BoundedVec"
                                       : "bounded_collections::weak_bounded_vec::WeakBoundedVec",
                                   {{"", types.id<std::vector<T>>(), "Vec<T>"}},
                                   {{"T", types.id<T>()}, {"S", {}}});
    }
};
template <class K, class V>
struct TypeInfo<std::map<K, V>> {
    static Bytes describe(Registry& types) {
        return Registry::composite("BTreeMap", {{"", types.id<std::vector<std::tuple<K, V>>>()}},
                                   {{"K", types.id<K>()}, {"V", types.id<V>()}});
    }
};
template <std::size_t N, class Tag>
struct NamedBytesInfo {
    static Bytes describe(Registry& types) {
        return Registry::composite(detail::fixed_bytes_path<Tag>,
                                   {{"", types.id<std::array<std::uint8_t, N>>()}});
    }
};
template <std::size_t N, class Tag>
struct PlainBytesInfo {
    using Same = std::array<std::uint8_t, N>;
};
template <std::size_t N, class Tag>
struct TypeInfo<FixedBytes<N, Tag>>
    : std::conditional_t<detail::fixed_bytes_path<Tag>.empty(), PlainBytesInfo<N, Tag>,
                         NamedBytesInfo<N, Tag>> {};
template <>
struct TypeInfo<BlockHash> {
    using Same = Hash;
};
template <class Rep, class Tag>
struct TypeInfo<StrongNumber<Rep, Tag>> {
    using Same = Rep;
};
template <>
struct TypeInfo<Slot> {
    static Bytes describe(Registry& types) {
        return Registry::composite("sp_consensus_slots::Slot", {{"", types.id<std::uint64_t>()}});
    }
};

}  // namespace stipple::runtime::inline kit
