// Reports of voters that signed two payloads for a block, another chain, or the future.
//
// Spec: sect-beefy.
#include "pallets/beefy/beefy.hpp"
#include "pallets/mmr/mmr.hpp"
#include "pallets/offences/report.hpp"

#include <algorithm>

namespace stipple::runtime {

namespace {
constexpr OffenceKind kBeefyOffence = name_bytes<16>("beefy:equivocati");
constexpr std::array<std::uint8_t, 2> kMmrRootId{'m', 'h'};
constexpr std::uint8_t kMmrRootLog = 3;

bool is_signed(const BeefyVote& vote) {
    const Hash digest = host::keccak_256(scale::encode(vote.commitment));
    return host::recover_ecdsa(vote.signature, digest) == vote.id;
}

bool proves(const BeefyDoubleVotingProof& proof) {
    const BeefyCommitment& first = proof.first.commitment;
    const BeefyCommitment& second = proof.second.commitment;
    return proof.first.id == proof.second.id && first.block_number == second.block_number &&
           first.validator_set_id == second.validator_set_id && first.payload != second.payload &&
           is_signed(proof.first) && is_signed(proof.second);
}

/// Of a header of this chain, while its hash is known.
std::optional<Hash> mmr_root_in(const Header& header) {
    if (System::block_hash.get(header.number) != host::blake2_256(scale::encode(header))) {
        return std::nullopt;
    }
    for (const DigestItem& item : header.digest) {
        const auto* log = std::get_if<ConsensusDigest>(&item);
        if (log != nullptr && log->engine == kBeefyEngine && log->data.size() == 1 + Hash::kSize &&
            log->data[0] == kMmrRootLog) {
            return Hash::copy(ByteView(log->data).subspan(1));
        }
    }
    return std::nullopt;
}

bool proves(const BeefyForkVotingProof& proof) {
    const BeefyCommitment& commitment = proof.offending.commitment;
    const auto root = mmr_root_in(proof.header);
    const auto leaves = Mmr::leaf_count_at(commitment.block_number);
    if (!root || !leaves || *leaves != proof.ancestry_proof.prev_leaf_count) {
        return false;
    }
    const auto root_then = Mmr::verify_ancestry(*root, proof.ancestry_proof);
    if (!root_then) {
        return false;
    }
    const Bytes honest = to_bytes(root_then->view());
    bool any = false;
    bool all_honest = true;
    for (const auto& [id, value] : commitment.payload.items) {
        any = any || id == kMmrRootId;
        all_honest = all_honest && (id != kMmrRootId || value == honest);
    }
    return !(any && all_honest) && is_signed(proof.offending);
}

bool proves(const BeefyFutureVotingProof& proof) {
    return proof.offending.commitment.block_number > System::number.get() &&
           is_signed(proof.offending);
}

Outcome<Offences::Offence> offence_of(const auto& proof, const MembershipProof& owner,
                                      const ModuleErrorInfo& refusal) {
    const BeefyVote& vote = proof.vote();
    const std::uint64_t set = vote.commitment.validator_set_id;
    if (Beefy::set_id_session.get(set) != owner.session) {
        return Beefy::fail(Beefy::kInvalidEquivocationProofSession);
    }
    const auto offender = Historical::check(kBeefyKey, vote.id.view(), owner);
    if (!offender) {
        return Beefy::fail(Beefy::kInvalidKeyOwnershipProof);
    }
    if (!proves(proof)) {
        return Beefy::fail(refusal);
    }
    return Offences::Offence{kBeefyOffence,
                             scale::encode(std::tuple(set, vote.commitment.block_number)),
                             *offender, owner.session, owner.validator_count};
}
Outcome<Offences::Offence> offence_of(const BeefyDoubleVotingProof& proof,
                                      const MembershipProof& owner) {
    return offence_of(proof, owner, Beefy::kInvalidDoubleVotingProof);
}
Outcome<Offences::Offence> offence_of(const BeefyForkVotingProof& proof,
                                      const MembershipProof& owner) {
    return offence_of(proof, owner, Beefy::kInvalidForkVotingProof);
}
Outcome<Offences::Offence> offence_of(const BeefyFutureVotingProof& proof,
                                      const MembershipProof& owner) {
    return offence_of(proof, owner, Beefy::kInvalidFutureBlockVotingProof);
}

PostDispatchResult report_signed(const Origin& origin, const auto& proof,
                                 const MembershipProof& owner) {
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    return file_report(offence_of(proof, owner), who, Beefy::error(Beefy::kDuplicateOffenceReport));
}
PostDispatchResult report_unsigned(const Origin& origin, const auto& proof,
                                   const MembershipProof& owner) {
    TRY(ensure_none(origin));
    return file_report(offence_of(proof, owner), {}, Beefy::error(Beefy::kDuplicateOffenceReport));
}

template <class Proof>
TransactionValidity validate(TransactionSource source, const RuntimeCall& call) {
    const auto report = decode_report<Proof>(call);
    if (!report) {
        return invalid<Reason::call>();
    }
    return validate_report(source, "BeefyEquivocation",
                           offence_of(std::get<0>(*report), std::get<1>(*report)));
}
}  // namespace

PostDispatchResult Beefy::report_double_voting(const Origin& origin,
                                               const BeefyDoubleVotingProof& proof,
                                               const MembershipProof& owner) {
    return report_signed(origin, proof, owner);
}
PostDispatchResult Beefy::report_double_voting_unsigned(const Origin& origin,
                                                        const BeefyDoubleVotingProof& proof,
                                                        const MembershipProof& owner) {
    return report_unsigned(origin, proof, owner);
}
PostDispatchResult Beefy::report_fork_voting(const Origin& origin,
                                             const BeefyForkVotingProof& proof,
                                             const MembershipProof& owner) {
    return report_signed(origin, proof, owner);
}
PostDispatchResult Beefy::report_fork_voting_unsigned(const Origin& origin,
                                                      const BeefyForkVotingProof& proof,
                                                      const MembershipProof& owner) {
    return report_unsigned(origin, proof, owner);
}
PostDispatchResult Beefy::report_future_block_voting(const Origin& origin,
                                                     const BeefyFutureVotingProof& proof,
                                                     const MembershipProof& owner) {
    return report_signed(origin, proof, owner);
}
PostDispatchResult Beefy::report_future_block_voting_unsigned(const Origin& origin,
                                                              const BeefyFutureVotingProof& proof,
                                                              const MembershipProof& owner) {
    return report_unsigned(origin, proof, owner);
}

TransactionValidity Beefy::validate_unsigned(TransactionSource source, const RuntimeCall& call) {
    switch (call.call()) {
        case kReportDoubleVotingUnsigned:
            return validate<BeefyDoubleVotingProof>(source, call);
        case kReportForkVotingUnsigned:
            return validate<BeefyForkVotingProof>(source, call);
        case kReportFutureBlockVotingUnsigned:
            return validate<BeefyFutureVotingProof>(source, call);
        default:
            return invalid<Reason::call>();
    }
}

}  // namespace stipple::runtime
