// System: accounts, the block at hand, its events and digest, code and storage by force.
//
// Spec: sect-runtime-entries. Every runtime has it, first in the list. The executive
// (kit/executive.hpp) drives it through the functions under "the block"; other pallets use the
// references of accounts and the block number.
#pragma once

#include "kit/pallet.hpp"
#include "kit/runtime_version.hpp"
#include "pallets/system/types.hpp"
#include "runtime_config.hpp"

namespace stipple::runtime {

struct System : Pallet<System> {
    static constexpr std::string_view kName = "System";
    static constexpr std::string_view kPath = "frame_system";

    // ---- storage ----
    static constexpr StorageMap<Blake2Concat<AccountId>, AccountInfo> account{
        kName, "Account", "The full account information for a particular account ID."};
    static constexpr StorageValue<Optional<std::uint32_t>> extrinsic_count{
        kName, "ExtrinsicCount", "Extrinsics of the current block so far."};
    static constexpr StorageValue<bool> inherents_applied{
        kName, "InherentsApplied", "Whether all inherents have been applied."};
    static constexpr StorageValue<PerClass<Weight>> block_weight{
        kName, "BlockWeight", "The weight of the current block, by class."};
    static constexpr StorageValue<Optional<std::uint32_t>> all_extrinsics_len{
        kName, "AllExtrinsicsLen", "Bytes of all extrinsics of the current block."};
    static constexpr StorageMap<Twox64Concat<BlockNumber>, Hash> block_hash{
        kName, "BlockHash", "Hashes of past blocks, the last BlockHashCount of them."};
    static constexpr StorageMap<Twox64Concat<std::uint32_t>, Bytes> extrinsic_data{
        kName, "ExtrinsicData", "Extrinsics of the current block by index, until it is finalized."};
    static constexpr StorageValue<BlockNumber> number{kName, "Number",
                                                      "The number of the current block."};
    static constexpr StorageValue<Hash> parent_hash{kName, "ParentHash",
                                                    "Hash of the previous block."};
    static constexpr StorageValue<Digest> digest{kName, "Digest", "Digest of the current block."};
    static constexpr StorageValue<std::vector<EventRecord>> events_log{
        kName, "Events", "Events deposited in the current block."};
    static constexpr StorageValue<std::uint32_t> event_count{
        kName, "EventCount", "The number of events of the current block."};
    static constexpr StorageMap<Blake2Concat<Hash>,
                                std::vector<std::tuple<BlockNumber, std::uint32_t>>>
        event_topics{kName, "EventTopics", "Where events of a topic are, by block and index."};
    static constexpr StorageValue<Optional<LastRuntimeUpgradeInfo>> last_runtime_upgrade{
        kName, "LastRuntimeUpgrade", "The version whose migrations ran last."};
    /// Of extrinsics it says the first: which one runs, `:extrinsic_index` knows.
    static constexpr StorageValue<Optional<Phase>> execution_phase{
        kName, "ExecutionPhase", "The phase of the block at hand."};
    static constexpr StorageValue<Optional<CodeUpgradeAuthorization>> authorized_upgrade{
        kName, "AuthorizedUpgrade", "Code that anyone may apply."};
    static constexpr auto storage =
        list(account, extrinsic_count, inherents_applied, block_weight, all_extrinsics_len,
             block_hash, extrinsic_data, number, parent_hash, digest, events_log, event_count,
             event_topics, last_runtime_upgrade, execution_phase, authorized_upgrade);

    // ---- events ----
    static constexpr Event<DispatchInfo> kExtrinsicSuccess{
        0, "ExtrinsicSuccess", {"dispatch_info"}, "An extrinsic completed successfully."};
    static constexpr Event<DispatchError, DispatchInfo> kExtrinsicFailed{
        1, "ExtrinsicFailed", {"dispatch_error", "dispatch_info"}, "An extrinsic failed."};
    static constexpr Event<> kCodeUpdated{2, "CodeUpdated", {}, "`:code` was updated."};
    static constexpr Event<AccountId> kNewAccount{
        3, "NewAccount", {"account"}, "A new account was created."};
    static constexpr Event<AccountId> kKilledAccount{
        4, "KilledAccount", {"account"}, "An account was reaped."};
    static constexpr Event<AccountId, Hash> kRemarked{
        5, "Remarked", {"sender", "hash"}, "On on-chain remark happened."};
    static constexpr Event<Hash, bool> kUpgradeAuthorized{
        6, "UpgradeAuthorized", {"code_hash", "check_version"}, "An upgrade was authorized."};
    static constexpr auto events = list(kExtrinsicSuccess, kExtrinsicFailed, kCodeUpdated,
                                        kNewAccount, kKilledAccount, kRemarked, kUpgradeAuthorized);

    // ---- errors ----
    static constexpr ModuleErrorInfo kInvalidSpecName{0, "InvalidSpecName",
                                                      "The spec name of the new code is another."};
    static constexpr ModuleErrorInfo kSpecVersionNeedsToIncrease{
        1, "SpecVersionNeedsToIncrease", "The spec version of the new code is not higher."};
    static constexpr ModuleErrorInfo kFailedToExtractRuntimeVersion{
        2, "FailedToExtractRuntimeVersion", "The new code does not tell its version."};
    static constexpr ModuleErrorInfo kNonDefaultComposite{3, "NonDefaultComposite",
                                                          "The account still has data."};
    static constexpr ModuleErrorInfo kNonZeroRefCount{4, "NonZeroRefCount",
                                                      "The account is still referenced."};
    static constexpr ModuleErrorInfo kCallFiltered{5, "CallFiltered",
                                                   "The origin filter refuses this call."};
    static constexpr ModuleErrorInfo kMultiBlockMigrationsOngoing{6, "MultiBlockMigrationsOngoing",
                                                                  "A migration is still running."};
    static constexpr ModuleErrorInfo kNothingAuthorized{7, "NothingAuthorized",
                                                        "No upgrade is authorized."};
    static constexpr ModuleErrorInfo kUnauthorized{8, "Unauthorized",
                                                   "Not the code that is authorized."};
    static constexpr auto errors =
        list(kInvalidSpecName, kSpecVersionNeedsToIncrease, kFailedToExtractRuntimeVersion,
             kNonDefaultComposite, kNonZeroRefCount, kCallFiltered, kMultiBlockMigrationsOngoing,
             kNothingAuthorized, kUnauthorized);

    // ---- calls ----
    static DispatchResult remark(const Origin& origin, const Bytes& remark);
    static DispatchResult set_heap_pages(const Origin& origin, std::uint64_t pages);
    static PostDispatchResult set_code(const Origin& origin, const Bytes& code);
    static PostDispatchResult set_code_without_checks(const Origin& origin, const Bytes& code);
    static DispatchResult set_storage(const Origin& origin,
                                      const std::vector<std::tuple<Bytes, Bytes>>& items);
    static DispatchResult kill_storage(const Origin& origin, const std::vector<Bytes>& keys);
    static DispatchResult kill_prefix(const Origin& origin, const Bytes& prefix,
                                      std::uint32_t subkeys);
    static DispatchResult remark_with_event(const Origin& origin, const Bytes& remark);
    static DispatchResult authorize_upgrade(const Origin& origin, const Hash& code_hash);
    static DispatchResult authorize_upgrade_without_checks(const Origin& origin,
                                                           const Hash& code_hash);
    static PostDispatchResult apply_authorized_upgrade(const Origin& origin, const Bytes& code);

    /// Reading the version of new code takes the host a tenth of a second; the rest of the block is
    /// taken by what the calls return.
    static constexpr DispatchInfo kSetCodeCost = operational(work(110'000, 1, 2));
    static constexpr Weight per_item_cost(std::size_t items) {
        return work(2, 0, 0) + work(1, 0, 1) * items;
    }
    static constexpr auto calls = list(
        call<0>(
            "remark", &remark, {"remark"},
            +[](const Bytes& text) { return work(2 + text.size() / 1000, 0, 0); },
            "Make some on-chain remark. Can be executed by every `origin`."),
        call<1>("set_heap_pages", &set_heap_pages, {"pages"}, operational(work(6, 0, 1)),
                "Set the number of pages in the WebAssembly environment's heap."),
        call<2>("set_code", &set_code, {"code"}, kSetCodeCost, "Set the new runtime code."),
        call<3>("set_code_without_checks", &set_code_without_checks, {"code"}, kSetCodeCost,
                "Set the new runtime code without doing any checks of the given `code`."),
        call<4>(
            "set_storage", &set_storage, {"items"},
            +[](const std::vector<std::tuple<Bytes, Bytes>>& items) {
                return operational(per_item_cost(items.size()));
            },
            "Set some items of storage."),
        call<5>(
            "kill_storage", &kill_storage, {"keys"},
            +[](const std::vector<Bytes>& keys) { return operational(per_item_cost(keys.size())); },
            "Kill some items from storage."),
        call<6>(
            "kill_prefix", &kill_prefix, {"prefix", "subkeys"},
            +[](const Bytes&, std::uint32_t subkeys) {
                return operational(per_item_cost(saturating_add(subkeys, 1U)));
            },
            "Kill all storage items with a key that starts with the given prefix."),
        call<7>(
            "remark_with_event", &remark_with_event, {"remark"},
            +[](const Bytes& text) { return work(8 + text.size() / 500, 0, 0); },
            "Make some on-chain remark and emit event."),
        call<9>("authorize_upgrade", &authorize_upgrade, {"code_hash"}, operational(work(8, 0, 1)),
                "Authorize an upgrade to a given `code_hash` for the runtime."),
        call<10>("authorize_upgrade_without_checks", &authorize_upgrade_without_checks,
                 {"code_hash"}, operational(work(8, 0, 1)),
                 "Authorize an upgrade whose version will not be checked."),
        call<11>("apply_authorized_upgrade", &apply_authorized_upgrade, {"code"}, kSetCodeCost,
                 "Provide the preimage (runtime binary) `code` for an authorized upgrade."));

    // ---- constants ----
    static constexpr BlockWeights block_weights() {
        const Weight normal{config::kMaxBlockWeight.ref_time_ps / 100 * config::kNormalPercent,
                            config::kMaxBlockWeight.proof_bytes / 100 * config::kNormalPercent};
        const Weight kept = config::kMaxBlockWeight.saturating_sub(normal);
        const Weight base = config::kBaseExtrinsicWeight;
        const Weight most = config::kMaxBlockWeight;
        return {config::kBaseBlockWeight,
                most,
                {{base, normal.saturating_sub(base), normal, Weight{}},
                 {base, most.saturating_sub(base), most, kept},
                 {base, std::nullopt, std::nullopt, std::nullopt}}};
    }
    static constexpr BlockLength block_length() {
        constexpr std::uint32_t kNormal = config::kMaxBlockBytes / 100 * config::kNormalPercent;
        return {{kNormal, config::kMaxBlockBytes, config::kMaxBlockBytes}};
    }
    static constexpr auto constants =
        list(constant("BlockWeights", &block_weights, "Block and extrinsic weights."),
             constant("BlockLength", &block_length, "The maximum length of a block in bytes."),
             constant(
                 "BlockHashCount", [] { return config::kBlockHashCount; },
                 "Block hashes that are kept."),
             constant(
                 "DbWeight", [] { return DbWeight{kDbReadPs, kDbWritePs}; },
                 "The weight of database operations, in picoseconds."),
             constant(
                 "Version", [] { return runtime_version(); }, "The runtime version."),
             constant(
                 "SS58Prefix", [] { return config::kSs58Prefix; },
                 "The prefix of addresses of this chain."));

    // ---- accounts ----
    static void inc_providers(const AccountId& who);
    /// Fails while the last provider is needed by a consumer.
    static DispatchResult dec_providers(const AccountId& who);
    static DispatchResult inc_consumers(const AccountId& who);
    static void dec_consumers(const AccountId& who);
    static std::uint32_t providers(const AccountId& who) { return account.get(who).providers; }
    static void inc_nonce(const AccountId& who);
    /// The same on an account that the caller has read and will store.
    static void add_provider(const AccountId& who, AccountInfo& info);
    static DispatchResult drop_provider(const AccountId& who, AccountInfo& info);
    static DispatchResult add_consumer(AccountInfo& info);
    /// Nothing is stored of an account that nobody provides for.
    static void store(const AccountId& who, const AccountInfo& info);

    // ---- the block ----
    static void start_block(const Header& header);
    /// Ends the block: computes roots, gathers the digest, forgets what only the block needed.
    static Header finish_block();
    /// `encoded` as it stands in the block, with its length in front: the extrinsics root is over
    /// that.
    static void note_extrinsic(std::uint32_t index, const Bytes& encoded);
    static void note_applied_extrinsic(const PostDispatchResult& result, DispatchInfo info);
    static void note_finished_extrinsics();
    static std::uint32_t extrinsic_index();
    /// Of this block; under EventCount only at its end, as nobody reads that before.
    static std::uint32_t events_so_far();
    static void deposit_log(DigestItem item);
    static void register_weight(Weight weight, DispatchClass kind);
    /// Events are forgotten and the phase starts anew: before the first block and in genesis.
    static void reset_events();

    static void genesis(GenesisReader& config);
};

}  // namespace stipple::runtime
