#include "kit/storage_buffer.hpp"

#include "kit/key_mix.hpp"
#include "kit/raw_host.hpp"

#include <bit>

namespace stipple::runtime::inline kit {

namespace {
/// Before each item of appended_.
struct ItemHead {
    std::uint16_t entry;
    std::uint16_t bytes;
};
}  // namespace

#ifdef __wasm__
static constinit StorageBuffer the_buffer;
#else
static constinit thread_local StorageBuffer the_buffer;  // as the native host's world
#endif
StorageBuffer& storage_buffer() {
    return the_buffer;
}

const StorageBuffer::Entry* StorageBuffer::known(ByteView key) const {
    const std::uint64_t mixed = mix_of(key);
    for (std::size_t slot = mixed >> 56; slots_[slot] != 0; slot = (slot + 1) % kSlots) {
        const Entry& entry = entries_[slots_[slot] - 1];
        if (entry.mixed == static_cast<std::uint32_t>(mixed) && entry.key_bytes == key.size() &&
            std::memcmp(entry.key, key.data(), key.size()) == 0) {
            return &entry;
        }
    }
    return nullptr;
}

StorageBuffer::Entry& StorageBuffer::entry_for(ByteView key) {
    if (const Entry* entry = known(key)) {
        return *const_cast<Entry*>(entry);
    }
    if (entry_count_ == kEntriesMax) {
        settle();
        forget_all();
    }
    const std::uint64_t mixed = mix_of(key);
    std::size_t slot = mixed >> 56;
    while (slots_[slot] != 0) {
        slot = (slot + 1) % kSlots;
    }
    Entry& entry = entries_[entry_count_++];
    slots_[slot] = static_cast<std::uint8_t>(entry_count_);
    entry.mixed = static_cast<std::uint32_t>(mixed);
    entry.serial = 0;
    entry.key_bytes = static_cast<std::uint8_t>(key.size());
    std::memcpy(entry.key, key.data(), key.size());
    put(entry.content, Kept::nothing, {});
    return entry;
}

void StorageBuffer::put(Content& content, Kept kept, ByteView value) {
    content.kept = kept;
    content.waits = false;
    content.value_bytes = static_cast<std::uint8_t>(value.size());
    if (!value.empty()) {
        std::memcpy(content.value, value.data(), value.size());
    }
}

StorageBuffer::Found StorageBuffer::find(ByteView key) const {
    const Entry* entry = fits(key) ? known(key) : nullptr;
    if (entry == nullptr) {
        return {};
    }
    const Content& content = entry->content;
    return {content.kept, {content.value, content.value_bytes}};
}

StorageBuffer::Found StorageBuffer::remember(ByteView key, std::optional<ByteView> value) {
    if (!fits(key) || (value && value->size() > kValueBytesMax)) {
        return {};
    }
    Content& content = entry_for(key).content;
    put(content, value ? Kept::value : Kept::absent, value.value_or(ByteView{}));
    return {content.kept, {content.value, content.value_bytes}};
}

// ---- writes ----

void StorageBuffer::note_before(Entry& entry) {
    if (layer_count_ == 0 || entry.serial >= layers_[layer_count_ - 1].serial) {
        return;
    }
    if (undo_count_ == kUndosMax) {
        settle();
        return;
    }
    Undo& undo = undos_[undo_count_++];
    undo.entry = static_cast<std::uint32_t>(&entry - entries_);
    undo.serial = entry.serial;
    put(undo.content, entry.content.kept, {entry.content.value, entry.content.value_bytes});
    undo.content.waits = entry.content.waits;
    entry.serial = serial_;
}

void StorageBuffer::touch(const Entry& entry) {
    const auto place = static_cast<std::size_t>(&entry - entries_);
    touched_[place / kWordBits] |= std::uint64_t{1} << place % kWordBits;
}

bool StorageBuffer::write(ByteView key, std::optional<ByteView> value) {
    if (!fits(key) || (value && value->size() > kValueBytesMax)) {
        return false;
    }
    Entry& entry = entry_for(key);
    if (entry.content.kept == Kept::appended) {
        settle();
    }
    note_before(entry);
    put(entry.content, value ? Kept::value : Kept::absent, value.value_or(ByteView{}));
    entry.content.waits = true;
    touch(entry);
    return true;
}

bool StorageBuffer::append(ByteView key, ByteView item) {
    const std::size_t bytes = sizeof(ItemHead) + item.size();
    if (!fits(key) || bytes > kAppendedBytesMax) {
        return false;
    }
    Entry& entry = entry_for(key);
    if (entry.content.waits || appended_bytes_ + bytes > kAppendedBytesMax) {
        settle();
    }
    note_before(entry);
    put(entry.content, Kept::appended, {});
    touch(entry);
    const ItemHead head{static_cast<std::uint16_t>(&entry - entries_),
                        static_cast<std::uint16_t>(item.size())};
    std::memcpy(appended_ + appended_bytes_, &head, sizeof head);
    std::memcpy(appended_ + appended_bytes_ + sizeof head, item.data(), item.size());
    appended_bytes_ += bytes;
    return true;
}

void StorageBuffer::forget(ByteView key) {
    if (const Entry* entry = fits(key) ? known(key) : nullptr) {
        put(const_cast<Entry*>(entry)->content, Kept::nothing, {});
    }
}

// ---- layers ----

void StorageBuffer::start_layer() {
    if (layer_count_ == kLayersMax) {
        settle();
    }
    layers_[layer_count_++] = {static_cast<std::uint32_t>(undo_count_),
                               static_cast<std::uint32_t>(appended_bytes_), ++serial_};
}

bool StorageBuffer::commit_layer() {
    if (layer_count_ == 0) {
        --host_layers_;  // what waits belongs to the layer around it from now on
        return false;
    }
    // Its undos are of the layer around it now; below the lowest there is nothing to undo.
    if (--layer_count_ == 0) {
        undo_count_ = 0;
    }
    return true;
}

bool StorageBuffer::roll_back_layer() {
    if (layer_count_ == 0) {
        // What waits was written in this layer, and what was read may have been.
        --host_layers_;
        forget_all();
        return false;
    }
    const Layer& layer = layers_[--layer_count_];
    while (undo_count_ > layer.undos) {
        const Undo& undo = undos_[--undo_count_];
        Entry& entry = entries_[undo.entry];
        const Content& before = undo.content;
        put(entry.content, before.kept, {before.value, before.value_bytes});
        entry.content.waits = before.waits;
        entry.serial = undo.serial;
    }
    appended_bytes_ = layer.appended;
    return true;
}

void StorageBuffer::forget_all() {
    entry_count_ = 0;
    undo_count_ = 0;
    appended_bytes_ = 0;
    for (std::uint64_t& word : touched_) {
        word = 0;
    }
    std::memset(slots_, 0, sizeof slots_);
}

void StorageBuffer::reset() {
    forget_all();
    layer_count_ = 0;
    host_layers_ = 0;
}

// ---- telling the host ----

bool StorageBuffer::has_writes() const {
    return (touched_[0] | touched_[1]) != 0;
}

void StorageBuffer::send_values() {
    for (std::size_t word = 0; word < kEntriesMax / kWordBits; ++word) {
        for (std::uint64_t bits = touched_[word]; bits != 0; bits &= bits - 1) {
            Entry& entry =
                entries_[word * kWordBits + static_cast<std::size_t>(std::countr_zero(bits))];
            const ByteView key(entry.key, entry.key_bytes);
            if (!entry.content.waits) {
                continue;
            }
            entry.content.waits = false;
            if (entry.content.kept == Kept::value) {
                raw_host::set(key, {entry.content.value, entry.content.value_bytes});
            } else {
                raw_host::clear(key);
            }
        }
    }
}

std::size_t StorageBuffer::send_items(std::size_t from, std::size_t to) {
    while (from < to) {
        ItemHead head{};
        std::memcpy(&head, appended_ + from, sizeof head);
        const Entry& entry = entries_[head.entry];
        raw_host::append({entry.key, entry.key_bytes},
                         {appended_ + from + sizeof head, head.bytes});
        from += sizeof head + head.bytes;
    }
    return to;
}

void StorageBuffer::exchange(Undo& undo) {
    std::swap(undo.content, entries_[undo.entry].content);
}

void StorageBuffer::settle() {
    // Back to what was before the first layer, then on from layer to layer.
    for (std::size_t at = undo_count_; at > 0; --at) {
        exchange(undos_[at - 1]);
    }
    std::size_t undo = 0;
    std::size_t sent = 0;
    for (std::size_t i = 0; i <= layer_count_; ++i) {
        const bool last = i == layer_count_;
        const std::size_t undos_end = last ? undo_count_ : layers_[i].undos;
        const std::size_t items_end = last ? appended_bytes_ : layers_[i].appended;
        for (; undo < undos_end; ++undo) {
            exchange(undos_[undo]);
        }
        send_values();
        sent = send_items(sent, items_end);
        if (!last) {
            raw_host::start_transaction();
        }
    }
    host_layers_ += layer_count_;
    layer_count_ = 0;
    undo_count_ = 0;
    appended_bytes_ = 0;
    for (std::size_t word = 0; word < kEntriesMax / kWordBits; ++word) {
        for (std::uint64_t& bits = touched_[word]; bits != 0; bits &= bits - 1) {
            Content& content =
                entries_[word * kWordBits + static_cast<std::size_t>(std::countr_zero(bits))]
                    .content;
            if (content.kept == Kept::appended) {
                put(content, Kept::nothing, {});
            }
        }
    }
}

}  // namespace stipple::runtime::inline kit
