#include "kit/address.hpp"

namespace stipple::runtime::inline kit {

Bytes TypeInfo<MultiAddress>::describe(Registry& types) {
    const TypeId account = types.id<AccountId>();
    const TypeId nothing = types.id<Unit>();
    return Registry::variant(MultiAddress::kVariant.path,
                             {{"Id", 0, {{"", account}}},
                              {"Index", 1, {{"", types.id<Compact<Unit>>()}}},
                              {"Raw", 2, {{"", types.id<Bytes>()}}},
                              {"Address32", 3, {{"", types.id<std::array<std::uint8_t, 32>>()}}},
                              {"Address20", 4, {{"", types.id<std::array<std::uint8_t, 20>>()}}}},
                             {{"AccountId", account}, {"AccountIndex", nothing}});
}

Outcome<AccountId> lookup(const MultiAddress& address) {
    if (const AccountId* who = std::get_if<AccountId>(&address.value)) {
        return *who;
    }
    return fail(DispatchError::cannot_lookup());
}

bool MultiSignature::verify(ByteView message, const AccountId& signer) const {
    if (const auto* ed25519 = std::get_if<0>(&value)) {
        return host::verify_ed25519(*ed25519, message, crypto::Ed25519Public::copy(signer));
    }
    if (const auto* sr25519 = std::get_if<1>(&value)) {
        return host::verify_sr25519(*sr25519, message, crypto::Sr25519Public::copy(signer));
    }
    const auto key = host::recover_ecdsa(*std::get_if<2>(&value), host::blake2_256(message));
    return key && AccountId::copy(host::blake2_256(*key)) == signer;
}

}  // namespace stipple::runtime::inline kit
