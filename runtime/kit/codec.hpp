// SCALE for the shapes a runtime declares: plain enums, enums with fields, empty values.
//
//     enum class Pays : std::uint8_t { yes, no };                       // a plain enum
//     constexpr EnumNames describe(Pays) {
//         return {"frame_support::dispatch::Pays", {"Yes", "No"}};
//     }
//     struct RawOrigin {                                                // an enum with fields
//         std::variant<Unit, AccountId, Unit> value;
//         static constexpr VariantNames kVariant{"frame_support::dispatch::RawOrigin",
//                                                {"Root", "Signed", "None"}};
//     };
//     struct IdAmount {                                                 // a struct
//         Id id{}; Balance amount{};
//         static auto fields(auto& self) { return std::tie(self.id, self.amount); }
//         static constexpr TypeName kType{"frame_support::...::IdAmount", {"id", "amount"}};
//     };
//
// The same names give the metadata (kit/type_info.hpp). An alternative that is a std::tuple has
// several unnamed fields, `Unit` none, a struct with kType its named fields. Unknown indices fail.
#pragma once

#include "kit/types.hpp"

#include <variant>

namespace stipple::runtime::inline kit {

inline constexpr std::size_t kNamesMax = 24;
using NameList = std::array<std::string_view, kNamesMax>;

/// Path of a struct in the metadata and the names of its fields ("" for unnamed).
struct TypeName {
    std::string_view path;
    NameList names{};
};
/// Path of a plain enum and its cases by index; "" leaves a gap.
struct EnumNames {
    std::string_view path;
    NameList cases{};
};
/// Path of an enum with fields, its cases by position, and their indices when they are not 0, 1,
/// ...
struct VariantNames {
    std::string_view path;
    NameList cases{};
    std::array<std::uint8_t, kNamesMax> indices{};
    constexpr std::uint8_t index(std::size_t position) const {
        return indices[1] == 0 && indices[0] == 0 ? static_cast<std::uint8_t>(position)
                                                  : indices[position];
    }
};

/// Takes no bytes: `()`.
struct Unit {
    friend bool operator==(const Unit&, const Unit&) = default;
    static auto fields(auto&) { return std::tuple<>(); }
};

template <class E>
concept DescribedEnum = std::is_enum_v<E> && requires(E value) {
    { describe(value) } -> std::same_as<EnumNames>;
};
template <class T>
concept DescribedVariant = requires(T& value) {
    T::kVariant.path;
    value.value.index();
};

template <DescribedEnum E>
void encode_to(Bytes& out, E value) {
    out.push_back(static_cast<std::uint8_t>(value));
}
template <DescribedEnum E>
void decode_from(scale::Decoder& in, E& value) {
    constexpr EnumNames names = describe(E{});
    const std::uint8_t index = in.u8();
    if (index >= kNamesMax || names.cases[index].empty()) {
        in.fail(scale::DecodeError::bad_variant);
        return;
    }
    value = static_cast<E>(index);
}

template <DescribedVariant T>
void encode_to(Bytes& out, const T& value) {
    using scale::encode_to;
    out.push_back(T::kVariant.index(value.value.index()));
    using Values = std::remove_cvref_t<decltype(value.value)>;
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (void)((value.value.index() == I &&
                (encode_to(out, *std::get_if<I>(&value.value)), true)) ||
               ...);
    }(std::make_index_sequence<std::variant_size_v<Values>>());
}
template <DescribedVariant T>
void decode_from(scale::Decoder& in, T& value) {
    using scale::decode_from;
    using Values = std::remove_cvref_t<decltype(value.value)>;
    const std::uint8_t index = in.u8();
    const bool known = [&]<std::size_t... I>(std::index_sequence<I...>) {
        return ((T::kVariant.index(I) == index &&
                 (decode_from(in, value.value.template emplace<I>()), true)) ||
                ...);
    }(std::make_index_sequence<std::variant_size_v<Values>>());
    if (!known) {
        in.fail(scale::DecodeError::bad_variant);
    }
}

/// std::expected travels as Rust's Result: 0 and the value, or 1 and the error.
template <class T, class E>
struct ScaleResult {
    std::expected<T, E> value;
};
template <class T, class E>
void encode_to(Bytes& out, const ScaleResult<T, E>& result) {
    using scale::encode_to;
    out.push_back(result.value ? 0 : 1);
    if (!result.value) {
        encode_to(out, result.value.error());
    } else if constexpr (!std::is_void_v<T>) {
        encode_to(out, *result.value);
    }
}

}  // namespace stipple::runtime::inline kit
