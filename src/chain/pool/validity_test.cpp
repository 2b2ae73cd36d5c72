#include "chain/pool/validity.hpp"

#include "chain/pool/errors.hpp"
#include "chain/pool/limits.hpp"

#include <gtest/gtest.h>

namespace stipple::chain::pool {
namespace {

TransactionValidity invalid(InvalidKind kind, std::uint8_t code = 0) {
    return std::unexpected(ValidityError(InvalidTransaction{kind, code}));
}
TransactionValidity unknown(UnknownKind kind, std::uint8_t code = 0) {
    return std::unexpected(ValidityError(UnknownTransaction{kind, code}));
}

TEST(TransactionValidity, decodes_a_valid_transaction_field_by_field) {
    // priority 5, requires [[1]], provides [[2, 3], []], longevity 64, propagate
    const auto bytes = from_hex(
        "00"
        "0500000000000000"
        "04"
        "0401"
        "08"
        "080203"
        "00"
        "4000000000000000"
        "01");
    const auto validity = decode_validity(*bytes);
    ASSERT_TRUE(validity && *validity);
    EXPECT_EQ((*validity)->priority, 5u);
    EXPECT_EQ((*validity)->requires_tags, (std::vector<Tag>{{1}}));
    EXPECT_EQ((*validity)->provides_tags, (std::vector<Tag>{{2, 3}, {}}));
    EXPECT_EQ((*validity)->longevity, 64u);
    EXPECT_TRUE((*validity)->propagate);
    EXPECT_EQ(encode_validity(*validity), *bytes);
}

TEST(TransactionValidity, decodes_every_reason_of_refusal) {
    for (std::uint8_t kind = 0; kind <= 12; ++kind) {
        const bool custom = kind == 7;
        Bytes bytes{1, 0, kind};
        if (custom) {
            bytes.push_back(200);
        }
        const auto validity = decode_validity(bytes);
        ASSERT_TRUE(validity) << int{kind};
        EXPECT_EQ(*validity, invalid(static_cast<InvalidKind>(kind), custom ? 200 : 0));
        EXPECT_EQ(encode_validity(*validity), bytes);
    }
    EXPECT_EQ(*decode_validity(Bytes{1, 1, 0}), unknown(UnknownKind::cannot_lookup));
    EXPECT_EQ(*decode_validity(Bytes{1, 1, 1}), unknown(UnknownKind::no_unsigned_validator));
    EXPECT_EQ(*decode_validity(Bytes{1, 1, 2, 9}), unknown(UnknownKind::custom, 9));
}

TEST(TransactionValidity, refuses_what_is_no_result) {
    using scale::DecodeError;
    EXPECT_EQ(decode_validity({}).error(), DecodeError::end_of_input);
    EXPECT_FALSE(decode_validity(Bytes{2}));
    EXPECT_EQ(decode_validity(Bytes{1, 2, 0}).error(), DecodeError::bad_variant);
    EXPECT_EQ(decode_validity(Bytes{1, 0, 13}).error(), DecodeError::bad_variant);
    EXPECT_EQ(decode_validity(Bytes{1, 1, 3}).error(), DecodeError::bad_variant);
    EXPECT_EQ(decode_validity(Bytes{1, 0, 7}).error(), DecodeError::end_of_input);
    EXPECT_EQ(decode_validity(Bytes{1, 0, 3, 0}).error(), DecodeError::trailing_bytes);
}

TEST(TransactionValidity, takes_no_more_tags_than_its_bound) {
    ValidTransaction valid;
    valid.provides_tags.assign(kTagsMax + 1, Tag{});
    EXPECT_EQ(decode_validity(encode_validity(valid)).error(),
              scale::DecodeError::length_over_limit);
    valid.provides_tags.pop_back();
    EXPECT_TRUE(decode_validity(encode_validity(valid)));
}

TEST(ValidateArguments, have_the_shape_of_the_api_version) {
    const Extrinsic extrinsic{{7, 8}};
    const BlockHash at = BlockHash::copy(Bytes(32, 0xaa));
    EXPECT_EQ(encode_validate_arguments(1, Source::local, extrinsic, at), (Bytes{8, 7, 8}));
    EXPECT_EQ(encode_validate_arguments(2, Source::local, extrinsic, at), (Bytes{1, 8, 7, 8}));
    Bytes third{2, 8, 7, 8};
    append(third, at);
    EXPECT_EQ(encode_validate_arguments(3, Source::external, extrinsic, at), third);
}

TEST(PoolErrors, become_the_error_objects_clients_know) {
    const auto of = [](PoolErrorKind kind) { return rpc_error(PoolError{.kind = kind}); };
    const PoolError stale{.invalid = {InvalidKind::stale, 0}};
    EXPECT_EQ(rpc_error(stale),
              (RpcErrorFacts{1010, "Invalid Transaction", "Transaction is outdated"}));
    const PoolError custom{.invalid = {InvalidKind::custom, 5}};
    EXPECT_EQ(rpc_error(custom).data, "Custom error: 5");
    const PoolError lookup{.kind = PoolErrorKind::unknown,
                           .unknown = {UnknownKind::no_unsigned_validator, 0}};
    EXPECT_EQ(rpc_error(lookup),
              (RpcErrorFacts{1011, "Unknown Transaction Validity", "NoUnsignedValidator"}));
    EXPECT_EQ(of(PoolErrorKind::banned),
              (RpcErrorFacts{1012, "Transaction is temporarily banned", std::nullopt}));
    EXPECT_EQ(of(PoolErrorKind::already_imported).code, 1013);
    const PoolError low{
        .kind = PoolErrorKind::too_low_priority, .old_priority = 9, .new_priority = 4};
    EXPECT_EQ(rpc_error(low).code, 1014);
    EXPECT_EQ(rpc_error(low).message, "Priority is too low: (9 vs 4)");
    EXPECT_EQ(of(PoolErrorKind::cycle).code, 1015);
    EXPECT_EQ(of(PoolErrorKind::immediately_dropped).code, 1016);
    EXPECT_EQ(of(PoolErrorKind::unactionable).code, 1018);
    EXPECT_EQ(of(PoolErrorKind::no_tags).code, 1019);
    const PoolError broken{.kind = PoolErrorKind::environment, .message = "disk"};
    EXPECT_EQ(rpc_error(broken).code, 1002);
    EXPECT_EQ(rpc_error(broken).message, "Verification Error: disk");
    EXPECT_TRUE(is_retriable(PoolErrorKind::immediately_dropped));
    EXPECT_FALSE(is_retriable(PoolErrorKind::cycle));
}

}  // namespace
}  // namespace stipple::chain::pool
