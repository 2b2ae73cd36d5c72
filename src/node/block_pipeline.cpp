#include "node/block_pipeline.hpp"

#include "base/log.hpp"
#include "node/beefy_watch.hpp"
#include "node/grandpa_justification.hpp"

#include <fmt/format.h>

namespace stipple::node {
namespace {

std::unexpected<PipelineError> refuse(PipelineErrorKind kind, const BlockRef& block,
                                      std::string_view what) {
    return std::unexpected(PipelineError{
        kind, fmt::format("block #{} ({}): {}", block.number, block.hash.hex(), what)});
}

PipelineErrorKind kind_of(const chain::ImportError& error) {
    switch (error.kind) {
        case chain::ImportErrorKind::already_known:
            return PipelineErrorKind::already_known;
        case chain::ImportErrorKind::unknown_parent:
            return PipelineErrorKind::unknown_parent;
        case chain::ImportErrorKind::bad_extrinsics_root:
            return PipelineErrorKind::wrong_body;
        case chain::ImportErrorKind::parent_state_missing:
            return PipelineErrorKind::missing_state;
        default:
            break;
    }
    return error.is_block_fault() ? PipelineErrorKind::bad_block : PipelineErrorKind::environment;
}

Result<babe::Configuration> babe_configuration(const chain::Chain& chain) {
    const BlockHash genesis = chain.heads().genesis;
    const auto runtime = chain.runtime(genesis);
    if (!runtime) {
        return fail("runtime code of genesis: " + runtime.error().message);
    }
    const auto version = (*runtime)->version().api_version("BabeApi");
    if (!version) {
        return fail("the runtime has no BabeApi: this node authors and verifies BABE chains only");
    }
    TRY_ASSIGN(const Bytes answer, call_runtime(chain, genesis, "BabeApi_configuration", {}));
    auto configuration = babe::decode_configuration(answer, *version);
    if (!configuration) {
        return fail(std::string("BabeApi_configuration: ") +
                    scale::describe(configuration.error()));
    }
    return *std::move(configuration);
}

Result<grandpa::AuthoritySet> grandpa_genesis(const chain::Chain& chain) {
    TRY_ASSIGN(const Bytes answer,
               call_runtime(chain, chain.heads().genesis, "GrandpaApi_grandpa_authorities", {}));
    auto authorities = scale::decode<grandpa::AuthorityList>(answer);
    if (!authorities) {
        return fail(std::string("GrandpaApi_grandpa_authorities: ") +
                    scale::describe(authorities.error()));
    }
    auto set = grandpa::AuthoritySet::genesis(*std::move(authorities));
    if (!set) {
        return fail("GRANDPA authorities of genesis: an empty list or a zero weight");
    }
    return *std::move(set);
}

/// Off the list, since it can be judged by the state after the block only.
std::optional<Bytes> take_beefy_proof(std::optional<Justifications>& justifications) {
    const auto* proof = justification_of(justifications, kBeefyEngine);
    if (proof == nullptr) {
        return std::nullopt;
    }
    std::optional<Bytes> taken = proof->data;
    std::erase_if(*justifications,
                  [](const Justification& each) { return each.engine == kBeefyEngine; });
    if (justifications->empty()) {
        justifications.reset();
    }
    return taken;
}

}  // namespace

Result<Bytes> call_runtime(const chain::Chain& chain, const BlockHash& at, std::string_view method,
                           ByteView arguments, const executor::CallContext& context) {
    TRY_ASSIGN(const auto state, chain.state(at));
    const auto runtime = chain.runtime(at);
    if (!runtime) {
        return fail("runtime code: " + runtime.error().message);
    }
    state::Overlay overlay(*state);
    auto answer = (*runtime)->call(method, arguments, overlay, context);
    if (!answer) {
        return fail(std::string(method) + ": " + answer.error().message);
    }
    return *std::move(answer);
}

BlockPipeline::BlockPipeline(KeyValueStore& database, chain::Chain& chain, babe::EpochTree epochs,
                             grandpa::AuthoritySet set)
    : database_(database), chain_(chain), epochs_(std::move(epochs)), set_(std::move(set)) {}

Result<std::unique_ptr<BlockPipeline>> BlockPipeline::open(KeyValueStore& database,
                                                           chain::Chain& chain) {
    TRY_ASSIGN(auto epochs, babe::EpochTree::load(database));
    TRY_ASSIGN(auto set, grandpa::AuthoritySet::load(database));
    if (!epochs || !set) {
        if (chain.heads().best.number != 0) {
            return fail(
                "the database has blocks but no consensus state: it is damaged; run purge-chain "
                "and sync again");
        }
        TRY_ASSIGN(auto configuration, babe_configuration(chain));
        epochs.emplace(std::move(configuration), chain.heads().genesis);
        TRY_ASSIGN(set, grandpa_genesis(chain));
        WriteBatch rows = epochs->genesis_rows();
        rows.append(set->rows());
        TRY(database.commit(rows, Durability::synced));
    }
    std::unique_ptr<BlockPipeline> pipeline(
        new BlockPipeline(database, chain, *std::move(epochs), *std::move(set)));
    TRY(pipeline->catch_up());
    return pipeline;
}

/// The final chain back to the earliest signal of a pending change, so that its fork can be judged.
Result<> BlockPipeline::follow_final(const BlockRef& finalized) {
    BlockNumber lowest = finalized.number;
    for (const auto& change : set_.pending()) {
        lowest = std::min(lowest, change.signaled_at.number);
    }
    std::vector<std::pair<BlockRef, BlockHash>> path;
    BlockRef at = finalized;
    while (at.number > 0 && at.number >= lowest) {
        TRY_ASSIGN(const auto header, chain_.header(at.hash));
        if (!header) {
            break;  // not here after warp sync
        }
        path.emplace_back(at, header->parent_hash);
        at = {header->parent_hash, at.number - 1};
    }
    for (auto it = path.rbegin(); it != path.rend(); ++it) {
        tree_.insert(it->first, it->second);
    }
    if (path.empty()) {
        tree_.finalize(finalized);
    }
    return {};
}

Result<> BlockPipeline::catch_up() {
    const BlockRef finalized = chain_.heads().finalized;
    TRY(follow_final(finalized));
    for (const BlockRef& leaf : chain_.leaves()) {
        // From the leaf down to what is known, then back up: parents go in before their children.
        std::vector<std::pair<BlockRef, BlockHash>> path;
        BlockRef at = leaf;
        while (at.number > finalized.number && !tree_.contains(at.hash)) {
            TRY_ASSIGN(const auto header, chain_.header(at.hash));
            if (!header) {
                return fail("header of unfinalised block " + at.hash.hex() + " is missing");
            }
            path.emplace_back(at, header->parent_hash);
            at = {header->parent_hash, at.number - 1};
        }
        for (auto it = path.rbegin(); it != path.rend(); ++it) {
            tree_.insert(it->first, it->second);
        }
    }
    WriteBatch rows = set_.on_finalized(finalized, tree_).rows;
    rows.append(epochs_.on_finalized(finalized.hash));
    tree_.finalize(finalized);
    return rows.empty() ? Result<>{} : database_.commit(rows, Durability::buffered);
}

std::expected<Imported, PipelineError> BlockPipeline::import(
    const SignedBlock& block, UnixMillis now, executor::SignatureCachePort* signatures) {
    return import_verified(block.block, block.justifications, nullptr, now, signatures);
}

std::expected<Imported, PipelineError> BlockPipeline::import_own(
    Block block, std::shared_ptr<const state::Difference> difference, UnixMillis now) {
    return import_verified(std::move(block), std::nullopt, std::move(difference), now, nullptr);
}

std::expected<babe::VerifiedHeader, PipelineError> BlockPipeline::verify_header(
    const Header& header, UnixMillis now) const {
    const BlockRef ref = header.ref();
    if (chain_.is_known(ref.hash)) {
        return refuse(PipelineErrorKind::already_known, ref, "already in the chain");
    }
    const auto context = epochs_.context(header);
    if (!context) {
        return refuse(PipelineErrorKind::unknown_parent, ref,
                      "its parent " + header.parent_hash.hex() + " is not known");
    }
    if (verified_ && verified_->hash() == ref.hash) {
        return *verified_;
    }
    const Slot slot_now = babe::slot_at(now, epochs_.config().slot_duration_ms);
    auto verified = babe::verify_header(header, *context, slot_now);
    if (!verified) {
        return refuse(verified.error() == babe::HeaderError::in_future
                          ? PipelineErrorKind::in_future
                          : PipelineErrorKind::bad_header,
                      ref, std::string("BABE: ") + babe::describe(verified.error()));
    }
    return *std::move(verified);
}

std::expected<void, PipelineError> BlockPipeline::check_header(const Header& header,
                                                               UnixMillis now) {
    auto verified = verify_header(header, now);
    if (!verified) {
        return std::unexpected(verified.error());
    }
    verified_ = *std::move(verified);
    return {};
}

std::optional<std::string> BlockPipeline::drop_unproven(
    const Header& header, std::optional<Justifications>& justifications) const {
    const auto* justification = grandpa_justification(justifications);
    if (justification == nullptr) {
        return std::nullopt;
    }
    const BlockRef parent{header.parent_hash, header.number - 1};
    const auto good = verify(header.ref(), parent, justification->data);
    if (good) {
        return std::nullopt;
    }
    std::erase_if(*justifications,
                  [](const Justification& each) { return each.engine == kGrandpaEngine; });
    return good.error().kind == PipelineErrorKind::early_justification
               ? std::nullopt
               : std::optional(good.error().message);
}

std::expected<Imported, PipelineError> BlockPipeline::import_verified(
    Block block, std::optional<Justifications> justifications,
    std::shared_ptr<const state::Difference> difference, UnixMillis now,
    executor::SignatureCachePort* signatures) {
    TRY_ASSIGN(const auto verified, verify_header(block.header, now));
    const BlockRef ref{verified.hash(), block.header.number};
    auto bad_justification = drop_unproven(block.header, justifications);
    // The set is changed on a copy: a block that fails to import leaves no trace in it.
    grandpa::AuthoritySet next_set = set_;
    auto change = next_set.on_block_imported(ref, block.header, tree_);
    if (!change) {
        return refuse(PipelineErrorKind::bad_change, ref,
                      "its GRANDPA authority change is not allowed");
    }
    auto epoch_rows = epochs_.insert(verified);
    if (!epoch_rows) {
        return refuse(PipelineErrorKind::environment, ref,
                      "too many unfinalised blocks are followed");
    }

    chain::BlockToImport to_import;
    const BlockHash parent = block.header.parent_hash;
    to_import.block = std::move(block);
    const auto beefy_proof = take_beefy_proof(justifications);
    to_import.justifications = justifications;
    to_import.weight = verified.weight();
    to_import.consensus_rows = *std::move(epoch_rows);
    to_import.consensus_rows.append(std::move(change->rows));
    to_import.known_difference = std::move(difference);
    to_import.signatures = signatures;
    to_import.without_state = chain_.is_stateless();
    auto imported = chain_.import_block(to_import);
    if (!imported) {
        epochs_.forget(ref.hash);  // its rows were in the batch that was not committed
        return std::unexpected(PipelineError{kind_of(imported.error()), imported.error().message});
    }
    set_ = std::move(next_set);
    tree_.insert(ref, parent);

    Imported outcome{.header = std::move(to_import.block.header),
                     .import = *std::move(imported),
                     .finality = std::nullopt,
                     .needs_justification = change->needs_justification,
                     .set_changed = change->set_changed,
                     .bad_justification = std::move(bad_justification),
                     .equivocation = equivocations_.note(
                         verified, babe::slot_at(now, epochs_.config().slot_duration_ms)),
                     .author = verified.author(),
                     .slot = verified.slot(),
                     .beefy_proof = std::nullopt,
                     .bad_beefy_proof = false};
    if (beefy_proof) {
        outcome.beefy_proof = keep_beefy_proof(ref, *beefy_proof);
        outcome.bad_beefy_proof = !outcome.beefy_proof;
    }
    if (grandpa_justification(justifications) != nullptr && !finality_held_) {
        auto finalized = finalize_checked(ref.hash, std::nullopt);  // stored with the block
        if (!finalized) {
            return refuse(PipelineErrorKind::environment, ref, finalized.error().message());
        }
        outcome.set_changed = outcome.set_changed || finalized->set_changed;
        outcome.finality = std::move(finalized->outcome);
        outcome.needs_justification = false;
    }
    return outcome;
}

std::optional<beefy::FinalityProof> BlockPipeline::keep_beefy_proof(const BlockRef& block,
                                                                    const Bytes& encoded) {
    auto proof = verified_beefy_proof(chain_, block, encoded);
    if (proof) {
        const auto kept = chain_.add_justification(block.hash, {kBeefyEngine, encoded});
        if (!kept) {
            log(LogLevel::error, "beefy", "keeping the proof of #{}: {}", block.number,
                kept.error().message());
        }
    }
    return proof;
}

std::expected<void, PipelineError> BlockPipeline::verify(const BlockRef& block,
                                                         const std::optional<BlockRef>& parent,
                                                         ByteView justification) const {
    if (parent && set_.vote_limit(*parent, tree_)) {
        return refuse(PipelineErrorKind::early_justification, block,
                      fmt::format("justified by a set after set {}, which is not over here",
                                  set_.id().value));
    }
    const auto voters = grandpa::VoterSet::create(set_.authorities());
    if (!voters) {
        return refuse(PipelineErrorKind::environment, block,
                      "the GRANDPA authority set is unusable");
    }
    const auto verified = grandpa::check_justification(justification, set_.id(), *voters, block);
    if (!verified) {
        return refuse(PipelineErrorKind::bad_justification, block,
                      fmt::format("justification in set {}: {}", set_.id().value,
                                  grandpa::describe(verified.error())));
    }
    return {};
}

std::expected<Finalized, PipelineError> BlockPipeline::import_justification(const BlockRef& block,
                                                                            ByteView encoded) {
    if (finality_held_) {
        return refuse(PipelineErrorKind::environment, block,
                      "not finalised while the state of a block below it is downloaded");
    }
    TRY(verify(block, tree_.parent(block.hash), encoded));
    if (block.number <= chain_.heads().finalized.number) {
        const auto added =
            chain_.add_justification(block.hash, Justification{kGrandpaEngine, to_bytes(encoded)});
        if (!added) {
            return refuse(PipelineErrorKind::environment, block, added.error().message());
        }
        return Finalized{};
    }
    auto finalized = finalize_checked(block.hash, Justification{kGrandpaEngine, to_bytes(encoded)});
    if (!finalized) {
        return refuse(PipelineErrorKind::environment, block, finalized.error().message());
    }
    return *std::move(finalized);
}

Result<Finalized> BlockPipeline::finalize(const BlockHash& hash,
                                          std::optional<Bytes> justification) {
    std::optional<Justification> stored;
    if (justification) {
        stored = Justification{kGrandpaEngine, *std::move(justification)};
    }
    return finalize_checked(hash, stored);
}

Result<Finalized> BlockPipeline::finalize_checked(
    const BlockHash& hash, const std::optional<Justification>& justification) {
    TRY_ASSIGN(auto outcome, chain_.finalize(hash, justification));
    auto set_after = set_.on_finalized(outcome.finalized, tree_);
    WriteBatch rows = std::move(set_after.rows);
    rows.append(epochs_.on_finalized(hash));
    tree_.finalize(outcome.finalized);
    if (!rows.empty()) {
        TRY(database_.commit(rows, Durability::buffered));
    }
    return Finalized{std::move(outcome), set_after.set_changed};
}

namespace {
template <class T>
Result<T> ask(const chain::Chain& chain, const BlockHash& at, std::string_view method) {
    TRY_ASSIGN(const Bytes answer, call_runtime(chain, at, method, {}));
    auto decoded = scale::decode<T>(answer);
    if (!decoded) {
        return fail(std::string(method) + ": " + scale::describe(decoded.error()));
    }
    return *std::move(decoded);
}
}  // namespace

Result<> BlockPipeline::rewind(const BlockRef& target) {
    const chain::Heads heads = chain_.heads();
    TRY_ASSIGN(const auto canonical, chain_.canonical_hash(target.number));
    if (canonical != target.hash) {
        return fail("the block is not on the best chain");
    }
    const auto count = static_cast<std::uint32_t>(heads.best.number - target.number);
    if (target.number >= heads.finalized.number) {
        TRY(chain_.revert(count, false));
        return {};
    }
    TRY_ASSIGN(auto current, ask<babe::Epoch>(chain_, target.hash, "BabeApi_current_epoch"));
    TRY_ASSIGN(auto next, ask<babe::Epoch>(chain_, target.hash, "BabeApi_next_epoch"));
    TRY_ASSIGN(auto authorities,
               ask<grandpa::AuthorityList>(chain_, target.hash, "GrandpaApi_grandpa_authorities"));
    TRY_ASSIGN(const auto set,
               ask<AuthoritySetId>(chain_, target.hash, "GrandpaApi_current_set_id"));
    TRY_ASSIGN(const auto header, chain_.header(target.hash));
    if (!header) {
        return fail("the header of the block is missing");
    }
    const auto pre_digest = babe::find_pre_digest(*header);  // genesis has none
    const Slot slot = pre_digest ? babe::slot_of(*pre_digest) : Slot(0);
    TRY(chain_.revert(count, true));
    verified_.reset();  // by other epochs
    WriteBatch rows = epochs_.reset(target, slot, std::move(current), std::move(next));
    rows.append(set_.reset(std::move(authorities), set));
    tree_.finalize(target);
    return database_.commit(rows, Durability::synced);
}

}  // namespace stipple::node
