// What BEEFY puts on the wire, into headers and beside blocks: validator sets, commitments, votes,
// finality proofs and proofs of equivocation.
//
// Spec: sect-finality-beefy, sect-grandpa-beefy, defn-beefy-signed-commitment,
// defn-consensus-message-beefy. A commitment says "block N of validator set S has this payload";
// the payload `mh` is the root of the Merkle mountain range. Signatures are secp256k1 over
// keccak-256 of the encoded commitment, so that Ethereum can check them.
//
//   finality proof = 1 u8 | commitment | bits Vec<u8>, first validator = highest bit of the first
//                    byte, always len/8 + 1 bytes | len u32 | Vec<signature> of the set bits
//
// Deviation: bits behind `len`, or a count of signatures other than the count of bits, are refused,
// so that what decodes encodes to the same bytes; the Rust node passes over them.
// Gossip messages are bounded by kGossipBytesMax, sets by kValidatorsMax.
#pragma once

#include "primitives/header.hpp"

#include <expected>

namespace stipple::beefy {

/// The largest notification the network carries on `beefy/2`.
inline constexpr std::size_t kGossipBytesMax = std::size_t{1024} * 1024;
/// Far above every set of the field; a proof claims its set's size before anything backs it.
inline constexpr std::size_t kValidatorsMax = 100'000;

struct ValidatorSetTag;
using ValidatorSetId = StrongNumber<std::uint64_t, ValidatorSetTag>;
using AuthorityId = crypto::EcdsaPublic;
using Signature = crypto::EcdsaSignature;
struct MmrRootTag;
using MmrRoot = FixedBytes<32, MmrRootTag>;

struct ValidatorSet {
    std::vector<AuthorityId> validators;
    ValidatorSetId id;
    friend bool operator==(const ValidatorSet&, const ValidatorSet&) = default;
    static auto fields(auto& self) { return std::tie(self.validators, self.id); }
};

// ---- consensus logs (header digest, engine BEEF) ----

/// The set that signs from this block on; the block is mandatory for it.
struct AuthoritiesChange {
    ValidatorSet set;
    friend bool operator==(const AuthoritiesChange&, const AuthoritiesChange&) = default;
    static auto fields(auto& self) { return std::tie(self.set); }
};
struct OnDisabled {
    AuthorityIndex authority_index = 0;
    friend bool operator==(const OnDisabled&, const OnDisabled&) = default;
    static auto fields(auto& self) { return std::tie(self.authority_index); }
};
/// Root of the mountain range as of this block.
struct MmrRootLog {
    MmrRoot root;
    friend bool operator==(const MmrRootLog&, const MmrRootLog&) = default;
    static auto fields(auto& self) { return std::tie(self.root); }
};
using ConsensusLog = std::variant<AuthoritiesChange, OnDisabled, MmrRootLog>;
void encode_to(Bytes& out, const ConsensusLog& log);
void decode_from(scale::Decoder& in, ConsensusLog& log);

/// The first of its kind in the header; unreadable items are passed over, as in the field.
std::optional<ValidatorSet> find_authorities_change(const Header& header);
std::optional<MmrRoot> find_mmr_root(const Header& header);

// ---- commitments ----

struct PayloadIdTag;
using PayloadId = FixedBytes<2, PayloadIdTag>;
inline constexpr PayloadId kMmrRootPayload = PayloadId({'m', 'h'});

/// Entries sorted by id.
struct Payload {
    std::vector<std::pair<PayloadId, Bytes>> entries;
    static Payload of(const MmrRoot& root);
    friend auto operator<=>(const Payload&, const Payload&) = default;
    static auto fields(auto& self) { return std::tie(self.entries); }
};

struct Commitment {
    Payload payload;
    BlockNumber block = 0;
    ValidatorSetId set;
    friend bool operator==(const Commitment&, const Commitment&) = default;
    static auto fields(auto& self) { return std::tie(self.payload, self.block, self.set); }
};
/// What validators sign: keccak-256 of the encoding.
crypto::Hash256 signed_digest(const Commitment& commitment);

struct VoteMessage {
    Commitment commitment;
    AuthorityId id;
    Signature signature;
    friend bool operator==(const VoteMessage&, const VoteMessage&) = default;
    static auto fields(auto& self) { return std::tie(self.commitment, self.id, self.signature); }
};

/// One place per validator of the set, in its order.
struct SignedCommitment {
    Commitment commitment;
    std::vector<std::optional<Signature>> signatures;
    std::size_t signature_count() const;
    friend bool operator==(const SignedCommitment&, const SignedCommitment&) = default;
};
void encode_to(Bytes& out, const SignedCommitment& value);
void decode_from(scale::Decoder& in, SignedCommitment& value);

/// Stored with blocks under the engine BEEF and sent to peers: a version in front.
struct FinalityProof {
    SignedCommitment signed_commitment;
    const Commitment& commitment() const { return signed_commitment.commitment; }
    friend bool operator==(const FinalityProof&, const FinalityProof&) = default;
};
void encode_to(Bytes& out, const FinalityProof& proof);
void decode_from(scale::Decoder& in, FinalityProof& proof);
/// Whole input.
std::expected<FinalityProof, scale::DecodeError> decode_finality_proof(ByteView data);

// ---- gossip ----

using GossipMessage = std::variant<VoteMessage, FinalityProof>;
void encode_to(Bytes& out, const GossipMessage& message);
void decode_from(scale::Decoder& in, GossipMessage& message);
/// Whole input, at most kGossipBytesMax.
std::expected<GossipMessage, scale::DecodeError> decode_gossip(ByteView notification);

// ---- equivocations ----

/// Two payloads for one block by one validator.
struct DoubleVotingProof {
    VoteMessage first;
    VoteMessage second;
    friend bool operator==(const DoubleVotingProof&, const DoubleVotingProof&) = default;
    static auto fields(auto& self) { return std::tie(self.first, self.second); }
};
/// A vote for a payload that is not the canonical chain's; the ancestry proof is the runtime's own.
struct ForkVotingProof {
    VoteMessage vote;
    Bytes ancestry_proof;
    Header header;
    friend bool operator==(const ForkVotingProof&, const ForkVotingProof&) = default;
    static auto fields(auto& self) { return std::tie(self.vote, self.ancestry_proof, self.header); }
};
/// A vote for a block that was not there yet.
struct FutureBlockVotingProof {
    VoteMessage vote;
    friend bool operator==(const FutureBlockVotingProof&, const FutureBlockVotingProof&) = default;
    static auto fields(auto& self) { return std::tie(self.vote); }
};

}  // namespace stipple::beefy
