#include "chain/pool/validity.hpp"

#include "chain/pool/limits.hpp"

#include <fmt/format.h>

namespace stipple::chain::pool {
namespace {

constexpr std::string_view kApi = "TaggedTransactionQueue";
constexpr std::uint32_t kVersionWithBlockHash = 3;

std::vector<Tag> decode_tags(scale::Decoder& in) {
    std::vector<Tag> tags;
    const std::size_t count = in.length(1, kTagsMax);
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        tags.push_back(to_bytes(in.byte_string(kTagBytesMax)));
    }
    return tags;
}

void encode_tags(Bytes& out, const std::vector<Tag>& tags) {
    scale::encode_compact(out, tags.size());
    for (const Tag& tag : tags) {
        scale::encode_byte_string(out, tag);
    }
}

ValidTransaction decode_valid(scale::Decoder& in) {
    ValidTransaction valid;
    valid.priority = in.u64();
    valid.requires_tags = decode_tags(in);
    valid.provides_tags = decode_tags(in);
    valid.longevity = in.u64();
    valid.propagate = in.boolean();
    return valid;
}

InvalidTransaction decode_invalid(scale::Decoder& in) {
    const std::uint8_t index = in.u8();
    if (index > static_cast<std::uint8_t>(InvalidKind::unknown_origin)) {
        in.fail(scale::DecodeError::bad_variant);
        return {};
    }
    InvalidTransaction invalid{.kind = static_cast<InvalidKind>(index)};
    if (invalid.kind == InvalidKind::custom) {
        invalid.custom_code = in.u8();
    }
    return invalid;
}

UnknownTransaction decode_unknown(scale::Decoder& in) {
    const std::uint8_t index = in.u8();
    if (index > static_cast<std::uint8_t>(UnknownKind::custom)) {
        in.fail(scale::DecodeError::bad_variant);
        return {};
    }
    UnknownTransaction unknown{.kind = static_cast<UnknownKind>(index)};
    if (unknown.kind == UnknownKind::custom) {
        unknown.custom_code = in.u8();
    }
    return unknown;
}

}  // namespace

std::string describe(const InvalidTransaction& invalid) {
    switch (invalid.kind) {
        case InvalidKind::call:
            return "Transaction call is not expected";
        case InvalidKind::payment:
            return "Inability to pay some fees (e.g. account balance too low)";
        case InvalidKind::future:
            return "Transaction will be valid in the future";
        case InvalidKind::stale:
            return "Transaction is outdated";
        case InvalidKind::bad_proof:
            return "Transaction has a bad signature";
        case InvalidKind::ancient_birth_block:
            return "Transaction has an ancient birth block";
        case InvalidKind::exhausts_resources:
            return "Transaction would exhaust the block limits";
        case InvalidKind::custom:
            return fmt::format("Custom error: {}", invalid.custom_code);
        case InvalidKind::bad_mandatory:
            return "A call was labelled as mandatory, but resulted in an Error.";
        case InvalidKind::mandatory_validation:
            return "Transaction dispatch is mandatory; transactions must not be validated.";
        case InvalidKind::bad_signer:
            return "Invalid signing address";
        case InvalidKind::indeterminate_implicit:
            return "The implicit data was unable to be calculated";
        case InvalidKind::unknown_origin:
            return "The transaction extension did not authorize any origin";
    }
    return "";
}

std::string describe(const UnknownTransaction& unknown) {
    switch (unknown.kind) {
        case UnknownKind::cannot_lookup:
            return "CannotLookup";
        case UnknownKind::no_unsigned_validator:
            return "NoUnsignedValidator";
        case UnknownKind::custom:
            return fmt::format("Custom({})", unknown.custom_code);
    }
    return "";
}

std::expected<TransactionValidity, scale::DecodeError> decode_validity(ByteView result) {
    scale::Decoder in(result);
    TransactionValidity validity;
    if (!in.option()) {  // Result: 0 is Ok, and the tag of Option has the same two values
        validity = decode_valid(in);
    } else {
        switch (in.u8()) {
            case 0:
                validity = std::unexpected(ValidityError(decode_invalid(in)));
                break;
            case 1:
                validity = std::unexpected(ValidityError(decode_unknown(in)));
                break;
            default:
                in.fail(scale::DecodeError::bad_variant);
        }
    }
    TRY(in.finish());
    return validity;
}

Bytes encode_validity(const TransactionValidity& validity) {
    Bytes out;
    if (validity) {
        out.push_back(0);
        append_le(out, validity->priority);
        encode_tags(out, validity->requires_tags);
        encode_tags(out, validity->provides_tags);
        append_le(out, validity->longevity);
        out.push_back(validity->propagate ? 1 : 0);
        return out;
    }
    out.push_back(1);
    if (const auto* invalid = std::get_if<InvalidTransaction>(&validity.error())) {
        out.push_back(0);
        out.push_back(static_cast<std::uint8_t>(invalid->kind));
        if (invalid->kind == InvalidKind::custom) {
            out.push_back(invalid->custom_code);
        }
        return out;
    }
    const auto& unknown = std::get<UnknownTransaction>(validity.error());
    out.push_back(1);
    out.push_back(static_cast<std::uint8_t>(unknown.kind));
    if (unknown.kind == UnknownKind::custom) {
        out.push_back(unknown.custom_code);
    }
    return out;
}

Bytes encode_validate_arguments(std::uint32_t api_version, Source source,
                                const Extrinsic& extrinsic, const BlockHash& at) {
    Bytes out;
    if (api_version >= 2) {
        out.push_back(static_cast<std::uint8_t>(source));
    }
    scale::encode_byte_string(out, extrinsic.data);
    if (api_version >= kVersionWithBlockHash) {
        append(out, at);
    }
    return out;
}

Result<TransactionValidity> validate_transaction(const executor::Runtime& runtime,
                                                 const state::Reader& state_at, const BlockRef& at,
                                                 Source source, const Extrinsic& extrinsic,
                                                 const executor::CallContext& context) {
    const auto version = runtime.version().api_version(kApi);
    if (!version || *version == 0) {
        return std::unexpected(Error("the runtime has no TaggedTransactionQueue API"));
    }
    state::Overlay overlay(state_at);
    if (*version < kVersionWithBlockHash) {
        Header header;
        header.parent_hash = at.hash;
        header.number = at.number + 1;
        auto begun = runtime.call("Core_initialize_block", scale::encode(header), overlay, context);
        if (!begun) {
            return std::unexpected(Error(begun.error().message).in("Core_initialize_block"));
        }
    }
    const Bytes arguments = encode_validate_arguments(*version, source, extrinsic, at.hash);
    auto answer =
        runtime.call("TaggedTransactionQueue_validate_transaction", arguments, overlay, context);
    if (!answer) {
        return std::unexpected(Error(answer.error().message).in("validate_transaction"));
    }
    auto validity = decode_validity(*answer);
    if (!validity) {
        return std::unexpected(
            Error(fmt::format("validate_transaction: the result is not a "
                              "TransactionValidity: {}",
                              scale::describe(validity.error()))));
    }
    return *std::move(validity);
}

}  // namespace stipple::chain::pool
