#include "node/chain_jobs.hpp"

#include "base/log.hpp"
#include "consensus/authoring/inherents.hpp"
#include "node/grandpa_justification.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stipple::node {
namespace {

/// Every so many blocks a justification is kept even where none is due (protocols.md section 6).
constexpr BlockNumber kJustificationPeriod = 512;

std::unexpected<std::string> give_up(std::string why) {
    return std::unexpected(std::move(why));
}

}  // namespace

ChainJobs::ChainJobs(const ChainJobsConfig& config, chain::Chain& chain, BlockPipeline& pipeline,
                     Keys& keys, KeyValueStore& database, executor::SignatureCachePort& signatures)
    : config_(config),
      chain_(chain),
      pipeline_(pipeline),
      keys_(keys),
      database_(database),
      signatures_(signatures) {
    began_ = babe::slot_at(config_.clock.wall(), pipeline_.epochs().config().slot_duration_ms);
}

Event ChainJobs::author(AuthorSlot& slot) {
    if (!slot.order) {
        watch_clock();
    }
    refused_.clear();
    auto imported = author_block(slot);
    if (slot.order && slot.order->reply) {
        slot.order->reply(imported
                              ? std::expected<BlockHash, std::string>(imported->import.block.hash)
                              : std::unexpected(imported.error()));
    }
    if (!imported) {
        if (!imported.error().empty()) {
            log(LogLevel::warn, "babe", "slot {}: {}", slot.slot.value, imported.error());
        }
        return SlotPassed{slot.slot, std::move(imported).error(), std::move(refused_)};
    }
    BlockImported event = describe(*std::move(imported));
    event.own = true;
    return event;
}

std::expected<BlockRef, std::string> ChainJobs::parent_of(const AuthorSlot& slot) const {
    if (!slot.order || !slot.order->parent) {
        return chain_.heads().best;
    }
    const auto number = chain_.number(*slot.order->parent);
    if (!number || !*number) {
        return give_up("the parent " + slot.order->parent->hex() + " is not known");
    }
    return BlockRef{*slot.order->parent, **number};
}

UnixMillis ChainJobs::time_for(AuthorSlot& slot, const BlockRef& parent) const {
    UnixMillis time = config_.clock.wall();
    if (!slot.order) {
        return time;
    }
    // The next slot that is free; the clock of the chain may run ahead of ours.
    const std::uint64_t duration = pipeline_.epochs().config().slot_duration_ms;
    time = std::max(time, slot.order->not_before.value_or(time));
    slot.slot = babe::slot_at(time, duration);
    if (const auto last = pipeline_.epochs().slot(parent.hash); last && slot.slot <= *last) {
        slot.slot = Slot(last->value + 1);
    }
    slot.slot = std::max(slot.slot, Slot(newest_slot_.value + 1));
    return std::max(time, babe::start_of_slot(slot.slot, duration));
}

std::expected<Imported, std::string> ChainJobs::author_block(AuthorSlot& slot) {
    TRY_ASSIGN(const BlockRef parent, parent_of(slot));
    const UnixMillis time = time_for(slot, parent);
    const auto context = pipeline_.epochs().context(parent.hash, slot.slot);
    if (!context || (parent.number != 0 && slot.slot <= context->parent_slot)) {
        return give_up("");  // the slot is used up already
    }
    if (slot.offline && !config_.force_authoring && context->epoch.data->authorities.size() > 1) {
        log(LogLevel::debug, "babe", "slot {}: no peers, not authoring", slot.slot.value);
        return give_up("");
    }
    const auto claimed = claim(slot.slot, *context);
    if (!claimed || !is_wanted(slot, *context)) {
        return give_up("");
    }
    slot.deadline = proposing_ends(slot, *context);
    if (slot.deadline <= config_.clock.now()) {
        return give_up("no time is left for a block");
    }
    auto built = build(slot, parent, *claimed, time);
    if (!built) {
        return give_up(std::move(built).error());
    }
    if (slot.order) {
        newest_slot_ = slot.slot;
    } else if (config_.clock.now() > slot.deadline) {
        return give_up("making the block took too long: it is thrown away");
    }
    auto block = seal(slot.slot, claimed->author, std::move(built->header), std::move(built->body));
    if (!block) {
        return give_up(block.error());
    }
    log(LogLevel::info, "babe", "prepared block #{} ({}) in slot {}, {} extrinsics",
        block->header.number, block->header.hash().hex(), slot.slot.value, block->body.size());
    auto imported = pipeline_.import_own(*std::move(block), std::move(built->difference), time);
    if (!imported) {
        return give_up("own block refused: " + imported.error().message);
    }
    if (slot.order && slot.order->finalize) {
        auto finalized = pipeline_.finalize(imported->import.block.hash, std::nullopt);
        if (!finalized) {
            return give_up("finalising: " + finalized.error().message());
        }
        imported->set_changed = imported->set_changed || finalized->set_changed;
        imported->finality = std::move(finalized->outcome);
    }
    return *std::move(imported);
}

bool ChainJobs::is_wanted(const AuthorSlot& slot, const babe::ParentContext& context) const {
    if (!config_.backoff || slot.order) {
        return true;
    }
    const bool paused =
        authoring::backs_off(*config_.backoff, context.parent.number, context.parent_slot,
                             chain_.heads().finalized.number, slot.slot);
    if (paused) {
        log(LogLevel::info, "babe",
            "slot {} is ours and left out: finality is at #{}, the head at #{}", slot.slot.value,
            chain_.heads().finalized.number, context.parent.number);
    }
    return !paused;
}

Instant ChainJobs::proposing_ends(const AuthorSlot& slot,
                                  const babe::ParentContext& context) const {
    if (slot.order || context.parent.number == 0) {
        return slot.deadline;
    }
    const std::chrono::milliseconds duration(pipeline_.epochs().config().slot_duration_ms);
    return slot.deadline + authoring::lenience(slot.slot, context.parent_slot, duration);
}

std::optional<babe::SlotClaim> ChainJobs::claim(Slot slot,
                                                const babe::ParentContext& context) const {
    babe::ClaimKeys own;
    for (const auto& key :
         keys_.keystore->public_keys(chain::kBabeKey, chain::KeyScheme::sr25519)) {
        own.keys.push_back(crypto::Sr25519Public::copy(key));
    }
    own.vrf_in_out = [this](const auto& key, const auto& transcript) {
        return keys_.keystore->vrf_in_out(chain::kBabeKey, key, transcript);
    };
    own.vrf_sign = [this](const auto& key, const auto& transcript) {
        return keys_.keystore->vrf_sign(chain::kBabeKey, key, transcript);
    };
    return babe::claim_slot(context.epoch, slot, own);
}

std::expected<authoring::BuiltBlock, std::string> ChainJobs::build(AuthorSlot& slot,
                                                                   const BlockRef& parent,
                                                                   const babe::SlotClaim& claim,
                                                                   UnixMillis time) {
    const auto header = chain_.header(parent.hash);
    const auto parent_state = chain_.state(parent.hash);
    const auto runtime = chain_.runtime(parent.hash);
    if (!header || !*header || !parent_state || !runtime) {
        return give_up(
            "the best block can not be built on: its header, state or runtime is unreadable");
    }
    executor::CallContext call;
    call.signatures = &signatures_;
    auto builder = authoring::BlockBuilder::begin(
        parent, {PreRuntimeDigest{kBabeEngine, scale::encode(claim.pre_digest)}}, **parent_state,
        **runtime, call);
    if (!builder) {
        return give_up("building: " + builder.error().message);
    }
    const auto inherents = builder->apply_inherents(
        authoring::inherent_data({.now = time,
                                  .slot = slot.slot,
                                  .parent = **header,
                                  .finalized = chain_.heads().finalized.number,
                                  .parachains = std::nullopt}));
    if (!inherents) {
        return give_up("inherents: " + inherents.error().message);
    }
    if (slot.order) {
        for (const auto& [key, value] : slot.order->storage) {
            builder->set_storage(key, value);
        }
    }
    const std::size_t inherent_count = builder->extrinsic_count();
    fill(slot, *builder);
    if (slot.order && !slot.order->create_empty && builder->extrinsic_count() == inherent_count) {
        return give_up("no transaction is ready");
    }
    auto built = std::move(*builder).finish();
    if (!built) {
        return give_up("finishing: " + built.error().message);
    }
    return *std::move(built);
}

void ChainJobs::fill(AuthorSlot& slot, authoring::BlockBuilder& builder) {
    const Instant now = config_.clock.now();
    authoring::FillPolicy policy(now, now + authoring::filling_time(slot.deadline - now));
    while (policy.go_on(config_.clock.now())) {
        const auto transaction = slot.transactions.next();
        if (!transaction) {
            return;
        }
        const auto applied = policy.offer(config_.clock.now(), builder, *transaction->extrinsic);
        if (applied == authoring::Applied::no_transactions) {
            return;
        }
        if (applied == authoring::Applied::invalid || applied == authoring::Applied::failed) {
            slot.transactions.report_invalid(transaction->hash);
            refused_.push_back(transaction->hash);
        }
    }
}

std::expected<Block, std::string> ChainJobs::seal(Slot slot, const crypto::Sr25519Public& author,
                                                  Header header, Body body) {
    const BlockHash unsealed = header.hash();
    const auto permit = keys_.journal->allow(chain::SigningIntent::block(author, slot, unsealed));
    if (!permit) {
        return give_up(std::string("the signing journal refuses: ") +
                       chain::describe(permit.error()));
    }
    const auto signature = keys_.keystore->seal(*permit);
    if (!signature) {
        return give_up("the key " + author.hex() + " is gone from the keystore");
    }
    header.digest.emplace_back(SealDigest{kBabeEngine, to_bytes(signature->view())});
    return Block{std::move(header), std::move(body)};
}

std::expected<BlocksFinalized, std::string> ChainJobs::finalize(const BlockHash& block) {
    auto finalized = pipeline_.finalize(block, std::nullopt);
    if (!finalized) {
        return give_up(finalized.error().message());
    }
    return describe(*std::move(finalized));
}

std::optional<BlocksFinalized> ChainJobs::finalize(const grandpa::Finalize& effect) {
    newest_justification_.reset();
    const BlockRef& block = effect.block;
    if (block.number <= chain_.heads().finalized.number || pipeline_.is_finality_held()) {
        return std::nullopt;
    }
    const auto built = grandpa::build_justification(
        effect.round, effect.commit, [this](const BlockHash& hash) -> std::optional<Header> {
            const auto header = chain_.header(hash);
            return header ? *header : std::nullopt;
        });
    if (built) {
        newest_justification_ = scale::encode(*built);
    } else {
        log(LogLevel::warn, "grandpa", "no justification of #{} can be kept: {}", block.number,
            grandpa::describe(built.error()));
    }
    const bool due =
        pipeline_.authority_set().needs_justification(block, pipeline_.unfinalized()) ||
        block.number / kJustificationPeriod >
            chain_.heads().finalized.number / kJustificationPeriod;
    auto finalized = pipeline_.finalize(block.hash, due ? newest_justification_ : std::nullopt);
    if (!finalized) {
        log(LogLevel::error, "grandpa", "finalising #{} ({}): {}", block.number, block.hash.hex(),
            finalized.error().message());
        return std::nullopt;
    }
    if (newest_justification_) {
        WriteBatch row;
        put_newest_justification(row, {block, *newest_justification_});
        if (const auto stored = database_.commit(row, Durability::buffered); !stored) {
            log(LogLevel::error, "grandpa", "keeping a justification: {}",
                stored.error().message());
        }
    }
    return describe(*std::move(finalized));
}

void ChainJobs::store(const grandpa::StoreRows& effect) {
    if (const auto stored = database_.commit(effect.rows, Durability::synced); !stored) {
        log(LogLevel::error, "grandpa", "keeping the voter's round: {}", stored.error().message());
    }
}

std::expected<ChainRewound, std::string> ChainJobs::rewind(const BlockHash& block) {
    const auto number = chain_.number(block);
    if (!number || !*number) {
        return give_up("the block " + block.hex() + " is not known");
    }
    chain::ImportOutcome gone;
    for (BlockNumber at = chain_.heads().best.number; at > **number; --at) {
        if (const auto hash = chain_.canonical_hash(at); hash && *hash) {
            gone.retracted.push_back({**hash, at});
        }
    }
    ChainRewound event{.pool_change = pool_change(gone, {}), .finalized = {}, .header = {}};
    if (const auto done = pipeline_.rewind({block, **number}); !done) {
        return give_up(done.error().message());
    }
    event.pool_change.best = chain_.heads().best;
    event.finalized = chain_.heads().finalized;
    if (const auto header = chain_.header(block); header && *header) {
        event.header = **header;
    }
    return event;
}

void ChainJobs::store(const beefy::StoreRows& effect) {
    if (const auto stored = database_.commit(effect.rows, Durability::buffered); !stored) {
        log(LogLevel::error, "beefy", "keeping the voter's state: {}", stored.error().message());
    }
}

std::optional<BlockHash> ChainJobs::conclude(const beefy::Conclude& effect) {
    const auto hash = chain_.canonical_hash(effect.block);
    if (!hash || !*hash) {
        log(LogLevel::error, "beefy", "#{} is proven and not in the chain", effect.block);
        return std::nullopt;
    }
    const auto kept = chain_.add_justification(**hash, {kBeefyEngine, scale::encode(effect.proof)});
    if (!kept) {
        log(LogLevel::error, "beefy", "keeping the proof of #{}: {}", effect.block,
            kept.error().message());
    }
    return **hash;
}

std::optional<BeefyNews> ChainJobs::beefy_beginning() const {
    return config_.beefy == nullptr ? std::nullopt
                                    : config_.beefy->on_finalized(chain_.heads().finalized, {});
}

SetView ChainJobs::set_view() const {
    SetView view{pipeline_.authority_set().id(), pipeline_.authority_set().authorities(), {}};
    if (config_.validator) {
        for (const auto& key :
             keys_.keystore->public_keys(chain::kGrandpaKey, chain::KeyScheme::ed25519)) {
            view.own_keys.push_back(grandpa::AuthorityId::copy(key));
        }
    }
    return view;
}

std::optional<BlockNumber> ChainJobs::vote_ceiling() const {
    return pipeline_.authority_set().vote_limit(chain_.heads().best, pipeline_.unfinalized());
}

std::vector<std::pair<BlockRef, BlockHash>> ChainJobs::unfinalized() const {
    std::vector<std::pair<BlockRef, BlockHash>> blocks;
    std::vector<BlockHash> seen;
    const BlockRef finalized = chain_.heads().finalized;
    for (const auto& leaf : chain_.leaves()) {
        BlockRef at = leaf;
        while (at.number > finalized.number &&
               std::find(seen.begin(), seen.end(), at.hash) == seen.end()) {
            const auto parent = pipeline_.unfinalized().parent(at.hash);
            if (!parent) {
                break;
            }
            seen.push_back(at.hash);
            blocks.emplace_back(at, parent->hash);
            at = *parent;
        }
    }
    std::sort(blocks.begin(), blocks.end(),
              [](const auto& a, const auto& b) { return a.first.number < b.first.number; });
    return blocks;
}

std::vector<BlockRef> ChainJobs::unjustified() const {
    std::vector<BlockRef> blocks;
    for (const auto& [block, parent] : unfinalized()) {
        if (pipeline_.authority_set().needs_justification(block, pipeline_.unfinalized())) {
            blocks.push_back(block);
        }
    }
    return blocks;
}

}  // namespace stipple::node
