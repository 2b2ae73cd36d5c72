// How a transaction names accounts and proves who sent it.
//
// Spec: sect-extrinsics. A MultiAddress is an account or something that could be looked up (only
// accounts are, here); a MultiSignature is one of three kinds over the payload of the transaction.
#pragma once

#include "kit/dispatch.hpp"
#include "kit/host.hpp"

namespace stipple::runtime::inline kit {

struct MultiAddress {
    std::variant<AccountId, Unit, Bytes, std::array<std::uint8_t, 32>, std::array<std::uint8_t, 20>>
        value;
    static constexpr VariantNames kVariant{"sp_runtime::multiaddress::MultiAddress",
                                           {"Id", "Index", "Raw", "Address32", "Address20"}};
    static MultiAddress of(const AccountId& who) { return {who}; }
    friend bool operator==(const MultiAddress&, const MultiAddress&) = default;
};
template <>
struct TypeInfo<MultiAddress> {
    static Bytes describe(Registry& types);
};
/// The account; CannotLookup for the other kinds.
Outcome<AccountId> lookup(const MultiAddress& address);

struct MultiSignature {
    std::variant<crypto::Ed25519Signature, crypto::Sr25519Signature, crypto::EcdsaSignature> value;
    static constexpr VariantNames kVariant{"sp_runtime::MultiSignature",
                                           {"Ed25519", "Sr25519", "Ecdsa"}};
    /// For ecdsa an account is the BLAKE2b-256 of the compressed key, and so is the digest signed.
    bool verify(ByteView message, const AccountId& signer) const;
};

}  // namespace stipple::runtime::inline kit
