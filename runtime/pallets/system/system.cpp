#include "pallets/system/system.hpp"

#include "primitives/runtime_version.hpp"
#include "spec_version.hpp"

namespace stipple::runtime {

namespace {
constexpr std::string_view kCodeKey = ":code";
constexpr std::string_view kHeapPagesKey = ":heappages";
constexpr std::string_view kExtrinsicIndexKey = ":extrinsic_index";
/// Phase::apply_extrinsic, encoded.
constexpr std::uint8_t kApplyingExtrinsics = 0;

void store_code(const Bytes& code) {
    host::set(as_bytes(kCodeKey), code);
    System::deposit_log(RuntimeUpdatedDigest{});
    System::deposit(System::kCodeUpdated);
}

/// The code must name this chain and a higher version.
DispatchResult check_code(const Bytes& code) {
    const std::optional<Bytes> raw = host::runtime_version(code);
    const auto version = raw ? scale::decode_prefix<RuntimeVersion>(*raw)
                             : std::unexpected(scale::DecodeError::end_of_input);
    if (!version) {
        return System::fail(System::kFailedToExtractRuntimeVersion);
    }
    if (version->spec_name != config::kSpecName) {
        return System::fail(System::kInvalidSpecName);
    }
    if (version->spec_version <= config::kSpecVersion) {
        return System::fail(System::kSpecVersionNeedsToIncrease);
    }
    return {};
}
}  // namespace

// ---- calls ----

DispatchResult System::remark(const Origin&, const Bytes&) {
    return {};
}

DispatchResult System::set_heap_pages(const Origin& origin, std::uint64_t pages) {
    TRY(ensure_root(origin));
    host::set(as_bytes(kHeapPagesKey), scale::encode(pages));
    deposit_log(RuntimeUpdatedDigest{});
    return {};
}

PostDispatchResult System::set_code(const Origin& origin, const Bytes& code) {
    TRY(ensure_root(origin));
    TRY(check_code(code));
    store_code(code);
    return PostDispatchInfo{config::kMaxBlockWeight, Pays::yes};
}

PostDispatchResult System::set_code_without_checks(const Origin& origin, const Bytes& code) {
    TRY(ensure_root(origin));
    store_code(code);
    return PostDispatchInfo{config::kMaxBlockWeight, Pays::yes};
}

DispatchResult System::set_storage(const Origin& origin,
                                   const std::vector<std::tuple<Bytes, Bytes>>& items) {
    TRY(ensure_root(origin));
    for (const auto& [key, value] : items) {
        host::set(key, value);
    }
    return {};
}

DispatchResult System::kill_storage(const Origin& origin, const std::vector<Bytes>& keys) {
    TRY(ensure_root(origin));
    for (const Bytes& key : keys) {
        host::clear(key);
    }
    return {};
}

DispatchResult System::kill_prefix(const Origin& origin, const Bytes& prefix,
                                   std::uint32_t subkeys) {
    TRY(ensure_root(origin));
    host::clear_prefix(prefix, subkeys);
    return {};
}

DispatchResult System::remark_with_event(const Origin& origin, const Bytes& remark) {
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    deposit(kRemarked, who, host::blake2_256(remark));
    return {};
}

DispatchResult System::authorize_upgrade(const Origin& origin, const Hash& code_hash) {
    TRY(ensure_root(origin));
    authorized_upgrade.set({code_hash, true});
    deposit(kUpgradeAuthorized, code_hash, true);
    return {};
}

DispatchResult System::authorize_upgrade_without_checks(const Origin& origin,
                                                        const Hash& code_hash) {
    TRY(ensure_root(origin));
    authorized_upgrade.set({code_hash, false});
    deposit(kUpgradeAuthorized, code_hash, false);
    return {};
}

PostDispatchResult System::apply_authorized_upgrade(const Origin&, const Bytes& code) {
    const auto authorized = authorized_upgrade.get();
    if (!authorized) {
        return fail(kNothingAuthorized);
    }
    if (host::blake2_256(code) != authorized->code_hash) {
        return fail(kUnauthorized);
    }
    if (authorized->check_version) {
        TRY(check_code(code));
    }
    store_code(code);
    authorized_upgrade.clear();
    return PostDispatchInfo{config::kMaxBlockWeight, Pays::no};
}

// ---- accounts ----

void System::store(const AccountId& who, const AccountInfo& info) {
    if (info.providers > 0 || info.sufficients > 0) {
        account.insert(who, info);
    } else {
        account.remove(who);
    }
}

void System::add_provider(const AccountId& who, AccountInfo& info) {
    const bool is_new = info.providers == 0 && info.sufficients == 0;
    info.providers = is_new ? 1 : saturating_add(info.providers, 1U);
    if (is_new) {
        deposit(kNewAccount, who);
    }
}

DispatchResult System::drop_provider(const AccountId& who, AccountInfo& info) {
    if (info.providers <= 1 && info.consumers > 0) {
        return fail(DispatchError::consumer_remaining());
    }
    if (info.providers <= 1 && info.sufficients == 0) {
        info = {};
        deposit(kKilledAccount, who);
        return {};
    }
    info.providers = saturating_sub(info.providers, 1U);
    return {};
}

DispatchResult System::add_consumer(AccountInfo& info) {
    if (info.providers == 0) {
        return fail(DispatchError::no_providers());
    }
    if (info.consumers >= config::kMaxConsumers) {
        return fail(DispatchError::too_many_consumers());
    }
    ++info.consumers;
    return {};
}

void System::inc_providers(const AccountId& who) {
    AccountInfo info = account.get(who);
    add_provider(who, info);
    account.insert(who, info);
}

DispatchResult System::dec_providers(const AccountId& who) {
    AccountInfo info = account.get(who);
    TRY(drop_provider(who, info));
    store(who, info);
    return {};
}

DispatchResult System::inc_consumers(const AccountId& who) {
    AccountInfo info = account.get(who);
    TRY(add_consumer(info));
    account.insert(who, info);
    return {};
}

void System::dec_consumers(const AccountId& who) {
    account.mutate(who,
                   [](AccountInfo& info) { info.consumers = saturating_sub(info.consumers, 1U); });
}

void System::inc_nonce(const AccountId& who) {
    account.mutate(who, [](AccountInfo& info) { ++info.nonce; });
}

// ---- the block ----

void System::reset_events() {
    events_log.clear();
    event_count.clear();
    event_topics.clear(std::nullopt);
}

void System::start_block(const Header& header) {
    execution_phase.set(Phase::initialization());
    host::set(as_bytes(kExtrinsicIndexKey), scale::encode(std::uint32_t{0}));
    const Hash parent = Hash::copy(header.parent_hash);
    number.set(header.number);
    digest.set({header.digest});
    parent_hash.set(parent);
    block_hash.insert(header.number - 1, parent);
    inherents_applied.clear();
    block_weight.clear();
}

void System::note_extrinsic(std::uint32_t index, const Bytes& encoded) {
    extrinsic_data.insert(index, encoded);
}

std::uint32_t System::extrinsic_index() {
    const StoredValue raw = host::read(as_bytes(kExtrinsicIndexKey));
    return raw ? scale::decode<std::uint32_t>(raw.bytes()).value_or(0) : 0;
}

void System::note_applied_extrinsic(const PostDispatchResult& result, DispatchInfo info) {
    const PostDispatchInfo& post = result ? *result : result.error().post;
    info.weight =
        post.actual_weight.value_or(info.weight).min(info.weight) + config::kBaseExtrinsicWeight;
    info.pays_fee = info.pays_fee == Pays::no ? Pays::no : post.pays_fee;
    if (result) {
        deposit(kExtrinsicSuccess, info);
    } else {
        deposit(kExtrinsicFailed, result.error().error, info);
    }
    const std::uint32_t next = extrinsic_index() + 1;
    host::set(as_bytes(kExtrinsicIndexKey), scale::encode(next));
}

void System::note_finished_extrinsics() {
    extrinsic_count.set(extrinsic_index());
    host::clear(as_bytes(kExtrinsicIndexKey));
    execution_phase.set(Phase::finalization());
}

std::uint32_t System::events_so_far() {
    constexpr std::size_t kCompactBytesMax = 5;
    const Bytes length = host::first_bytes(events_log.key(), kCompactBytesMax);
    scale::Decoder in(length);
    return length.empty() ? 0 : in.compact32();
}

Header System::finish_block() {
    event_count.set(events_so_far());
    execution_phase.clear();
    all_extrinsics_len.clear();
    inherents_applied.clear();
    Header header;
    header.number = number.get();
    header.parent_hash = BlockHash::copy(parent_hash.get());
    header.digest = digest.get().logs;
    std::vector<Bytes> extrinsics(extrinsic_count.take().value_or(0));
    for (std::uint32_t i = 0; i < extrinsics.size(); ++i) {
        extrinsics[i] = extrinsic_data.take(i);
    }
    constexpr std::uint8_t kRootVersion = config::kSystemVersion >= 2 ? 1 : 0;
    header.extrinsics_root = ExtrinsicsRoot::copy(host::ordered_root(extrinsics, kRootVersion));
    // The hash of block 0 stays for CheckGenesis.
    const BlockNumber oldest =
        saturating_sub(saturating_sub(header.number, 1U), config::kBlockHashCount);
    if (oldest > 0) {
        block_hash.remove(oldest);
    }
    header.state_root = HeaderStateRoot::copy(host::storage_root());
    return header;
}

void System::deposit_log(DigestItem item) {
    digest.append(scale::encode(item));
}

void System::register_weight(Weight weight, DispatchClass kind) {
    block_weight.mutate([&](PerClass<Weight>& spent) { spent.of(kind) += weight; });
}

void System::genesis(GenesisReader&) {
    block_hash.insert(0, Hash({69, 69, 69, 69, 69, 69, 69, 69, 69, 69, 69, 69, 69, 69, 69, 69,
                               69, 69, 69, 69, 69, 69, 69, 69, 69, 69, 69, 69, 69, 69, 69, 69}));
    parent_hash.set(block_hash.get(0));
    last_runtime_upgrade.set({{config::kSpecVersion}, std::string(config::kSpecName)});
    host::set(as_bytes(kExtrinsicIndexKey), scale::encode(std::uint32_t{0}));
}

}  // namespace stipple::runtime

namespace stipple::runtime::inline kit {

/// No phase, no block: events of genesis are not kept, nobody could tell which block they are of.
bool begin_event(Bytes& record) {
    const StoredValue phase = host::read(System::execution_phase.key());
    if (!phase) {
        return false;
    }
    append(record, phase.bytes());
    if (record[0] == kApplyingExtrinsics) {
        record.resize(1);
        scale::encode_to(record, System::extrinsic_index());
    }
    return true;
}

void deposit_begun_event(Bytes& record) {
    record.push_back(0);  // no topics
    System::events_log.append(record);
}

void deposit_encoded_event(const Bytes& event, const std::vector<Hash>& topics) {
    Bytes record;
    if (!begin_event(record)) {
        return;
    }
    append(record, event);
    if (topics.empty()) {
        return deposit_begun_event(record);
    }
    const std::uint32_t index = System::events_so_far();
    scale::encode_to(record, topics);
    System::events_log.append(record);
    for (const Hash& topic : topics) {
        System::event_topics.append(topic, scale::encode(std::tuple(System::number.get(), index)));
    }
}

}  // namespace stipple::runtime::inline kit
