// Transaction extensions of the System pallet: what every signed transaction is checked for.
//
// Spec: sect-extrinsics. An extension is a struct with explicit data (its fields, sent along) and
// implicit data (signed but not sent): a genesis hash there binds a signature to one chain, a
// version to one runtime. The executive runs validate() in the pool and before dispatch, prepare()
// before dispatch, and post_dispatch() after.
#pragma once

#include "kit/extrinsic.hpp"
#include "pallets/system/system.hpp"

namespace stipple::runtime {

/// What an extension does unless it says otherwise.
struct ExtensionDefaults {
    using Implicit = Unit;
    static auto fields(auto&) { return std::tuple<>(); }
    std::expected<Unit, TransactionValidityError> implicit() const { return Unit{}; }
    TransactionValidity validate(const TransactionContext&) const { return ValidTransaction{}; }
    std::expected<void, TransactionValidityError> prepare(TransactionContext&) const { return {}; }
    void post_dispatch(const TransactionContext&, Weight /*actual*/, Pays) const {}
};

/// The sender is not the account of all zeros, for which nobody has a key.
struct CheckNonZeroSender : ExtensionDefaults {
    static constexpr std::string_view kName = "CheckNonZeroSender";
    static constexpr TypeName kType{
        "frame_system::extensions::check_non_zero_sender::CheckNonZeroSender"};
    TransactionValidity validate(const TransactionContext& context) const;
};
/// Signed for this spec version.
struct CheckSpecVersion : ExtensionDefaults {
    static constexpr std::string_view kName = "CheckSpecVersion";
    static constexpr TypeName kType{
        "frame_system::extensions::check_spec_version::CheckSpecVersion"};
    using Implicit = std::uint32_t;
    std::expected<Implicit, TransactionValidityError> implicit() const;
};
/// Signed for this transaction version.
struct CheckTxVersion : ExtensionDefaults {
    static constexpr std::string_view kName = "CheckTxVersion";
    static constexpr TypeName kType{"frame_system::extensions::check_tx_version::CheckTxVersion"};
    using Implicit = std::uint32_t;
    std::expected<Implicit, TransactionValidityError> implicit() const {
        return config::kTransactionVersion;
    }
};
/// Signed for the chain with this genesis.
struct CheckGenesis : ExtensionDefaults {
    static constexpr std::string_view kName = "CheckGenesis";
    static constexpr TypeName kType{"frame_system::extensions::check_genesis::CheckGenesis"};
    using Implicit = Hash;
    std::expected<Implicit, TransactionValidityError> implicit() const {
        return System::block_hash.get(0);
    }
};
/// Alive: signed over the hash of the block its era begins with.
struct CheckMortality : ExtensionDefaults {
    Era era;
    static auto fields(auto& self) { return std::tie(self.era); }
    static constexpr std::string_view kName = "CheckMortality";
    static constexpr TypeName kType{"frame_system::extensions::check_mortality::CheckMortality",
                                    {""}};
    using Implicit = Hash;
    std::expected<Implicit, TransactionValidityError> implicit() const;
    TransactionValidity validate(const TransactionContext& context) const;
};
/// The sender's transactions come in order, each once.
struct CheckNonce : ExtensionDefaults {
    Compact<Nonce> nonce;
    static auto fields(auto& self) { return std::tie(self.nonce); }
    static constexpr std::string_view kName = "CheckNonce";
    static constexpr TypeName kType{"frame_system::extensions::check_nonce::CheckNonce", {""}};
    TransactionValidity validate(const TransactionContext& context) const;
    std::expected<void, TransactionValidityError> prepare(TransactionContext& context) const;
};
/// The block has room for it: weight by class in both dimensions, and bytes.
struct CheckWeight : ExtensionDefaults {
    static constexpr std::string_view kName = "CheckWeight";
    static constexpr TypeName kType{"frame_system::extensions::check_weight::CheckWeight"};
    TransactionValidity validate(const TransactionContext& context) const;
    std::expected<void, TransactionValidityError> prepare(TransactionContext& context) const;
    void post_dispatch(const TransactionContext& context, Weight actual, Pays) const;
    /// Also for bare extrinsics, which have no extensions: takes the room in the block.
    static std::expected<void, TransactionValidityError> take_room(const DispatchInfo& info,
                                                                   std::uint32_t encoded_bytes);
};

enum class MetadataHashMode : std::uint8_t { disabled, enabled };
constexpr EnumNames describe(MetadataHashMode) {
    return {"frame_metadata_hash_extension::Mode", {"Disabled", "Enabled"}};
}
/// A wallet may sign over the hash of the metadata it used. This runtime does not know its own, so
/// only the disabled mode passes.
struct CheckMetadataHash : ExtensionDefaults {
    MetadataHashMode mode = MetadataHashMode::disabled;
    static auto fields(auto& self) { return std::tie(self.mode); }
    static constexpr std::string_view kName = "CheckMetadataHash";
    static constexpr TypeName kType{"frame_metadata_hash_extension::CheckMetadataHash", {"mode"}};
    using Implicit = std::optional<std::array<std::uint8_t, 32>>;
    std::expected<Implicit, TransactionValidityError> implicit() const;
};

}  // namespace stipple::runtime
