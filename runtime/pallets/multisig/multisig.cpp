#include "pallets/multisig/multisig.hpp"

#include "pallets/balances/balances.hpp"

#include <algorithm>

namespace stipple::runtime {

namespace {
/// All owners in order, the caller among them.
Outcome<Multisig::Owners> all_owners(const Multisig::Owners& others, const AccountId& caller) {
    if (others.empty()) {
        return Multisig::fail(Multisig::kTooFewSignatories);
    }
    if (others.size() >= config::kMultisigMaxSignatories) {
        return Multisig::fail(Multisig::kTooManySignatories);
    }
    if (std::adjacent_find(others.begin(), others.end(), std::greater_equal()) != others.end()) {
        return Multisig::fail(Multisig::kSignatoriesOutOfOrder);
    }
    Multisig::Owners all = others;
    const auto place = std::lower_bound(all.begin(), all.end(), caller);
    if (place != all.end() && *place == caller) {
        return Multisig::fail(Multisig::kSenderInSignatories);
    }
    all.insert(place, caller);
    return all;
}

DispatchResult check_threshold(std::uint16_t threshold) {
    return threshold >= 2 ? DispatchResult() : Multisig::fail(Multisig::kMinimumThreshold);
}

/// The result of the outer call: `own` and what the inner call really weighed.
PostDispatchInfo with_own_weight(Weight own, const RuntimeCall& call,
                                 const PostDispatchResult& result) {
    const PostDispatchInfo& post = result ? *result : result.error().post;
    return {own + post.actual_weight.value_or(call.info().weight), post.pays_fee};
}

/// One approval; `call` is absent when only its hash is known.
struct Approval {
    AccountId who;
    AccountId multisig;
    std::uint16_t threshold;
    std::optional<Multisig::Timepoint> timepoint;
    Multisig::CallHash call_hash;
    const RuntimeCall* call;
    Weight max_weight;
    Weight own_weight;
};

PostDispatchResult execute(const Approval& given, const Multisig::Operation& operation) {
    if (given.call->info().weight.any_above(given.max_weight)) {
        return Multisig::fail(Multisig::kMaxWeightTooLow);
    }
    // Gone before the call runs, so that the call may open the same operation again.
    Multisig::multisigs.remove(given.multisig, given.call_hash);
    Balances::unreserve(operation.depositor, operation.deposit);
    const auto result = given.call->dispatch(Origin::signed_by(given.multisig));
    Multisig::deposit(Multisig::kMultisigExecuted, given.who, operation.when, given.multisig,
                      given.call_hash, {without_post_info(result)});
    return PostDispatchInfo{with_own_weight(given.own_weight, *given.call, result).actual_weight,
                            Pays::yes};
}

PostDispatchResult open(const Approval& given) {
    if (given.timepoint) {
        return Multisig::fail(Multisig::kUnexpectedTimepoint);
    }
    Multisig::Operation operation{
        Multisig::now(),
        config::kMultisigDepositBase + config::kMultisigDepositFactor * given.threshold,
        given.who,
        {{given.who}}};
    TRY(Balances::reserve(given.who, operation.deposit));
    Multisig::multisigs.insert(given.multisig, given.call_hash, operation);
    Multisig::deposit(Multisig::kNewMultisig, given.who, given.multisig, given.call_hash);
    return PostDispatchInfo{given.own_weight, Pays::yes};
}

PostDispatchResult approve(const Approval& given) {
    auto operation = Multisig::multisigs.get(given.multisig, given.call_hash);
    if (!operation) {
        return open(given);
    }
    if (!given.timepoint) {
        return Multisig::fail(Multisig::kNoTimepoint);
    }
    if (*given.timepoint != operation->when) {
        return Multisig::fail(Multisig::kWrongTimepoint);
    }
    std::vector<AccountId>& approvals = operation->approvals.items;
    const auto place = std::lower_bound(approvals.begin(), approvals.end(), given.who);
    const bool counts =
        approvals.size() < given.threshold && (place == approvals.end() || *place != given.who);
    if (given.call != nullptr && approvals.size() + (counts ? 1 : 0) >= given.threshold) {
        return execute(given, *operation);
    }
    if (!counts) {
        return Multisig::fail(Multisig::kAlreadyApproved);
    }
    approvals.insert(place, given.who);
    Multisig::multisigs.insert(given.multisig, given.call_hash, *operation);
    Multisig::deposit(Multisig::kMultisigApproval, given.who, operation->when, given.multisig,
                      given.call_hash);
    return PostDispatchInfo{given.own_weight, Pays::yes};
}
}  // namespace

AccountId Multisig::account_of(const Owners& owners, std::uint16_t threshold) {
    Bytes material = to_bytes("modlpy/utilisuba");
    scale::encode_to(material, owners);
    scale::encode_to(material, threshold);
    return AccountId::copy(host::blake2_256(material));
}

Multisig::Timepoint Multisig::now() {
    return {System::number.get(), System::extrinsic_index()};
}

PostDispatchResult Multisig::as_multi_threshold_1(const Origin& origin, const Owners& others,
                                                  const RuntimeCall& call) {
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    TRY_ASSIGN(const Owners owners, all_owners(others, who));
    auto result = call.dispatch(Origin::signed_by(account_of(owners, 1)));
    const PostDispatchInfo post = with_own_weight(threshold_1_cost(others.size()), call, result);
    if (!result) {
        return std::unexpected(DispatchErrorWithPostInfo(post, result.error().error));
    }
    return post;
}

PostDispatchResult Multisig::as_multi(const Origin& origin, std::uint16_t threshold,
                                      const Owners& others,
                                      const std::optional<Timepoint>& timepoint,
                                      const RuntimeCall& call, Weight max_weight) {
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    TRY(check_threshold(threshold));
    TRY_ASSIGN(const Owners owners, all_owners(others, who));
    return approve({who, account_of(owners, threshold), threshold, timepoint, call.hash().bytes,
                    &call, max_weight, base_cost(others.size())});
}

PostDispatchResult Multisig::approve_as_multi(const Origin& origin, std::uint16_t threshold,
                                              const Owners& others,
                                              const std::optional<Timepoint>& timepoint,
                                              const CallHash& call_hash, Weight max_weight) {
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    TRY(check_threshold(threshold));
    TRY_ASSIGN(const Owners owners, all_owners(others, who));
    return approve({who, account_of(owners, threshold), threshold, timepoint, call_hash, nullptr,
                    max_weight, base_cost(others.size())});
}

DispatchResult Multisig::cancel_as_multi(const Origin& origin, std::uint16_t threshold,
                                         const Owners& others, const Timepoint& timepoint,
                                         const CallHash& call_hash) {
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    TRY(check_threshold(threshold));
    TRY_ASSIGN(const Owners owners, all_owners(others, who));
    const AccountId multisig = account_of(owners, threshold);
    const auto operation = multisigs.get(multisig, call_hash);
    if (!operation) {
        return fail(kNotFound);
    }
    if (operation->when != timepoint) {
        return fail(kWrongTimepoint);
    }
    if (operation->depositor != who) {
        return fail(kNotOwner);
    }
    Balances::unreserve(operation->depositor, operation->deposit);
    multisigs.remove(multisig, call_hash);
    deposit(kMultisigCancelled, who, timepoint, multisig, call_hash);
    return {};
}

}  // namespace stipple::runtime
