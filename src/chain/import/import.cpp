// Importing a block: checks that need no execution, execution, one atomic commit.
#include "chain/import/inner.hpp"
#include "chain/import/messages.hpp"
#include "chain/offchain/local_storage.hpp"
#include "crypto/hash.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stipple::chain {
namespace {

/// A new runtime may also wait in `:pending_code` for one block (system version 3).
constexpr std::string_view kPendingCodeKey = ":pending_code";

ImportError environment(BlockRef block, const Error& error) {
    return import_error(ImportErrorKind::environment, block, error.message());
}

}  // namespace

std::expected<ImportOutcome, ImportError> Chain::import_block(const BlockToImport& block) {
    const Header& header = block.block.header;
    Bytes encoded_header = scale::encode(header);
    const BlockRef ref{BlockHash(crypto::blake2b_256(encoded_header).bytes), header.number};
    if (auto refused = inner_->check_acceptable(header, ref)) {
        return std::unexpected(*std::move(refused));
    }
    CHECK(block.without_state == inner_->stateless);
    // What is executed is compared there. A block of our own is not: a runtime's wrong root would
    // show at our peers only.
    const bool is_executed = !block.without_state && block.known_difference == nullptr;
    if (!is_executed && !fits_body(header, block.block.body)) {
        return std::unexpected(import_error(ImportErrorKind::bad_extrinsics_root, ref,
                                            "the body is not the header's"));
    }
    std::shared_ptr<const executor::Runtime> parent_runtime;
    if (block.without_state) {
        return inner_->commit_block(block, ref, std::move(encoded_header), nullptr, nullptr);
    }
    TRY_ASSIGN(auto difference, inner_->difference_of(block, ref, parent_runtime));
    return inner_->commit_block(block, ref, std::move(encoded_header), std::move(difference),
                                std::move(parent_runtime));
}

std::optional<ImportError> Chain::Inner::check_acceptable(const Header& header,
                                                          BlockRef block) const {
    const auto refuse = [&](ImportErrorKind kind, std::string_view what) {
        return import_error(kind, block, what);
    };
    if (std::ranges::find(spec.bad_blocks, block.hash) != spec.bad_blocks.end()) {
        return refuse(ImportErrorKind::bad_block_listed, "listed in the specification's badBlocks");
    }
    const auto fork_block = spec.fork_blocks.find(block.number);
    if (fork_block != spec.fork_blocks.end() && fork_block->second != block.hash) {
        return refuse(ImportErrorKind::fork_block_mismatch,
                      "the specification's forkBlocks want " + fork_block->second.hex() + " here");
    }
    const auto fits = tree.check(block, header.parent_hash);
    if (fits) {
        return std::nullopt;
    }
    switch (fits.error()) {
        case InsertError::already_known:
            return refuse(ImportErrorKind::already_known, "already known");
        case InsertError::bad_number:
            return refuse(ImportErrorKind::bad_number,
                          fmt::format("its parent has number {}",
                                      tree.number(header.parent_hash).value_or(0)));
        case InsertError::too_many_blocks:
            return refuse(ImportErrorKind::environment,
                          fmt::format("{} blocks wait for finality already", tree.size()));
        case InsertError::too_many_children:
        case InsertError::bad_weight:
            return refuse(ImportErrorKind::environment,
                          fmt::format("its parent has {} children already", kChildrenMax));
        case InsertError::unknown_parent:
            break;
    }
    const auto known = blocks.number(block.hash);
    const auto parent = blocks.number(header.parent_hash);
    if (!known || !parent) {
        return environment(block, known ? parent.error() : known.error());
    }
    if (known->has_value()) {
        return refuse(ImportErrorKind::already_known, "already known, and finalised");
    }
    if (parent->has_value() || block.number <= tree.finalized().number) {
        return refuse(
            ImportErrorKind::not_on_finalized_chain,
            fmt::format("it forks off below the finalised block #{}", tree.finalized().number));
    }
    return refuse(ImportErrorKind::unknown_parent,
                  "the parent " + short_hash(header.parent_hash) + " is not known");
}

std::expected<std::shared_ptr<const state::Difference>, ImportError> Chain::Inner::difference_of(
    const BlockToImport& block, BlockRef ref,
    std::shared_ptr<const executor::Runtime>& parent_runtime) const {
    const Header& header = block.block.header;
    const BlockRef parent{header.parent_hash, header.number - 1};
    {
        const std::lock_guard lock(runtimes_mutex);
        const auto known = runtimes.find(parent.hash);
        if (known != runtimes.end()) {
            parent_runtime = known->second;
        }
    }
    if (block.known_difference != nullptr) {
        if (!equal(block.known_difference->root, header.state_root)) {
            return std::unexpected(import_error(
                ImportErrorKind::bad_state_root, ref,
                fmt::format("the header's state root is {}, that of the given difference is {}",
                            header.state_root.hex(), block.known_difference->root.hex())));
        }
        return block.known_difference;
    }
    const auto view = states->view(parent);
    if (!view) {
        return std::unexpected(import_error(states->has_state(parent)
                                                ? ImportErrorKind::environment
                                                : ImportErrorKind::parent_state_missing,
                                            ref, "state of the parent: " + view.error().message()));
    }
    if (parent_runtime == nullptr) {
        auto runtime = runtime_at(parent, **view);
        if (!runtime) {
            return std::unexpected(import_error(ImportErrorKind::code_unusable, ref,
                                                "runtime code: " + runtime.error().message));
        }
        parent_runtime = *std::move(runtime);
        remember_runtime(parent.hash, parent_runtime);
    }
    TRY_ASSIGN(auto difference,
               execute_block(block.block, **view, *parent_runtime, block.signatures));
    return std::make_shared<const state::Difference>(std::move(difference));
}

bool Chain::Inner::changes_runtime(const state::Difference& difference) const {
    const auto main = difference.tries.find(state::TrieId::main());
    if (main == difference.tries.end()) {
        return false;
    }
    const auto& changes = main->second;
    const auto touched = [&changes](ByteView key) {
        return changes.values.contains(key) ||
               std::ranges::any_of(changes.cleared, [key](const auto& range) {
                   return starts_with(key, range.prefix);
               });
    };
    return touched(as_bytes(state::kCodeKey)) || touched(as_bytes(state::kHeapPagesKey)) ||
           touched(as_bytes(kPendingCodeKey));
}

std::expected<ImportOutcome, ImportError> Chain::Inner::commit_block(
    const BlockToImport& block, BlockRef ref, Bytes encoded_header,
    std::shared_ptr<const state::Difference> difference,
    std::shared_ptr<const executor::Runtime> parent_runtime) {
    const BlockHash& parent = block.block.header.parent_hash;
    if (block.weight < tree.weight(parent).value_or(0)) {
        return std::unexpected(import_error(ImportErrorKind::environment, ref,
                                            "its weight is below that of its parent"));
    }
    ImportOutcome outcome;
    outcome.block = ref;
    outcome.runtime_changed = difference != nullptr && changes_runtime(*difference);

    WriteBatch batch;
    BlockStore::put_block(batch, ref.hash, std::move(encoded_header),
                          scale::encode(block.block.body), block.justifications);
    BlockStore::put_tree_row(batch, ref.hash, {parent, ref.number, block.weight, next_arrival});
    const BlockRef old_best = tree.best();
    const bool new_best = std::pair(block.weight, ref.number) >
                          std::pair(tree.weight(old_best.hash).value_or(0), old_best.number);
    if (new_best) {
        Route route = tree.route(old_best.hash, parent);
        route.enacted.push_back(ref);
        BlockStore::put_route(batch, route);
        BlockStore::put_best(batch, ref);
        outcome.is_new_best = true;
        outcome.retracted = std::move(route.retracted);
        outcome.enacted = std::move(route.enacted);
    }
    batch.append(WriteBatch(block.consensus_rows));
    std::shared_ptr<state::store::LayerTicket> ticket;
    if (difference != nullptr) {
        offchain::put_index_changes(batch, difference->offchain);
        auto staged = states->stage(ref, parent, std::move(difference), batch);
        if (!staged) {
            return std::unexpected(environment(ref, staged.error()));
        }
        ticket = *std::move(staged);
    }
    if (auto done = database.commit(batch, Durability::buffered); !done) {
        return std::unexpected(environment(ref, done.error()));
    }
    if (ticket != nullptr) {
        states->publish(ticket);
    }
    ++next_arrival;
    // A substitute of the specification may begin with this block.
    if (parent_runtime != nullptr && !outcome.runtime_changed &&
        !spec.code_substitutes.contains(ref.number)) {
        remember_runtime(ref.hash, std::move(parent_runtime));
    }
    const std::unique_lock lock(mutex);
    const auto inserted = tree.insert(ref, parent, block.weight);
    CHECK(inserted.has_value() && *inserted == new_best);
    return outcome;
}

}  // namespace stipple::chain
