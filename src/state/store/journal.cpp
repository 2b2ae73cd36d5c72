#include "state/store/journal.hpp"

#include <fmt/format.h>

namespace stipple::state::store {
namespace {

constexpr std::uint8_t kHeader = 0;
constexpr std::uint8_t kChanges = 1;
constexpr std::size_t kPrefixBytes = 8 + 32;
/// Beside the two kinds of rows: a prefix below which nothing is left.
constexpr auto kCleared = static_cast<RowKind>(2);
/// Rows of changes stay below this, but for one long value.
constexpr std::size_t kChunkBytes = 64 * 1024;

Bytes journal_row(const Bytes& prefix, std::uint8_t tag) {
    Bytes row;
    row.reserve(prefix.size() + 1 + sizeof(std::uint32_t));
    append(row, prefix);
    row.push_back(tag);
    return row;
}

/// Above all rows of a layer: tags are small.
Bytes journal_end(const Bytes& prefix) {
    return journal_row(prefix, 0xff);
}

Error damaged(BlockRef block, std::string_view what) {
    return Error(
        fmt::format("column journal: layer of #{} {}: {}", block.number, block.hash.hex(), what));
}

/// parent ‖ root ‖ for each trie: u32 LE length ‖ child key ‖ root.
Bytes encode_header(const BlockHash& parent, const Difference& difference) {
    Bytes out;
    append(out, parent);
    append(out, difference.root);
    for (const auto& [trie, changes] : difference.tries) {
        append_le(out, static_cast<std::uint32_t>(trie.child_key.size()));
        append(out, trie.child_key);
        append(out, changes.root);
    }
    return out;
}

bool decode_header(ByteView row, Difference& out) {
    constexpr std::size_t kFixed = 64;
    if (row.size() < kFixed) {
        return false;
    }
    out.root = StateRoot::copy(row.subspan(32, 32));
    row = row.subspan(kFixed);
    while (!row.empty()) {
        if (row.size() < 4) {
            return false;
        }
        const std::size_t length = load_le<std::uint32_t>(row);
        row = row.subspan(4);
        if (row.size() < 32 || row.size() - 32 < length) {
            return false;
        }
        out.tries[TrieId{to_bytes(row.first(length))}].root =
            StateRoot::copy(row.subspan(length, 32));
        row = row.subspan(length + 32);
    }
    return true;
}

/// Collects changes, each kind ‖ u32 LE length ‖ state row ‖ u32 LE length ‖ encoded value, into a
/// few long rows: the log and the memtable pay by the row, and layers are read back whole.
class ChangesWriter {
 public:
    ChangesWriter(WriteBatch& batch, const Bytes& prefix) : batch_(batch), prefix_(prefix) {}
    void add(RowKind kind, const Bytes& row, const Bytes& value) {
        chunk_.push_back(static_cast<std::uint8_t>(kind));
        append_le(chunk_, static_cast<std::uint32_t>(row.size()));
        append(chunk_, row);
        append_le(chunk_, static_cast<std::uint32_t>(value.size()));
        append(chunk_, value);
        if (chunk_.size() >= kChunkBytes) {
            flush();
        }
    }
    void flush() {
        if (chunk_.empty()) {
            return;
        }
        Bytes key = journal_row(prefix_, kChanges);
        append_be(key, next_++);
        batch_.put(Column::journal, std::move(key), std::move(chunk_));
        chunk_ = {};
    }

 private:
    WriteBatch& batch_;
    const Bytes& prefix_;
    std::uint32_t next_ = 0;
    Bytes chunk_;
};

/// Takes u32 LE length ‖ bytes off the front; absent when there is less.
std::optional<ByteView> take_field(ByteView& rest) {
    if (rest.size() < 4) {
        return std::nullopt;
    }
    const std::size_t length = load_le<std::uint32_t>(rest);
    rest = rest.subspan(4);
    if (rest.size() < length) {
        return std::nullopt;
    }
    const ByteView field = rest.first(length);
    rest = rest.subspan(length);
    return field;
}

/// Takes one change off the front of `chunk` into its trie.
Result<> load_change(ByteView& chunk, BlockRef block, Difference& difference) {
    const auto kind = static_cast<RowKind>(chunk[0]);
    chunk = chunk.subspan(1);
    const auto row = take_field(chunk);
    const auto encoded = row ? take_field(chunk) : std::nullopt;
    if (!encoded || (kind != RowKind::value && kind != RowKind::node && kind != kCleared)) {
        return std::unexpected(damaged(block, "a change is malformed"));
    }
    auto name = parse_row(kind == kCleared ? RowKind::value : kind, *row);
    const auto trie = name ? difference.tries.find(name->trie) : difference.tries.end();
    if (!name || trie == difference.tries.end()) {
        return std::unexpected(damaged(block, "a change's key is malformed"));
    }
    if (kind == kCleared) {
        if (encoded->size() != sizeof(std::uint64_t)) {
            return std::unexpected(damaged(block, "a cleared prefix is malformed"));
        }
        trie->second.cleared.push_back({std::move(name->key), load_le<std::uint64_t>(*encoded)});
    } else if (kind == RowKind::value) {
        TRY_ASSIGN(const auto value, decode_value(*encoded));
        trie->second.values.set(name->key, value);
    } else {
        TRY_ASSIGN(const auto branch, decode_node(*encoded));
        trie->second.nodes.set(name->key, branch);
    }
    return {};
}

}  // namespace

void write_layer(WriteBatch& batch, BlockRef block, const BlockHash& parent,
                 const Difference& difference) {
    const Bytes prefix = journal_prefix(block);
    batch.put(Column::journal, journal_row(prefix, kHeader), encode_header(parent, difference));
    ChangesWriter writer(batch, prefix);
    for (const auto& [trie, changes] : difference.tries) {
        for (const auto& [key, value] : changes.values) {
            writer.add(RowKind::value, value_row(trie, key), encode_value(value));
        }
        for (const auto& [path, branch] : changes.nodes) {
            writer.add(RowKind::node, node_row(trie, path), encode_node(branch));
        }
        for (const auto& range : changes.cleared) {
            Bytes keys;
            append_le(keys, range.keys);
            writer.add(kCleared, value_row(trie, range.prefix), keys);
        }
    }
    writer.flush();
}

void erase_layer(WriteBatch& batch, BlockRef block) {
    const Bytes prefix = journal_prefix(block);
    batch.erase_range(Column::journal, prefix, journal_end(prefix));
}

void erase_all_layers(WriteBatch& batch) {
    batch.erase_range(Column::journal, Bytes{}, Bytes(kPrefixBytes, 0xff));
}

Result<std::vector<JournalEntry>> list_layers(const StoreReader& rows) {
    std::vector<JournalEntry> found;
    const auto walk = rows.iterate(Column::journal, {}, {});
    for (walk->seek({}); walk->valid();) {
        const ByteView key = walk->key();
        if (key.size() != kPrefixBytes + 1 || key.back() != kHeader || walk->value().size() < 64) {
            return fail("column journal: a layer has no header row; the database is damaged");
        }
        JournalEntry entry;
        entry.block.number = static_cast<BlockNumber>(load_be<std::uint64_t>(key));
        entry.block.hash = BlockHash::copy(key.subspan(8, 32));
        entry.parent = BlockHash::copy(walk->value().first(32));
        found.push_back(entry);
        walk->seek(journal_end(journal_prefix(entry.block)));
    }
    TRY(walk->status());
    return found;
}

Result<std::shared_ptr<const Difference>> load_layer(const StoreReader& rows, BlockRef block) {
    const Bytes prefix = journal_prefix(block);
    auto difference = std::make_shared<Difference>();
    const auto walk = rows.iterate(Column::journal, prefix, journal_end(prefix));
    walk->seek(prefix);
    if (!walk->valid() || !decode_header(walk->value(), *difference)) {
        TRY(walk->status());
        return std::unexpected(damaged(block, "its header row is malformed"));
    }
    for (walk->next(); walk->valid(); walk->next()) {
        if (walk->key()[kPrefixBytes] != kChanges) {
            return std::unexpected(damaged(block, "a row of unknown kind"));
        }
        for (ByteView chunk = walk->value(); !chunk.empty();) {
            TRY(load_change(chunk, block, *difference));
        }
    }
    TRY(walk->status());
    return difference;
}

}  // namespace stipple::state::store
