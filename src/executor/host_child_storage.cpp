// Module `default_child_storage`: child tries by their unprefixed key.
//
// Spec: sect-child-storage-api; host-api.md section 2.
#include "executor/host_storage.hpp"
#include "executor/host_table.hpp"

namespace stipple::executor {
namespace {

/// Deviation: a child trie with the empty key cannot be told from the main trie by TrieId; no
/// runtime uses one, so it traps.
std::optional<state::TrieId> child(HostCall& call, ByteView child_key) {
    if (child_key.empty()) {
        call.trap("empty child trie key");
        return std::nullopt;
    }
    return state::TrieId{to_bytes(child_key)};
}

void child_set(HostCall& call, ByteView child_key, ByteView key, ByteView value) {
    if (const auto trie = child(call, child_key)) {
        call.overlay.set(*trie, key, to_bytes(value));
    }
}
GuestBytes child_get(HostCall& call, ByteView child_key, ByteView key) {
    const auto trie = child(call, child_key);
    if (!trie) {
        return {};
    }
    const auto value = call.take(call.overlay.get_view(*trie, key));
    return call.failed() ? GuestBytes{} : call.give_option(value);
}
GuestBytes child_read(HostCall& call, ByteView child_key, ByteView key, MutableByteView out,
                      std::uint32_t offset) {
    const auto trie = child(call, child_key);
    if (!trie) {
        return {};
    }
    const auto rest = read_value(call, *trie, key, out, offset, true);
    return call.failed() ? GuestBytes{} : call.give_option(rest);
}
OptionalU32 child_read_v2(HostCall& call, ByteView child_key, ByteView key, MutableByteView out,
                          std::uint32_t offset, std::uint32_t allow_partial) {
    const auto trie = child(call, child_key);
    return trie ? OptionalU32{read_value(call, *trie, key, out, offset, allow_partial != 0)}
                : OptionalU32{};
}
void child_clear(HostCall& call, ByteView child_key, ByteView key) {
    if (const auto trie = child(call, child_key)) {
        call.overlay.set(*trie, key, std::nullopt);
    }
}
bool child_exists(HostCall& call, ByteView child_key, ByteView key) {
    const auto trie = child(call, child_key);
    return trie && call.take(call.overlay.exists(*trie, key));
}

state::RemovalCount clear_child(HostCall& call, ByteView child_key, ByteView prefix,
                                std::optional<std::uint32_t> limit,
                                std::optional<Bytes> cursor = {}) {
    const auto trie = child(call, child_key);
    if (!trie) {
        return {};
    }
    return call.take(call.overlay.clear_prefix(*trie, prefix, limit, std::move(cursor)));
}

void child_kill_v1(HostCall& call, ByteView child_key) {
    clear_child(call, child_key, {}, std::nullopt);
}
bool child_kill_v2(HostCall& call, ByteView child_key, ByteView limit) {
    const auto count_max = decode_limit(call, limit);
    return count_max && clear_child(call, child_key, {}, *count_max).all_removed;
}
GuestBytes child_clear_prefix_v2(HostCall& call, ByteView child_key, ByteView prefix,
                                 ByteView limit) {
    const auto count_max = decode_limit(call, limit);
    if (!count_max) {
        return {};
    }
    const auto removed = clear_child(call, child_key, prefix, *count_max);
    return call.failed() ? GuestBytes{} : give_kill_result(call, removed);
}
GuestBytes child_kill_v3(HostCall& call, ByteView child_key, ByteView limit) {
    return child_clear_prefix_v2(call, child_key, {}, limit);
}
GuestBytes child_clear_prefix_v3(HostCall& call, ByteView child_key, ByteView prefix,
                                 ByteView limit, ByteView cursor) {
    const auto count_max = decode_limit(call, limit);
    auto from = scale::decode_prefix<std::optional<Bytes>>(cursor);
    if (!count_max || !from) {
        call.trap("undecodable cursor");
        return {};
    }
    const auto removed = clear_child(call, child_key, prefix, *count_max, std::move(*from));
    return call.failed() ? GuestBytes{} : give_removal(call, removed);
}
GuestBytes child_kill_v4(HostCall& call, ByteView child_key, ByteView limit, ByteView cursor) {
    return child_clear_prefix_v3(call, child_key, {}, limit, cursor);
}
std::uint32_t child_clear_prefix_v4(HostCall& call, ByteView child_key, ByteView prefix,
                                    OptionalU32 limit, OptionalBytes cursor,
                                    MutableByteView cursor_out,
                                    std::span<std::uint8_t, kRemovalCounterBytes> counters) {
    const auto removed = clear_child(call, child_key, prefix, limit.value, owned(cursor));
    return call.failed() ? 0 : write_removal(call, removed, cursor_out, counters);
}
std::uint32_t child_kill_v5(HostCall& call, ByteView child_key, OptionalU32 limit,
                            OptionalBytes cursor, MutableByteView cursor_out,
                            std::span<std::uint8_t, kRemovalCounterBytes> counters) {
    return child_clear_prefix_v4(call, child_key, {}, limit, cursor, cursor_out, counters);
}
void child_clear_prefix_v1(HostCall& call, ByteView child_key, ByteView prefix) {
    clear_child(call, child_key, prefix, std::nullopt);
}

GuestBytes give_child_root(HostCall& call, ByteView child_key, state::StateVersion version) {
    const auto trie = child(call, child_key);
    if (!trie) {
        return {};
    }
    const auto root = call.take(call.overlay.child_root(*trie, version));
    return call.failed() ? GuestBytes{} : call.give(root);
}
GuestBytes child_root_v1(HostCall& call, ByteView child_key) {
    return give_child_root(call, child_key, state::StateVersion::v0);
}
GuestBytes child_root_v2(HostCall& call, ByteView child_key, std::uint32_t version) {
    const auto known = state_version(call, version);
    return known ? give_child_root(call, child_key, *known) : GuestBytes{};
}
void child_root_v3(HostCall& call, ByteView child_key, MutableByteView out) {
    const auto trie = child(call, child_key);
    if (!trie) {
        return;
    }
    const auto root = call.take(call.overlay.child_root(*trie, call.state_version));
    if (!call.failed()) {
        write_root(call, root, out);
    }
}
GuestBytes child_next_key(HostCall& call, ByteView child_key, ByteView key) {
    const auto trie = child(call, child_key);
    if (!trie) {
        return {};
    }
    const auto next = call.take(call.overlay.next_key(*trie, key));
    return call.failed() ? GuestBytes{} : call.give_option(view_of(next));
}
std::uint32_t child_next_key_v2(HostCall& call, ByteView child_key, ByteView key,
                                MutableByteView out) {
    const auto trie = child(call, child_key);
    return trie ? write_next_key(call.take(call.overlay.next_key(*trie, key)), out) : 0;
}

constexpr auto kNewer = HostFunctionFlag::newer;
constexpr std::array kFunctions = {
    host_function<child_set>("ext_default_child_storage_set_version_1"),
    host_function<child_get>("ext_default_child_storage_get_version_1"),
    host_function<child_read>("ext_default_child_storage_read_version_1"),
    host_function<child_read_v2>("ext_default_child_storage_read_version_2", kNewer),
    host_function<child_clear>("ext_default_child_storage_clear_version_1"),
    host_function<child_kill_v1>("ext_default_child_storage_storage_kill_version_1"),
    host_function<child_kill_v2>("ext_default_child_storage_storage_kill_version_2"),
    host_function<child_kill_v3>("ext_default_child_storage_storage_kill_version_3"),
    host_function<child_kill_v4>("ext_default_child_storage_storage_kill_version_4", kNewer),
    host_function<child_kill_v5>("ext_default_child_storage_storage_kill_version_5", kNewer),
    host_function<child_exists>("ext_default_child_storage_exists_version_1"),
    host_function<child_clear_prefix_v1>("ext_default_child_storage_clear_prefix_version_1"),
    host_function<child_clear_prefix_v2>("ext_default_child_storage_clear_prefix_version_2"),
    host_function<child_clear_prefix_v3>("ext_default_child_storage_clear_prefix_version_3",
                                         kNewer),
    host_function<child_clear_prefix_v4>("ext_default_child_storage_clear_prefix_version_4",
                                         kNewer),
    host_function<child_root_v1>("ext_default_child_storage_root_version_1"),
    host_function<child_root_v2>("ext_default_child_storage_root_version_2"),
    host_function<child_root_v3>("ext_default_child_storage_root_version_3", kNewer),
    host_function<child_next_key>("ext_default_child_storage_next_key_version_1"),
    host_function<child_next_key_v2>("ext_default_child_storage_next_key_version_2", kNewer),
};

}  // namespace

std::span<const HostFunction> child_storage_functions() {
    return kFunctions;
}

}  // namespace stipple::executor
