#include "primitives/grandpa.hpp"

#include "primitives/alternatives.hpp"

namespace stipple::grandpa {
namespace {

constexpr std::uint8_t kNeighborVersion1 = 1;
// Consensus logs count from 1, gossip messages from 0.
constexpr std::uint8_t kFirstLog = 1;

}  // namespace

// The alternatives with `fields` are encoded by the codec's own templates.
using scale::decode_from;
using scale::encode_to;

void encode_to(Bytes& out, const ConsensusLog& log) {
    out.push_back(static_cast<std::uint8_t>(log.index() + kFirstLog));
    std::visit([&](const auto& kind) { scale::encode_to(out, kind); }, log);
}

void decode_from(scale::Decoder& in, ConsensusLog& log) {
    const std::uint8_t index = in.u8();
    if (index < kFirstLog) {
        in.fail(scale::DecodeError::bad_variant);
        return;
    }
    decode_alternative(in, index - kFirstLog, log);
}

std::optional<std::variant<ScheduledChange, ForcedChange>> find_change(const Header& header) {
    std::optional<ScheduledChange> scheduled;
    for (const DigestItem& item : header.digest) {
        const auto* consensus = std::get_if<ConsensusDigest>(&item);
        if (consensus == nullptr || consensus->engine != kGrandpaEngine) {
            continue;
        }
        auto log = scale::decode_prefix<ConsensusLog>(consensus->data);
        if (!log) {
            continue;
        }
        if (auto* forced = std::get_if<ForcedChange>(&*log)) {
            return std::move(*forced);
        }
        if (auto* change = std::get_if<ScheduledChange>(&*log); change != nullptr && !scheduled) {
            scheduled = std::move(*change);
        }
    }
    if (!scheduled) {
        return std::nullopt;
    }
    return *std::move(scheduled);
}

void encode_to(Bytes& out, const Vote& vote) {
    out.push_back(static_cast<std::uint8_t>(vote.kind));
    scale::encode_to(out, vote.target);
}

void decode_from(scale::Decoder& in, Vote& vote) {
    const std::uint8_t index = in.u8();
    if (index > static_cast<std::uint8_t>(VoteKind::primary_proposal)) {
        in.fail(scale::DecodeError::bad_variant);
        return;
    }
    vote.kind = static_cast<VoteKind>(index);
    scale::decode_from(in, vote.target);
}

Bytes signed_payload(const Vote& vote, RoundNumber round, AuthoritySetId set) {
    Bytes payload;
    payload.reserve(kPayloadBytes);
    encode_to(payload, vote);
    scale::encode_to(payload, round);
    scale::encode_to(payload, set);
    return payload;
}

void encode_to(Bytes& out, const CommitMessage& message) {
    scale::encode_to(out, message.round);
    scale::encode_to(out, message.set);
    scale::encode_to(out, message.commit.target);
    scale::encode_compact(out, message.commit.precommits.size());
    for (const SignedTarget& precommit : message.commit.precommits) {
        scale::encode_to(out, precommit.target);
    }
    scale::encode_compact(out, message.commit.precommits.size());
    for (const SignedTarget& precommit : message.commit.precommits) {
        scale::encode_to(out, precommit.signature);
        scale::encode_to(out, precommit.id);
    }
}

void decode_from(scale::Decoder& in, CommitMessage& message) {
    constexpr std::size_t kTargetBytes = 36;
    constexpr std::size_t kAuthBytes = 96;
    scale::decode_from(in, message.round);
    scale::decode_from(in, message.set);
    scale::decode_from(in, message.commit.target);
    message.commit.precommits.assign(in.length(kTargetBytes), SignedTarget{});
    for (SignedTarget& precommit : message.commit.precommits) {
        scale::decode_from(in, precommit.target);
    }
    if (in.length(kAuthBytes) != message.commit.precommits.size()) {
        in.fail(scale::DecodeError::invalid_value);
        return;
    }
    for (SignedTarget& precommit : message.commit.precommits) {
        scale::decode_from(in, precommit.signature);
        scale::decode_from(in, precommit.id);
    }
}

void encode_to(Bytes& out, const NeighborMessage& message) {
    out.push_back(kNeighborVersion1);
    scale::encode_to(out, message.round);
    scale::encode_to(out, message.set);
    scale::encode_to(out, message.commit_finalized_height);
}

void decode_from(scale::Decoder& in, NeighborMessage& message) {
    if (in.u8() != kNeighborVersion1) {
        in.fail(scale::DecodeError::bad_variant);
        return;
    }
    scale::decode_from(in, message.round);
    scale::decode_from(in, message.set);
    scale::decode_from(in, message.commit_finalized_height);
}

void encode_to(Bytes& out, const GossipMessage& message) {
    out.push_back(static_cast<std::uint8_t>(message.index()));
    std::visit([&](const auto& kind) { encode_to(out, kind); }, message);
}

void decode_from(scale::Decoder& in, GossipMessage& message) {
    decode_alternative(in, in.u8(), message);
}

std::expected<GossipMessage, scale::DecodeError> decode_gossip(ByteView notification) {
    if (notification.size() > kGossipBytesMax) {
        return std::unexpected(scale::DecodeError::length_over_limit);
    }
    return scale::decode<GossipMessage>(notification);
}

std::expected<GrandpaJustification, scale::DecodeError> decode_justification(ByteView data) {
    return scale::decode<GrandpaJustification>(data);
}

}  // namespace stipple::grandpa
