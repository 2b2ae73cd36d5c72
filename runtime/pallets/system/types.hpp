// Types of the System pallet that clients know by name.
#pragma once

#include "kit/dispatch.hpp"
#include "pallets/balances/account_data.hpp"
#include "primitives/header.hpp"

namespace stipple::runtime {

/// An account exists while somebody provides for it (or it suffices by itself); it cannot go while
/// somebody consumes it.
struct AccountInfo {
    Nonce nonce = 0;
    std::uint32_t consumers = 0;
    std::uint32_t providers = 0;
    std::uint32_t sufficients = 0;
    AccountData data;
    friend bool operator==(const AccountInfo&, const AccountInfo&) = default;
    static auto fields(auto& self) {
        return std::tie(self.nonce, self.consumers, self.providers, self.sufficients, self.data);
    }
    static constexpr TypeName kType{"frame_system::AccountInfo",
                                    {"nonce", "consumers", "providers", "sufficients", "data"}};
};

/// Where in the block something happened.
struct Phase {
    std::variant<std::uint32_t, Unit, Unit> value;
    static constexpr VariantNames kVariant{"frame_system::Phase",
                                           {"ApplyExtrinsic", "Finalization", "Initialization"}};
    static Phase apply_extrinsic(std::uint32_t index) {
        return {decltype(value)(std::in_place_index<0>, index)};
    }
    static Phase finalization() { return {decltype(value)(std::in_place_index<1>)}; }
    static Phase initialization() { return {decltype(value)(std::in_place_index<2>)}; }
    friend bool operator==(const Phase&, const Phase&) = default;
};

/// An event of any pallet, encoded. Only clients decode events.
struct RuntimeEvent {
    Bytes encoded;
};
inline void encode_to(Bytes& out, const RuntimeEvent& event) {
    append(out, event.encoded);
}
void decode_from(scale::Decoder& in, RuntimeEvent& event) = delete;
struct EventRecord {
    Phase phase;
    RuntimeEvent event;
    std::vector<Hash> topics;
    static auto fields(auto& self) { return std::tie(self.phase, self.event, self.topics); }
};

struct LastRuntimeUpgradeInfo {
    Compact<std::uint32_t> spec_version;
    std::string spec_name;
    friend bool operator==(const LastRuntimeUpgradeInfo&, const LastRuntimeUpgradeInfo&) = default;
    static auto fields(auto& self) { return std::tie(self.spec_version, self.spec_name); }
    static constexpr TypeName kType{"frame_system::LastRuntimeUpgradeInfo",
                                    {"spec_version", "spec_name"}};
};
struct CodeUpgradeAuthorization {
    Hash code_hash;
    bool check_version = true;
    static auto fields(auto& self) { return std::tie(self.code_hash, self.check_version); }
    static constexpr TypeName kType{"frame_system::CodeUpgradeAuthorization",
                                    {"code_hash", "check_version"}};
};

struct Digest {
    std::vector<DigestItem> logs;
    static auto fields(auto& self) { return std::tie(self.logs); }
    static constexpr TypeName kType{"sp_runtime::generic::digest::Digest", {"logs"}};
};

struct WeightsPerClass {
    Weight base_extrinsic;
    std::optional<Weight> max_extrinsic;
    std::optional<Weight> max_total;
    std::optional<Weight> reserved;
    static auto fields(auto& self) {
        return std::tie(self.base_extrinsic, self.max_extrinsic, self.max_total, self.reserved);
    }
    static constexpr TypeName kType{"frame_system::limits::WeightsPerClass",
                                    {"base_extrinsic", "max_extrinsic", "max_total", "reserved"}};
};
struct BlockWeights {
    Weight base_block;
    Weight max_block;
    PerClass<WeightsPerClass> per_class;
    static auto fields(auto& self) {
        return std::tie(self.base_block, self.max_block, self.per_class);
    }
    static constexpr TypeName kType{"frame_system::limits::BlockWeights",
                                    {"base_block", "max_block", "per_class"}};
};
struct BlockLength {
    PerClass<std::uint32_t> max;
    static auto fields(auto& self) { return std::tie(self.max); }
    static constexpr TypeName kType{"frame_system::limits::BlockLength", {"max"}};
};
struct DbWeight {
    std::uint64_t read = 0;
    std::uint64_t write = 0;
    static auto fields(auto& self) { return std::tie(self.read, self.write); }
    static constexpr TypeName kType{"sp_weights::RuntimeDbWeight", {"read", "write"}};
};

template <>
struct kit::TypeInfo<RuntimeEvent> {
    static Bytes describe(Registry& types);
};
/// Clients find the type of events as its parameter E.
template <>
struct kit::TypeInfo<EventRecord> {
    static Bytes describe(Registry& types);
};
template <>
struct kit::TypeInfo<DigestItem> {
    static Bytes describe(Registry& types);
};
template <>
struct kit::TypeInfo<Header> {
    static Bytes describe(Registry& types);
};

}  // namespace stipple::runtime
