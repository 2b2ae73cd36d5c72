// Storage as pallets see it: the buffer of the call over the storage of the host.
#include "kit/host.hpp"
#include "kit/raw_host.hpp"
#include "kit/storage_buffer.hpp"

namespace stipple::runtime::inline kit::host {

namespace {
using Kept = StorageBuffer::Kept;

/// What is kept of a key; when items of ours are missing in it, the host has them afterwards.
StorageBuffer::Found find(ByteView key) {
    StorageBuffer& buffer = storage_buffer();
    const auto found = buffer.find(key);
    if (found.kept != Kept::appended) {
        return found;
    }
    buffer.settle();
    return {};
}
}  // namespace

StoredValue read(ByteView key) {
    const auto value_of = [](const StorageBuffer::Found& found) {
        return found.kept == Kept::value ? StoredValue(found.value) : StoredValue();
    };
    if (const auto known = find(key); known.kept != Kept::nothing) {
        return value_of(known);
    }
    std::array<std::uint8_t, StorageBuffer::kValueBytesMax> start;
    const auto size = raw_host::read(key, start);
    if (!size || *size <= start.size()) {
        const auto value = size ? std::optional(ByteView(start).first(*size)) : std::nullopt;
        const auto kept = storage_buffer().remember(key, value);
        return kept.kept != Kept::nothing
                   ? value_of(kept)
                   : StoredValue(value ? std::optional<Bytes>(to_bytes(*value)) : std::nullopt);
    }
    Bytes whole(*size);
    raw_host::read(key, whole);
    return StoredValue(std::optional<Bytes>(std::move(whole)));
}
std::optional<Bytes> get(ByteView key) {
    const StoredValue value = read(key);
    return value ? std::optional<Bytes>(to_bytes(value.bytes())) : std::nullopt;
}
Bytes first_bytes(ByteView key, std::size_t bytes_max) {
    const auto known = find(key);
    if (known.kept != Kept::nothing) {
        return to_bytes(known.value.first(std::min(known.value.size(), bytes_max)));
    }
    Bytes out(bytes_max);
    out.resize(std::min(raw_host::read(key, out).value_or(0), bytes_max));
    return out;
}
void set(ByteView key, ByteView value) {
    StorageBuffer& buffer = storage_buffer();
    if (!buffer.write(key, value)) {
        buffer.settle();
        buffer.forget(key);
        raw_host::set(key, value);
    }
}
void clear(ByteView key) {
    StorageBuffer& buffer = storage_buffer();
    if (!buffer.write(key, std::nullopt)) {
        buffer.settle();
        raw_host::clear(key);
    }
}
bool exists(ByteView key) {
    const auto known = storage_buffer().find(key);
    return known.kept == Kept::nothing ? raw_host::exists(key) : known.kept != Kept::absent;
}
void append(ByteView key, ByteView encoded_item) {
    StorageBuffer& buffer = storage_buffer();
    if (!buffer.append(key, encoded_item)) {
        buffer.settle();
        buffer.forget(key);
        raw_host::append(key, encoded_item);
    }
}
std::optional<Bytes> next_key(ByteView key) {
    StorageBuffer& buffer = storage_buffer();
    if (buffer.has_writes()) {
        buffer.settle();
    }
    return raw_host::next_key(key);
}
bool clear_prefix(ByteView prefix, std::optional<std::uint32_t> limit) {
    StorageBuffer& buffer = storage_buffer();
    buffer.settle();
    buffer.forget_all();
    return raw_host::clear_prefix(prefix, limit);
}
Hash storage_root() {
    storage_buffer().settle();
    return raw_host::storage_root();
}
void index_offchain(ByteView key, ByteView value) {
    storage_buffer().settle();  // its layers are the host's, which undoes this as well
    raw_host::index_offchain(key, value);
}

void start_transaction() {
    storage_buffer().start_layer();
}
void commit_transaction() {
    if (!storage_buffer().commit_layer()) {
        raw_host::commit_transaction();
    }
}
void rollback_transaction() {
    if (!storage_buffer().roll_back_layer()) {
        raw_host::rollback_transaction();
    }
}
void end_call() {
    storage_buffer().settle();
}

}  // namespace stipple::runtime::inline kit::host
