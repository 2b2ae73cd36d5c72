// Headers, bodies, justifications and the index of canonical numbers, as rows of the database.
//
// Reading answers from what is committed; writing adds operations to a batch that the caller
// commits together with everything else of the block. The formats are in rows.hpp. A row that does
// not decode is damage and says so with its key. Thread-safe as the database is.
#pragma once

#include "chain/tree/block_tree.hpp"
#include "chain/tree/rows.hpp"

namespace stipple::chain {

class BlockStore {
 public:
    /// `database` outlives the store.
    explicit BlockStore(KeyValueStore& database) : database_(database) {}

    Result<std::optional<Header>> header(const BlockHash& hash) const;
    Result<std::optional<BlockNumber>> number(const BlockHash& hash) const;
    Result<std::optional<Body>> body(const BlockHash& hash) const;
    /// As stored, without decoding: what block responses and exports send on.
    Result<std::optional<Bytes>> encoded_header(const BlockHash& hash) const;
    Result<std::optional<Bytes>> encoded_body(const BlockHash& hash) const;
    Result<std::optional<Justifications>> justifications(const BlockHash& hash) const;
    Result<std::optional<BlockHash>> canonical_hash(BlockNumber number) const;

    Result<std::optional<std::uint32_t>> format() const;
    Result<std::optional<GenesisRow>> genesis() const;
    Result<std::optional<BlockRef>> best() const;
    Result<std::optional<FinalizedRow>> finalized() const;
    /// The tree as it was committed, and the next arrival number.
    struct LoadedTree {
        BlockTree tree;
        std::uint64_t next_arrival = 0;
    };
    Result<LoadedTree> load_tree() const;

    // ---- writing into a batch ----
    static void put_block(WriteBatch& batch, const BlockHash& hash, Bytes encoded_header,
                          Bytes encoded_body, const std::optional<Justifications>& justifications);
    static void put_justifications(WriteBatch& batch, const BlockHash& hash,
                                   const Justifications& justifications);
    static void put_tree_row(WriteBatch& batch, const BlockHash& hash, const TreeRow& row);
    static void erase_tree_row(WriteBatch& batch, const BlockHash& hash);
    static void erase_block(WriteBatch& batch, const BlockHash& hash);
    static void put_best(WriteBatch& batch, BlockRef best);
    static void put_finalized(WriteBatch& batch, const FinalizedRow& row);
    static void put_genesis(WriteBatch& batch, const GenesisRow& row);
    /// Moves the canonical numbers from one best chain to the other.
    static void put_route(WriteBatch& batch, const Route& route);

 private:
    KeyValueStore& database_;
};

}  // namespace stipple::chain
