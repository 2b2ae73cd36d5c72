#include "relay/apis.hpp"

#include "kit/genesis_build.hpp"
#include "kit/metadata.hpp"
#include "kit/version_sections.hpp"
#include "pallets/authority_discovery/authority_discovery.hpp"
#include "pallets/offences/historical.hpp"
#include "pallets/session/session.hpp"
#include "relay/parachain_host.hpp"
#include "relay/presets.hpp"

namespace stipple::runtime {

// ---- Core, Metadata, BlockBuilder, TaggedTransactionQueue, OffchainWorkerApi ----

RuntimeVersion Core::version() {
    return kit::runtime_version();
}
void Core::execute_block(const Block& block) {
    executive::execute_block(block);
}
ExtrinsicInclusionMode Core::initialize_block(const Header& header) {
    executive::initialize_block(header);
    return ExtrinsicInclusionMode::all_extrinsics;
}

Bytes Metadata::metadata() {
    return kit::metadata(14).value_or(Bytes{});
}
std::optional<Bytes> Metadata::metadata_at_version(std::uint32_t version) {
    return kit::metadata(version);
}
std::vector<std::uint32_t> Metadata::metadata_versions() {
    return {std::begin(kMetadataVersions), std::end(kMetadataVersions)};
}

ApplyAnswer BlockBuilder::apply_extrinsic(const Extrinsic& extrinsic) {
    return executive::apply_extrinsic(extrinsic.data);
}
Header BlockBuilder::finalize_block() {
    return executive::finalize_block();
}
std::vector<Extrinsic> BlockBuilder::inherent_extrinsics(const InherentData& inherent) {
    return executive::inherent_extrinsics(inherent);
}
executive::CheckInherentsResult BlockBuilder::check_inherents(const Block& block,
                                                              const InherentData& data) {
    return executive::check_inherents(block, data);
}

ValidityAnswer TaggedTransactionQueue::validate_transaction(TransactionSource source,
                                                            const Extrinsic& tx,
                                                            const Hash& block_hash) {
    return {executive::validate_transaction(source, tx.data, block_hash)};
}

void OffchainWorkerApi::offchain_worker(const Header& header) {
    executive::offchain_worker(header);
}

// ---- keys and authorities ----

Bytes SessionKeysApi::generate_session_keys(const std::optional<Bytes>& seed) {
    Bytes all;
    SessionKeys{}.for_each([&](KeyTypeId type, ByteView) {
        const auto scheme = type == kGrandpaKey ? host::KeyScheme::ed25519
                            : type == kBeefyKey ? host::KeyScheme::ecdsa
                                                : host::KeyScheme::sr25519;
        append(all, host::generate_key(scheme, type, seed));
    });
    return all;
}
std::optional<std::vector<std::tuple<Bytes, KeyTypeId>>> SessionKeysApi::decode_session_keys(
    const Bytes& encoded) {
    const auto keys = scale::decode<SessionKeys>(encoded);
    if (!keys) {
        return std::nullopt;
    }
    std::vector<std::tuple<Bytes, KeyTypeId>> all;
    keys->for_each([&](KeyTypeId type, ByteView key) { all.emplace_back(to_bytes(key), type); });
    return all;
}

babe::Configuration BabeApi::configuration() {
    return Babe::configuration();
}
Slot BabeApi::current_epoch_start() {
    return Babe::epoch_start_slot(Babe::epoch_index.get());
}
babe::Epoch BabeApi::current_epoch() {
    return Babe::current_epoch();
}
babe::Epoch BabeApi::next_epoch() {
    return Babe::next_epoch();
}

grandpa::AuthorityList GrandpaApi::grandpa_authorities() {
    return Grandpa::authorities.get().items;
}
std::uint64_t GrandpaApi::current_set_id() {
    return Grandpa::current_set_id.get();
}

// ---- equivocations ----

namespace {
std::optional<Bytes> key_ownership(KeyTypeId type, ByteView key) {
    const auto proof = Historical::prove(type, key);
    return proof ? std::optional(scale::encode(*proof)) : std::nullopt;
}

/// Makes the report an unsigned extrinsic.
std::optional<Unit> submit_report(std::uint8_t pallet, const auto& proof,
                                  const Bytes& key_owner_proof, std::uint8_t call = 1) {
    const auto owner = scale::decode<MembershipProof>(key_owner_proof);
    if (!owner) {
        return std::nullopt;
    }
    Bytes bare{0x04};
    append(bare, RuntimeCall::make(pallet, call, proof, *owner).encoded());
    Bytes extrinsic;
    scale::encode_byte_string(extrinsic, bare);
    return host::submit_transaction(extrinsic) ? std::optional(Unit{}) : std::nullopt;
}
}  // namespace

std::optional<Bytes> BabeApi::generate_key_ownership_proof(
    Slot, const crypto::Sr25519Public& authority_id) {
    return key_ownership(kBabeKey, authority_id.view());
}
std::optional<Unit> BabeApi::submit_report_equivocation_unsigned_extrinsic(
    const BabeEquivocationProof& equivocation_proof, const Bytes& key_owner_proof) {
    return submit_report(Babe::index(), equivocation_proof, key_owner_proof);
}
std::optional<Bytes> GrandpaApi::generate_key_ownership_proof(
    std::uint64_t, const crypto::Ed25519Public& authority_id) {
    return key_ownership(kGrandpaKey, authority_id.view());
}
std::optional<Unit> GrandpaApi::submit_report_equivocation_unsigned_extrinsic(
    const GrandpaEquivocationProof& equivocation_proof, const Bytes& key_owner_proof) {
    return submit_report(Grandpa::index(), equivocation_proof, key_owner_proof);
}

std::optional<BlockNumber> BeefyApi::beefy_genesis() {
    return Beefy::genesis_block.get();
}
std::optional<BeefyValidatorSet> BeefyApi::validator_set() {
    return Beefy::validator_set();
}
std::optional<Bytes> BeefyApi::generate_key_ownership_proof(
    std::uint64_t, const crypto::EcdsaPublic& authority_id) {
    return key_ownership(kBeefyKey, authority_id.view());
}

std::optional<Unit> BeefyApi::submit_report_double_voting_unsigned_extrinsic(
    const BeefyDoubleVotingProof& equivocation_proof, const Bytes& key_owner_proof) {
    return submit_report(Beefy::index(), equivocation_proof, key_owner_proof,
                         Beefy::kReportDoubleVotingUnsigned);
}
std::optional<Unit> BeefyApi::submit_report_fork_voting_unsigned_extrinsic(
    const BeefyOpaqueForkVotingProof& equivocation_proof, const Bytes& key_owner_proof) {
    const auto ancestry = scale::decode<AncestryProof>(equivocation_proof.ancestry_proof);
    if (!ancestry) {
        return std::nullopt;
    }
    return submit_report(
        Beefy::index(),
        BeefyForkVotingProof{equivocation_proof.offending, *ancestry, equivocation_proof.header},
        key_owner_proof, Beefy::kReportForkVotingUnsigned);
}
std::optional<Unit> BeefyApi::submit_report_future_block_voting_unsigned_extrinsic(
    const BeefyFutureVotingProof& equivocation_proof, const Bytes& key_owner_proof) {
    return submit_report(Beefy::index(), equivocation_proof, key_owner_proof,
                         Beefy::kReportFutureBlockVotingUnsigned);
}

// ---- the Merkle mountain range ----

ScaleResult<Hash, MmrError> MmrApi::mmr_root() {
    return {Mmr::root_hash.get()};
}
ScaleResult<std::uint64_t, MmrError> MmrApi::mmr_leaf_count() {
    return {Mmr::number_of_leaves.get()};
}
ScaleResult<ProvedLeaves, MmrError> MmrApi::generate_proof(
    const std::vector<BlockNumber>& block_numbers,
    const std::optional<BlockNumber>& best_known_block_number) {
    return {Mmr::generate_proof(block_numbers, best_known_block_number)};
}
ScaleResult<AncestryProof, MmrError> MmrApi::generate_ancestry_proof(
    BlockNumber prev_block_number, const std::optional<BlockNumber>& best_known_block_number) {
    return {Mmr::generate_ancestry_proof(prev_block_number, best_known_block_number)};
}
MmrApi::Verdict MmrApi::verify_proof(const std::vector<OpaqueLeaf>& leaves,
                                     const LeafProof& proof) {
    return {Mmr::verify_leaves(leaves, proof)};
}
MmrApi::Verdict MmrApi::verify_proof_stateless(const Hash& root,
                                               const std::vector<OpaqueLeaf>& leaves,
                                               const LeafProof& proof) {
    return {Mmr::verify_leaves(root, leaves, proof)};
}

BeefyAuthoritySet BeefyMmrApi::authority_set_proof() {
    return MmrLeaf::beefy_authorities.get();
}
BeefyAuthoritySet BeefyMmrApi::next_authority_set_proof() {
    return MmrLeaf::beefy_next_authorities.get();
}

std::vector<crypto::Sr25519Public> AuthorityDiscoveryApi::authorities() {
    return AuthorityDiscovery::authorities();
}

// ---- accounts and fees ----

Nonce AccountNonceApi::account_nonce(const AccountId& account) {
    return System::account.get(account).nonce;
}

namespace {
FeeDetails fee_of(const DispatchInfo& info, std::uint32_t length, bool charged) {
    return charged ? TransactionPayment::fee_details(length, info, 0) : FeeDetails{};
}
/// A bare extrinsic is charged nothing.
bool is_signed(const Bytes& extrinsic) {
    return !extrinsic.empty() && (extrinsic[0] & 0xc0) != 0;
}
DispatchInfo info_of(const Bytes& extrinsic) {
    const auto info = executive::dispatch_info_of(extrinsic);
    if (!info) {
        host::panic("the fee of an extrinsic that does not decode was asked for");
    }
    return *info;
}
}  // namespace

RuntimeDispatchInfo TransactionPaymentApi::query_info(const Extrinsic& uxt, std::uint32_t len) {
    const DispatchInfo info = info_of(uxt.data);
    return {info.weight, info.kind, fee_of(info, len, is_signed(uxt.data)).final_fee()};
}
FeeDetails TransactionPaymentApi::query_fee_details(const Extrinsic& uxt, std::uint32_t len) {
    return fee_of(info_of(uxt.data), len, is_signed(uxt.data));
}
Balance TransactionPaymentApi::query_weight_to_fee(Weight weight) {
    return TransactionPayment::weight_to_fee(weight);
}
Balance TransactionPaymentApi::query_length_to_fee(std::uint32_t length) {
    return TransactionPayment::length_to_fee(length);
}

RuntimeDispatchInfo TransactionPaymentCallApi::query_call_info(const RuntimeCall& call,
                                                               std::uint32_t len) {
    const DispatchInfo info = call.info();
    return {info.weight, info.kind, fee_of(info, len, true).final_fee()};
}
FeeDetails TransactionPaymentCallApi::query_call_fee_details(const RuntimeCall& call,
                                                             std::uint32_t len) {
    return fee_of(call.info(), len, true);
}
Balance TransactionPaymentCallApi::query_weight_to_fee(Weight weight) {
    return TransactionPayment::weight_to_fee(weight);
}
Balance TransactionPaymentCallApi::query_length_to_fee(std::uint32_t length) {
    return TransactionPayment::length_to_fee(length);
}

// ---- genesis ----

ScaleResult<void, std::string> GenesisBuilder::build_state(const Bytes& json) {
    return {kit::build_genesis(as_text(json))};
}
std::optional<Bytes> GenesisBuilder::get_preset(const std::optional<std::string>& id) {
    const auto text = preset(id);
    return text ? std::optional(to_bytes(*text)) : std::nullopt;
}
std::vector<std::string> GenesisBuilder::preset_names() {
    return runtime::preset_names();
}

}  // namespace stipple::runtime

namespace stipple::runtime::inline kit {

template <>
struct TypeInfo<Block> {
    static Bytes describe(Registry& types) {
        return Registry::composite(
            "sp_runtime::generic::block::Block",
            {{"header", types.id<Header>()}, {"extrinsics", types.id<Body>()}},
            {{"Header", types.id<Header>()}, {"Extrinsic", types.id<Extrinsic>()}});
    }
};
template <>
struct TypeInfo<InherentData> {
    static Bytes describe(Registry& types) {
        using Values = std::map<std::array<std::uint8_t, 8>, Bytes>;
        return Registry::composite("sp_inherents::InherentData", {{"data", types.id<Values>()}});
    }
};

namespace {
constexpr std::array kApis{
    api<Core>(5),
    api<Metadata>(2),
    api<BlockBuilder>(6),
    api<TaggedTransactionQueue>(3),
    api<OffchainWorkerApi>(2),
    api<SessionKeysApi>(1),
    api<BabeApi>(2),
    api<GrandpaApi>(3),
    api<BeefyApi>(6),
    api<MmrApi>(3),
    api<BeefyMmrApi>(1),
    api<AuthorityDiscoveryApi>(1),
    api<AccountNonceApi>(1),
    api<TransactionPaymentApi>(4),
    api<TransactionPaymentCallApi>(3),
    api<GenesisBuilder>(1),
    api<ParachainHost>(ParachainHost::kVersion),
};
}  // namespace

#ifdef __wasm__
[[gnu::section(".custom_section.runtime_apis")]] extern constexpr auto apis_section =
    detail::section_array<detail::ApisSection<kApis>>();
#endif

std::span<const ApiEntry> runtime_apis() {
    return kApis;
}

}  // namespace stipple::runtime::inline kit

RUNTIME_API(Core, Core, version)
RUNTIME_API(Core, Core, execute_block)
RUNTIME_API(Core, Core, initialize_block)
RUNTIME_API(Metadata, Metadata, metadata)
RUNTIME_API(Metadata, Metadata, metadata_at_version)
RUNTIME_API(Metadata, Metadata, metadata_versions)
RUNTIME_API(BlockBuilder, BlockBuilder, apply_extrinsic)
RUNTIME_API(BlockBuilder, BlockBuilder, finalize_block)
RUNTIME_API(BlockBuilder, BlockBuilder, inherent_extrinsics)
RUNTIME_API(BlockBuilder, BlockBuilder, check_inherents)
RUNTIME_API(TaggedTransactionQueue, TaggedTransactionQueue, validate_transaction)
RUNTIME_API(OffchainWorkerApi, OffchainWorkerApi, offchain_worker)
RUNTIME_API(SessionKeys, SessionKeysApi, generate_session_keys)
RUNTIME_API(SessionKeys, SessionKeysApi, decode_session_keys)
RUNTIME_API(BabeApi, BabeApi, configuration)
RUNTIME_API(BabeApi, BabeApi, current_epoch_start)
RUNTIME_API(BabeApi, BabeApi, current_epoch)
RUNTIME_API(BabeApi, BabeApi, next_epoch)
RUNTIME_API(BabeApi, BabeApi, generate_key_ownership_proof)
RUNTIME_API(BabeApi, BabeApi, submit_report_equivocation_unsigned_extrinsic)
RUNTIME_API(GrandpaApi, GrandpaApi, grandpa_authorities)
RUNTIME_API(GrandpaApi, GrandpaApi, current_set_id)
RUNTIME_API(GrandpaApi, GrandpaApi, generate_key_ownership_proof)
RUNTIME_API(GrandpaApi, GrandpaApi, submit_report_equivocation_unsigned_extrinsic)
RUNTIME_API(BeefyApi, BeefyApi, beefy_genesis)
RUNTIME_API(BeefyApi, BeefyApi, validator_set)
RUNTIME_API(BeefyApi, BeefyApi, submit_report_double_voting_unsigned_extrinsic)
RUNTIME_API(BeefyApi, BeefyApi, submit_report_fork_voting_unsigned_extrinsic)
RUNTIME_API(BeefyApi, BeefyApi, submit_report_future_block_voting_unsigned_extrinsic)
RUNTIME_API(BeefyApi, BeefyApi, generate_key_ownership_proof)
RUNTIME_API(MmrApi, MmrApi, mmr_root)
RUNTIME_API(MmrApi, MmrApi, mmr_leaf_count)
RUNTIME_API(MmrApi, MmrApi, generate_proof)
RUNTIME_API(MmrApi, MmrApi, generate_ancestry_proof)
RUNTIME_API(MmrApi, MmrApi, verify_proof)
RUNTIME_API(MmrApi, MmrApi, verify_proof_stateless)
RUNTIME_API(BeefyMmrApi, BeefyMmrApi, authority_set_proof)
RUNTIME_API(BeefyMmrApi, BeefyMmrApi, next_authority_set_proof)
RUNTIME_API(AuthorityDiscoveryApi, AuthorityDiscoveryApi, authorities)
RUNTIME_API(AccountNonceApi, AccountNonceApi, account_nonce)
RUNTIME_API(TransactionPaymentApi, TransactionPaymentApi, query_info)
RUNTIME_API(TransactionPaymentApi, TransactionPaymentApi, query_fee_details)
RUNTIME_API(TransactionPaymentApi, TransactionPaymentApi, query_weight_to_fee)
RUNTIME_API(TransactionPaymentApi, TransactionPaymentApi, query_length_to_fee)
RUNTIME_API(TransactionPaymentCallApi, TransactionPaymentCallApi, query_call_info)
RUNTIME_API(TransactionPaymentCallApi, TransactionPaymentCallApi, query_call_fee_details)
RUNTIME_API(TransactionPaymentCallApi, TransactionPaymentCallApi, query_weight_to_fee)
RUNTIME_API(TransactionPaymentCallApi, TransactionPaymentCallApi, query_length_to_fee)
RUNTIME_API(GenesisBuilder, GenesisBuilder, build_state)
RUNTIME_API(GenesisBuilder, GenesisBuilder, get_preset)
RUNTIME_API(GenesisBuilder, GenesisBuilder, preset_names)
