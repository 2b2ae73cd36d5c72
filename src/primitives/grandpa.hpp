// What GRANDPA puts on the wire, into headers and beside blocks: authority changes, votes, commits,
// justifications, catch-up and neighbour messages.
//
// Spec: sect-grandpa, defn-grandpa-justification, sect-msg-grandpa, defn-consensus-message-grandpa.
// protocols.md errata: the neighbour message carries the set id and the enum index 1 for version
// 1. Gossip messages are bounded by kGossipBytesMax, justifications by the block that brings them.
#pragma once

#include "crypto/ed25519.hpp"
#include "primitives/header.hpp"

#include <expected>

namespace stipple::grandpa {

/// The largest notification the network carries on `grandpa/1`.
inline constexpr std::size_t kGossipBytesMax = 1024 * 1024;

using AuthorityId = crypto::Ed25519Public;
struct Authority {
    AuthorityId id;
    std::uint64_t weight = 0;
    friend bool operator==(const Authority&, const Authority&) = default;
    static auto fields(auto& self) { return std::tie(self.id, self.weight); }
};
using AuthorityList = std::vector<Authority>;

// ---- consensus logs (header digest, engine FRNK) ----

/// New authorities once block (signal + delay) is finalised.
struct ScheduledChange {
    AuthorityList next_authorities;
    BlockNumber delay = 0;
    friend bool operator==(const ScheduledChange&, const ScheduledChange&) = default;
    static auto fields(auto& self) { return std::tie(self.next_authorities, self.delay); }
};
/// New authorities once block (signal + delay) is imported; voting starts over from the median.
struct ForcedChange {
    BlockNumber median_last_finalized = 0;
    ScheduledChange change;
    friend bool operator==(const ForcedChange&, const ForcedChange&) = default;
    static auto fields(auto& self) { return std::tie(self.median_last_finalized, self.change); }
};
struct OnDisabled {
    std::uint64_t authority_index = 0;
    friend bool operator==(const OnDisabled&, const OnDisabled&) = default;
    static auto fields(auto& self) { return std::tie(self.authority_index); }
};
struct Pause {
    BlockNumber delay = 0;
    friend bool operator==(const Pause&, const Pause&) = default;
    static auto fields(auto& self) { return std::tie(self.delay); }
};
struct Resume {
    BlockNumber delay = 0;
    friend bool operator==(const Resume&, const Resume&) = default;
    static auto fields(auto& self) { return std::tie(self.delay); }
};
using ConsensusLog = std::variant<ScheduledChange, ForcedChange, OnDisabled, Pause, Resume>;
void encode_to(Bytes& out, const ConsensusLog& log);
void decode_from(scale::Decoder& in, ConsensusLog& log);

/// The change a header signals: the first forced one, else the first scheduled one. Unreadable
/// items are passed over, as in the field.
std::optional<std::variant<ScheduledChange, ForcedChange>> find_change(const Header& header);

// ---- votes ----

enum class VoteKind : std::uint8_t { prevote = 0, precommit = 1, primary_proposal = 2 };

struct Vote {
    VoteKind kind = VoteKind::prevote;
    BlockRef target;
    friend bool operator==(const Vote&, const Vote&) = default;
};
void encode_to(Bytes& out, const Vote& vote);
void decode_from(scale::Decoder& in, Vote& vote);

/// The bytes a voter signs: the vote, the round, the set id; always kPayloadBytes long.
inline constexpr std::size_t kPayloadBytes = 1 + 32 + 4 + 8 + 8;
Bytes signed_payload(const Vote& vote, RoundNumber round, AuthoritySetId set);

struct SignedVote {
    Vote vote;
    crypto::Ed25519Signature signature;
    AuthorityId id;
    friend bool operator==(const SignedVote&, const SignedVote&) = default;
    static auto fields(auto& self) { return std::tie(self.vote, self.signature, self.id); }
};
/// A vote whose kind is known from where it stands.
struct SignedTarget {
    BlockRef target;
    crypto::Ed25519Signature signature;
    AuthorityId id;
    friend bool operator==(const SignedTarget&, const SignedTarget&) = default;
    static auto fields(auto& self) { return std::tie(self.target, self.signature, self.id); }
};

/// A supermajority of precommits that finalises its target.
struct Commit {
    BlockRef target;
    std::vector<SignedTarget> precommits;
    friend bool operator==(const Commit&, const Commit&) = default;
    static auto fields(auto& self) { return std::tie(self.target, self.precommits); }
};

/// A commit that needs nothing but the authorities to be checked: `votes_ancestries` are the
/// headers between the lowest precommit target (excluded) and each other target (included).
struct GrandpaJustification {
    RoundNumber round;
    Commit commit;
    std::vector<Header> votes_ancestries;
    friend bool operator==(const GrandpaJustification&, const GrandpaJustification&) = default;
    static auto fields(auto& self) {
        return std::tie(self.round, self.commit, self.votes_ancestries);
    }
};

// ---- gossip ----

struct VoteMessage {
    RoundNumber round;
    AuthoritySetId set;
    SignedVote vote;
    friend bool operator==(const VoteMessage&, const VoteMessage&) = default;
    static auto fields(auto& self) { return std::tie(self.round, self.set, self.vote); }
};
/// On the wire the signatures stand apart from the votes; both lists have one length, otherwise
/// decoding fails with `invalid_value`.
struct CommitMessage {
    RoundNumber round;
    AuthoritySetId set;
    Commit commit;
    friend bool operator==(const CommitMessage&, const CommitMessage&) = default;
};
void encode_to(Bytes& out, const CommitMessage& message);
void decode_from(scale::Decoder& in, CommitMessage& message);
struct NeighborMessage {
    RoundNumber round;
    AuthoritySetId set;
    BlockNumber commit_finalized_height = 0;
    friend bool operator==(const NeighborMessage&, const NeighborMessage&) = default;
};
void encode_to(Bytes& out, const NeighborMessage& message);
void decode_from(scale::Decoder& in, NeighborMessage& message);
struct CatchUpRequest {
    RoundNumber round;
    AuthoritySetId set;
    friend bool operator==(const CatchUpRequest&, const CatchUpRequest&) = default;
    static auto fields(auto& self) { return std::tie(self.round, self.set); }
};
/// The votes that completed a round.
struct CatchUp {
    AuthoritySetId set;
    RoundNumber round;
    std::vector<SignedTarget> prevotes;
    std::vector<SignedTarget> precommits;
    BlockRef base;
    friend bool operator==(const CatchUp&, const CatchUp&) = default;
    static auto fields(auto& self) {
        return std::tie(self.set, self.round, self.prevotes, self.precommits, self.base);
    }
};
using GossipMessage =
    std::variant<VoteMessage, CommitMessage, NeighborMessage, CatchUpRequest, CatchUp>;
void encode_to(Bytes& out, const GossipMessage& message);
void decode_from(scale::Decoder& in, GossipMessage& message);
/// Whole input, at most kGossipBytesMax.
std::expected<GossipMessage, scale::DecodeError> decode_gossip(ByteView notification);

/// Whole input: trailing bytes are an error.
std::expected<GrandpaJustification, scale::DecodeError> decode_justification(ByteView data);

}  // namespace stipple::grandpa
