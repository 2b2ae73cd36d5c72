// What the parachains' runtime API speaks of: candidates, cores, votes, disputes.
//
// Spec: chap-parachains. Most of these are the items of answers that are empty on a chain without
// parachains, or arguments; they are here whole, because clients that read metadata build their
// decoders from them.
#pragma once

#include "kit/type_info.hpp"

namespace stipple::runtime {

using ParaId = std::uint32_t;
using ValidatorIndex = std::uint32_t;
using HeadData = Bytes;
using ValidationCode = Bytes;
using CandidateHash = Hash;

/// How many bits there are and the bytes that hold them, the lowest bit of each first.
struct BitVec {
    std::uint32_t count = 0;
    Bytes bytes;
};
inline void encode_to(Bytes& out, const BitVec& bits) {
    scale::encode_compact(out, bits.count);
    append(out, bits.bytes);
}

struct GroupRotationInfo {
    BlockNumber session_start_block = 0;
    BlockNumber group_rotation_frequency = 0;  ///< 0: never
    BlockNumber now = 0;
    static auto fields(auto& self) {
        return std::tie(self.session_start_block, self.group_rotation_frequency, self.now);
    }
    static constexpr TypeName kType{"polkadot_primitives::v7::GroupRotationInfo",
                                    {"session_start_block", "group_rotation_frequency", "now"}};
};
using ValidatorGroups = std::tuple<std::vector<std::vector<ValidatorIndex>>, GroupRotationInfo>;

// ---- candidates ----

struct CandidateDescriptor {
    ParaId para_id = 0;
    Hash relay_parent;
    crypto::Sr25519Public collator;
    Hash persisted_validation_data_hash;
    Hash pov_hash;
    Hash erasure_root;
    crypto::Sr25519Signature signature;
    Hash para_head;
    Hash validation_code_hash;
    static auto fields(auto& self) {
        return std::tie(self.para_id, self.relay_parent, self.collator,
                        self.persisted_validation_data_hash, self.pov_hash, self.erasure_root,
                        self.signature, self.para_head, self.validation_code_hash);
    }
    static constexpr TypeName kType{
        "polkadot_primitives::v7::CandidateDescriptor",
        {"para_id", "relay_parent", "collator", "persisted_validation_data_hash", "pov_hash",
         "erasure_root", "signature", "para_head", "validation_code_hash"}};
};

struct OutboundHrmpMessage {
    ParaId recipient = 0;
    Bytes data;
    static auto fields(auto& self) { return std::tie(self.recipient, self.data); }
    static constexpr TypeName kType{"polkadot_core_primitives::OutboundHrmpMessage",
                                    {"recipient", "data"}};
};

struct CandidateCommitments {
    std::vector<Bytes> upward_messages;
    std::vector<OutboundHrmpMessage> horizontal_messages;
    std::optional<ValidationCode> new_validation_code;
    HeadData head_data;
    std::uint32_t processed_downward_messages = 0;
    BlockNumber hrmp_watermark = 0;
    static auto fields(auto& self) {
        return std::tie(self.upward_messages, self.horizontal_messages, self.new_validation_code,
                        self.head_data, self.processed_downward_messages, self.hrmp_watermark);
    }
    static constexpr TypeName kType{
        "polkadot_primitives::v7::CandidateCommitments",
        {"upward_messages", "horizontal_messages", "new_validation_code", "head_data",
         "processed_downward_messages", "hrmp_watermark"}};
};

struct CandidateReceipt {
    CandidateDescriptor descriptor;
    Hash commitments_hash;
    static auto fields(auto& self) { return std::tie(self.descriptor, self.commitments_hash); }
    static constexpr TypeName kType{"polkadot_primitives::v7::CandidateReceipt",
                                    {"descriptor", "commitments_hash"}};
};
struct CommittedCandidateReceipt {
    CandidateDescriptor descriptor;
    CandidateCommitments commitments;
    static auto fields(auto& self) { return std::tie(self.descriptor, self.commitments); }
    static constexpr TypeName kType{"polkadot_primitives::v7::CommittedCandidateReceipt",
                                    {"descriptor", "commitments"}};
};

/// Receipt, head, core and, but for one that timed out, the group that backed it.
struct CandidateEvent {
    using Backed = std::tuple<CandidateReceipt, HeadData, std::uint32_t, std::uint32_t>;
    std::variant<Backed, Backed, std::tuple<CandidateReceipt, HeadData, std::uint32_t>> value;
    static constexpr VariantNames kVariant{
        "polkadot_primitives::v7::CandidateEvent",
        {"CandidateBacked", "CandidateIncluded", "CandidateTimedOut"}};
};

struct PersistedValidationData {
    HeadData parent_head;
    BlockNumber relay_parent_number = 0;
    Hash relay_parent_storage_root;
    std::uint32_t max_pov_size = 0;
    static auto fields(auto& self) {
        return std::tie(self.parent_head, self.relay_parent_number, self.relay_parent_storage_root,
                        self.max_pov_size);
    }
    static constexpr TypeName kType{
        "polkadot_primitives::v7::PersistedValidationData",
        {"parent_head", "relay_parent_number", "relay_parent_storage_root", "max_pov_size"}};
};

// ---- cores ----

enum class OccupiedCoreAssumption : std::uint8_t { included, timed_out, free };
constexpr EnumNames describe(OccupiedCoreAssumption) {
    return {"polkadot_primitives::v7::OccupiedCoreAssumption", {"Included", "TimedOut", "Free"}};
}

struct ScheduledCore {
    ParaId para_id = 0;
    std::optional<crypto::Sr25519Public> collator;
    static auto fields(auto& self) { return std::tie(self.para_id, self.collator); }
    static constexpr TypeName kType{"polkadot_primitives::v7::ScheduledCore",
                                    {"para_id", "collator"}};
};

struct OccupiedCore {
    std::optional<ScheduledCore> next_up_on_available;
    BlockNumber occupied_since = 0;
    BlockNumber time_out_at = 0;
    std::optional<ScheduledCore> next_up_on_time_out;
    BitVec availability;
    std::uint32_t group_responsible = 0;
    CandidateHash candidate_hash;
    CandidateDescriptor candidate_descriptor;
    static auto fields(auto& self) {
        return std::tie(self.next_up_on_available, self.occupied_since, self.time_out_at,
                        self.next_up_on_time_out, self.availability, self.group_responsible,
                        self.candidate_hash, self.candidate_descriptor);
    }
    static constexpr TypeName kType{
        "polkadot_primitives::v7::OccupiedCore",
        {"next_up_on_available", "occupied_since", "time_out_at", "next_up_on_time_out",
         "availability", "group_responsible", "candidate_hash", "candidate_descriptor"}};
};

struct CoreState {
    std::variant<std::tuple<OccupiedCore>, std::tuple<ScheduledCore>, Unit> value;
    static constexpr VariantNames kVariant{"polkadot_primitives::v7::CoreState",
                                           {"Occupied", "Scheduled", "Free"}};
};

// ---- messages ----

struct InboundDownwardMessage {
    BlockNumber sent_at = 0;
    Bytes msg;
    static auto fields(auto& self) { return std::tie(self.sent_at, self.msg); }
    static constexpr TypeName kType{"polkadot_core_primitives::InboundDownwardMessage",
                                    {"sent_at", "msg"}};
};
struct InboundHrmpMessage {
    BlockNumber sent_at = 0;
    Bytes data;
    static auto fields(auto& self) { return std::tie(self.sent_at, self.data); }
    static constexpr TypeName kType{"polkadot_core_primitives::InboundHrmpMessage",
                                    {"sent_at", "data"}};
};

}  // namespace stipple::runtime

namespace stipple::runtime::inline kit {
template <>
struct TypeInfo<BitVec> {
    struct LowestFirst {
        static auto fields(auto&) { return std::tuple<>(); }
        static constexpr TypeName kType{"bitvec::order::Lsb0", {}};
    };
    static Bytes describe(Registry& types) {
        constexpr std::uint8_t kBitSequence = 7;
        Bytes out{0, 0, kBitSequence};  // neither path nor parameters
        scale::encode_compact(out, types.id<std::uint8_t>());
        scale::encode_compact(out, types.id<LowestFirst>());
        out.push_back(0);  // nor words
        return out;
    }
};
}  // namespace stipple::runtime::inline kit
