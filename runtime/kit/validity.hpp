// What the pool and the block builder learn of a transaction before it runs.
//
// Spec: defn-transaction-validity. A valid transaction names the tags it provides and needs, its
// priority and how long the verdict holds; an invalid one says why in one byte that clients know.
#pragma once

#include "kit/type_info.hpp"

#include <expected>

namespace stipple::runtime::inline kit {

enum class TransactionSource : std::uint8_t { in_block, local, external };
constexpr EnumNames describe(TransactionSource) {
    return {"sp_runtime::transaction_validity::TransactionSource",
            {"InBlock", "Local", "External"}};
}

struct InvalidTransaction {
    std::variant<Unit, Unit, Unit, Unit, Unit, Unit, Unit, std::uint8_t, Unit, Unit, Unit, Unit,
                 Unit>
        value;
    static constexpr VariantNames kVariant{
        "sp_runtime::transaction_validity::InvalidTransaction",
        {"Call", "Payment", "Future", "Stale", "BadProof", "AncientBirthBlock", "ExhaustsResources",
         "Custom", "BadMandatory", "MandatoryValidation", "BadSigner", "IndeterminateImplicit",
         "UnknownOrigin"}};
    friend bool operator==(const InvalidTransaction&, const InvalidTransaction&) = default;
};
struct UnknownTransaction {
    std::variant<Unit, Unit, std::uint8_t> value;
    static constexpr VariantNames kVariant{"sp_runtime::transaction_validity::UnknownTransaction",
                                           {"CannotLookup", "NoUnsignedValidator", "Custom"}};
    friend bool operator==(const UnknownTransaction&, const UnknownTransaction&) = default;
};
struct TransactionValidityError {
    std::variant<InvalidTransaction, UnknownTransaction> value;
    static constexpr VariantNames kVariant{
        "sp_runtime::transaction_validity::TransactionValidityError", {"Invalid", "Unknown"}};
    friend bool operator==(const TransactionValidityError&,
                           const TransactionValidityError&) = default;
};

/// The reasons, by their usual names: `return invalid<Reason::stale>();`
enum class Reason : std::uint8_t {
    call,
    payment,
    future,
    stale,
    bad_proof,
    ancient_birth_block,
    exhausts_resources,
    custom,
    bad_mandatory,
    mandatory_validation,
    bad_signer,
    indeterminate_implicit,
    unknown_origin
};
template <Reason kReason>
std::unexpected<TransactionValidityError> invalid() {
    InvalidTransaction why;
    why.value.template emplace<static_cast<std::size_t>(kReason)>();
    return std::unexpected(TransactionValidityError{why});
}
inline std::unexpected<TransactionValidityError> invalid_custom(std::uint8_t code) {
    InvalidTransaction why;
    why.value.emplace<7>(code);
    return std::unexpected(TransactionValidityError{why});
}
inline std::unexpected<TransactionValidityError> unknown_lookup() {
    return std::unexpected(TransactionValidityError{UnknownTransaction{}});
}
inline std::unexpected<TransactionValidityError> no_unsigned_validator() {
    UnknownTransaction why;
    why.value.emplace<1>();
    return std::unexpected(TransactionValidityError{why});
}

struct ValidTransaction {
    std::uint64_t priority = 0;
    std::vector<Bytes> requires_tags;
    std::vector<Bytes> provides;
    std::uint64_t longevity_blocks = UINT64_MAX;
    bool propagate = true;

    /// Both verdicts at once.
    void combine(ValidTransaction other);
    static auto fields(auto& self) {
        return std::tie(self.priority, self.requires_tags, self.provides, self.longevity_blocks,
                        self.propagate);
    }
    static constexpr TypeName kType{"sp_runtime::transaction_validity::ValidTransaction",
                                    {"priority", "requires", "provides", "longevity", "propagate"}};
};
using TransactionValidity = std::expected<ValidTransaction, TransactionValidityError>;

}  // namespace stipple::runtime::inline kit
