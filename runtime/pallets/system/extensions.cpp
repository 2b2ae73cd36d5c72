#include "pallets/system/extensions.hpp"

#include "spec_version.hpp"

namespace stipple::runtime {

TransactionValidity CheckNonZeroSender::validate(const TransactionContext& context) const {
    if (context.who.is_zero()) {
        return invalid<Reason::bad_signer>();
    }
    return ValidTransaction{};
}

std::expected<std::uint32_t, TransactionValidityError> CheckSpecVersion::implicit() const {
    return config::kSpecVersion;
}

std::expected<Hash, TransactionValidityError> CheckMortality::implicit() const {
    const auto birth = static_cast<BlockNumber>(era.birth(System::number.get()));
    if (!System::block_hash.contains(birth)) {
        return invalid<Reason::ancient_birth_block>();
    }
    return System::block_hash.get(birth);
}

TransactionValidity CheckMortality::validate(const TransactionContext&) const {
    const BlockNumber current = System::number.get();
    ValidTransaction valid;
    valid.longevity_blocks = saturating_sub(era.death(current), current);
    return valid;
}

TransactionValidity CheckNonce::validate(const TransactionContext& context) const {
    const AccountInfo account = System::account.get(context.who);
    if (account.providers == 0 && account.sufficients == 0) {
        return invalid<Reason::payment>();  // nobody there who could pay
    }
    if (nonce.value < account.nonce) {
        return invalid<Reason::stale>();
    }
    ValidTransaction valid;
    valid.provides = {scale::encode(std::tuple(context.who, nonce.value))};
    if (account.nonce < nonce.value) {
        valid.requires_tags = {scale::encode(std::tuple(context.who, nonce.value - 1))};
    }
    return valid;
}

std::expected<void, TransactionValidityError> CheckNonce::prepare(
    TransactionContext& context) const {
    AccountInfo account = System::account.get(context.who);
    if (nonce.value != account.nonce) {
        return nonce.value < account.nonce ? std::unexpected(invalid<Reason::stale>().error())
                                           : std::unexpected(invalid<Reason::future>().error());
    }
    account.nonce += 1;
    System::account.insert(context.who, account);
    return {};
}

namespace {
constexpr BlockWeights kWeights = System::block_weights();
constexpr BlockLength kLength = System::block_length();

std::expected<void, TransactionValidityError> check_limits(const DispatchInfo& info,
                                                           std::uint32_t encoded_bytes) {
    const auto& most = kWeights.per_class.of(info.kind).max_extrinsic;
    if (most && info.weight.any_above(*most)) {
        return invalid<Reason::exhausts_resources>();
    }
    if (encoded_bytes > kLength.max.of(info.kind)) {
        return invalid<Reason::exhausts_resources>();
    }
    return {};
}
}  // namespace

TransactionValidity CheckWeight::validate(const TransactionContext& context) const {
    TRY(check_limits(context.info, context.encoded_bytes));
    return ValidTransaction{};
}

std::expected<void, TransactionValidityError> CheckWeight::take_room(const DispatchInfo& info,
                                                                     std::uint32_t encoded_bytes) {
    TRY(check_limits(info, encoded_bytes));
    const auto bytes = checked_add(System::all_extrinsics_len.get().value_or(0), encoded_bytes);
    if (!bytes || *bytes > kLength.max.of(info.kind)) {
        return invalid<Reason::exhausts_resources>();
    }
    const WeightsPerClass& limits = kWeights.per_class.of(info.kind);
    PerClass<Weight> spent = System::block_weight.get();
    spent.of(info.kind) += info.weight + limits.base_extrinsic;
    const Weight of_class = spent.of(info.kind);
    if (limits.max_total && of_class.any_above(*limits.max_total)) {
        return invalid<Reason::exhausts_resources>();
    }
    // A full block still takes what stays within the class's own reserve.
    const Weight all = spent.normal + spent.operational + spent.mandatory;
    if (all.any_above(kWeights.max_block) && limits.reserved &&
        of_class.any_above(*limits.reserved)) {
        return invalid<Reason::exhausts_resources>();
    }
    System::all_extrinsics_len.set(*bytes);
    System::block_weight.set(spent);
    return {};
}

std::expected<void, TransactionValidityError> CheckWeight::prepare(
    TransactionContext& context) const {
    return take_room(context.info, context.encoded_bytes);
}

void CheckWeight::post_dispatch(const TransactionContext& context, Weight actual, Pays) const {
    const Weight unspent = context.info.weight.saturating_sub(actual);
    if (unspent == Weight{}) {
        return;
    }
    System::block_weight.mutate([&](PerClass<Weight>& spent) {
        Weight& of_class = spent.of(context.info.kind);
        of_class = of_class.saturating_sub(unspent);
    });
}

std::expected<CheckMetadataHash::Implicit, TransactionValidityError> CheckMetadataHash::implicit()
    const {
    if (mode == MetadataHashMode::enabled) {
        return unknown_lookup();
    }
    return std::nullopt;
}

}  // namespace stipple::runtime
