#include "node/beefy_watch.hpp"

#include "base/log.hpp"
#include "node/block_pipeline.hpp"
#include "node/grandpa_justification.hpp"

namespace stipple::node {
namespace {

/// Answers `Option<T>`; none also when the runtime has no such function or the state is gone.
template <class T>
std::optional<T> ask_beefy(const chain::Chain& chain, const BlockHash& at,
                           std::string_view method) {
    const auto runtime = chain.runtime(at);
    if (!runtime || !(*runtime)->version().api_version("BeefyApi")) {
        return std::nullopt;
    }
    const auto answer = call_runtime(chain, at, method, {});
    if (!answer) {
        log(LogLevel::debug, "beefy", "{}", answer.error().message());
        return std::nullopt;
    }
    auto decoded = scale::decode<std::optional<T>>(*answer);
    return decoded ? *std::move(decoded) : std::nullopt;
}

Result<std::optional<Header>> header_at(const chain::Chain& chain, BlockNumber number) {
    TRY_ASSIGN(const auto hash, chain.canonical_hash(number));
    if (!hash) {
        return std::nullopt;
    }
    return chain.header(*hash);
}

/// `MmrApi_mmr_root` answers Result<Hash, Error>.
std::optional<beefy::MmrRoot> root_in_state(const chain::Chain& chain, const BlockHash& at) {
    const auto answer = call_runtime(chain, at, "MmrApi_mmr_root", {});
    if (!answer || answer->empty() || answer->front() != 0) {
        return std::nullopt;
    }
    return beefy::MmrRoot::from(ByteView(*answer).subspan(1));
}

}  // namespace

std::optional<beefy::ValidatorSet> beefy_validator_set(const chain::Chain& chain,
                                                       const BlockHash& at) {
    auto set = ask_beefy<beefy::ValidatorSet>(chain, at, "BeefyApi_validator_set");
    return set && !set->validators.empty() ? set : std::nullopt;
}

std::optional<BeefyNews> BeefyWatch::on_finalized(const BlockRef& block,
                                                  const std::vector<BlockRef>& newly_finalized) {
    BeefyNews news{.finalized = block.number, .sessions = {}, .beginning = {}, .own_keys = {}};
    const auto genesis = ask_beefy<BlockNumber>(chain_, block.hash, "BeefyApi_beefy_genesis");
    if (genesis && *genesis <= block.number && genesis_ != genesis) {
        if (genesis_) {
            log(LogLevel::warn, "beefy", "BEEFY begins anew: its genesis moved from #{} to #{}",
                *genesis_, *genesis);
        }
        if (!begin(*genesis, block, news)) {
            return std::nullopt;
        }
    } else if (!genesis_) {
        return std::nullopt;
    } else {
        for (const BlockRef& each : newly_finalized) {
            const auto header = chain_.header(each.hash);
            auto set = header && *header ? beefy::find_authorities_change(**header) : std::nullopt;
            if (set) {
                news.sessions.push_back({each.number, *std::move(set), false, {}});
            }
        }
    }
    news.own_keys = own_keys_();
    return news;
}

bool BeefyWatch::begin(BlockNumber genesis, const BlockRef& block, BeefyNews& news) {
    auto stored = beefy::load_state(database_);
    if (!stored) {
        log(LogLevel::error, "beefy", "{}; beginning from the chain", stored.error().message());
        stored = std::nullopt;
    }
    const beefy::FinalizedChain view{
        .header = [this](BlockNumber number) { return header_at(chain_, number); },
        .has_proof = [this](BlockNumber number) -> Result<bool> {
            TRY_ASSIGN(const auto hash, chain_.canonical_hash(number));
            if (!hash) {
                return false;
            }
            TRY_ASSIGN(const auto all, chain_.justifications(*hash));
            return justification_of(all, kBeefyEngine) != nullptr;
        },
        .validator_set = [this](BlockNumber number) -> std::optional<beefy::ValidatorSet> {
            const auto hash = chain_.canonical_hash(number);
            return hash && *hash ? beefy_validator_set(chain_, **hash) : std::nullopt;
        }};
    auto state = beefy::find_beginning(view, *std::move(stored), genesis, block.number);
    if (!state || !*state) {
        log(LogLevel::debug, "beefy", "not beginning yet at #{}: {}", block.number,
            state ? "headers or the validator set are missing" : state.error().message());
        return false;
    }
    log(LogLevel::info, "beefy", "BEEFY since #{}: proven up to #{}, {} sessions to follow",
        genesis, (*state)->best_beefy, (*state)->sessions.size());
    genesis_ = genesis;
    news.beginning = **std::move(state);
    return true;
}

std::optional<beefy::FinalityProof> verified_beefy_proof(const chain::Chain& chain,
                                                         const BlockRef& block, ByteView encoded) {
    auto proof = beefy::decode_finality_proof(encoded);
    const auto set = proof ? beefy_validator_set(chain, block.hash) : std::nullopt;
    if (!set || !beefy::verify_finality_proof(*proof, block.number, *set)) {
        log(LogLevel::debug, "beefy", "the proof that came with #{} does not hold", block.number);
        return std::nullopt;
    }
    return *std::move(proof);
}

std::optional<beefy::MmrRoot> mmr_root_at(const chain::Chain& chain, BlockNumber block) {
    const auto header = header_at(chain, block);
    if (!header || !*header) {
        return std::nullopt;
    }
    const auto told = beefy::find_mmr_root(**header);
    const auto held = root_in_state(chain, (*header)->hash());
    if (told && held && *told != *held) {
        log(LogLevel::error, "beefy", "#{}: the header's root {} is not the state's {}", block,
            told->hex(), held->hex());
        return std::nullopt;
    }
    return told ? told : held;
}

}  // namespace stipple::node
