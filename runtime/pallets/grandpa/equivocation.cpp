// Reports of voters that voted twice in one round.
//
// Spec: sect-grandpa.
#include "pallets/grandpa/grandpa.hpp"
#include "pallets/offences/report.hpp"

namespace stipple::runtime {

namespace {
constexpr OffenceKind kGrandpaOffence = name_bytes<16>("grandpa:equivoca");

bool proves(const GrandpaEquivocationProof& proof) {
    const GrandpaVotePair& votes = proof.equivocation.votes();
    const auto signed_by_offender = [&](const GrandpaSignedVote& one) {
        const auto& [target, signature] = one;
        const grandpa::Vote vote{proof.equivocation.kind(),
                                 {BlockHash(target.target_hash.bytes), target.target_number}};
        return host::verify_ed25519(
            signature,
            grandpa::signed_payload(vote, RoundNumber(votes.round), AuthoritySetId(proof.set_id)),
            votes.identity);
    };
    return std::get<0>(votes.first) != std::get<0>(votes.second) &&
           signed_by_offender(votes.first) && signed_by_offender(votes.second);
}

/// A set acts from the session after the last one of the set before to its own last one.
bool set_acts_in(std::uint64_t set, SessionIndex session) {
    const auto last = Grandpa::set_id_session.get(set);
    const auto before = set == 0 ? std::nullopt : Grandpa::set_id_session.get(set - 1);
    return last && session <= *last && (set == 0 || (before && session > *before));
}

Outcome<Offences::Offence> offence_of(const GrandpaEquivocationProof& proof,
                                      const MembershipProof& owner) {
    if (!set_acts_in(proof.set_id, owner.session) || !proves(proof)) {
        return Grandpa::fail(Grandpa::kInvalidEquivocationProof);
    }
    const GrandpaVotePair& votes = proof.equivocation.votes();
    const auto offender = Historical::check(kGrandpaKey, votes.identity.view(), owner);
    if (!offender) {
        return Grandpa::fail(Grandpa::kInvalidKeyOwnershipProof);
    }
    return Offences::Offence{kGrandpaOffence, scale::encode(std::tuple(proof.set_id, votes.round)),
                             *offender, owner.session, owner.validator_count};
}
}  // namespace

PostDispatchResult Grandpa::report_equivocation(const Origin& origin,
                                                const GrandpaEquivocationProof& proof,
                                                const MembershipProof& owner) {
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    return file_report(offence_of(proof, owner), who, error(kDuplicateOffenceReport));
}

PostDispatchResult Grandpa::report_equivocation_unsigned(const Origin& origin,
                                                         const GrandpaEquivocationProof& proof,
                                                         const MembershipProof& owner) {
    TRY(ensure_none(origin));
    return file_report(offence_of(proof, owner), {}, error(kDuplicateOffenceReport));
}

TransactionValidity Grandpa::validate_unsigned(TransactionSource source, const RuntimeCall& call) {
    constexpr std::uint8_t kReportUnsigned = 1;
    const auto report = decode_report<GrandpaEquivocationProof>(call);
    if (call.call() != kReportUnsigned || !report) {
        return invalid<Reason::call>();
    }
    return validate_report(source, "GrandpaEquivocation",
                           offence_of(std::get<0>(*report), std::get<1>(*report)));
}

}  // namespace stipple::runtime
