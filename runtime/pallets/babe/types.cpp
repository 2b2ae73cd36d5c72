#include "pallets/babe/types.hpp"

namespace stipple::runtime::inline kit {

namespace {
/// sp_consensus_babe::app::Public, which the C++ side keeps as a plain sr25519 key.
struct BabePublic {
    static auto fields(auto& self) { return std::tie(self.bytes); }
    std::array<std::uint8_t, 32> bytes;
    static constexpr TypeName kType{"sp_consensus_babe::app::Public", {""}};
};
}  // namespace

Bytes TypeInfo<babe::Authority>::describe(Registry& types) {
    return Registry::tuple({types.id<BabePublic>(), types.id<std::uint64_t>()});
}

Bytes TypeInfo<babe::AllowedSlots>::describe(Registry&) {
    return Registry::variant("sp_consensus_babe::AllowedSlots",
                             {{"PrimarySlots", 0},
                              {"PrimaryAndSecondaryPlainSlots", 1},
                              {"PrimaryAndSecondaryVRFSlots", 2}});
}

Bytes TypeInfo<babe::EpochConfig>::describe(Registry& types) {
    return Registry::composite(
        "sp_consensus_babe::BabeEpochConfiguration",
        {{"c", types.id<babe::SlotShare>()}, {"allowed_slots", types.id<babe::AllowedSlots>()}});
}

Bytes TypeInfo<babe::PreDigest>::describe(Registry& types) {
    const TypeId index = types.id<std::uint32_t>();
    const TypeId slot = types.id<Slot>();
    const TypeId vrf = types.reserve(&detail::type_key<crypto::VrfSignature>);
    using Proof = std::array<std::uint8_t, 64>;
    types.fill(vrf, Registry::composite("sp_core::sr25519::vrf::VrfSignature",
                                        {{"pre_output", types.id<std::array<std::uint8_t, 32>>()},
                                         {"proof", types.id<Proof>()}}));
    const std::vector<FieldInfo> plain{{"authority_index", index}, {"slot", slot}};
    const std::vector<FieldInfo> with_vrf{
        {"authority_index", index}, {"slot", slot}, {"vrf_signature", vrf}};
    const auto part = [&](const void* key, std::string_view path,
                          const std::vector<FieldInfo>& fields) {
        const TypeId id = types.reserve(key);
        types.fill(id, Registry::composite(path, fields));
        return std::vector<FieldInfo>{{"", id}};
    };
    return Registry::variant(
        "sp_consensus_babe::digests::PreDigest",
        {{"Primary", 1,
          part(&detail::type_key<babe::PrimaryPreDigest>,
               "sp_consensus_babe::digests::PrimaryPreDigest", with_vrf)},
         {"SecondaryPlain", 2,
          part(&detail::type_key<babe::SecondaryPlainPreDigest>,
               "sp_consensus_babe::digests::SecondaryPlainPreDigest", plain)},
         {"SecondaryVRF", 3,
          part(&detail::type_key<babe::SecondaryVrfPreDigest>,
               "sp_consensus_babe::digests::SecondaryVRFPreDigest", with_vrf)}});
}

Bytes TypeInfo<babe::Configuration>::describe(Registry& types) {
    const TypeId number = types.id<std::uint64_t>();
    return Registry::composite("sp_consensus_babe::BabeConfiguration",
                               {{"slot_duration", number},
                                {"epoch_length", number},
                                {"c", types.id<babe::SlotShare>()},
                                {"authorities", types.id<babe::AuthorityList>()},
                                {"randomness", types.id<babe::Randomness>()},
                                {"allowed_slots", types.id<babe::AllowedSlots>()}});
}

Bytes TypeInfo<babe::Epoch>::describe(Registry& types) {
    const TypeId number = types.id<std::uint64_t>();
    return Registry::composite("sp_consensus_babe::Epoch",
                               {{"epoch_index", number},
                                {"start_slot", types.id<Slot>()},
                                {"duration", number},
                                {"authorities", types.id<babe::AuthorityList>()},
                                {"randomness", types.id<babe::Randomness>()},
                                {"config", types.id<babe::EpochConfig>()}});
}

}  // namespace stipple::runtime::inline kit
