// Module `storage`: the main trie of the call's overlay.
//
// Spec: sect-storage-api; host-api.md section 1.
#include "executor/host_storage.hpp"

#include "executor/host_table.hpp"

namespace stipple::executor {

const state::TrieId kMainTrie = state::TrieId::main();

bool may_clear_prefix(ByteView prefix) {
    const ByteView reserved = as_bytes(state::kChildStoragePrefix);
    return !starts_with(prefix, reserved) && !starts_with(reserved, prefix);
}

std::optional<std::optional<std::uint32_t>> decode_limit(HostCall& call, ByteView limit) {
    const auto decoded = scale::decode_prefix<std::optional<std::uint32_t>>(limit);
    if (!decoded) {
        call.trap("undecodable limit");
        return std::nullopt;
    }
    return *decoded;
}

GuestBytes give_kill_result(HostCall& call, const state::RemovalCount& count) {
    Bytes out{count.all_removed ? std::uint8_t{0} : std::uint8_t{1}};
    append_le(out, count.backend);
    return call.give(out);
}

GuestBytes give_removal(HostCall& call, const state::RemovalCount& count) {
    Bytes out = scale::encode(count.cursor);
    append_le(out, count.backend);
    append_le(out, count.unique);
    append_le(out, count.loops);
    return call.give(out);
}

std::uint32_t write_removal(HostCall& call, const state::RemovalCount& count,
                            MutableByteView cursor_out,
                            std::span<std::uint8_t, kRemovalCounterBytes> counters) {
    Bytes numbers;
    append_le(numbers, count.backend);
    append_le(numbers, count.unique);
    append_le(numbers, count.loops);
    std::ranges::copy(numbers, counters.begin());
    call.last_cursor = count.cursor;
    if (!count.cursor) {
        return 0;
    }
    copy_if_fits(*count.cursor, cursor_out);
    return static_cast<std::uint32_t>(count.cursor->size());
}

std::optional<state::StateVersion> state_version(HostCall& call, std::uint32_t version) {
    if (version > 1) {
        call.trap("unknown state version");
        return std::nullopt;
    }
    return static_cast<state::StateVersion>(version);
}

std::optional<std::uint32_t> read_value(HostCall& call, const state::TrieId& trie, ByteView key,
                                        MutableByteView out, std::uint32_t offset,
                                        bool allow_partial) {
    const auto value = call.take(call.overlay.get_view(trie, key));
    if (!value) {
        return std::nullopt;
    }
    const ByteView rest = value->subspan(std::min<std::size_t>(offset, value->size()));
    if (allow_partial || rest.size() <= out.size()) {
        const std::size_t count = std::min(rest.size(), out.size());
        if (count != 0) {
            std::memcpy(out.data(), rest.data(), count);
        }
    }
    return static_cast<std::uint32_t>(rest.size());
}

void write_root(HostCall& call, const state::StateRoot& root, MutableByteView out) {
    const Bytes encoded = scale::encode(to_bytes(root));
    if (!copy_if_fits(encoded, out)) {
        call.trap("the buffer for the root is too small");
    }
}

std::uint32_t write_next_key(const std::optional<Bytes>& key, MutableByteView out) {
    if (!key) {
        return 0;
    }
    copy_if_fits(*key, out);
    return static_cast<std::uint32_t>(key->size());
}

bool copy_if_fits(ByteView bytes, MutableByteView out) {
    if (bytes.size() > out.size()) {
        return false;
    }
    std::ranges::copy(bytes, out.begin());
    return true;
}

std::optional<Bytes> owned(const OptionalBytes& bytes) {
    return bytes.bytes ? std::optional(to_bytes(*bytes.bytes)) : std::nullopt;
}

namespace {

void storage_set(HostCall& call, ByteView key, ByteView value) {
    call.overlay.set(kMainTrie, key, to_bytes(value));
}
GuestBytes storage_get(HostCall& call, ByteView key) {
    const auto value = call.take(call.overlay.get_view(kMainTrie, key));
    return call.failed() ? GuestBytes{} : call.give_option(value);
}
GuestBytes storage_read(HostCall& call, ByteView key, MutableByteView out, std::uint32_t offset) {
    const auto rest = read_value(call, kMainTrie, key, out, offset, true);
    return call.failed() ? GuestBytes{} : call.give_option(rest);
}
OptionalU32 storage_read_v2(HostCall& call, ByteView key, MutableByteView out, std::uint32_t offset,
                            std::uint32_t allow_partial) {
    return {read_value(call, kMainTrie, key, out, offset, allow_partial != 0)};
}
void storage_clear(HostCall& call, ByteView key) {
    call.overlay.set(kMainTrie, key, std::nullopt);
}
bool storage_exists(HostCall& call, ByteView key) {
    return call.take(call.overlay.exists(kMainTrie, key));
}

state::RemovalCount clear_main(HostCall& call, ByteView prefix, std::optional<std::uint32_t> limit,
                               std::optional<Bytes> cursor = {}) {
    if (!may_clear_prefix(prefix)) {
        return {};
    }
    return call.take(call.overlay.clear_prefix(kMainTrie, prefix, limit, std::move(cursor)));
}
void storage_clear_prefix_v1(HostCall& call, ByteView prefix) {
    clear_main(call, prefix, std::nullopt);
}
GuestBytes storage_clear_prefix_v2(HostCall& call, ByteView prefix, ByteView limit) {
    const auto count_max = decode_limit(call, limit);
    if (!count_max) {
        return {};
    }
    const auto removed = clear_main(call, prefix, *count_max);
    return call.failed() ? GuestBytes{} : give_kill_result(call, removed);
}
GuestBytes storage_clear_prefix_v3(HostCall& call, ByteView prefix, ByteView limit,
                                   ByteView cursor) {
    const auto count_max = decode_limit(call, limit);
    auto from = scale::decode_prefix<std::optional<Bytes>>(cursor);
    if (!count_max || !from) {
        call.trap("undecodable cursor");
        return {};
    }
    const auto removed = clear_main(call, prefix, *count_max, std::move(*from));
    return call.failed() ? GuestBytes{} : give_removal(call, removed);
}
std::uint32_t storage_clear_prefix_v4(HostCall& call, ByteView prefix, OptionalU32 limit,
                                      OptionalBytes cursor, MutableByteView cursor_out,
                                      std::span<std::uint8_t, kRemovalCounterBytes> counters) {
    const auto removed = clear_main(call, prefix, limit.value, owned(cursor));
    return call.failed() ? 0 : write_removal(call, removed, cursor_out, counters);
}
void storage_append(HostCall& call, ByteView key, ByteView item) {
    call.take_status(call.overlay.append(kMainTrie, key, item));
}

GuestBytes storage_root_v1(HostCall& call) {
    const auto root = call.take(call.overlay.root(state::StateVersion::v0));
    return call.failed() ? GuestBytes{} : call.give(root);
}
GuestBytes storage_root_v2(HostCall& call, std::uint32_t version) {
    const auto known = state_version(call, version);
    if (!known) {
        return {};
    }
    const auto root = call.take(call.overlay.root(*known));
    return call.failed() ? GuestBytes{} : call.give(root);
}
void storage_root_v3(HostCall& call, MutableByteView out) {
    // Without a version argument the host must know the runtime's own.
    const auto root = call.take(call.overlay.root(call.state_version));
    if (!call.failed()) {
        write_root(call, root, out);
    }
}
GuestBytes storage_changes_root(HostCall& call, ByteView) {
    return call.give_option(std::optional<ByteView>{});
}
GuestBytes storage_next_key(HostCall& call, ByteView key) {
    const auto next = call.take(call.overlay.next_key(kMainTrie, key));
    return call.failed() ? GuestBytes{} : call.give_option(view_of(next));
}
std::uint32_t storage_next_key_v2(HostCall& call, ByteView key, MutableByteView out) {
    return write_next_key(call.take(call.overlay.next_key(kMainTrie, key)), out);
}

void storage_start_transaction(HostCall& call) {
    call.overlay.start_transaction();
}
void storage_rollback_transaction(HostCall& call) {
    if (call.overlay.open_transactions() <= call.transaction_floor ||
        !call.overlay.rollback_transaction()) {
        call.trap("no open transaction that can be rolled back");
    }
}
void storage_commit_transaction(HostCall& call) {
    if (call.overlay.open_transactions() <= call.transaction_floor ||
        !call.overlay.commit_transaction()) {
        call.trap("no open transaction that can be committed");
    }
}

constexpr auto kNewer = HostFunctionFlag::newer;
constexpr auto kObsolete = HostFunctionFlag::obsolete;
constexpr std::array kFunctions = {
    host_function<storage_set>("ext_storage_set_version_1"),
    host_function<storage_get>("ext_storage_get_version_1"),
    host_function<storage_read>("ext_storage_read_version_1"),
    host_function<storage_read_v2>("ext_storage_read_version_2", kNewer),
    host_function<storage_clear>("ext_storage_clear_version_1"),
    host_function<storage_exists>("ext_storage_exists_version_1"),
    host_function<storage_clear_prefix_v1>("ext_storage_clear_prefix_version_1"),
    host_function<storage_clear_prefix_v2>("ext_storage_clear_prefix_version_2"),
    host_function<storage_clear_prefix_v3>("ext_storage_clear_prefix_version_3", kNewer),
    host_function<storage_clear_prefix_v4>("ext_storage_clear_prefix_version_4", kNewer),
    host_function<storage_append>("ext_storage_append_version_1"),
    host_function<storage_root_v1>("ext_storage_root_version_1"),
    host_function<storage_root_v2>("ext_storage_root_version_2"),
    host_function<storage_root_v3>("ext_storage_root_version_3", kNewer),
    host_function<storage_changes_root>("ext_storage_changes_root_version_1", kObsolete),
    host_function<storage_next_key>("ext_storage_next_key_version_1"),
    host_function<storage_next_key_v2>("ext_storage_next_key_version_2", kNewer),
    host_function<storage_start_transaction>("ext_storage_start_transaction_version_1"),
    host_function<storage_rollback_transaction>("ext_storage_rollback_transaction_version_1"),
    host_function<storage_commit_transaction>("ext_storage_commit_transaction_version_1"),
};

}  // namespace

std::span<const HostFunction> storage_functions() {
    return kFunctions;
}

}  // namespace stipple::executor
