// What reports of BABE and GRANDPA equivocations have in common.
#pragma once

#include "pallets/offences/historical.hpp"
#include "pallets/offences/offences.hpp"

namespace stipple::runtime {

/// The arguments of a call that reports an equivocation; absent when they do not decode.
template <class Proof>
std::optional<std::tuple<Proof, MembershipProof>> decode_report(const RuntimeCall& call) {
    auto decoded = scale::decode<std::tuple<Proof, MembershipProof>>(call.arguments());
    return decoded ? std::optional(std::move(*decoded)) : std::nullopt;
}

/// Notes the offence. Who reports something new pays nothing.
inline PostDispatchResult file_report(const Outcome<Offences::Offence>& offence,
                                      const std::optional<AccountId>& reporter,
                                      const DispatchError& duplicate) {
    if (!offence) {
        return std::unexpected(DispatchErrorWithPostInfo(offence.error()));
    }
    if (!Offences::report(*offence, reporter)) {
        return std::unexpected(DispatchErrorWithPostInfo(duplicate));
    }
    return PostDispatchInfo{std::nullopt, Pays::no};
}

/// An unsigned report comes from this node or in a block, never from the network, and only once.
inline TransactionValidity validate_report(TransactionSource source, std::string_view name,
                                           const Outcome<Offences::Offence>& offence) {
    if (source == TransactionSource::external) {
        return invalid<Reason::call>();
    }
    if (!offence) {
        return invalid<Reason::bad_proof>();
    }
    if (Offences::is_known(*offence)) {
        return invalid<Reason::stale>();
    }
    ValidTransaction valid;
    valid.priority = UINT64_MAX;
    valid.provides = {scale::encode(
        std::tuple(std::string(name), offence->offender, offence->session, offence->time))};
    valid.longevity_blocks = config::kReportLongevity;
    valid.propagate = false;
    return valid;
}

}  // namespace stipple::runtime
