// Reports of authors that sealed two headers for one slot.
//
// Spec: sect-babe-equivocation.
#include "pallets/babe/babe.hpp"
#include "pallets/offences/report.hpp"

namespace stipple::runtime {

namespace {
constexpr OffenceKind kBabeOffence = name_bytes<16>("babe:equivocatio");

/// The header is one that the offender sealed for the slot.
std::optional<AuthorityIndex> author_of(const Header& header, const BabeEquivocationProof& proof) {
    const auto digest = babe::find_pre_digest(header);
    const auto seal = babe::find_seal(header);
    if (!digest || !seal || babe::slot_of(*digest) != proof.slot) {
        return std::nullopt;
    }
    const Hash sealed = host::blake2_256(scale::encode(header.without_seal()));
    return host::verify_sr25519(*seal, sealed.view(), proof.offender)
               ? std::optional(babe::authority_index_of(*digest))
               : std::nullopt;
}

bool proves(const BabeEquivocationProof& proof) {
    const auto first = author_of(proof.first, proof);
    return first && proof.first != proof.second && first == author_of(proof.second, proof);
}

Outcome<Offences::Offence> offence_of(const BabeEquivocationProof& proof,
                                      const MembershipProof& owner) {
    if (!proves(proof)) {
        return Babe::fail(Babe::kInvalidEquivocationProof);
    }
    const std::uint64_t since = saturating_sub(proof.slot.value, Babe::genesis_slot.get().value);
    const auto offender = Historical::check(kBabeKey, proof.offender.view(), owner);
    if (!offender || owner.session != Babe::session_of_epoch(since / config::kEpochSlots)) {
        return Babe::fail(Babe::kInvalidKeyOwnershipProof);
    }
    return Offences::Offence{kBabeOffence, scale::encode(proof.slot), *offender, owner.session,
                             owner.validator_count};
}
}  // namespace

PostDispatchResult Babe::report_equivocation(const Origin& origin,
                                             const BabeEquivocationProof& proof,
                                             const MembershipProof& owner) {
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    return file_report(offence_of(proof, owner), who, error(kDuplicateOffenceReport));
}

PostDispatchResult Babe::report_equivocation_unsigned(const Origin& origin,
                                                      const BabeEquivocationProof& proof,
                                                      const MembershipProof& owner) {
    TRY(ensure_none(origin));
    return file_report(offence_of(proof, owner), {}, error(kDuplicateOffenceReport));
}

TransactionValidity Babe::validate_unsigned(TransactionSource source, const RuntimeCall& call) {
    constexpr std::uint8_t kReportUnsigned = 1;
    const auto report = decode_report<BabeEquivocationProof>(call);
    if (call.call() != kReportUnsigned || !report) {
        return invalid<Reason::call>();
    }
    return validate_report(source, "BabeEquivocation",
                           offence_of(std::get<0>(*report), std::get<1>(*report)));
}

}  // namespace stipple::runtime
