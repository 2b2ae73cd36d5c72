// Opening a chain: a fresh database gets its genesis, an old one is checked and brought into step.
#include "chain/import/inner.hpp"
#include "chain/import/messages.hpp"
#include "chain/spec/genesis.hpp"

#include <fmt/format.h>

namespace stipple::chain {

Result<> Chain::Inner::open() {
    auto store = state::store::Store::open(database, config.state);
    if (!store) {
        return fail_in("open state", std::move(store));
    }
    states = *std::move(store);
    TRY_ASSIGN(const auto format, blocks.format());
    if (!format) {
        return create();
    }
    if (*format > kChainFormat) {
        return fail(
            fmt::format("the database has format {}, this version reads up to {}: use the "
                        "version that wrote it, or purge the chain",
                        *format, kChainFormat));
    }
    TRY_ASSIGN(const auto row, blocks.genesis());
    if (!row) {
        return fail("the database is damaged: its genesis row is missing");
    }
    TRY(check_genesis(*row));
    genesis = row->hash;
    auto loaded = blocks.load_tree();
    if (!loaded) {
        return fail_in("the database is damaged", std::move(loaded));
    }
    tree = std::move(loaded->tree);
    next_arrival = loaded->next_arrival;
    TRY(load_beginning());
    return align_states();
}

/// State first, then rows: a crash in between leaves a state without a chain, which the next start
/// recognises as its own genesis.
Result<> Chain::Inner::create() {
    auto built = build_genesis(spec, executor);
    if (!built) {
        return fail(built.error().message());
    }
    const BlockRef block{built->hash, 0};
    if (!states->initialized()) {
        TRY(states->initialize(block, built->state));
    } else if (states->base() != block) {
        return fail(fmt::format(
            "the database holds the state of another chain (block #{} {}), the "
            "genesis of \"{}\" is {}",
            states->base().number, states->base().hash.hex(), spec.id, block.hash.hex()));
    }
    WriteBatch batch;
    BlockStore::put_block(batch, block.hash, scale::encode(built->header), scale::encode(Body{}),
                          std::nullopt);
    BlockStore::put_route(batch, Route{{}, block, {block}});
    BlockStore::put_genesis(batch, {block.hash, genesis_fingerprint(spec)});
    BlockStore::put_best(batch, block);
    BlockStore::put_finalized(batch, {block, 0});
    TRY(database.commit(batch, Durability::synced));
    genesis = block.hash;
    tree = BlockTree(block, 0);
    remember_runtime(block.hash, std::move(built->runtime));
    return {};
}

/// Equal fingerprints mean the same genesis; otherwise it is built to compare hashes, since one
/// genesis can be written in several ways.
Result<> Chain::Inner::check_genesis(const GenesisRow& row) const {
    if (genesis_fingerprint(spec) == row.fingerprint) {
        return {};
    }
    if (std::holds_alternative<RootOnlyGenesis>(spec.genesis)) {
        TRY_ASSIGN(const auto header, blocks.header(row.hash));
        if (header && equal(header->state_root, std::get<RootOnlyGenesis>(spec.genesis).root)) {
            return {};
        }
        return fail(
            fmt::format("the database is of another chain: its genesis is {}, which has not "
                        "the state root of \"{}\"",
                        row.hash.hex(), spec.id));
    }
    const auto built = build_genesis(spec, executor);
    if (!built) {
        return fail(built.error().message());
    }
    if (built->hash != row.hash) {
        return fail(
            fmt::format("the database is of another chain: its genesis is {}, that of \"{}\" "
                        "is {}",
                        row.hash.hex(), spec.id, built->hash.hex()));
    }
    return {};
}

/// The rows of the chain are committed before the state's base follows them, so after a crash the
/// base may lag behind finality, or stand above a revert.
Result<> Chain::Inner::align_states() {
    if (!states->initialized()) {
        return fail("the database is damaged: blocks without any state");
    }
    if (stateless) {
        return {};  // there is the state of genesis, and perhaps part of one that is downloaded
    }
    const BlockRef finalized = tree.finalized();
    if (states->base().number > finalized.number && states->base() != tree.best() &&
        !tree.contains(states->base().hash)) {
        TRY(states->revert_to(finalized));
    }
    TRY(states->finalize(finalized));
    if (!states->has_state(tree.best())) {
        return fail(
            fmt::format("the database is damaged: the state of the best block #{} {} is "
                        "missing",
                        tree.best().number, tree.best().hash.hex()));
    }
    return {};
}

}  // namespace stipple::chain
