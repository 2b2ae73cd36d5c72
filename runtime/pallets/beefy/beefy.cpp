#include "pallets/beefy/beefy.hpp"

namespace stipple::runtime {

namespace {
constexpr std::uint8_t kAuthoritiesChange = 1;
constexpr std::uint8_t kOnDisabled = 2;
constexpr std::uint8_t kMmrRoot = 3;

/// A log of the engine: its index, then what it says.
void announce(std::uint8_t log, const auto& body) {
    Bytes data{log};
    append(data, scale::encode(body));
    System::deposit_log(ConsensusDigest{kBeefyEngine, std::move(data)});
}

Beefy::Authorities keys_of(const ValidatorKeys& validators) {
    Beefy::Authorities keys;
    for (const auto& [who, all] : validators) {
        if (!keys.try_push(all.beefy)) {
            break;
        }
    }
    return keys;
}

void tell_of_sets(const Beefy::Authorities& now, const Beefy::Authorities& next) {
    if (!now.empty() && !next.empty()) {
        const std::uint64_t id = Beefy::validator_set_id.get();
        wiring::on_new_beefy_set({now.items, id}, {next.items, id + 1});
    }
}
}  // namespace

DispatchResult Beefy::set_new_genesis(const Origin& origin, BlockNumber delay_in_blocks) {
    TRY(ensure_root(origin));
    if (delay_in_blocks == 0) {
        return fail(kInvalidConfiguration);
    }
    genesis_block.set(saturating_add(System::number.get(), delay_in_blocks));
    return {};
}

void Beefy::on_genesis_session(const ValidatorKeys& validators) {
    authorities.set(keys_of(validators));
    next_authorities.set(keys_of(validators));
    validator_set_id.set(0);
    set_id_session.insert(0, 0);
    tell_of_sets(authorities.get(), next_authorities.get());
}

void Beefy::on_new_session(const ValidatorKeys& validators, const ValidatorKeys& queued,
                           SessionIndex session) {
    const std::uint64_t set = validator_set_id.get() + 1;
    validator_set_id.set(set);
    authorities.set(keys_of(validators));
    next_authorities.set(keys_of(queued));
    if (const auto now = validator_set()) {
        announce(kAuthoritiesChange, *now);
    }
    tell_of_sets(authorities.get(), next_authorities.get());
    if (set >= kMaxSetIdSessionEntries) {
        set_id_session.remove(set - kMaxSetIdSessionEntries);
    }
    set_id_session.insert(set, session);
}

void Beefy::on_disabled(std::uint32_t validator) {
    announce(kOnDisabled, validator);
}

void Beefy::announce_mmr_root(const Hash& root) {
    announce(kMmrRoot, root);
}

void Beefy::genesis(GenesisReader& config) {
    constexpr BlockNumber kFirstBlock = 1;
    if (const GenesisReader given = config.field("genesisBlock"); given.present()) {
        const auto block = given.number<BlockNumber>();
        if (block < kFirstBlock) {
            given.fail("no block is signed before the first");
        }
        genesis_block.set(block);
    } else {
        genesis_block.set(kFirstBlock);
    }
}

std::optional<BeefyValidatorSet> Beefy::validator_set() {
    BeefyValidatorSet set{authorities.get().items, validator_set_id.get()};
    return set.validators.empty() ? std::nullopt : std::optional(std::move(set));
}

}  // namespace stipple::runtime
