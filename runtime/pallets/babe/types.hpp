// How the metadata tells of BABE's types; the types are the host's own (primitives/babe.hpp).
#pragma once

#include "kit/type_info.hpp"
#include "primitives/babe.hpp"

namespace stipple::runtime {

struct NextConfigV1 {
    babe::SlotShare c;
    babe::AllowedSlots allowed_slots = babe::AllowedSlots::primary;
    static auto fields(auto& self) { return std::tie(self.c, self.allowed_slots); }
    static constexpr NameList kCase{"c", "allowed_slots"};
};
/// Version 1 is the only one.
struct NextConfigDescriptor {
    std::variant<NextConfigV1> value;
    static constexpr VariantNames kVariant{
        "sp_consensus_babe::digests::NextConfigDescriptor", {"V1"}, {1}};
};

}  // namespace stipple::runtime

namespace stipple::runtime::inline kit {

template <>
struct TypeInfo<babe::SlotShare> {
    using Same = std::tuple<std::uint64_t, std::uint64_t>;
};
template <>
struct TypeInfo<babe::AllowedSlots> {
    static Bytes describe(Registry& types);
};
template <>
struct TypeInfo<babe::Authority> {
    static Bytes describe(Registry& types);
};
template <>
struct TypeInfo<babe::EpochConfig> {
    static Bytes describe(Registry& types);
};
template <>
struct TypeInfo<babe::PreDigest> {
    static Bytes describe(Registry& types);
};
template <>
struct TypeInfo<babe::Configuration> {
    static Bytes describe(Registry& types);
};
template <>
struct TypeInfo<babe::Epoch> {
    static Bytes describe(Registry& types);
};

}  // namespace stipple::runtime::inline kit
