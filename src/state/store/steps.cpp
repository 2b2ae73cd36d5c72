#include "state/store/steps.hpp"

#include "state/store/clearing.hpp"
#include "state/store/journal.hpp"
#include "state/store/node_delta.hpp"

#include <fmt/format.h>

namespace stipple::state::store {
namespace {

/// Rows of block_changes stay below this, but for one long key.
constexpr std::size_t kChunkBytes = 32 * 1024;

/// How a row changed: rewinding needs all, subscribers want changed contents of values only.
enum class ChangeKind : std::uint8_t { value_content = 0, value_form = 1, node = 2, cleared = 3 };

class ChangeWriter {
 public:
    ChangeWriter(WriteBatch& batch, BlockNumber number) : batch_(batch), number_(number) {}
    void add(ChangeKind kind, ByteView row) {
        chunk_.push_back(static_cast<std::uint8_t>(kind));
        append_le(chunk_, static_cast<std::uint32_t>(row.size()));
        append(chunk_, row);
        if (chunk_.size() >= kChunkBytes) {
            flush();
        }
    }
    void flush() {
        if (!chunk_.empty()) {
            batch_.put(Column::block_changes, changes_row(number_, next_++), std::move(chunk_));
            chunk_ = {};
        }
    }

 private:
    WriteBatch& batch_;
    BlockNumber number_;
    std::uint32_t next_ = 1;
    Bytes chunk_;
};

/// Calls `use(ChangeKind, row)` for each change of a block; `use` returns Result<>.
Result<> for_each_change(const StoreReader& rows, BlockNumber number, const auto& use) {
    const auto damaged = [&] {
        return fail(fmt::format("column block_changes: rows of #{} are malformed", number));
    };
    const Bytes from = changes_row(number, 1);
    Bytes to;
    append_be(to, std::uint64_t{number} + 1);
    const auto walk = rows.iterate(Column::block_changes, from, to);
    for (walk->seek(from); walk->valid(); walk->next()) {
        ByteView chunk = walk->value();
        while (!chunk.empty()) {
            if (chunk.size() < 5 || chunk[0] > 3) {
                return damaged();
            }
            const auto kind = static_cast<ChangeKind>(chunk[0]);
            const std::size_t length = load_le<std::uint32_t>(chunk.subspan(1));
            chunk = chunk.subspan(5);
            if (chunk.size() < length) {
                return damaged();
            }
            TRY(use(kind, chunk.first(length)));
            chunk = chunk.subspan(length);
        }
    }
    return walk->status();
}

bool same_content(ByteView a, ByteView b) {
    if (is_absent(a) || is_absent(b)) {
        return is_absent(a) && is_absent(b);
    }
    return equal(a.subspan(1), b.subspan(1));
}

}  // namespace

Result<Step> step_forward(const Shared& shared, const Layer& layer) {
    const auto base = shared.base();
    const BlockRef block = layer.block();
    CHECK(layer.parent() == base->state.block.hash);
    Step step;
    step.reached = {block, layer.difference().root};
    ChangeWriter changes(step.batch, block.number);
    const auto change = [&](RowKind kind, Bytes row, Bytes now) -> Result<> {
        TRY_ASSIGN(const auto before, shared.read(kind, row, base->state.block.number));
        const bool node = kind == RowKind::node;
        if (node ? same_content(*before, now) : *before == now) {
            return {};  // only an equal encoding is no change
        }
        step.batch.put(history_column(kind), history_row(row, block.number),
                       node ? keep_older(*before, now) : *before);
        if (is_absent(now)) {
            step.batch.erase(state_column(base->side, kind), row);
        } else {
            step.batch.put(state_column(base->side, kind), row, now);
        }
        changes.add(kind == RowKind::node        ? ChangeKind::node
                    : same_content(*before, now) ? ChangeKind::value_form
                                                 : ChangeKind::value_content,
                    row);
        step.changes.push_back(
            {kind, std::move(row), std::make_shared<const Bytes>(std::move(now))});
        return {};
    };
    for (const auto& [trie, difference] : layer.difference().tries) {
        for (const auto& [key, value] : difference.values) {
            TRY(change(RowKind::value, value_row(trie, key), encode_value(value)));
        }
        for (const auto& [path, branch] : difference.nodes) {
            TRY(change(RowKind::node, node_row(trie, path), encode_node(branch)));
        }
        for (const auto& range : difference.cleared) {
            erase_cleared(step.batch, base->side, trie, range.prefix);
            changes.add(ChangeKind::cleared, value_row(trie, range.prefix));
            step.cleared = true;
        }
    }
    if (step.cleared) {
        step.batch.erase(Column::meta, to_bytes(kClearingKey));
    }
    changes.flush();
    write_block_state(step.batch, step.reached);
    step.batch.put(Column::meta, to_bytes(kBaseKey), encode_block_state(step.reached));
    erase_layer(step.batch, block);
    return step;
}

Result<Step> step_back(KeyValueStore& database, const BaseState& base) {
    const BlockNumber number = base.state.block.number;
    Step step;
    CHECK(number > 0);
    TRY_ASSIGN(const auto parent, find_block_state(*base.rows, number - 1));
    if (!parent) {
        return fail(fmt::format("state pruned: block #{} is below the floor", number - 1));
    }
    step.reached = *parent;
    ClearingIntent intent(number);
    TRY(for_each_change(*base.rows, number, [&](ChangeKind changed, ByteView row) -> Result<> {
        if (changed == ChangeKind::cleared) {
            intent.add(row);
            return restore_cleared(database, base, row, number);
        }
        const auto kind = changed == ChangeKind::node ? RowKind::node : RowKind::value;
        const Bytes old_row = history_row(row, number);
        TRY_ASSIGN(auto old, base.rows->get(history_column(kind), old_row));
        if (!old) {
            return fail(fmt::format("column {}: a row of block #{} is missing",
                                    column_name(history_column(kind)), number));
        }
        if (kind == RowKind::node) {
            TRY_ASSIGN(const auto now, base.rows->get(state_column(base.side, RowKind::node), row));
            TRY_ASSIGN(old, restore_older(now ? *now : encode_node(std::nullopt), *old));
        }
        if (is_absent(*old)) {
            step.batch.erase(state_column(base.side, kind), to_bytes(row));
        } else {
            step.batch.put(state_column(base.side, kind), to_bytes(row), std::move(*old));
        }
        step.batch.erase(history_column(kind), old_row);
        return {};
    }));
    intent.write(step.batch);
    step.batch.erase_range(Column::block_changes, changes_row(number, 0),
                           changes_row(number + 1, 0));
    step.batch.put(Column::meta, to_bytes(kBaseKey), encode_block_state(step.reached));
    return step;
}

Result<std::vector<std::pair<TrieId, Bytes>>> changed_values(const StoreReader& rows,
                                                             BlockNumber number) {
    std::vector<std::pair<TrieId, Bytes>> found;
    TRY(for_each_change(rows, number, [&](ChangeKind kind, ByteView row) -> Result<> {
        if (kind == ChangeKind::value_content) {
            auto name = parse_row(RowKind::value, row);
            if (!name) {
                return fail("column block_changes: a key is malformed");
            }
            found.emplace_back(std::move(name->trie), std::move(name->key));
        }
        if (kind == ChangeKind::cleared) {
            return for_each_cleared(
                rows, RowKind::value, row, number, [&](ByteView gone, ByteView) -> Result<> {
                    auto name = parse_row(RowKind::value, gone);
                    if (!name) {
                        return fail("column value_history: a key is malformed");
                    }
                    found.emplace_back(std::move(name->trie), std::move(name->key));
                    return {};
                });
        }
        return {};
    }));
    return found;
}

Result<std::optional<BlockState>> find_block_state(const StoreReader& rows, BlockNumber number) {
    TRY_ASSIGN(const auto row, rows.get(Column::block_changes, changes_row(number, 0)));
    if (!row) {
        return std::nullopt;
    }
    TRY_ASSIGN(auto state, decode_block_state(*row));
    return state;
}

void write_block_state(WriteBatch& batch, const BlockState& state) {
    batch.put(Column::block_changes, changes_row(state.block.number, 0), encode_block_state(state));
}

}  // namespace stipple::state::store
