// Justifications: proofs of finality that need only the authorities of their set.
//
// Spec: defn-grandpa-justification, sect-grandpa-catchup. All precommits descend from the lowest
// target (the base) over the headers brought along, their GHOST is the target with a supermajority,
// every signature holds, no header is spare. Each voter votes once, or twice (an equivocation,
// which counts for every block); exact repetitions change nothing. Pure: fit for a worker.
#pragma once

#include "consensus/grandpa/round.hpp"

#include <deque>

namespace stipple::grandpa {

enum class JustificationError : std::uint8_t {
    undecodable,         ///< not the encoding of a justification, or bytes follow
    wrong_target,        ///< for another block than expected
    no_precommits,       ///< an empty commit
    unknown_voter,       ///< a precommit of an id outside the set
    surplus_vote,        ///< a third different vote of one voter
    unconnected_vote,    ///< a target that does not reach the base over the headers given
    not_supermajority,   ///< the precommits' GHOST is not the target
    bad_signature,       ///< a signature does not hold in this set and round
    spare_ancestries,    ///< headers that no vote needs
    unreadable_ancestry  ///< a header of a vote's path is not known (building only)
};
const char* describe(JustificationError error);

/// Signatures of several justifications, verified as one: over sets with the same voters that is
/// nearly half of the work, since each key is taken once. The verdict is that of one by one.
class SignatureBatch {
 public:
    void add(const GrandpaJustification& justification, AuthoritySetId set);
    bool hold() const;
    std::size_t size() const { return claims_.size(); }
    void clear();

 private:
    std::deque<Bytes> payloads_;  ///< what the claims point to: it does not move
    std::vector<crypto::Ed25519Claim> claims_;
};

/// All but the signatures. `target` absent: any.
std::expected<void, JustificationError> verify_unsigned(
    const GrandpaJustification& justification, const VoterSet& voters,
    const std::optional<BlockRef>& target = std::nullopt);

/// `target` absent: any.
std::expected<void, JustificationError> verify_justification(
    const GrandpaJustification& justification, AuthoritySetId set, const VoterSet& voters,
    const std::optional<BlockRef>& target = std::nullopt);

/// Decodes and verifies.
std::expected<GrandpaJustification, JustificationError> check_justification(
    ByteView encoded, AuthoritySetId set, const VoterSet& voters,
    const std::optional<BlockRef>& target = std::nullopt);

/// Without signatures: is this commit a supermajority for its target, by the ancestry in `tree`?
std::expected<void, JustificationError> check_commit(const Commit& commit, const VoterSet& voters,
                                                     const BlockTree& tree);

/// A commit with the headers it needs; `find_header` answers from the chain.
std::expected<GrandpaJustification, JustificationError> build_justification(
    RoundNumber round, const Commit& commit,
    const std::function<std::optional<Header>(const BlockHash&)>& find_header);

}  // namespace stipple::grandpa
