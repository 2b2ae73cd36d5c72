#include "consensus/grandpa/justification.hpp"

#include "base/result.hpp"

#include <map>
#include <set>

namespace stipple::grandpa {
namespace {

BlockRef lowest_target(const Commit& commit) {
    const auto lowest = std::min_element(commit.precommits.begin(), commit.precommits.end(),
                                         [](const SignedTarget& a, const SignedTarget& b) {
                                             return a.target.number < b.target.number;
                                         });
    return lowest->target;
}

// The headers some vote's path to the base goes over, the base excluded.
std::set<BlockHash> headers_used(const Commit& commit, const BlockTree& tree) {
    const BlockHash base = lowest_target(commit).hash;
    std::set<BlockHash> used;
    for (const SignedTarget& precommit : commit.precommits) {
        std::optional<BlockRef> at = precommit.target;
        while (at && at->hash != base && used.insert(at->hash).second) {
            at = tree.parent(at->hash);
        }
    }
    return used;
}

}  // namespace

const char* describe(JustificationError error) {
    switch (error) {
        case JustificationError::undecodable:
            return "not a justification";
        case JustificationError::wrong_target:
            return "for another block";
        case JustificationError::no_precommits:
            return "without precommits";
        case JustificationError::unknown_voter:
            return "a voter outside the authority set";
        case JustificationError::surplus_vote:
            return "more than two votes of one voter";
        case JustificationError::unconnected_vote:
            return "a vote that does not descend from the lowest one";
        case JustificationError::not_supermajority:
            return "no supermajority for the target";
        case JustificationError::bad_signature:
            return "a signature does not hold";
        case JustificationError::spare_ancestries:
            return "headers that no vote needs";
        case JustificationError::unreadable_ancestry:
            return "a header of the path is not known";
    }
    return "unknown";
}

std::expected<void, JustificationError> check_commit(const Commit& commit, const VoterSet& voters,
                                                     const BlockTree& tree) {
    if (commit.precommits.empty()) {
        return std::unexpected(JustificationError::no_precommits);
    }
    // The round does not own the voters; it ends with this function.
    const std::shared_ptr<const VoterSet> borrowed(std::shared_ptr<const VoterSet>(), &voters);
    Round round(RoundNumber(0), borrowed, lowest_target(commit));
    for (const SignedTarget& precommit : commit.precommits) {
        switch (round.import(Phase::precommit, precommit, tree)) {
            case VoteOutcome::unknown_voter:
                return std::unexpected(JustificationError::unknown_voter);
            case VoteOutcome::surplus:
                return std::unexpected(JustificationError::surplus_vote);
            case VoteOutcome::outside:
                return std::unexpected(JustificationError::unconnected_vote);
            case VoteOutcome::equivocation:
                if (!tree.is_equal_or_descendant(round.base(), precommit.target.hash)) {
                    return std::unexpected(JustificationError::unconnected_vote);
                }
                break;
            case VoteOutcome::counted:
            case VoteOutcome::duplicate:
                break;
        }
    }
    if (round.precommit_ghost() != commit.target) {
        return std::unexpected(JustificationError::not_supermajority);
    }
    return {};
}

void SignatureBatch::add(const GrandpaJustification& justification, AuthoritySetId set) {
    std::map<BlockRef, const Bytes*> payload_of;  // nearly all votes are for one block
    for (const SignedTarget& precommit : justification.commit.precommits) {
        const Bytes*& payload = payload_of[precommit.target];
        if (payload == nullptr) {
            payload = &payloads_.emplace_back(
                signed_payload({VoteKind::precommit, precommit.target}, justification.round, set));
        }
        claims_.push_back({precommit.signature, precommit.id, *payload});
    }
}

bool SignatureBatch::hold() const {
    return crypto::ed25519_verify_batch(claims_);
}

void SignatureBatch::clear() {
    claims_.clear();
    payloads_.clear();
}

std::expected<void, JustificationError> verify_unsigned(const GrandpaJustification& justification,
                                                        const VoterSet& voters,
                                                        const std::optional<BlockRef>& target) {
    const Commit& commit = justification.commit;
    if (target && commit.target != *target) {
        return std::unexpected(JustificationError::wrong_target);
    }
    BlockTree tree;
    std::set<BlockHash> given;
    for (const Header& header : justification.votes_ancestries) {
        const BlockHash hash = header.hash();
        given.insert(hash);
        tree.insert({hash, header.number}, header.parent_hash);
    }
    TRY(check_commit(commit, voters, tree));
    if (headers_used(commit, tree) != given) {
        return std::unexpected(JustificationError::spare_ancestries);
    }
    return {};
}

std::expected<void, JustificationError> verify_justification(
    const GrandpaJustification& justification, AuthoritySetId set, const VoterSet& voters,
    const std::optional<BlockRef>& target) {
    TRY(verify_unsigned(justification, voters, target));
    SignatureBatch signatures;
    signatures.add(justification, set);
    if (!signatures.hold()) {
        return std::unexpected(JustificationError::bad_signature);
    }
    return {};
}

std::expected<GrandpaJustification, JustificationError> check_justification(
    ByteView encoded, AuthoritySetId set, const VoterSet& voters,
    const std::optional<BlockRef>& target) {
    auto justification = decode_justification(encoded);
    if (!justification) {
        return std::unexpected(JustificationError::undecodable);
    }
    TRY(verify_justification(*justification, set, voters, target));
    return *std::move(justification);
}

std::expected<GrandpaJustification, JustificationError> build_justification(
    RoundNumber round, const Commit& commit,
    const std::function<std::optional<Header>(const BlockHash&)>& find_header) {
    if (commit.precommits.empty()) {
        return std::unexpected(JustificationError::no_precommits);
    }
    GrandpaJustification built{round, commit, {}};
    const BlockRef base = lowest_target(commit);
    std::set<BlockHash> taken;
    for (const SignedTarget& precommit : commit.precommits) {
        BlockHash at = precommit.target.hash;
        while (at != base.hash && !taken.contains(at)) {
            auto header = find_header(at);
            if (!header || header->number <= base.number) {
                return std::unexpected(JustificationError::unreadable_ancestry);
            }
            taken.insert(at);
            at = header->parent_hash;
            built.votes_ancestries.push_back(*std::move(header));
        }
    }
    return built;
}

}  // namespace stipple::grandpa
