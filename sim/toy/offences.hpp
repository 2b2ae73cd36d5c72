// Validators of the toy chain that sealed or voted twice: proofs that their keys are theirs, the
// transactions that report them, and what the chain keeps of that.
//
// Spec: sect-babe-equivocation, sect-grandpa, sect-grandpa-beefy. A report is the call's byte, the
// proof in the encoding of the entry point that submits it, and the proof of ownership: here the
// index among the chain's validators, whoever served in the session. It proves itself by the
// signatures of the offender, so it needs none of its own; each offence is taken once.
#pragma once

#include "chain/import/chain.hpp"
#include "sim/toy/rules.hpp"

namespace stipple::sim::toy {

enum class OffenceKind : std::uint8_t {
    double_seal = 2,        ///< two headers of a slot
    double_vote = 3,        ///< two votes of a phase of a round
    double_commitment = 4,  ///< two payloads for a block
};

/// Where the chain keeps that it was reported: kind, offender, and when it was.
Bytes double_seal_key(const crypto::Sr25519Public& offender, Slot slot);
Bytes double_vote_key(const grandpa::AuthorityId& offender, AuthoritySetId set, RoundNumber round,
                      grandpa::VoteKind kind);
Bytes double_commitment_key(const crypto::EcdsaPublic& offender, beefy::ValidatorSetId set,
                            BlockNumber block);

/// The offender's place among the validators, encoded; absent for a key of nobody.
std::optional<Bytes> find_owner(const Rules& rules, ByteView key);
/// The key of the offence that the report proves; absent for no report, or one that proves nothing.
std::optional<Bytes> find_offence(const Rules& rules, const Extrinsic& report);
/// True when the state of a block holds that it was reported.
bool has_offence(const chain::Chain& chain, const BlockHash& at, ByteView offence);
/// From the arguments of an entry point that submits a report.
Extrinsic report(OffenceKind kind, ByteView arguments);

}  // namespace stipple::sim::toy
