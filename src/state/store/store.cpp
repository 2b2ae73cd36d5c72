#include "state/store/store.hpp"

#include "base/log.hpp"
#include "state/store/inner.hpp"
#include "state/store/journal.hpp"

#include <fmt/format.h>

namespace stipple::state::store {
namespace {

/// Batches of a first state stay about this large.
constexpr std::size_t kChunkBytes = 4 * 1024 * 1024;

Result<Side> read_side(const StoreReader& rows) {
    TRY_ASSIGN(const auto row, rows.get(Column::meta, as_bytes(kSideKey)));
    if (!row) {
        return Side::first;
    }
    if (row->size() != 1 || row->front() > 1) {
        return fail("column meta: the row of the state's columns is malformed");
    }
    return static_cast<Side>(row->front());
}

void erase_state(WriteBatch& batch, Side side) {
    for (const RowKind kind : kRowKinds) {
        erase_column(batch, state_column(side, kind));
    }
}

void erase_layers_and_history(WriteBatch& batch) {
    for (const Column column :
         {Column::value_history, Column::node_history, Column::journal, Column::block_changes}) {
        erase_column(batch, column);
    }
}

/// The rows that name a block whose whole state stands in the columns, and nothing before it.
void write_first_state(WriteBatch& batch, const BlockState& state) {
    Bytes floor;
    append_le(floor, state.block.number);
    batch.put(Column::meta, to_bytes(kBaseKey), encode_block_state(state));
    batch.put(Column::meta, to_bytes(kFinalizedKey), encode_block_state(state));
    batch.put(Column::meta, to_bytes(kFloorKey), std::move(floor));
    write_block_state(batch, state);
}

}  // namespace

Store::Inner::Inner(KeyValueStore& database, const StoreConfig& config)
    : database_(database), config_(config), shared_(std::make_shared<Shared>(config.cache_bytes)) {
    floor_stride_ = std::max(1U, config.pruning.blocks / 16);
}

void Store::Inner::publish_base(const BlockState& state) {
    auto base = std::make_shared<BaseState>();
    base->generation = shared_->cache.generation();
    base->rows = database_.snapshot();
    base->state = state;
    base->side = side_;
    shared_->publish(std::move(base));
}

Result<> Store::Inner::load() {
    const auto rows = database_.snapshot();
    TRY_ASSIGN(const auto base_row, rows->get(Column::meta, as_bytes(kBaseKey)));
    if (!base_row) {
        return {};
    }
    TRY_ASSIGN(const auto base, decode_block_state(*base_row));
    TRY_ASSIGN(const auto finalized_row, rows->get(Column::meta, as_bytes(kFinalizedKey)));
    TRY_ASSIGN(const auto floor_row, rows->get(Column::meta, as_bytes(kFloorKey)));
    if (!finalized_row || !floor_row || floor_row->size() != sizeof(BlockNumber)) {
        return fail("column meta: the rows of the state are incomplete; the database is damaged");
    }
    TRY_ASSIGN(const auto finalized, decode_block_state(*finalized_row));
    finalized_ = finalized.block;
    const auto floor = load_le<BlockNumber>(*floor_row);
    TRY_ASSIGN(side_, read_side(*rows));
    shared_->pins->raise(floor);
    database_.set_history_floor(floor);
    publish_base(base);
    TRY(load_records(rows));

    TRY_ASSIGN(const auto revert_row, rows->get(Column::meta, as_bytes(kRevertKey)));
    if (revert_row) {
        TRY_ASSIGN(const auto target, decode_block_state(*revert_row));
        return finish_revert(target.block);
    }
    return follow_finality();
}

Result<> Store::Inner::install(const BlockState& state, WriteBatch& batch) {
    const Side side = other_side(side_);
    erase_state(batch, side_);
    erase_layers_and_history(batch);
    batch.erase(Column::meta, to_bytes(kRevertKey));
    batch.erase(Column::meta, to_bytes(kClearingKey));
    batch.put(Column::meta, to_bytes(kSideKey), Bytes{static_cast<std::uint8_t>(side)});
    write_first_state(batch, state);
    TRY(database_.commit(batch, Durability::synced));
    database_.set_history_floor(state.block.number);
    Records dropped;  // freed after the lock
    const std::lock_guard lock(mutex_);
    dropped.swap(records_);
    finalized_ = state.block;
    side_ = side;
    // In this order: a reader that meets the new base finds its own block below the floor.
    shared_->pins->start_over(state.block.number);
    shared_->cache.begin_step();
    shared_->cache.clear();
    publish_base(state);
    return {};
}

/// Layers whose parent is neither a layer nor in the base lost their fork before a crash.
Result<> Store::Inner::load_records(const std::shared_ptr<const StoreReader>& rows) {
    TRY_ASSIGN(const auto entries, list_layers(*rows));
    WriteBatch dangling;
    for (const auto& entry : entries) {
        const BlockRef parent{entry.parent, entry.block.number - 1};
        bool attached = entry.block.number > 0 && records_.contains(key_of(parent));
        if (!attached && entry.block.number > 0) {
            TRY_ASSIGN(attached, in_base(parent));
        }
        TRY_ASSIGN(const bool taken, in_base(entry.block));
        if (!attached || taken) {
            erase_layer(dangling, entry.block);
            continue;
        }
        TRY_ASSIGN(auto difference, load_layer(*rows, entry.block));
        records_[key_of(entry.block)].layer = std::make_shared<const Layer>(
            entry.block, entry.parent, std::move(difference), shared_->indexes);
    }
    return dangling.empty() ? Result<>() : database_.commit(dangling, Durability::buffered);
}

Result<> Store::Inner::initialize(BlockRef block, const Difference& whole_state) {
    if (base()) {
        return fail("the state database already holds a state");
    }
    WriteBatch batch;
    // A first state that a crash cut short leaves rows behind.
    erase_state(batch, side_);
    erase_layers_and_history(batch);
    const auto put = [&](RowKind kind, Bytes row, Bytes encoded) -> Result<> {
        if (!is_absent(encoded)) {
            batch.put(state_column(side_, kind), std::move(row), std::move(encoded));
        }
        if (batch.size_bytes() >= kChunkBytes) {
            TRY(database_.commit(batch, Durability::buffered));
            batch = {};
        }
        return {};
    };
    for (const auto& [trie, changes] : whole_state.tries) {
        for (const auto& [key, value] : changes.values) {
            TRY(put(RowKind::value, value_row(trie, key), encode_value(value)));
        }
        for (const auto& [path, branch] : changes.nodes) {
            TRY(put(RowKind::node, node_row(trie, path), encode_node(branch)));
        }
    }
    const BlockState state{block, whole_state.root};
    write_first_state(batch, state);
    TRY(database_.commit(batch, Durability::synced));
    const std::lock_guard lock(mutex_);
    finalized_ = block;
    shared_->pins->raise(block.number);
    publish_base(state);
    return {};
}

Result<std::shared_ptr<LayerTicket>> Store::Inner::stage(
    BlockRef block, const BlockHash& parent, std::shared_ptr<const Difference> difference,
    WriteBatch& batch) {
    if (!base() || block.number == 0) {
        return fail("a block needs a parent's state; the state database is empty");
    }
    TRY_ASSIGN(const bool taken, in_base(block));
    if (taken) {
        return fail(
            fmt::format("block #{} {} already has its state", block.number, block.hash.hex()));
    }
    const BlockRef parent_block{parent, block.number - 1};
    bool known = false;
    {
        const std::lock_guard lock(mutex_);
        known = records_.contains(key_of(parent_block));
        if (!known && parent_block.number < finalized_.number) {
            return fail(fmt::format("parent {} of #{} is not the finalised block or above it",
                                    parent.hex(), block.number));
        }
    }
    if (!known) {
        TRY_ASSIGN(known, in_base(parent_block));
    }
    if (!known) {
        return fail(fmt::format("state unknown: parent {} of #{}", parent.hex(), block.number));
    }
    write_layer(batch, block, parent, *difference);
    return std::make_shared<LayerTicket>(
        std::make_shared<const Layer>(block, parent, std::move(difference), shared_->indexes));
}

void Store::Inner::publish(const std::shared_ptr<LayerTicket>& ticket) {
    const auto& layer = ticket->layer();
    Layers path;
    {
        const std::lock_guard lock(mutex_);
        records_.try_emplace(key_of(layer->block()), Record{layer, {}});
        publish_base(base()->state);  // a younger snapshot of the same base
        const BlockNumber at = base()->state.block.number;
        if (layer->block().number > at + config_.layers_max) {
            path = layers_to(layer->block());
            if (path.front()->block().number != at + 1) {
                path.clear();  // a fork from below the base: finality must decide first
            } else {
                path.resize(layer->block().number - at - config_.layers_max);
            }
        }
    }
    if (auto done = advance_along(path); !done) {
        // Nothing is lost: the next layer tries again.
        log(LogLevel::warn, "state", "cannot move the base: {}", done.error().message());
    }
}

Result<std::unique_ptr<Store>> Store::open(KeyValueStore& database, const StoreConfig& config) {
    auto inner = std::make_unique<Inner>(database, config);
    if (auto loaded = inner->load(); !loaded) {
        return fail_in("state", std::move(loaded));
    }
    return std::unique_ptr<Store>(new Store(std::move(inner)));
}

Store::Store(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}
Store::~Store() = default;

Result<> Store::initialize(BlockRef block, const Difference& whole_state) {
    return inner_->initialize(block, whole_state);
}
bool Store::initialized() const {
    return inner_->base() != nullptr;
}
Result<std::shared_ptr<LayerTicket>> Store::stage(BlockRef block, const BlockHash& parent,
                                                  std::shared_ptr<const Difference> difference,
                                                  WriteBatch& batch) {
    return inner_->stage(block, parent, std::move(difference), batch);
}
void Store::publish(const std::shared_ptr<LayerTicket>& ticket) {
    inner_->publish(ticket);
}
Result<std::unique_ptr<StateDownload>> Store::download(BlockRef block, const StateRoot& root) {
    return inner_->download(block, root);
}
Result<> Store::finalize(BlockRef block) {
    return inner_->finalize(block);
}
Result<std::shared_ptr<const Reader>> Store::view(BlockRef block) const {
    return inner_->view(block);
}
bool Store::has_state(BlockRef block) const {
    return inner_->has_state(block);
}
BlockRef Store::base() const {
    const auto base = inner_->base();
    return base ? base->state.block : BlockRef{};
}
BlockNumber Store::prune_floor() const {
    return inner_->floor();
}
Result<> Store::revert_to(BlockRef block) {
    return inner_->revert_to(block);
}
Result<std::vector<std::pair<TrieId, Bytes>>> Store::changed_keys(BlockRef block) const {
    return inner_->changed_keys(block);
}

}  // namespace stipple::state::store
