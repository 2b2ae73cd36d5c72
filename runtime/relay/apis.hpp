// The runtime APIs of the relay chain.
//
// Spec: chap-runtime-api. Each is a struct of static functions and the list of its methods; the
// names in snake case are the trait's own. Exports and the list of all stand in apis.cpp.
#pragma once

#include "kit/api.hpp"
#include "kit/executive.hpp"
#include "kit/runtime_version.hpp"
#include "pallets/babe/babe.hpp"
#include "pallets/beefy/beefy.hpp"
#include "pallets/grandpa/grandpa.hpp"
#include "pallets/mmr/mmr.hpp"
#include "pallets/mmr_leaf/mmr_leaf.hpp"
#include "pallets/transaction_payment/transaction_payment.hpp"

namespace stipple::runtime {

using ApplyAnswer = executive::ApplyResult;
using ValidityAnswer = ScaleResult<ValidTransaction, TransactionValidityError>;

/// What may come into a block that was begun.
enum class ExtrinsicInclusionMode : std::uint8_t { all_extrinsics, only_inherents };
constexpr EnumNames describe(ExtrinsicInclusionMode) {
    return {"sp_runtime::ExtrinsicInclusionMode", {"AllExtrinsics", "OnlyInherents"}};
}

struct Core {
    static constexpr std::string_view kName = "Core";
    static RuntimeVersion version();
    static void execute_block(const Block& block);
    static ExtrinsicInclusionMode initialize_block(const Header& header);
    static constexpr auto methods =
        list(method("version", &version, {}, "Returns the version of the runtime."),
             method("execute_block", &execute_block, {"block"}, "Execute the given block."),
             method("initialize_block", &initialize_block, {"header"},
                    "Initialize a block with the given header."));
};

struct Metadata {
    static constexpr std::string_view kName = "Metadata";
    static Bytes metadata();
    static std::optional<Bytes> metadata_at_version(std::uint32_t version);
    static std::vector<std::uint32_t> metadata_versions();
    static constexpr auto methods =
        list(method("metadata", &metadata, {}, "Returns the metadata of a runtime."),
             method("metadata_at_version", &metadata_at_version, {"version"},
                    "Returns the metadata at a given version."),
             method("metadata_versions", &metadata_versions, {},
                    "Returns the supported metadata versions."));
};

struct BlockBuilder {
    static constexpr std::string_view kName = "BlockBuilder";
    static ApplyAnswer apply_extrinsic(const Extrinsic& extrinsic);
    static Header finalize_block();
    static std::vector<Extrinsic> inherent_extrinsics(const InherentData& inherent);
    static executive::CheckInherentsResult check_inherents(const Block& block,
                                                           const InherentData& data);
    static constexpr auto methods = list(
        method("apply_extrinsic", &apply_extrinsic, {"extrinsic"}, "Apply the given extrinsic."),
        method("finalize_block", &finalize_block, {}, "Finish the current block."),
        method("inherent_extrinsics", &inherent_extrinsics, {"inherent"},
               "Generate inherent extrinsics."),
        method("check_inherents", &check_inherents, {"block", "data"},
               "Check that the inherents are valid."));
};

struct TaggedTransactionQueue {
    static constexpr std::string_view kName = "TaggedTransactionQueue";
    static ValidityAnswer validate_transaction(TransactionSource source, const Extrinsic& tx,
                                               const Hash& block_hash);
    static constexpr auto methods =
        list(method("validate_transaction", &validate_transaction, {"source", "tx", "block_hash"},
                    "Validate the transaction."));
};

struct OffchainWorkerApi {
    static constexpr std::string_view kName = "OffchainWorkerApi";
    static void offchain_worker(const Header& header);
    static constexpr auto methods =
        list(method("offchain_worker", &offchain_worker, {"header"}, "Starts the off-chain task."));
};

struct SessionKeysApi {
    static constexpr std::string_view kName = "SessionKeys";
    static Bytes generate_session_keys(const std::optional<Bytes>& seed);
    static std::optional<std::vector<std::tuple<Bytes, KeyTypeId>>> decode_session_keys(
        const Bytes& encoded);
    static constexpr auto methods =
        list(method("generate_session_keys", &generate_session_keys, {"seed"},
                    "Generate a set of session keys with optionally using the given seed."),
             method("decode_session_keys", &decode_session_keys, {"encoded"},
                    "Decode the given public session keys."));
};

struct BabeApi {
    static constexpr std::string_view kName = "BabeApi";
    static babe::Configuration configuration();
    static Slot current_epoch_start();
    static babe::Epoch current_epoch();
    static babe::Epoch next_epoch();
    static std::optional<Bytes> generate_key_ownership_proof(
        Slot slot, const crypto::Sr25519Public& authority_id);
    static std::optional<Unit> submit_report_equivocation_unsigned_extrinsic(
        const BabeEquivocationProof& equivocation_proof, const Bytes& key_owner_proof);
    static constexpr auto methods =
        list(method("configuration", &configuration, {}, "Return the configuration for BABE."),
             method("current_epoch_start", &current_epoch_start, {},
                    "Returns the slot that started the current epoch."),
             method("current_epoch", &current_epoch, {}, "Returns the current epoch."),
             method("next_epoch", &next_epoch, {}, "Returns the next epoch."),
             method("generate_key_ownership_proof", &generate_key_ownership_proof,
                    {"slot", "authority_id"}, "A proof of who owns a key in this session."),
             method("submit_report_equivocation_unsigned_extrinsic",
                    &submit_report_equivocation_unsigned_extrinsic,
                    {"equivocation_proof", "key_owner_proof"},
                    "Hands a report to the pool; none when it could not."));
};

struct GrandpaApi {
    static constexpr std::string_view kName = "GrandpaApi";
    static grandpa::AuthorityList grandpa_authorities();
    static std::uint64_t current_set_id();
    static std::optional<Bytes> generate_key_ownership_proof(
        std::uint64_t set_id, const crypto::Ed25519Public& authority_id);
    static std::optional<Unit> submit_report_equivocation_unsigned_extrinsic(
        const GrandpaEquivocationProof& equivocation_proof, const Bytes& key_owner_proof);
    static constexpr auto methods = list(
        method("grandpa_authorities", &grandpa_authorities, {},
               "Get the current GRANDPA authorities and weights."),
        method("generate_key_ownership_proof", &generate_key_ownership_proof,
               {"set_id", "authority_id"}, "A proof of who owns a key in this session."),
        method("submit_report_equivocation_unsigned_extrinsic",
               &submit_report_equivocation_unsigned_extrinsic,
               {"equivocation_proof", "key_owner_proof"},
               "Hands a report to the pool; none when it could not."),
        method("current_set_id", &current_set_id, {}, "Get current GRANDPA authority set id."));
};

struct BeefyApi {
    static constexpr std::string_view kName = "BeefyApi";
    static std::optional<BlockNumber> beefy_genesis();
    static std::optional<BeefyValidatorSet> validator_set();
    static std::optional<Unit> submit_report_double_voting_unsigned_extrinsic(
        const BeefyDoubleVotingProof& equivocation_proof, const Bytes& key_owner_proof);
    static std::optional<Unit> submit_report_fork_voting_unsigned_extrinsic(
        const BeefyOpaqueForkVotingProof& equivocation_proof, const Bytes& key_owner_proof);
    static std::optional<Unit> submit_report_future_block_voting_unsigned_extrinsic(
        const BeefyFutureVotingProof& equivocation_proof, const Bytes& key_owner_proof);
    static std::optional<Bytes> generate_key_ownership_proof(
        std::uint64_t set_id, const crypto::EcdsaPublic& authority_id);
    static constexpr auto methods =
        list(method("beefy_genesis", &beefy_genesis, {}, "The block at which signing begins."),
             method("validator_set", &validator_set, {}, "The keys that sign now."),
             method("submit_report_double_voting_unsigned_extrinsic",
                    &submit_report_double_voting_unsigned_extrinsic,
                    {"equivocation_proof", "key_owner_proof"},
                    "Hands a report to the pool; none when it could not."),
             method("submit_report_fork_voting_unsigned_extrinsic",
                    &submit_report_fork_voting_unsigned_extrinsic,
                    {"equivocation_proof", "key_owner_proof"},
                    "Hands a report to the pool; none when it could not."),
             method("submit_report_future_block_voting_unsigned_extrinsic",
                    &submit_report_future_block_voting_unsigned_extrinsic,
                    {"equivocation_proof", "key_owner_proof"},
                    "Hands a report to the pool; none when it could not."),
             method("generate_key_ownership_proof", &generate_key_ownership_proof,
                    {"set_id", "authority_id"}, "A proof of who owns a key in this session."));
};

struct MmrApi {
    static constexpr std::string_view kName = "MmrApi";
    using Verdict = ScaleResult<void, MmrError>;
    static ScaleResult<Hash, MmrError> mmr_root();
    static ScaleResult<std::uint64_t, MmrError> mmr_leaf_count();
    static ScaleResult<ProvedLeaves, MmrError> generate_proof(
        const std::vector<BlockNumber>& block_numbers,
        const std::optional<BlockNumber>& best_known_block_number);
    static ScaleResult<AncestryProof, MmrError> generate_ancestry_proof(
        BlockNumber prev_block_number, const std::optional<BlockNumber>& best_known_block_number);
    static Verdict verify_proof(const std::vector<OpaqueLeaf>& leaves, const LeafProof& proof);
    static Verdict verify_proof_stateless(const Hash& root, const std::vector<OpaqueLeaf>& leaves,
                                          const LeafProof& proof);
    static constexpr auto methods =
        list(method("mmr_root", &mmr_root, {}, "Return the on-chain MMR root hash."),
             method("mmr_leaf_count", &mmr_leaf_count, {}, "The number of leaves."),
             method("generate_proof", &generate_proof, {"block_numbers", "best_known_block_number"},
                    "A proof of the leaves of these blocks, at present or at an earlier block."),
             method("generate_ancestry_proof", &generate_ancestry_proof,
                    {"prev_block_number", "best_known_block_number"},
                    "A proof that the range of an earlier block grew into this one."),
             method("verify_proof", &verify_proof, {"leaves", "proof"},
                    "Whether these leaves are in this chain's range."),
             method("verify_proof_stateless", &verify_proof_stateless, {"root", "leaves", "proof"},
                    "Whether these leaves are in the range of this root."));
};

struct BeefyMmrApi {
    static constexpr std::string_view kName = "BeefyMmrApi";
    static BeefyAuthoritySet authority_set_proof();
    static BeefyAuthoritySet next_authority_set_proof();
    static constexpr auto methods =
        list(method("authority_set_proof", &authority_set_proof, {},
                    "The set that signs now, as bridges know it."),
             method("next_authority_set_proof", &next_authority_set_proof, {},
                    "The set of the next session, as bridges know it."));
};

struct AuthorityDiscoveryApi {
    static constexpr std::string_view kName = "AuthorityDiscoveryApi";
    static std::vector<crypto::Sr25519Public> authorities();
    static constexpr auto methods =
        list(method("authorities", &authorities, {},
                    "Authority identifiers of the current and next authority set."));
};

struct AccountNonceApi {
    static constexpr std::string_view kName = "AccountNonceApi";
    static Nonce account_nonce(const AccountId& account);
    static constexpr auto methods = list(method("account_nonce", &account_nonce, {"account"},
                                                "Get current account nonce of given `AccountId`."));
};

struct TransactionPaymentApi {
    static constexpr std::string_view kName = "TransactionPaymentApi";
    static RuntimeDispatchInfo query_info(const Extrinsic& uxt, std::uint32_t len);
    static FeeDetails query_fee_details(const Extrinsic& uxt, std::uint32_t len);
    static Balance query_weight_to_fee(Weight weight);
    static Balance query_length_to_fee(std::uint32_t length);
    static constexpr auto methods = list(
        method("query_info", &query_info, {"uxt", "len"}, "The fee of an extrinsic."),
        method("query_fee_details", &query_fee_details, {"uxt", "len"},
               "The parts of the fee of an extrinsic."),
        method("query_weight_to_fee", &query_weight_to_fee, {"weight"}, "The fee of a weight."),
        method("query_length_to_fee", &query_length_to_fee, {"length"},
               "The fee of a length in bytes."));
};

struct TransactionPaymentCallApi {
    static constexpr std::string_view kName = "TransactionPaymentCallApi";
    static RuntimeDispatchInfo query_call_info(const RuntimeCall& call, std::uint32_t len);
    static FeeDetails query_call_fee_details(const RuntimeCall& call, std::uint32_t len);
    static Balance query_weight_to_fee(Weight weight);
    static Balance query_length_to_fee(std::uint32_t length);
    static constexpr auto methods = list(
        method("query_call_info", &query_call_info, {"call", "len"}, "The fee of a call."),
        method("query_call_fee_details", &query_call_fee_details, {"call", "len"},
               "The parts of the fee of a call."),
        method("query_weight_to_fee", &query_weight_to_fee, {"weight"}, "The fee of a weight."),
        method("query_length_to_fee", &query_length_to_fee, {"length"},
               "The fee of a length in bytes."));
};

struct GenesisBuilder {
    static constexpr std::string_view kName = "GenesisBuilder";
    static ScaleResult<void, std::string> build_state(const Bytes& json);
    static std::optional<Bytes> get_preset(const std::optional<std::string>& id);
    static std::vector<std::string> preset_names();
    static constexpr auto methods =
        list(method("build_state", &build_state, {"json"}, "Build the genesis state from JSON."),
             method("get_preset", &get_preset, {"id"},
                    "The JSON of a preset, or the default configuration."),
             method("preset_names", &preset_names, {}, "The names of the presets."));
};

}  // namespace stipple::runtime
