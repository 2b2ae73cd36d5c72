#include "state/store/rows.hpp"

namespace stipple::state::store {
namespace {

constexpr std::uint8_t kEscape = 0x00;
constexpr std::uint8_t kEscapedZero = 0xff;
constexpr std::uint8_t kEnd = 0x00;
constexpr std::uint8_t kOddEnd = 0x01;
constexpr std::uint8_t kLongName = 0xff;
constexpr std::uint8_t kCounted = 0x80;

enum Tag : std::uint8_t { absent = 0, plain = 1, hashed = 2 };

void append_escaped_byte(Bytes& out, std::uint8_t byte) {
    out.push_back(byte);
    if (byte == kEscape) {
        out.push_back(kEscapedZero);
    }
}

/// Reads escaped bytes up to the terminator, which must end the row. Absent when damaged.
std::optional<std::uint8_t> unescape(ByteView row, Bytes& out) {
    std::size_t i = 0;
    while (i + 1 < row.size()) {
        const std::uint8_t byte = row[i];
        if (byte != kEscape) {
            out.push_back(byte);
            ++i;
        } else if (row[i + 1] == kEscapedZero) {
            out.push_back(0);
            i += 2;
        } else if (i + 2 == row.size() && row[i + 1] <= kOddEnd) {
            return row[i + 1];
        } else {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

std::optional<std::size_t> parse_trie(ByteView row, TrieId& trie) {
    if (row.empty()) {
        return std::nullopt;
    }
    std::size_t at = 1;
    std::size_t length = row[0];
    if (length == kLongName) {
        if (row.size() < 5) {
            return std::nullopt;
        }
        length = load_be<std::uint32_t>(row.subspan(1));
        at = 5;
    }
    if (row.size() - at < length) {
        return std::nullopt;
    }
    trie.child_key = to_bytes(row.subspan(at, length));
    return at + length;
}

}  // namespace

Bytes trie_prefix(const TrieId& trie) {
    Bytes out;
    const std::size_t length = trie.child_key.size();
    out.reserve(length + 5);
    if (length < kLongName) {
        out.push_back(static_cast<std::uint8_t>(length));
    } else {
        out.push_back(kLongName);
        append_be(out, static_cast<std::uint32_t>(length));
    }
    append(out, trie.child_key);
    return out;
}

Bytes value_row(const TrieId& trie, ByteView key) {
    Bytes out;
    out.reserve(trie.child_key.size() + key.size() + 12);
    out = trie_prefix(trie);
    out.reserve(out.size() + key.size() + 12);
    for (const std::uint8_t byte : key) {
        append_escaped_byte(out, byte);
    }
    out.push_back(kEscape);
    out.push_back(kEnd);
    return out;
}

Bytes node_row(const TrieId& trie, ByteView path) {
    Bytes out = trie_prefix(trie);
    out.reserve(out.size() + path.size() / 2 + 12);
    for (std::size_t i = 0; i < path.size(); i += 2) {
        const auto low = i + 1 < path.size() ? path[i + 1] : std::uint8_t{0};
        append_escaped_byte(out, static_cast<std::uint8_t>(path[i] << 4 | low));
    }
    out.push_back(kEscape);
    out.push_back(path.size() % 2 == 0 ? kEnd : kOddEnd);
    return out;
}

std::vector<RowRange> rows_below(RowKind kind, const TrieId& trie, ByteView prefix) {
    Bytes begin = trie_prefix(trie);
    for (const std::uint8_t byte : prefix) {
        append_escaped_byte(begin, byte);
    }
    // Absent only for a prefix of ff bytes, and a trie's prefix is never all ff.
    Bytes end = end_of_prefix(begin).value_or(Bytes{});
    if (kind == RowKind::value) {
        // Every row goes on with a byte or the end of its key. So the bounds differ in length, and
        // nobody can take them for the versions of one key.
        begin.push_back(0);
        return {{std::move(begin), std::move(end)}};
    }
    // Between the rows of the even path that is the prefix and those of longer ones stands the odd
    // path that is one nibble shorter, when the prefix ends in a zero: not below it.
    Bytes exact = begin;
    exact.insert(exact.end(), {kEscape, kEnd});
    Bytes odd = begin;
    odd.insert(odd.end(), {kEscape, kOddEnd});
    Bytes longer = begin;
    longer.insert(longer.end(), {kEscape, kOddEnd + 1});
    return {{std::move(exact), std::move(odd)}, {std::move(longer), std::move(end)}};
}

bool parse_key(ByteView row, std::size_t prefix_bytes, Bytes& key) {
    key.clear();
    return row.size() >= prefix_bytes && unescape(row.subspan(prefix_bytes), key) == kEnd;
}

std::optional<RowName> parse_row(RowKind kind, ByteView row) {
    RowName name;
    const auto prefix = parse_trie(row, name.trie);
    if (!prefix) {
        return std::nullopt;
    }
    Bytes packed;
    const auto end = unescape(row.subspan(*prefix), packed);
    if (!end || (kind == RowKind::value && *end != kEnd) || (*end == kOddEnd && packed.empty())) {
        return std::nullopt;
    }
    if (kind == RowKind::value) {
        name.key = std::move(packed);
        return name;
    }
    for (const std::uint8_t byte : packed) {
        name.key.push_back(static_cast<std::uint8_t>(byte >> 4));
        name.key.push_back(static_cast<std::uint8_t>(byte & 0x0f));
    }
    if (*end == kOddEnd) {
        name.key.pop_back();
    }
    return name;
}

Bytes encode_value(const ValueChange& value) {
    if (!value) {
        return {Tag::absent};
    }
    Bytes out;
    out.reserve(value->bytes.size() + 1);
    out.push_back(value->form == ValueForm::hashed ? Tag::hashed : Tag::plain);
    append(out, value->bytes);
    return out;
}

Bytes encode_node(const NodeChange& branch) {
    if (!branch) {
        return {Tag::absent};
    }
    Bytes out;
    out.reserve(branch->size() + 1);
    out.push_back(Tag::plain);
    append(out, *branch);
    return out;
}

bool is_absent(ByteView encoded) {
    return encoded.size() == 1 && encoded[0] == Tag::absent;
}

Result<ValueChange> decode_value(ByteView encoded) {
    if (is_absent(encoded)) {
        return std::nullopt;
    }
    if (encoded.empty() || (encoded[0] != Tag::plain && encoded[0] != Tag::hashed)) {
        return fail("a value row is malformed");
    }
    return ValueView(encoded.subspan(1),
                     encoded[0] == Tag::hashed ? ValueForm::hashed : ValueForm::inline_bytes);
}

std::uint8_t node_count(ByteView encoded) {
    return encoded[0] >= kCounted ? static_cast<std::uint8_t>(encoded[0] - kCounted)
                                  : std::uint8_t{0};
}

void set_node_count(Bytes& encoded, std::uint8_t count) {
    encoded[0] =
        count == 0 ? std::uint8_t{Tag::plain} : static_cast<std::uint8_t>(kCounted + count);
}

Result<NodeChange> decode_node(ByteView encoded) {
    if (is_absent(encoded)) {
        return std::nullopt;
    }
    if (encoded.empty() || (encoded[0] != Tag::plain && encoded[0] < kCounted)) {
        return fail("a node row is malformed");
    }
    return encoded.subspan(1);
}

Bytes history_row(ByteView state_row, std::uint64_t number) {
    Bytes out;
    out.reserve(state_row.size() + 8);
    append(out, state_row);
    append_be(out, number);
    return out;
}

Bytes history_end(ByteView state_row) {
    return history_row(state_row, ~std::uint64_t{0});
}

Bytes journal_prefix(const BlockRef& block) {
    Bytes out;
    append_be(out, std::uint64_t{block.number});
    append(out, block.hash);
    return out;
}

Bytes changes_row(BlockNumber number, std::uint32_t chunk) {
    Bytes out;
    append_be(out, std::uint64_t{number});
    append_be(out, chunk);
    return out;
}

Bytes encode_block_state(const BlockState& state) {
    Bytes out;
    append_le(out, state.block.number);
    append(out, state.block.hash);
    append(out, state.root);
    return out;
}

Result<BlockState> decode_block_state(ByteView row) {
    constexpr std::size_t kSize = 4 + 32 + 32;
    if (row.size() != kSize) {
        return fail("a row naming a block is malformed");
    }
    return BlockState{{BlockHash::copy(row.subspan(4, 32)), load_le<std::uint32_t>(row)},
                      StateRoot::copy(row.subspan(36, 32))};
}

void erase_column(WriteBatch& batch, Column column) {
    // Rows start with a length or a number: none reaches this bound.
    batch.erase_range(column, Bytes{}, Bytes(512, 0xff));
}

}  // namespace stipple::state::store
