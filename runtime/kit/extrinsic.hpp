// Transactions on the wire: bare, signed (version 4) and general (version 5).
//
// Spec: sect-extrinsics. The first byte holds the kind in its two high bits and the version below:
//
//     0x04, 0x05   bare: call                                            (inherents)
//     0x84         signed: address, signature, extension data, call
//     0x45         general: extension version, extension data, call
//
// The signature of a signed one is over call ‖ explicit data ‖ implicit data of the extensions, or
// over the BLAKE2b-256 of that when it is longer than 256 bytes. A general one is authorised by its
// extensions: in version 1 of them VerifySignature stands in front and signs the BLAKE2b-256 of
// version ‖ call ‖ explicit data ‖ implicit data of those behind it, however short that is.
#pragma once

#include "kit/address.hpp"
#include "kit/call.hpp"
#include "kit/validity.hpp"
#include "primitives/block.hpp"

namespace stipple::runtime::inline kit {

enum class ExtrinsicKind : std::uint8_t { bare, signed_v4, general };
inline constexpr std::size_t kSignedPlainMax = 256;

/// How long a transaction lives: for ever, or `period` blocks from a block that its signature
/// names.
struct Era {
    std::uint64_t period = 0;  ///< 0: immortal; otherwise a power of two from 4 to 65536
    std::uint64_t phase = 0;
    bool is_immortal() const { return period == 0; }
    /// The block it starts to live in, seen from `current`.
    std::uint64_t birth(std::uint64_t current) const;
    /// The first block it is dead in.
    std::uint64_t death(std::uint64_t current) const;
    friend bool operator==(const Era&, const Era&) = default;
};
void encode_to(Bytes& out, const Era& era);
void decode_from(scale::Decoder& in, Era& era);
template <>
struct TypeInfo<Era> {
    static Bytes describe(Registry& types);
};

/// Described as tools expect it, with the types of its parts as parameters; kit/metadata.cpp.
template <>
struct TypeInfo<Extrinsic> {
    static Bytes describe(Registry& types);
};
/// The versions of the list of extensions, which general transactions name. Signed ones have the
/// first, which says nothing of who sends; in the second VerifySignature comes before the same.
inline constexpr std::uint8_t kExtensionsVersion = 0;
inline constexpr std::uint8_t kVerifyingExtensionsVersion = 1;

/// Who sends a general transaction, by a signature: "VerifyMultiSignature".
struct VerifySignature {
    struct Signed {
        MultiSignature signature;
        AccountId account;
        static auto fields(auto& self) { return std::tie(self.signature, self.account); }
    };
    std::variant<Signed, Unit> value{Unit{}};
    static constexpr VariantNames kVariant{"pallet_verify_signature::extension::VerifySignature",
                                           {"Signed", "Disabled"}};
};

/// What the extensions of a transaction get to see.
struct TransactionContext {
    AccountId who;
    const RuntimeCall* call = nullptr;
    DispatchInfo info;
    std::uint32_t encoded_bytes = 0;
    Balance fee_withdrawn = 0;  ///< set by the extension that charges, for its own refund
};

}  // namespace stipple::runtime::inline kit
