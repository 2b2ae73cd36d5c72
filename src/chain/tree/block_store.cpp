#include "chain/tree/block_store.hpp"

#include <algorithm>
#include <map>

namespace stipple::chain {
namespace {

template <class T>
Result<T> decode_row(Column column, ByteView key, ByteView row) {
    auto value = scale::decode<T>(row);
    if (!value) {
        return fail(std::string(column_name(column)) + " row " + to_hex0x(key) +
                    " is damaged: " + scale::describe(value.error()));
    }
    return *std::move(value);
}

template <class T>
Result<std::optional<T>> read_row(const StoreReader& store, Column column, ByteView key) {
    TRY_ASSIGN(const auto row, store.get(column, key));
    if (!row) {
        return std::nullopt;
    }
    TRY_ASSIGN(auto value, decode_row<T>(column, key, *row));
    return std::optional<T>(std::move(value));
}

template <class T>
Result<std::optional<T>> read_meta(const StoreReader& store, std::string_view key) {
    return read_row<T>(store, Column::meta, as_bytes(key));
}

Bytes key_of(const BlockHash& hash) {
    return to_bytes(hash.view());
}

}  // namespace

Result<std::optional<Header>> BlockStore::header(const BlockHash& hash) const {
    return read_row<Header>(database_, Column::headers, hash);
}

Result<std::optional<BlockNumber>> BlockStore::number(const BlockHash& hash) const {
    TRY_ASSIGN(const auto row, database_.get(Column::headers, hash));
    if (!row) {
        return std::nullopt;
    }
    scale::Decoder in(*row);
    in.take(BlockHash::kSize);
    const BlockNumber number = in.compact32();
    if (!in.ok()) {
        return fail("headers row " + hash.hex() + " is damaged");
    }
    return number;
}

Result<std::optional<Body>> BlockStore::body(const BlockHash& hash) const {
    return read_row<Body>(database_, Column::bodies, hash);
}

Result<std::optional<Bytes>> BlockStore::encoded_header(const BlockHash& hash) const {
    return database_.get(Column::headers, hash);
}

Result<std::optional<Bytes>> BlockStore::encoded_body(const BlockHash& hash) const {
    return database_.get(Column::bodies, hash);
}

Result<std::optional<Justifications>> BlockStore::justifications(const BlockHash& hash) const {
    return read_row<Justifications>(database_, Column::justifications, hash);
}

Result<std::optional<BlockHash>> BlockStore::canonical_hash(BlockNumber number) const {
    return read_row<BlockHash>(database_, Column::block_hashes, number_key(number));
}

Result<std::optional<std::uint32_t>> BlockStore::format() const {
    return read_meta<std::uint32_t>(database_, kFormatKey);
}

Result<std::optional<GenesisRow>> BlockStore::genesis() const {
    return read_meta<GenesisRow>(database_, kGenesisKey);
}

Result<std::optional<BlockRef>> BlockStore::best() const {
    return read_meta<BlockRef>(database_, kBestKey);
}

Result<std::optional<FinalizedRow>> BlockStore::finalized() const {
    return read_meta<FinalizedRow>(database_, kFinalizedKey);
}

Result<BlockStore::LoadedTree> BlockStore::load_tree() const {
    TRY_ASSIGN(const auto root, finalized());
    TRY_ASSIGN(const auto best_row, best());
    if (!root || !best_row) {
        return fail("the rows of the finalised and the best block are missing");
    }
    LoadedTree loaded{BlockTree(root->block, root->weight), 0};
    std::map<std::uint64_t, std::pair<BlockHash, TreeRow>> by_arrival;
    const auto cursor = database_.iterate(Column::leaves, {}, {});
    for (cursor->seek({}); cursor->valid(); cursor->next()) {
        const auto hash = BlockHash::from(cursor->key());
        if (!hash) {
            continue;  // rows of consensus, kept by block under longer keys
        }
        TRY_ASSIGN(const auto row,
                   decode_row<TreeRow>(Column::leaves, cursor->key(), cursor->value()));
        if (!by_arrival.emplace(row.arrival, std::pair(*hash, row)).second) {
            return fail("two blocks have the same arrival number " + std::to_string(row.arrival));
        }
    }
    TRY(cursor->status());
    for (const auto& [arrival, entry] : by_arrival) {
        const auto& [hash, row] = entry;
        if (!loaded.tree.insert({hash, row.number}, row.parent, row.weight)) {
            return fail("the known block " + hash.hex() + " does not fit into the tree");
        }
        loaded.next_arrival = arrival + 1;
    }
    if (loaded.tree.best() != *best_row) {
        return fail("the best block on record, " + best_row->hash.hex() +
                    ", is not the best of the tree, " + loaded.tree.best().hash.hex());
    }
    return loaded;
}

void BlockStore::put_block(WriteBatch& batch, const BlockHash& hash, Bytes encoded_header,
                           Bytes encoded_body,
                           const std::optional<Justifications>& justifications) {
    batch.put(Column::headers, key_of(hash), std::move(encoded_header));
    batch.put(Column::bodies, key_of(hash), std::move(encoded_body));
    if (justifications) {
        put_justifications(batch, hash, *justifications);
    }
}

void BlockStore::put_justifications(WriteBatch& batch, const BlockHash& hash,
                                    const Justifications& justifications) {
    batch.put(Column::justifications, key_of(hash), scale::encode(justifications));
}

void BlockStore::put_tree_row(WriteBatch& batch, const BlockHash& hash, const TreeRow& row) {
    batch.put(Column::leaves, key_of(hash), scale::encode(row));
}

void BlockStore::erase_tree_row(WriteBatch& batch, const BlockHash& hash) {
    batch.erase(Column::leaves, key_of(hash));
}

void BlockStore::erase_block(WriteBatch& batch, const BlockHash& hash) {
    batch.erase(Column::headers, key_of(hash));
    batch.erase(Column::bodies, key_of(hash));
    batch.erase(Column::justifications, key_of(hash));
    erase_tree_row(batch, hash);
}

void BlockStore::put_best(WriteBatch& batch, BlockRef best) {
    batch.put(Column::meta, to_bytes(kBestKey), scale::encode(best));
}

void BlockStore::put_finalized(WriteBatch& batch, const FinalizedRow& row) {
    batch.put(Column::meta, to_bytes(kFinalizedKey), scale::encode(row));
}

void BlockStore::put_genesis(WriteBatch& batch, const GenesisRow& row) {
    batch.put(Column::meta, to_bytes(kFormatKey), scale::encode(kChainFormat));
    batch.put(Column::meta, to_bytes(kGenesisKey), scale::encode(row));
}

void BlockStore::put_route(WriteBatch& batch, const Route& route) {
    for (const BlockRef& block : route.retracted) {
        batch.erase(Column::block_hashes, number_key(block.number));
    }
    for (const BlockRef& block : route.enacted) {
        batch.put(Column::block_hashes, number_key(block.number), to_bytes(block.hash.view()));
    }
}

}  // namespace stipple::chain
