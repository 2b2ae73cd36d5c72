#include "state/store/clearing.hpp"

#include "state/store/node_delta.hpp"

#include <fmt/format.h>

namespace stipple::state::store {
namespace {

constexpr std::size_t kNumberBytes = 8;
/// Batches of history rows stay about this large.
constexpr std::size_t kBatchBytes = 4 * 1024 * 1024;

std::unexpected<Error> malformed(std::string_view column) {
    return fail(fmt::format("column {}: a cleared prefix is malformed", column));
}

/// Collects operations and commits them by the batch.
class Batches {
 public:
    explicit Batches(KeyValueStore& database) : database_(database) {}
    WriteBatch& next() { return batch_; }
    Result<> after_each() { return batch_.size_bytes() < kBatchBytes ? Result<>() : commit(); }
    Result<> commit() {
        const WriteBatch full = std::exchange(batch_, {});
        return database_.commit(full, Durability::buffered);
    }

 private:
    KeyValueStore& database_;
    WriteBatch batch_;
};

}  // namespace

ClearingIntent::ClearingIntent(BlockNumber number) {
    append_le(row_, std::uint64_t{number});
}

void ClearingIntent::add(ByteView prefix_row) {
    append_le(row_, static_cast<std::uint32_t>(prefix_row.size()));
    append(row_, prefix_row);
}

void ClearingIntent::write(WriteBatch& batch) const {
    if (row_.size() > sizeof(std::uint64_t)) {
        batch.put(Column::meta, to_bytes(kClearingKey), row_);
    }
}

Result<> write_cleared(KeyValueStore& database, const BaseState& base, const Layer& layer) {
    if (layer.cleared(RowKind::value).empty()) {
        return {};
    }
    Batches batches(database);
    ClearingIntent intent(layer.block().number);
    for (const auto& [trie, changes] : layer.difference().tries) {
        for (const auto& range : changes.cleared) {
            intent.add(value_row(trie, range.prefix));
        }
    }
    intent.write(batches.next());
    for (const RowKind kind : kRowKinds) {
        for (const RowRange& range : layer.cleared(kind)) {
            const auto walk =
                base.rows->iterate(state_column(base.side, kind), range.first, range.last);
            for (walk->seek(range.first); walk->valid(); walk->next()) {
                Bytes gone = kind == RowKind::node ? encode_node(std::nullopt) : Bytes{};
                batches.next().put(history_column(kind),
                                   history_row(walk->key(), layer.block().number),
                                   kind == RowKind::node ? keep_older(walk->value(), gone)
                                                         : to_bytes(walk->value()));
                TRY(batches.after_each());
            }
            TRY(walk->status());
        }
    }
    return batches.commit();
}

Result<> erase_unfinished(KeyValueStore& database) {
    TRY_ASSIGN(const auto intent, database.get(Column::meta, as_bytes(kClearingKey)));
    if (!intent) {
        return {};
    }
    if (intent->size() < sizeof(std::uint64_t)) {
        return malformed("meta");
    }
    const auto number = static_cast<BlockNumber>(load_le<std::uint64_t>(*intent));
    Batches batches(database);
    const auto rows = database.snapshot();
    for (ByteView rest = ByteView(*intent).subspan(sizeof(std::uint64_t)); !rest.empty();) {
        const std::size_t length = rest.size() < 4 ? SIZE_MAX : load_le<std::uint32_t>(rest);
        if (rest.size() < 4 || rest.size() - 4 < length) {
            return malformed("meta");
        }
        for (const RowKind kind : kRowKinds) {
            TRY(for_each_cleared(*rows, kind, rest.subspan(4, length), number,
                                 [&](ByteView row, ByteView) -> Result<> {
                                     batches.next().erase(history_column(kind),
                                                          history_row(row, number));
                                     return batches.after_each();
                                 }));
        }
        rest = rest.subspan(4 + length);
    }
    batches.next().erase(Column::meta, to_bytes(kClearingKey));
    return batches.commit();
}

void erase_cleared(WriteBatch& batch, Side side, const TrieId& trie, ByteView prefix) {
    for (const RowKind kind : kRowKinds) {
        for (RowRange& range : rows_below(kind, trie, prefix)) {
            batch.erase_range(state_column(side, kind), std::move(range.first),
                              std::move(range.last));
        }
    }
}

Result<> restore_cleared(KeyValueStore& database, const BaseState& base, ByteView prefix_row,
                         BlockNumber number) {
    Batches batches(database);
    for (const RowKind kind : kRowKinds) {
        TRY(for_each_cleared(
            *base.rows, kind, prefix_row, number, [&](ByteView row, ByteView kept) -> Result<> {
                Bytes old = to_bytes(kept);
                if (kind == RowKind::node) {
                    TRY_ASSIGN(old, restore_older(encode_node(std::nullopt), kept));
                }
                batches.next().put(state_column(base.side, kind), to_bytes(row), std::move(old));
                return batches.after_each();
            }));
    }
    return batches.commit();
}

Result<> for_each_cleared(const StoreReader& rows, RowKind kind, ByteView prefix_row,
                          BlockNumber number,
                          const std::function<Result<>(ByteView row, ByteView encoded)>& use) {
    const auto name = parse_row(RowKind::value, prefix_row);
    if (!name) {
        return malformed("block_changes");
    }
    for (const RowRange& range : rows_below(kind, name->trie, name->key)) {
        const auto walk = rows.iterate(history_column(kind), range.first, range.last);
        for (walk->seek(range.first); walk->valid(); walk->next()) {
            const ByteView at = walk->key();
            if (at.size() > kNumberBytes &&
                load_be<std::uint64_t>(at.last(kNumberBytes)) == number) {
                TRY(use(at.first(at.size() - kNumberBytes), walk->value()));
            }
        }
        TRY(walk->status());
    }
    return {};
}

}  // namespace stipple::state::store
