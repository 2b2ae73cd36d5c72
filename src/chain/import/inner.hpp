// The insides of Chain: what its reading and writing halves share.
//
// The one writer changes the tree under `mutex`; readers take it shared. The writer itself reads
// the tree without it. Spec: as chain.hpp.
#pragma once

#include "chain/import/chain.hpp"
#include "chain/tree/block_store.hpp"

#include <shared_mutex>
#include <unordered_map>

namespace stipple::chain {

struct Chain::Inner {
    Inner(KeyValueStore& store, const ChainSpec& chain_spec, executor::Executor& wasm,
          const ChainConfig& chain_config)
        : database(store), spec(chain_spec), executor(wasm), config(chain_config), blocks(store) {}

    KeyValueStore& database;
    const ChainSpec& spec;
    executor::Executor& executor;
    const ChainConfig config;
    const BlockStore blocks;
    std::unique_ptr<state::store::Store> states;

    mutable std::shared_mutex mutex;  ///< guards tree, gap and stateless
    BlockTree tree{BlockRef{}, 0};
    std::optional<HistoryGap> gap;
    bool stateless = false;
    BlockHash genesis;
    std::uint64_t next_arrival = 0;  ///< writer only

    /// Runtimes by the block whose children they execute; only blocks of the tree, so bounded by
    /// it. A block that does not change its code shares its parent's.
    mutable std::mutex runtimes_mutex;
    mutable std::unordered_map<BlockHash, std::shared_ptr<const executor::Runtime>> runtimes;

    // ---- opening (open.cpp) ----
    Result<> open();
    Result<> create();
    Result<> check_genesis(const GenesisRow& row) const;
    Result<> align_states();
    Result<> load_beginning();

    // ---- shared reading (chain.cpp) ----
    Result<std::optional<BlockNumber>> number_of(const BlockHash& hash) const;
    Result<BlockRef> canonical_or_unfinalized(const BlockHash& hash) const;
    std::expected<std::shared_ptr<const executor::Runtime>, executor::CodeError> runtime_at(
        BlockRef block, const state::Reader& state) const;
    void remember_runtime(const BlockHash& hash,
                          std::shared_ptr<const executor::Runtime> runtime) const;
    void forget_runtime(const BlockHash& hash) const;

    // ---- importing (import.cpp) ----
    std::optional<ImportError> check_acceptable(const Header& header, BlockRef block) const;
    std::expected<std::shared_ptr<const state::Difference>, ImportError> difference_of(
        const BlockToImport& block, BlockRef ref,
        std::shared_ptr<const executor::Runtime>& parent_runtime) const;
    std::expected<ImportOutcome, ImportError> commit_block(
        const BlockToImport& block, BlockRef ref, Bytes encoded_header,
        std::shared_ptr<const state::Difference> difference,
        std::shared_ptr<const executor::Runtime> parent_runtime);
    bool changes_runtime(const state::Difference& difference) const;

    // ---- finality and reverts (finality.cpp) ----
    std::vector<Block> read_blocks(const std::vector<BlockRef>& wanted) const;
    void put_pruned_bodies(WriteBatch& batch, const std::vector<BlockRef>& finalized) const;
    Result<Justifications> with_justification(const BlockHash& hash,
                                              const Justification& justification) const;
    Result<BlockRef> revert_below_finality(BlockNumber number);
};

}  // namespace stipple::chain
