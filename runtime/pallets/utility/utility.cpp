#include "pallets/utility/utility.hpp"

namespace stipple::runtime {

namespace {
constexpr Weight kItemCost = work(3, 0, 0);
constexpr Weight kBatchCost = work(7, 0, 0);

/// What a dispatched call really weighed.
Weight weight_of(const RuntimeCall& call, const PostDispatchResult& result) {
    const PostDispatchInfo& post = result ? *result : result.error().post;
    const Weight declared = call.info().weight;
    return post.actual_weight.value_or(declared).min(declared);
}

DispatchResult check_caller(const Origin& origin, const Utility::Calls& batched) {
    if (origin.is_none()) {
        return fail(DispatchError::bad_origin());
    }
    return batched.size() <= Utility::kBatchedCallsMax ? DispatchResult()
                                                       : Utility::fail(Utility::kTooManyCalls);
}
}  // namespace

DispatchInfo Utility::batch_cost(const Calls& batched) {
    DispatchInfo sum{kBatchCost, DispatchClass::operational, Pays::yes};
    for (const RuntimeCall& call : batched) {
        const DispatchInfo one = call.info();
        sum.weight += one.weight + kItemCost;
        if (one.kind == DispatchClass::normal) {
            sum.kind = DispatchClass::normal;
        }
    }
    sum.kind = batched.empty() ? DispatchClass::normal : sum.kind;
    return sum;
}

PostDispatchResult Utility::batch(const Origin& origin, const Calls& batched) {
    TRY(check_caller(origin, batched));
    Weight used = kBatchCost;
    for (std::uint32_t i = 0; i < batched.size(); ++i) {
        const auto result = batched[i].dispatch(origin);
        used += weight_of(batched[i], result) + kItemCost;
        if (!result) {
            deposit(kBatchInterrupted, i, result.error().error);
            return PostDispatchInfo{used, Pays::yes};
        }
        deposit(kItemCompleted);
    }
    deposit(kBatchCompleted);
    return PostDispatchInfo{used, Pays::yes};
}

PostDispatchResult Utility::batch_all(const Origin& origin, const Calls& batched) {
    TRY(check_caller(origin, batched));
    Weight used = kBatchCost;
    for (const RuntimeCall& call : batched) {
        const auto result = call.dispatch(origin);
        used += weight_of(call, result) + kItemCost;
        if (!result) {
            return std::unexpected(
                DispatchErrorWithPostInfo(PostDispatchInfo{used, Pays::yes}, result.error().error));
        }
        deposit(kItemCompleted);
    }
    deposit(kBatchCompleted);
    return PostDispatchInfo{used, Pays::yes};
}

PostDispatchResult Utility::force_batch(const Origin& origin, const Calls& batched) {
    TRY(check_caller(origin, batched));
    Weight used = kBatchCost;
    bool all_good = true;
    for (const RuntimeCall& call : batched) {
        const auto result = call.dispatch(origin);
        used += weight_of(call, result) + kItemCost;
        if (result) {
            deposit(kItemCompleted);
        } else {
            all_good = false;
            deposit(kItemFailed, result.error().error);
        }
    }
    deposit(all_good ? kBatchCompleted : kBatchCompletedWithErrors);
    return PostDispatchInfo{used, Pays::yes};
}

AccountId Utility::derivative_account(const AccountId& who, std::uint16_t index) {
    Bytes material = to_bytes("modlpy/utilisuba");
    append(material, who);
    scale::encode_to(material, index);
    return AccountId::copy(host::blake2_256(material));
}

PostDispatchResult Utility::as_derivative(const Origin& origin, std::uint16_t index,
                                          const RuntimeCall& call) {
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    auto result =
        call.dispatch(Origin::signed_by(derivative_account(who, index)).limited_by(origin.limit));
    PostDispatchInfo& post = result ? *result : result.error().post;
    if (post.actual_weight) {
        *post.actual_weight += kDerivationCost;
    }
    return result;
}

DispatchResult Utility::dispatch_as(const Origin& origin, const Origin& as_origin,
                                    const RuntimeCall& call) {
    TRY(ensure_root(origin));
    deposit(kDispatchedAs, {without_post_info(call.dispatch(as_origin))});
    return {};
}

PostDispatchResult Utility::with_weight(const Origin& origin, const RuntimeCall& call, Weight) {
    TRY(ensure_root(origin));
    return call.dispatch(Origin::root());
}

}  // namespace stipple::runtime
