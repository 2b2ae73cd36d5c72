// Modules `offchain`, `offchain_index` and `transaction_index`.
//
// Spec: sect-offchain-api; host-api.md section 7. What offchain workers may do comes as a port;
// without it the call traps, as in block import.
#include "executor/host_storage.hpp"
#include "executor/host_table.hpp"

namespace stipple::executor {
namespace {

/// Local storage kinds: only the persistent one exists; the fork-aware one was never built in the
/// field, reads of it find nothing and writes do nothing. Runtimes send 0 and 1 (the Rust node and
/// the real Rococo runtime agree on that; the text of the specification counts from 1).
constexpr std::uint32_t kPersistent = 0;
constexpr std::uint32_t kForkAware = 1;
constexpr std::size_t kPeerIdBytes = 38;

OffchainPort* offchain(HostCall& call) {
    if (call.context.offchain == nullptr) {
        call.trap("offchain functions are not available to this call");
    }
    return call.context.offchain;
}
/// Null (and trapped) without the port, null for the kind that is never there.
OffchainStoragePort* local_storage(HostCall& call, std::uint32_t kind) {
    if (call.context.offchain_storage == nullptr) {
        call.trap("offchain storage is not available to this call");
        return nullptr;
    }
    if (kind != kPersistent && kind != kForkAware) {
        call.trap("unknown kind of offchain storage");
        return nullptr;
    }
    return kind == kPersistent ? call.context.offchain_storage : nullptr;
}
GuestBytes give_unit_result(HostCall& call, bool ok) {
    const std::uint8_t byte = ok ? 0 : 1;
    return call.give({&byte, 1});
}

bool is_validator(HostCall& call) {
    OffchainPort* port = offchain(call);
    return port != nullptr && port->is_validator();
}
GuestBytes submit_transaction(HostCall& call, ByteView extrinsic) {
    OffchainPort* port = offchain(call);
    return port == nullptr ? GuestBytes{}
                           : give_unit_result(call, port->submit_transaction(extrinsic));
}
std::int32_t submit_transaction_v2(HostCall& call, ByteView extrinsic) {
    OffchainPort* port = offchain(call);
    return port != nullptr && port->submit_transaction(extrinsic) ? 0 : -1;
}
/// Ok of (peer id inside a Vec<u8>, no addresses).
GuestBytes network_state(HostCall& call) {
    OffchainPort* port = offchain(call);
    if (port == nullptr) {
        return {};
    }
    Bytes out{0};
    scale::encode_byte_string(out, scale::encode(port->peer_id()));
    out.push_back(0);
    return call.give(out);
}
std::int32_t network_peer_id(HostCall& call, std::span<std::uint8_t, kPeerIdBytes> out) {
    OffchainPort* port = offchain(call);
    if (port == nullptr) {
        return -1;
    }
    const Bytes id = port->peer_id();
    return id.size() == out.size() && copy_if_fits(id, out) ? 0 : -1;
}
std::uint64_t timestamp(HostCall& call) {
    OffchainPort* port = offchain(call);
    return port == nullptr ? 0 : static_cast<std::uint64_t>(port->now().value);
}
void sleep_until(HostCall& call, std::uint64_t deadline) {
    if (OffchainPort* port = offchain(call)) {
        port->sleep_until(UnixMillis(deadline));
    }
}
GuestPointer random_seed(HostCall& call) {
    OffchainPort* port = offchain(call);
    return port == nullptr ? GuestPointer{} : call.give_fixed(port->random_seed());
}
void random_seed_v2(HostCall& call, std::span<std::uint8_t, 32> out) {
    if (OffchainPort* port = offchain(call)) {
        std::ranges::copy(port->random_seed(), out.begin());
    }
}

void local_set(HostCall& call, std::uint32_t kind, ByteView key, ByteView value) {
    if (OffchainStoragePort* store = local_storage(call, kind)) {
        store->set(key, to_bytes(value));
    }
}
void local_clear(HostCall& call, std::uint32_t kind, ByteView key) {
    if (OffchainStoragePort* store = local_storage(call, kind)) {
        store->set(key, std::nullopt);
    }
}
bool local_compare_and_set(HostCall& call, std::uint32_t kind, ByteView key, ByteView old_value,
                           ByteView new_value) {
    const auto expected = scale::decode_prefix<std::optional<Bytes>>(old_value);
    if (!expected) {
        call.trap("undecodable old value");
        return false;
    }
    OffchainStoragePort* store = local_storage(call, kind);
    return store != nullptr && store->compare_and_set(key, *expected, to_bytes(new_value));
}
std::optional<Bytes> local_value(HostCall& call, std::uint32_t kind, ByteView key) {
    OffchainStoragePort* store = local_storage(call, kind);
    return store == nullptr ? std::nullopt : store->get(key);
}
GuestBytes local_get(HostCall& call, std::uint32_t kind, ByteView key) {
    const auto value = local_value(call, kind, key);
    return call.failed() ? GuestBytes{} : call.give_option(view_of(value));
}
OptionalU32 local_read(HostCall& call, std::uint32_t kind, ByteView key, MutableByteView out,
                       std::uint32_t offset) {
    const auto value = local_value(call, kind, key);
    if (!value) {
        return {};
    }
    const ByteView rest = ByteView(*value).subspan(std::min<std::size_t>(offset, value->size()));
    std::ranges::copy(rest.first(std::min(rest.size(), out.size())), out.begin());
    return {static_cast<std::uint32_t>(rest.size())};
}

void index_set(HostCall& call, ByteView key, ByteView value) {
    call.overlay.set_offchain_index(key, to_bytes(value));
}
void index_clear(HostCall& call, ByteView key) {
    call.overlay.set_offchain_index(key, std::nullopt);
}
// Permissioned networks and indexed transactions: nothing of a relay chain depends on them.
void set_authorized_nodes(HostCall& call, ByteView, std::uint32_t) {
    offchain(call);
}
void transaction_index(HostCall&, std::uint32_t, std::uint32_t, std::span<const std::uint8_t, 32>) {
}
void transaction_renew(HostCall&, std::uint32_t, std::span<const std::uint8_t, 32>) {}

constexpr auto kNewer = HostFunctionFlag::newer;
constexpr std::array kFunctions = {
    host_function<is_validator>("ext_offchain_is_validator_version_1"),
    host_function<submit_transaction>("ext_offchain_submit_transaction_version_1"),
    host_function<submit_transaction_v2>("ext_offchain_submit_transaction_version_2", kNewer),
    host_function<network_state>("ext_offchain_network_state_version_1"),
    host_function<network_peer_id>("ext_offchain_network_peer_id_version_1", kNewer),
    host_function<timestamp>("ext_offchain_timestamp_version_1"),
    host_function<sleep_until>("ext_offchain_sleep_until_version_1"),
    host_function<random_seed>("ext_offchain_random_seed_version_1"),
    host_function<random_seed_v2>("ext_offchain_random_seed_version_2", kNewer),
    host_function<local_set>("ext_offchain_local_storage_set_version_1"),
    host_function<local_clear>("ext_offchain_local_storage_clear_version_1"),
    host_function<local_compare_and_set>("ext_offchain_local_storage_compare_and_set_version_1"),
    host_function<local_get>("ext_offchain_local_storage_get_version_1"),
    host_function<local_read>("ext_offchain_local_storage_read_version_1", kNewer),
    host_function<set_authorized_nodes>("ext_offchain_set_authorized_nodes_version_1"),
    host_function<index_set>("ext_offchain_index_set_version_1"),
    host_function<index_clear>("ext_offchain_index_clear_version_1"),
    host_function<transaction_index>("ext_transaction_index_index_version_1"),
    host_function<transaction_renew>("ext_transaction_index_renew_version_1"),
};

}  // namespace

std::span<const HostFunction> offchain_functions() {
    return kFunctions;
}

}  // namespace stipple::executor
