#include "chain/import/chain.hpp"

#include "chain/import/inner.hpp"
#include "chain/import/messages.hpp"

#include <fmt/format.h>

namespace stipple::chain {

Chain::Chain(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}
Chain::~Chain() = default;

Result<std::unique_ptr<Chain>> Chain::open(KeyValueStore& database, const ChainSpec& spec,
                                           executor::Executor& executor,
                                           const ChainConfig& config) {
    auto inner = std::make_unique<Inner>(database, spec, executor, config);
    TRY(inner->open());
    return std::unique_ptr<Chain>(new Chain(std::move(inner)));
}

Heads Chain::heads() const {
    const std::shared_lock lock(inner_->mutex);
    return {inner_->tree.best(), inner_->tree.finalized(), inner_->genesis};
}

Result<std::optional<Header>> Chain::header(const BlockHash& hash) const {
    return inner_->blocks.header(hash);
}

Result<std::optional<BlockNumber>> Chain::Inner::number_of(const BlockHash& hash) const {
    {
        const std::shared_lock lock(mutex);
        if (const auto known = tree.number(hash)) {
            return known;
        }
    }
    return blocks.number(hash);
}

Result<std::optional<BlockNumber>> Chain::number(const BlockHash& hash) const {
    return inner_->number_of(hash);
}

Result<std::optional<Body>> Chain::body(const BlockHash& hash) const {
    return inner_->blocks.body(hash);
}

Result<std::optional<Justifications>> Chain::justifications(const BlockHash& hash) const {
    return inner_->blocks.justifications(hash);
}

Result<std::optional<BlockHash>> Chain::canonical_hash(BlockNumber number) const {
    return inner_->blocks.canonical_hash(number);
}

bool Chain::is_known(const BlockHash& hash) const {
    const auto found = inner_->number_of(hash);
    return found.has_value() && found.value().has_value();
}

std::vector<BlockRef> Chain::leaves() const {
    const std::shared_lock lock(inner_->mutex);
    return inner_->tree.leaves();
}

std::size_t Chain::leaf_count() const {
    const std::shared_lock lock(inner_->mutex);
    return inner_->tree.leaf_count();
}

bool Chain::is_descendant(const BlockHash& ancestor, const BlockHash& descendant) const {
    const std::shared_lock lock(inner_->mutex);
    return inner_->tree.is_descendant(ancestor, descendant);
}

std::optional<std::uint64_t> Chain::weight(const BlockHash& hash) const {
    const std::shared_lock lock(inner_->mutex);
    return inner_->tree.weight(hash);
}

/// The store takes the caller's word that a block at or below its base is canonical.
Result<BlockRef> Chain::Inner::canonical_or_unfinalized(const BlockHash& hash) const {
    {
        const std::shared_lock lock(mutex);
        if (const auto known = tree.number(hash)) {
            return BlockRef{hash, *known};
        }
    }
    TRY_ASSIGN(const auto number, blocks.number(hash));
    if (!number) {
        return fail("unknown block " + hash.hex());
    }
    TRY_ASSIGN(const auto canonical, blocks.canonical_hash(*number));
    if (canonical != hash) {
        return fail("block " + hash.hex() + " is not on the finalised chain");
    }
    return BlockRef{hash, *number};
}

Result<std::shared_ptr<const state::Reader>> Chain::state(const BlockHash& hash) const {
    TRY_ASSIGN(const BlockRef block, inner_->canonical_or_unfinalized(hash));
    return inner_->states->view(block);
}

Result<std::vector<std::pair<state::TrieId, Bytes>>> Chain::changed_keys(
    const BlockHash& hash) const {
    TRY_ASSIGN(const BlockRef block, inner_->canonical_or_unfinalized(hash));
    return inner_->states->changed_keys(block);
}

/// A substitute of the specification stands in for the code on chain from its block on, while the
/// code on chain has the substitute's own spec_version.
std::expected<std::shared_ptr<const executor::Runtime>, executor::CodeError>
Chain::Inner::runtime_at(BlockRef block, const state::Reader& state) const {
    auto on_chain = executor.runtime_of(state);
    if (!on_chain || spec.code_substitutes.empty()) {
        return on_chain;
    }
    for (auto at = spec.code_substitutes.upper_bound(block.number);
         at != spec.code_substitutes.begin();) {
        --at;
        auto substitute = executor.runtime(at->second, std::nullopt);
        if (!substitute) {
            substitute.error().message =
                fmt::format("codeSubstitutes[{}]: {}", at->first, substitute.error().message);
            return substitute;
        }
        if ((*substitute)->version().spec_version == (*on_chain)->version().spec_version) {
            return substitute;
        }
    }
    return on_chain;
}

void Chain::Inner::remember_runtime(const BlockHash& hash,
                                    std::shared_ptr<const executor::Runtime> runtime) const {
    const std::lock_guard lock(runtimes_mutex);
    runtimes.insert_or_assign(hash, std::move(runtime));
}

void Chain::Inner::forget_runtime(const BlockHash& hash) const {
    const std::lock_guard lock(runtimes_mutex);
    runtimes.erase(hash);
}

std::expected<std::shared_ptr<const executor::Runtime>, executor::CodeError> Chain::runtime(
    const BlockHash& hash) const {
    {
        const std::lock_guard lock(inner_->runtimes_mutex);
        const auto known = inner_->runtimes.find(hash);
        if (known != inner_->runtimes.end()) {
            return known->second;
        }
    }
    const auto block = inner_->canonical_or_unfinalized(hash);
    if (!block) {
        return std::unexpected(
            executor::CodeError{executor::CodeErrorKind::not_wasm, block.error().message()});
    }
    const auto view = inner_->states->view(*block);
    if (!view) {
        return std::unexpected(
            executor::CodeError{executor::CodeErrorKind::not_wasm, view.error().message()});
    }
    auto runtime = inner_->runtime_at(*block, **view);
    const std::shared_lock lock(inner_->mutex);
    if (runtime && inner_->tree.contains(hash)) {
        inner_->remember_runtime(hash, *runtime);
    }
    return runtime;
}

const ChainSpec& Chain::spec() const {
    return inner_->spec;
}

}  // namespace stipple::chain
