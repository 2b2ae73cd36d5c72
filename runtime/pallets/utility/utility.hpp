// Utility: several calls as one, and calls under derived accounts.
//
// batch stops at the first failure and keeps what went before; batch_all undoes everything; and
// force_batch goes on. The three succeed or fail with the weight that was really used.
#pragma once

#include "kit/pallet.hpp"

namespace stipple::runtime {

struct Utility : Pallet<Utility> {
    static constexpr std::string_view kName = "Utility";
    static constexpr std::uint32_t kBatchedCallsMax = 10'922;

    static constexpr Event<std::uint32_t, DispatchError> kBatchInterrupted{
        0, "BatchInterrupted", {"index", "error"}, "Batch of dispatches did not complete fully."};
    static constexpr Event<> kBatchCompleted{
        1, "BatchCompleted", {}, "Batch of dispatches completed fully with no error."};
    static constexpr Event<> kBatchCompletedWithErrors{
        2, "BatchCompletedWithErrors", {}, "Batch of dispatches completed but has errors."};
    static constexpr Event<> kItemCompleted{
        3, "ItemCompleted", {}, "A single item within a Batch has completed with no error."};
    static constexpr Event<DispatchError> kItemFailed{
        4, "ItemFailed", {"error"}, "A single item within a Batch has completed with error."};
    static constexpr Event<ScaleResult<void, DispatchError>> kDispatchedAs{
        5, "DispatchedAs", {"result"}, "A call was dispatched."};
    static constexpr auto events =
        list(kBatchInterrupted, kBatchCompleted, kBatchCompletedWithErrors, kItemCompleted,
             kItemFailed, kDispatchedAs);

    static constexpr ModuleErrorInfo kTooManyCalls{0, "TooManyCalls", "Too many calls batched."};
    static constexpr auto errors = list(kTooManyCalls);

    using Calls = std::vector<RuntimeCall>;
    static PostDispatchResult batch(const Origin& origin, const Calls& calls);
    static PostDispatchResult as_derivative(const Origin& origin, std::uint16_t index,
                                            const RuntimeCall& call);
    static PostDispatchResult batch_all(const Origin& origin, const Calls& calls);
    static DispatchResult dispatch_as(const Origin& origin, const Origin& as_origin,
                                      const RuntimeCall& call);
    static PostDispatchResult force_batch(const Origin& origin, const Calls& calls);
    static PostDispatchResult with_weight(const Origin& origin, const RuntimeCall& call,
                                          Weight weight);

    static constexpr Weight kDerivationCost = work(5, 1, 0);
    static DispatchInfo batch_cost(const Calls& calls);
    static constexpr auto calls =
        list(call<0>("batch", &batch, {"calls"}, &batch_cost, "Send a batch of dispatch calls."),
             call<1>(
                 "as_derivative", &as_derivative, {"index", "call"},
                 +[](std::uint16_t, const RuntimeCall& call) {
                     const DispatchInfo inner = call.info();
                     return DispatchInfo{inner.weight + kDerivationCost, inner.kind, Pays::yes};
                 },
                 "Send a call through an indexed pseudonym of the sender."),
             call<2>("batch_all", &batch_all, {"calls"}, &batch_cost,
                     "Send a batch of dispatch calls and atomically execute them."),
             call<3>(
                 "dispatch_as", &dispatch_as, {"as_origin", "call"},
                 +[](const Origin&, const RuntimeCall& call) {
                     const DispatchInfo inner = call.info();
                     return DispatchInfo{inner.weight + work(7, 0, 0), inner.kind, Pays::yes};
                 },
                 "Dispatches a function call with a provided origin."),
             call<4>("force_batch", &force_batch, {"calls"}, &batch_cost,
                     "Send a batch of dispatch calls. Unlike `batch`, it allows errors."),
             call<5>(
                 "with_weight", &with_weight, {"call", "weight"},
                 +[](const RuntimeCall& call, const Weight& weight) {
                     return DispatchInfo{weight, call.info().kind, Pays::yes};
                 },
                 "Dispatch a function call with a specified weight."));

    static constexpr auto constants = list(constant(
        "batched_calls_limit", [] { return kBatchedCallsMax; },
        "The limit on the number of batched calls."));

    /// The account that `who` may act for under `index`.
    static AccountId derivative_account(const AccountId& who, std::uint16_t index);
};

}  // namespace stipple::runtime
