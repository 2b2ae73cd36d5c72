// What a runtime call has read and written, kept in its own memory until the host must know.
//
// A transfer reads its sender some ten times and writes him four times, and its layers
// (with_storage_layer) mostly come to nothing more than their end: each of these would be a call of
// the host, which costs more than the work around it. So small values are read once, writes wait
// and layers are undone here, by an undo log:
//
//     entries   key ─▶ value, whether it waits to be written
//     undos     what an entry was before the present layer changed it
//     appended  items for sequences that nobody has read, in their order
//
// settle() tells the host everything: what was written before the first layer, then for each open
// layer its beginning and its writes. From then on these layers are the host's. That happens at the
// end of each runtime API call, because the next call may run in a fresh instance, and before
// whatever only the host can do: walking over keys, clearing prefixes, roots, long values. When
// something here is full it is settled and begins anew; all is of fixed size.
//
// Spec: sect-storage-api.
#pragma once

#include "kit/types.hpp"

namespace stipple::runtime::inline kit {

class StorageBuffer {
 public:
    /// Keys and values longer than these are the host's alone.
    static constexpr std::size_t kKeyBytesMax = 112;
    static constexpr std::size_t kValueBytesMax = 144;
    static constexpr std::size_t kEntriesMax = 128;
    static constexpr std::size_t kUndosMax = 64;
    static constexpr std::size_t kLayersMax = 32;
    static constexpr std::size_t kAppendedBytesMax = 4096;

    enum class Kept : std::uint8_t {
        nothing,   ///< the host must be asked
        absent,    ///< there is no value
        value,     ///< here it is
        appended,  ///< the host's value with items of ours: settle, then ask
    };
    struct Found {
        Kept kept = Kept::nothing;
        ByteView value;  ///< until the next call
    };
    Found find(ByteView key) const;
    /// What the host has said of a key.
    Found remember(ByteView key, std::optional<ByteView> value);

    /// False when it is too long: settle, tell the host, and it is forgotten here.
    bool write(ByteView key, std::optional<ByteView> value);
    bool append(ByteView key, ByteView item);
    void forget(ByteView key);

    void start_layer();
    /// False when the layer is the host's, which then commits or rolls back as well.
    bool commit_layer();
    bool roll_back_layer();
    std::size_t open_layers() const { return host_layers_ + layer_count_; }

    /// Whether the host may lack a write.
    bool has_writes() const;
    void settle();
    /// What was read and written. REQUIRES that it is settled.
    void forget_all();
    /// As a call begins: also without open layers.
    void reset();

 private:
    struct Content {
        Kept kept;
        bool waits;  ///< to be written
        std::uint8_t value_bytes;
        std::uint8_t value[kValueBytesMax];
    };
    struct Entry {
        std::uint32_t mixed;   ///< of the key
        std::uint32_t serial;  ///< of the layers when it was last noted among the undos
        std::uint8_t key_bytes;
        std::uint8_t key[kKeyBytesMax];
        Content content;
    };
    struct Undo {
        std::uint32_t entry;
        std::uint32_t serial;
        Content content;
    };
    struct Layer {
        std::uint32_t undos;     ///< when it began
        std::uint32_t appended;  ///< likewise
        std::uint32_t serial;
    };
    static constexpr std::size_t kSlots = 2 * kEntriesMax;
    static constexpr std::size_t kWordBits = 64;

    static bool fits(ByteView key) { return key.size() >= 8 && key.size() <= kKeyBytesMax; }
    static void put(Content& content, Kept kept, ByteView value);
    /// The entry of a key, a new one if need be.
    Entry& entry_for(ByteView key);
    const Entry* known(ByteView key) const;
    /// Room for one more undo, and the entry as it was.
    void note_before(Entry& entry);
    void touch(const Entry& entry);
    void send_values();
    std::size_t send_items(std::size_t from, std::size_t to);
    void exchange(Undo& undo);

    std::size_t entry_count_ = 0;
    std::size_t undo_count_ = 0;
    std::size_t layer_count_ = 0;  ///< that the host does not know
    std::size_t host_layers_ = 0;
    std::size_t appended_bytes_ = 0;
    std::uint32_t serial_ = 0;
    /// Entries that may wait, or have items: a bit each.
    std::uint64_t touched_[kEntriesMax / kWordBits] = {};
    std::uint8_t slots_[kSlots] = {};  ///< 0, or a place in entries_ and one
    Layer layers_[kLayersMax] = {};
    Entry entries_[kEntriesMax] = {};
    Undo undos_[kUndosMax] = {};
    std::uint8_t appended_[kAppendedBytesMax] = {};
};

/// That of the present call.
StorageBuffer& storage_buffer();

}  // namespace stipple::runtime::inline kit
