// What BABE writes into headers and what the runtime tells of it: pre-digests, consensus logs,
// seals, the configuration and epochs.
//
// Spec: defn-babe-header, defn-consensus-message-babe, defn-babe-seal, defn-epoch-slot. The field
// reads an item of the digest by its front and passes over items it cannot read; so does this
// file, because another rule could split the chain. Bounded by kHeaderBytesMax: everything here
// comes out of one header or one runtime answer.
#pragma once

#include "crypto/sr25519.hpp"
#include "primitives/header.hpp"

#include <expected>

namespace stipple::babe {

struct RandomnessTag;
using Randomness = FixedBytes<32, RandomnessTag>;

struct Authority {
    crypto::Sr25519Public id;
    std::uint64_t weight = 0;
    friend bool operator==(const Authority&, const Authority&) = default;
    static auto fields(auto& self) { return std::tie(self.id, self.weight); }
};
using AuthorityList = std::vector<Authority>;

/// Won by the VRF lottery: the output lies below the author's threshold.
struct PrimaryPreDigest {
    AuthorityIndex authority_index = 0;
    Slot slot;
    crypto::VrfSignature vrf;
    friend bool operator==(const PrimaryPreDigest&, const PrimaryPreDigest&) = default;
};
/// The slot's appointed fallback author, without a VRF.
struct SecondaryPlainPreDigest {
    AuthorityIndex authority_index = 0;
    Slot slot;
    friend bool operator==(const SecondaryPlainPreDigest&,
                           const SecondaryPlainPreDigest&) = default;
};
/// The slot's appointed fallback author, with a VRF that only adds randomness.
struct SecondaryVrfPreDigest {
    AuthorityIndex authority_index = 0;
    Slot slot;
    crypto::VrfSignature vrf;
    friend bool operator==(const SecondaryVrfPreDigest&, const SecondaryVrfPreDigest&) = default;
};
using PreDigest = std::variant<PrimaryPreDigest, SecondaryPlainPreDigest, SecondaryVrfPreDigest>;
Slot slot_of(const PreDigest& digest);
AuthorityIndex authority_index_of(const PreDigest& digest);
/// Null for the plain kind.
const crypto::VrfSignature* vrf_of(const PreDigest& digest);
bool is_primary(const PreDigest& digest);
void encode_to(Bytes& out, const PreDigest& digest);
void decode_from(scale::Decoder& in, PreDigest& digest);

enum class AllowedSlots : std::uint8_t {
    primary = 0,
    primary_and_secondary_plain = 1,
    primary_and_secondary_vrf = 2,
};
void encode_to(Bytes& out, AllowedSlots slots);
void decode_from(scale::Decoder& in, AllowedSlots& slots);

/// The share of slots that get a primary author, as a fraction: 1 of 4 on the live networks.
struct SlotShare {
    std::uint64_t numerator = 1;
    std::uint64_t denominator = 4;
    friend bool operator==(const SlotShare&, const SlotShare&) = default;
    static auto fields(auto& self) { return std::tie(self.numerator, self.denominator); }
};
struct EpochConfig {
    SlotShare c;
    AllowedSlots allowed_slots = AllowedSlots::primary;
    friend bool operator==(const EpochConfig&, const EpochConfig&) = default;
    static auto fields(auto& self) { return std::tie(self.c, self.allowed_slots); }
};

/// Authorities and randomness of the epoch after the one this block opens.
struct NextEpochData {
    AuthorityList authorities;
    Randomness randomness;
    friend bool operator==(const NextEpochData&, const NextEpochData&) = default;
    static auto fields(auto& self) { return std::tie(self.authorities, self.randomness); }
};
struct OnDisabled {
    AuthorityIndex authority_index = 0;
    friend bool operator==(const OnDisabled&, const OnDisabled&) = default;
    static auto fields(auto& self) { return std::tie(self.authority_index); }
};
/// A configuration that holds from the next epoch on, until another one comes.
struct NextConfigData {
    EpochConfig config;
    friend bool operator==(const NextConfigData&, const NextConfigData&) = default;
};
using ConsensusLog = std::variant<NextEpochData, OnDisabled, NextConfigData>;
void encode_to(Bytes& out, const ConsensusLog& log);
void decode_from(scale::Decoder& in, ConsensusLog& log);

/// `BabeApi_configuration`: the slots of the chain and the data of epoch 0.
struct Configuration {
    std::uint64_t slot_duration_ms = 0;
    std::uint64_t epoch_length_slots = 0;
    SlotShare c;
    AuthorityList authorities;
    Randomness randomness;
    AllowedSlots allowed_slots = AllowedSlots::primary;
    EpochConfig epoch_config() const { return {c, allowed_slots}; }
    friend bool operator==(const Configuration&, const Configuration&) = default;
    static auto fields(auto& self) {
        return std::tie(self.slot_duration_ms, self.epoch_length_slots, self.c, self.authorities,
                        self.randomness, self.allowed_slots);
    }
};
/// The runtime's answer; BabeApi 1 ends in a bool (plain secondary slots), BabeApi 2 in
/// AllowedSlots. A zero slot duration, epoch length, share denominator, weight or an empty list of
/// authorities is `invalid_value`.
std::expected<Configuration, scale::DecodeError> decode_configuration(ByteView answer,
                                                                      std::uint32_t api_version);

/// `BabeApi_current_epoch` and `_next_epoch`, and how an epoch is kept in the database.
struct Epoch {
    EpochIndex index;
    Slot start;
    std::uint64_t duration_slots = 0;
    AuthorityList authorities;
    Randomness randomness;
    EpochConfig config;
    Slot end() const { return start + duration_slots; }
    friend bool operator==(const Epoch&, const Epoch&) = default;
    static auto fields(auto& self) {
        return std::tie(self.index, self.start, self.duration_slots, self.authorities,
                        self.randomness, self.config);
    }
};

enum class DigestError : std::uint8_t {
    no_pre_digest,        ///< no readable BABE pre-runtime item
    several_pre_digests,  ///< more than one
    several_epoch_data,   ///< more than one NextEpochData
    several_config_data,  ///< more than one NextConfigData
    unsealed,             ///< the last item is no seal
    bad_seal,             ///< the seal is not BABE's or shorter than a signature
};
std::expected<PreDigest, DigestError> find_pre_digest(const Header& header);
struct Announcements {
    std::optional<NextEpochData> epoch;
    std::optional<NextConfigData> config;
};
std::expected<Announcements, DigestError> find_announcements(const Header& header);
std::expected<crypto::Sr25519Signature, DigestError> find_seal(const Header& header);

DigestItem pre_digest_item(const PreDigest& digest);
DigestItem seal_item(const crypto::Sr25519Signature& signature);

}  // namespace stipple::babe
