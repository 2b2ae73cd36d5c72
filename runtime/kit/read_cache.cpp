#include "kit/read_cache.hpp"

#include <cstring>

namespace stipple::runtime::inline kit::read_cache {

namespace {
constexpr std::uint32_t kEntriesLog = 5;
constexpr std::uint32_t kHashesLog = 3;

struct Entry {
    Kept kept;
    std::uint8_t key_bytes;
    std::uint8_t value_bytes;
    std::uint8_t key[kKeyBytesMax];
    std::uint8_t value[kValueBytesMax];
};
struct Hashed {
    std::uint8_t bytes;  ///< 0: none
    std::uint8_t data[kHashedBytesMax];
    std::array<std::uint8_t, 16> hash;
};
Entry entries[1U << kEntriesLog];
Hashed hashes[1U << kHashesLog];

/// A number of `bits` bits from both ends of a text of at least eight bytes.
std::uint32_t slot_of(ByteView text, std::uint32_t bits) {
    std::uint64_t front = 0;
    std::uint64_t back = 0;
    std::memcpy(&front, text.data() + text.size() / 2 - 4, 8);
    std::memcpy(&back, text.data() + text.size() - 8, 8);
    const std::uint64_t mixed = (front ^ back * 3) * 0x9e3779b97f4a7c15ULL;
    return static_cast<std::uint32_t>(mixed >> (64 - bits));
}
bool may_keep(ByteView key) {
    return key.size() >= 8 && key.size() <= kKeyBytesMax;
}
Entry& entry_for(ByteView key) {
    return entries[slot_of(key, kEntriesLog)];
}
bool is_of(const Entry& entry, ByteView key) {
    return entry.kept != Kept::nothing && entry.key_bytes == key.size() &&
           std::memcmp(entry.key, key.data(), key.size()) == 0;
}
Found found(const Entry& entry) {
    return {entry.kept, {entry.value, entry.value_bytes}};
}
}  // namespace

Found find(ByteView key) {
    if (!may_keep(key)) {
        return {};
    }
    const Entry& entry = entry_for(key);
    return is_of(entry, key) ? found(entry) : Found{};
}

Found put(ByteView key, std::optional<ByteView> value) {
    if (!may_keep(key)) {
        return {};
    }
    if (value && value->size() > kValueBytesMax) {
        forget(key);
        return {};
    }
    Entry& entry = entry_for(key);
    entry.kept = value ? Kept::value : Kept::absent;
    entry.key_bytes = static_cast<std::uint8_t>(key.size());
    std::memcpy(entry.key, key.data(), key.size());
    entry.value_bytes = value ? static_cast<std::uint8_t>(value->size()) : 0;
    if (value) {
        std::memcpy(entry.value, value->data(), value->size());
    }
    return found(entry);
}

void forget(ByteView key) {
    if (may_keep(key)) {
        Entry& entry = entry_for(key);
        entry.kept = is_of(entry, key) ? Kept::nothing : entry.kept;
    }
}

void forget_all() {
    for (Entry& entry : entries) {
        entry.kept = Kept::nothing;
    }
}

const std::array<std::uint8_t, 16>* find_hash(ByteView data) {
    if (data.size() < 8 || data.size() > kHashedBytesMax) {
        return nullptr;
    }
    const Hashed& known = hashes[slot_of(data, kHashesLog)];
    const bool same =
        known.bytes == data.size() && std::memcmp(known.data, data.data(), data.size()) == 0;
    return same ? &known.hash : nullptr;
}

void put_hash(ByteView data, const std::array<std::uint8_t, 16>& hash) {
    if (data.size() >= 8 && data.size() <= kHashedBytesMax) {
        Hashed& place = hashes[slot_of(data, kHashesLog)];
        place.bytes = static_cast<std::uint8_t>(data.size());
        std::memcpy(place.data, data.data(), data.size());
        place.hash = hash;
    }
}

}  // namespace stipple::runtime::inline kit::read_cache
