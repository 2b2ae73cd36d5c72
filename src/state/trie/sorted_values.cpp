#include "state/trie/sorted_values.hpp"

#include <bit>

namespace stipple::state {

std::uint64_t key_head(ByteView key) {
    std::uint64_t head = 0;
    if (!key.empty()) {
        std::memcpy(&head, key.data(), std::min<std::size_t>(key.size(), 8));
    }
    static_assert(std::endian::native == std::endian::little);
    return __builtin_bswap64(head);
}

namespace {

/// Smallest index in [0, count) where the key is not below `key`; by heads, then by whole keys.
template <class KeyAt>
std::size_t search(const std::vector<std::uint64_t>& heads, std::uint64_t head, ByteView key,
                   KeyAt key_at) {
    std::size_t from = 0;
    std::size_t to = heads.size();
    while (from < to) {
        const std::size_t middle = from + (to - from) / 2;
        const bool below =
            heads[middle] != head ? heads[middle] < head : compare(key_at(middle), key) < 0;
        if (below) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

template <class T>
void insert_at(std::vector<T>& list, std::size_t at, T value) {
    list.insert(list.begin() + static_cast<std::ptrdiff_t>(at), std::move(value));
}

template <class T>
void erase_at(std::vector<T>& list, std::size_t at) {
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(at));
}

template <class T>
std::vector<T> split_off(std::vector<T>& list, std::size_t at) {
    const auto middle = list.begin() + static_cast<std::ptrdiff_t>(at);
    std::vector<T> rest(std::make_move_iterator(middle), std::make_move_iterator(list.end()));
    list.erase(middle, list.end());
    return rest;
}

}  // namespace

SortedValues::Position SortedValues::lower_bound(ByteView key) const {
    const std::uint64_t head = key_head(key);
    const std::size_t after = search(firsts_, head, key, [&](std::size_t i) {
        return ByteView(chunks_[i].entries.front().key);
    });
    // The chunk before may hold the key; all later ones begin at or above it.
    if (after > 0) {
        const Chunk& chunk = chunks_[after - 1];
        const std::size_t at = search(
            chunk.heads, head, key, [&](std::size_t i) { return ByteView(chunk.entries[i].key); });
        if (at < chunk.entries.size()) {
            return {after - 1, at};
        }
    }
    return {after, 0};
}

SortedValues::Position SortedValues::next(Position position) const {
    if (++position.at == chunks_[position.chunk].entries.size()) {
        return {position.chunk + 1, 0};
    }
    return position;
}

const SortedValues::Entry* SortedValues::find(ByteView key) const {
    const Position at = lower_bound(key);
    return !at_end(at) && equal((*this)[at].key, key) ? &(*this)[at] : nullptr;
}

void SortedValues::insert_or_assign(ByteView key, StoredValue value) {
    const Position found = lower_bound(key);
    if (!at_end(found) && equal((*this)[found].key, key)) {
        chunks_[found.chunk].entries[found.at].value = std::move(value);
        return;
    }
    const std::uint64_t head = key_head(key);
    if (chunks_.empty()) {
        firsts_.push_back(head);
        chunks_.emplace_back();
    }
    // Before the first entry of a chunk is as good as behind the last of the chunk before.
    std::size_t c = found.chunk;
    std::size_t at = found.at;
    if (at == 0 && c > 0) {
        --c;
        at = chunks_[c].entries.size();
    }
    Chunk& chunk = chunks_[c];
    insert_at(chunk.heads, at, head);
    insert_at(chunk.entries, at, Entry{to_bytes(key), std::move(value)});
    firsts_[c] = chunk.heads.front();
    if (chunk.entries.size() > kChunkEntriesMax) {
        // Growing at the end leaves full chunks behind, growing elsewhere halves.
        const bool at_the_end = c + 1 == chunks_.size() && at + 1 == chunk.entries.size();
        const std::size_t keep = at_the_end ? kChunkEntriesMax : kChunkEntriesMax / 2;
        Chunk rest{split_off(chunk.heads, keep), split_off(chunk.entries, keep)};
        insert_at(firsts_, c + 1, rest.heads.front());
        insert_at(chunks_, c + 1, std::move(rest));
    }
}

void SortedValues::erase(ByteView key) {
    const Position found = lower_bound(key);
    if (at_end(found) || !equal((*this)[found].key, key)) {
        return;
    }
    Chunk& chunk = chunks_[found.chunk];
    erase_at(chunk.heads, found.at);
    erase_at(chunk.entries, found.at);
    if (chunk.entries.empty()) {
        erase_at(firsts_, found.chunk);
        erase_at(chunks_, found.chunk);
    } else {
        firsts_[found.chunk] = chunk.heads.front();
    }
}

}  // namespace stipple::state
