#include "sim/toy/offences.hpp"

#include "consensus/babe/equivocation.hpp"
#include "consensus/beefy/justification.hpp"

namespace stipple::sim::toy {
namespace {

constexpr std::string_view kOffencePrefix = "toy:o";

template <class... Parts>
Bytes offence_key(OffenceKind kind, ByteView offender, const Parts&... parts) {
    Bytes key = to_bytes(kOffencePrefix);
    key.push_back(static_cast<std::uint8_t>(kind));
    append(key, offender);
    (append_le(key, std::uint64_t{parts}), ...);
    return key;
}

/// Two votes as GrandpaApi_submit_report_equivocation_unsigned_extrinsic takes them.
struct VotePair {
    AuthoritySetId set;
    std::uint8_t phase = 0;
    RoundNumber round;
    grandpa::AuthorityId id;
    BlockRef first;
    crypto::Ed25519Signature first_signature;
    BlockRef second;
    crypto::Ed25519Signature second_signature;
    static auto fields(auto& self) {
        return std::tie(self.set, self.phase, self.round, self.id, self.first, self.first_signature,
                        self.second, self.second_signature);
    }
};

bool is_sealed_by(const Header& header, Slot slot, const crypto::Sr25519Public& key) {
    const auto seal = babe::find_seal(header);
    const auto digest = babe::find_pre_digest(header);
    return seal && digest && babe::slot_of(*digest) == slot &&
           crypto::sr25519_verify(*seal, header.without_seal().hash(), key);
}

std::optional<Bytes> check(const babe::EquivocationProof& proof) {
    if (proof.first.hash() == proof.second.hash() ||
        !is_sealed_by(proof.first, proof.slot, proof.offender) ||
        !is_sealed_by(proof.second, proof.slot, proof.offender)) {
        return std::nullopt;
    }
    return double_seal_key(proof.offender, proof.slot);
}

std::optional<Bytes> check(const VotePair& pair) {
    if (pair.phase > 1 || pair.first == pair.second) {
        return std::nullopt;
    }
    const auto kind = static_cast<grandpa::VoteKind>(pair.phase);
    const auto holds = [&](const BlockRef& target, const crypto::Ed25519Signature& signature) {
        return crypto::ed25519_verify(
            signature, grandpa::signed_payload({kind, target}, pair.round, pair.set), pair.id);
    };
    if (!holds(pair.first, pair.first_signature) || !holds(pair.second, pair.second_signature)) {
        return std::nullopt;
    }
    return double_vote_key(pair.id, pair.set, pair.round, kind);
}

std::optional<Bytes> check(const beefy::DoubleVotingProof& proof) {
    if (!beefy::check_double_voting(proof)) {
        return std::nullopt;
    }
    const beefy::Commitment& voted = proof.first.commitment;
    return double_commitment_key(proof.first.id, voted.set, voted.block);
}

ByteView offender_of(const babe::EquivocationProof& proof) {
    return proof.offender;
}
ByteView offender_of(const VotePair& pair) {
    return pair.id;
}
ByteView offender_of(const beefy::DoubleVotingProof& proof) {
    return proof.first.id;
}

template <class Proof>
std::optional<Bytes> find_in(const Rules& rules, ByteView arguments) {
    scale::Decoder in(arguments);
    Proof proof;
    Bytes owner;
    scale::decode_from(in, proof);
    scale::decode_from(in, owner);
    if (!in.ok() || find_owner(rules, offender_of(proof)) != owner) {
        return std::nullopt;
    }
    return check(proof);
}

}  // namespace

Bytes double_seal_key(const crypto::Sr25519Public& offender, Slot slot) {
    return offence_key(OffenceKind::double_seal, offender, slot.value);
}

Bytes double_vote_key(const grandpa::AuthorityId& offender, AuthoritySetId set, RoundNumber round,
                      grandpa::VoteKind kind) {
    return offence_key(OffenceKind::double_vote, offender, set.value, round.value,
                       static_cast<std::uint64_t>(kind));
}

Bytes double_commitment_key(const crypto::EcdsaPublic& offender, beefy::ValidatorSetId set,
                            BlockNumber block) {
    return offence_key(OffenceKind::double_commitment, offender, set.value, block);
}

std::optional<Bytes> find_owner(const Rules& rules, ByteView key) {
    for (std::size_t i = 0; i < rules.validators.size(); ++i) {
        const Validator& each = rules.validators[i];
        if (equal(key, each.babe) || equal(key, each.grandpa) || equal(key, each.beefy)) {
            return scale::encode(static_cast<std::uint32_t>(i));
        }
    }
    return std::nullopt;
}

std::optional<Bytes> find_offence(const Rules& rules, const Extrinsic& report) {
    if (report.data.empty()) {
        return std::nullopt;
    }
    const ByteView arguments = ByteView(report.data).subspan(1);
    switch (static_cast<OffenceKind>(report.data[0])) {
        case OffenceKind::double_seal:
            return find_in<babe::EquivocationProof>(rules, arguments);
        case OffenceKind::double_vote:
            return find_in<VotePair>(rules, arguments);
        case OffenceKind::double_commitment:
            return find_in<beefy::DoubleVotingProof>(rules, arguments);
    }
    return std::nullopt;
}

Extrinsic report(OffenceKind kind, ByteView arguments) {
    Extrinsic extrinsic{{static_cast<std::uint8_t>(kind)}};
    append(extrinsic.data, arguments);
    return extrinsic;
}

bool has_offence(const chain::Chain& chain, const BlockHash& at, ByteView offence) {
    const auto state = chain.state(at);
    const auto value = state ? (*state)->get(offence) : Result<std::optional<Bytes>>(std::nullopt);
    return value && value->has_value();
}

}  // namespace stipple::sim::toy
