#include "state/overlay/journal.hpp"

#include "base/check.hpp"
#include "scale/codec.hpp"

namespace stipple::state {

void Journal::start() {
    marks_.push_back({undo_.size(), undo_offchain_.size(), ++serials_});
}

bool Journal::commit() {
    if (marks_.empty()) {
        return false;
    }
    // The log of the transaction becomes a part of the one around it.
    marks_.pop_back();
    if (marks_.empty()) {
        undo_.clear();
        undo_offchain_.clear();
    }
    return true;
}

bool Journal::rollback(OffchainChanges& offchain) {
    if (marks_.empty()) {
        return false;
    }
    const Mark mark = marks_.back();
    marks_.pop_back();
    while (undo_.size() > mark.undo) {
        Undo& undo = undo_.back();
        OverlayEntry& entry = *undo.entry;
        if (undo.is_append) {
            const auto count = list_count(*entry.value);
            CHECK(count);
            set_list_count(*entry.value, *count, undo.count);
            entry.value->resize(undo.size);
        } else {
            entry.value = std::move(undo.value);
        }
        entry.source = undo.source;
        entry.logged = OverlayEntry::Logged::no;
        undo.trie->computed.reset();
        undo_.pop_back();
    }
    while (undo_offchain_.size() > mark.offchain) {
        UndoOffchain& undo = undo_offchain_.back();
        if (undo.was_there) {
            offchain.insert_or_assign(std::move(undo.key), std::move(undo.value));
        } else {
            offchain.erase(undo.key);
        }
        undo_offchain_.pop_back();
    }
    return true;
}

void Journal::before_set(OverlayTrie& trie, OverlayEntry& entry) {
    trie.computed.reset();
    if (marks_.empty()) {
        return;
    }
    const std::uint64_t serial = marks_.back().serial;
    if (entry.serial == serial && entry.logged == OverlayEntry::Logged::value) {
        return;
    }
    undo_.push_back({&trie, &entry, std::move(entry.value), entry.source, false, 0, 0});
    entry.value.reset();
    entry.serial = serial;
    entry.logged = OverlayEntry::Logged::value;
}

void Journal::before_append(OverlayTrie& trie, OverlayEntry& entry, std::uint32_t count) {
    trie.computed.reset();
    if (marks_.empty()) {
        return;
    }
    const std::uint64_t serial = marks_.back().serial;
    if (entry.serial == serial && entry.logged != OverlayEntry::Logged::no) {
        return;
    }
    undo_.push_back({&trie, &entry, {}, entry.source, true, entry.value->size(), count});
    entry.serial = serial;
    entry.logged = OverlayEntry::Logged::length;
}

void Journal::before_offchain(ByteView key, const OffchainChanges& offchain) {
    if (marks_.empty()) {
        return;
    }
    const auto found = offchain.find(key);
    const bool there = found != offchain.end();
    undo_offchain_.push_back({to_bytes(key), there, there ? found->second : std::nullopt});
}

std::optional<std::uint32_t> list_count(ByteView encoded) {
    scale::Decoder decoder(encoded);
    const std::uint32_t count = decoder.compact32();
    return decoder.ok() ? std::optional(count) : std::nullopt;
}

void set_list_count(Bytes& encoded, std::uint32_t before, std::uint32_t after) {
    Bytes old_count;
    Bytes new_count;
    scale::encode_compact(old_count, before);
    scale::encode_compact(new_count, after);
    if (new_count.size() > old_count.size()) {
        encoded.insert(encoded.begin(), new_count.size() - old_count.size(), 0);
    } else {
        encoded.erase(encoded.begin(), encoded.begin() + static_cast<std::ptrdiff_t>(
                                                             old_count.size() - new_count.size()));
    }
    std::copy(new_count.begin(), new_count.end(), encoded.begin());
}

}  // namespace stipple::state
