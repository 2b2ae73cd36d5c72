// What the parachains' runtime API speaks of when validators vote: statements, disputes, slashes,
// parameters of execution, and the state that backing builds upon.
//
// Spec: chap-parachains.
#pragma once

#include "relay/parachain_types.hpp"

namespace stipple::runtime {

using ValidatorSignature = crypto::Sr25519Signature;
using ValidatorId = crypto::Sr25519Public;

// ---- votes and disputes ----

struct ValidityAttestation {
    std::variant<std::tuple<ValidatorSignature>, std::tuple<ValidatorSignature>> value;
    static constexpr VariantNames kVariant{
        "polkadot_primitives::v7::ValidityAttestation", {"Implicit", "Explicit"}, {1, 2}};
};

struct ValidStatementKind {
    std::variant<Unit, std::tuple<Hash>, std::tuple<Hash>, Unit,
                 std::tuple<std::vector<CandidateHash>>>
        value;
    static constexpr VariantNames kVariant{
        "polkadot_primitives::v7::ValidDisputeStatementKind",
        {"Explicit", "BackingSeconded", "BackingValid", "ApprovalChecking",
         "ApprovalCheckingMultipleCandidates"}};
};
enum class InvalidStatementKind : std::uint8_t { explicitly };
constexpr EnumNames describe(InvalidStatementKind) {
    return {"polkadot_primitives::v7::InvalidDisputeStatementKind", {"Explicit"}};
}
struct DisputeStatement {
    std::variant<std::tuple<ValidStatementKind>, std::tuple<InvalidStatementKind>> value;
    static constexpr VariantNames kVariant{"polkadot_primitives::v7::DisputeStatement",
                                           {"Valid", "Invalid"}};
};
struct DisputeStatementSet {
    CandidateHash candidate_hash;
    SessionIndex session = 0;
    std::vector<std::tuple<DisputeStatement, ValidatorIndex, ValidatorSignature>> statements;
    static auto fields(auto& self) {
        return std::tie(self.candidate_hash, self.session, self.statements);
    }
    static constexpr TypeName kType{"polkadot_primitives::v7::DisputeStatementSet",
                                    {"candidate_hash", "session", "statements"}};
};

struct ScrapedOnChainVotes {
    using Backing =
        std::tuple<CandidateReceipt, std::vector<std::tuple<ValidatorIndex, ValidityAttestation>>>;
    SessionIndex session = 0;
    std::vector<Backing> backing_validators_per_candidate;
    std::vector<DisputeStatementSet> disputes;
    static auto fields(auto& self) {
        return std::tie(self.session, self.backing_validators_per_candidate, self.disputes);
    }
    static constexpr TypeName kType{"polkadot_primitives::v7::ScrapedOnChainVotes",
                                    {"session", "backing_validators_per_candidate", "disputes"}};
};

struct DisputeState {
    BitVec validators_for;
    BitVec validators_against;
    BlockNumber start = 0;
    std::optional<BlockNumber> concluded_at;
    static auto fields(auto& self) {
        return std::tie(self.validators_for, self.validators_against, self.start,
                        self.concluded_at);
    }
    static constexpr TypeName kType{
        "polkadot_primitives::v7::DisputeState",
        {"validators_for", "validators_against", "start", "concluded_at"}};
};
using Dispute = std::tuple<SessionIndex, CandidateHash, DisputeState>;

enum class SlashingOffenceKind : std::uint8_t { for_invalid, against_valid };
constexpr EnumNames describe(SlashingOffenceKind) {
    return {"polkadot_primitives::v7::slashing::SlashingOffenceKind",
            {"ForInvalid", "AgainstValid"}};
}
struct PendingSlashes {
    std::map<ValidatorIndex, ValidatorId> keys;
    SlashingOffenceKind kind{};
    static auto fields(auto& self) { return std::tie(self.keys, self.kind); }
    static constexpr TypeName kType{"polkadot_primitives::v7::slashing::PendingSlashes",
                                    {"keys", "kind"}};
};
using UnappliedSlash = std::tuple<SessionIndex, CandidateHash, PendingSlashes>;

struct DisputesTimeSlot {
    SessionIndex session_index = 0;
    CandidateHash candidate_hash;
    static auto fields(auto& self) { return std::tie(self.session_index, self.candidate_hash); }
    static constexpr TypeName kType{"polkadot_primitives::v7::slashing::DisputesTimeSlot",
                                    {"session_index", "candidate_hash"}};
};
struct DisputeProof {
    DisputesTimeSlot time_slot;
    SlashingOffenceKind kind{};
    ValidatorIndex validator_index = 0;
    ValidatorId validator_id;
    static auto fields(auto& self) {
        return std::tie(self.time_slot, self.kind, self.validator_index, self.validator_id);
    }
    static constexpr TypeName kType{"polkadot_primitives::v7::slashing::DisputeProof",
                                    {"time_slot", "kind", "validator_index", "validator_id"}};
};

// ---- the code of parachains ----

struct PvfCheckStatement {
    bool accept = false;
    Hash subject;
    SessionIndex session_index = 0;
    ValidatorIndex validator_index = 0;
    static auto fields(auto& self) {
        return std::tie(self.accept, self.subject, self.session_index, self.validator_index);
    }
    static constexpr TypeName kType{"polkadot_primitives::v7::PvfCheckStatement",
                                    {"accept", "subject", "session_index", "validator_index"}};
};

enum class PvfPrepKind : std::uint8_t { precheck, prepare };
constexpr EnumNames describe(PvfPrepKind) {
    return {"polkadot_primitives::v7::PvfPrepKind", {"Precheck", "Prepare"}};
}
enum class PvfExecKind : std::uint8_t { backing, approval };
constexpr EnumNames describe(PvfExecKind) {
    return {"polkadot_primitives::v7::PvfExecKind", {"Backing", "Approval"}};
}
struct ExecutorParam {
    std::variant<std::tuple<std::uint32_t>, std::tuple<std::uint32_t>, std::tuple<std::uint32_t>,
                 std::tuple<std::uint64_t>, std::tuple<PvfPrepKind, std::uint64_t>,
                 std::tuple<PvfExecKind, std::uint64_t>, Unit>
        value;
    static constexpr VariantNames kVariant{
        "polkadot_primitives::v7::executor_params::ExecutorParam",
        {"MaxMemoryPages", "StackLogicalMax", "StackNativeMax", "PrecheckingMaxMemory",
         "PvfPrepTimeout", "PvfExecTimeout", "WasmExtBulkMemory"},
        {1, 2, 3, 4, 5, 6, 7}};
};

// ---- approval and asynchronous backing ----

struct ApprovalVotingParams {
    std::uint32_t max_approval_coalesce_count = 0;
    static auto fields(auto& self) { return std::tie(self.max_approval_coalesce_count); }
    static constexpr TypeName kType{"polkadot_primitives::v7::ApprovalVotingParams",
                                    {"max_approval_coalesce_count"}};
};

struct AsyncBackingParams {
    std::uint32_t max_candidate_depth = 0;
    std::uint32_t allowed_ancestry_len = 0;
    static auto fields(auto& self) {
        return std::tie(self.max_candidate_depth, self.allowed_ancestry_len);
    }
    static constexpr TypeName kType{"polkadot_primitives::v7::async_backing::AsyncBackingParams",
                                    {"max_candidate_depth", "allowed_ancestry_len"}};
};

struct OutboundHrmpChannelLimitations {
    std::uint32_t bytes_remaining = 0;
    std::uint32_t messages_remaining = 0;
    static auto fields(auto& self) {
        return std::tie(self.bytes_remaining, self.messages_remaining);
    }
    static constexpr TypeName kType{
        "polkadot_primitives::v7::async_backing::OutboundHrmpChannelLimitations",
        {"bytes_remaining", "messages_remaining"}};
};
enum class UpgradeRestriction : std::uint8_t { present };
constexpr EnumNames describe(UpgradeRestriction) {
    return {"polkadot_primitives::v7::UpgradeRestriction", {"Present"}};
}
struct InboundHrmpLimitations {
    std::vector<BlockNumber> valid_watermarks;
    static auto fields(auto& self) { return std::tie(self.valid_watermarks); }
    static constexpr TypeName kType{
        "polkadot_primitives::v7::async_backing::InboundHrmpLimitations", {"valid_watermarks"}};
};
struct BackingConstraints {
    BlockNumber min_relay_parent_number = 0;
    std::uint32_t max_pov_size = 0;
    std::uint32_t max_code_size = 0;
    std::uint32_t ump_remaining = 0;
    std::uint32_t ump_remaining_bytes = 0;
    std::uint32_t max_ump_num_per_candidate = 0;
    std::vector<BlockNumber> dmp_remaining_messages;
    InboundHrmpLimitations hrmp_inbound;
    std::vector<std::tuple<ParaId, OutboundHrmpChannelLimitations>> hrmp_channels_out;
    std::uint32_t max_hrmp_num_per_candidate = 0;
    HeadData required_parent;
    Hash validation_code_hash;
    std::optional<UpgradeRestriction> upgrade_restriction;
    std::optional<std::tuple<BlockNumber, Hash>> future_validation_code;
    static auto fields(auto& self) {
        return std::tie(self.min_relay_parent_number, self.max_pov_size, self.max_code_size,
                        self.ump_remaining, self.ump_remaining_bytes,
                        self.max_ump_num_per_candidate, self.dmp_remaining_messages,
                        self.hrmp_inbound, self.hrmp_channels_out, self.max_hrmp_num_per_candidate,
                        self.required_parent, self.validation_code_hash, self.upgrade_restriction,
                        self.future_validation_code);
    }
    static constexpr TypeName kType{
        "polkadot_primitives::v7::async_backing::Constraints",
        {"min_relay_parent_number", "max_pov_size", "max_code_size", "ump_remaining",
         "ump_remaining_bytes", "max_ump_num_per_candidate", "dmp_remaining_messages",
         "hrmp_inbound", "hrmp_channels_out", "max_hrmp_num_per_candidate", "required_parent",
         "validation_code_hash", "upgrade_restriction", "future_validation_code"}};
};
struct CandidatePendingAvailability {
    CandidateHash candidate_hash;
    CandidateDescriptor descriptor;
    CandidateCommitments commitments;
    BlockNumber relay_parent_number = 0;
    std::uint32_t max_pov_size = 0;
    static auto fields(auto& self) {
        return std::tie(self.candidate_hash, self.descriptor, self.commitments,
                        self.relay_parent_number, self.max_pov_size);
    }
    static constexpr TypeName kType{
        "polkadot_primitives::v7::async_backing::CandidatePendingAvailability",
        {"candidate_hash", "descriptor", "commitments", "relay_parent_number", "max_pov_size"}};
};
struct BackingState {
    BackingConstraints constraints;
    std::vector<CandidatePendingAvailability> pending_availability;
    static auto fields(auto& self) { return std::tie(self.constraints, self.pending_availability); }
    static constexpr TypeName kType{"polkadot_primitives::v7::async_backing::BackingState",
                                    {"constraints", "pending_availability"}};
};

}  // namespace stipple::runtime
