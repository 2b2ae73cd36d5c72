#include "pallets/beefy/beefy.hpp"

namespace stipple::runtime {

namespace {
constexpr EngineId kBeefyEngine = engine_id("BEEF");
constexpr std::uint8_t kAuthoritiesChange = 1;
constexpr std::uint8_t kOnDisabled = 2;

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
    genesis_block.set(std::nullopt);
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
    if (set >= kMaxSetIdSessionEntries) {
        set_id_session.remove(set - kMaxSetIdSessionEntries);
    }
    set_id_session.insert(set, session);
}

void Beefy::on_disabled(std::uint32_t validator) {
    announce(kOnDisabled, validator);
}

std::optional<BeefyValidatorSet> Beefy::validator_set() {
    BeefyValidatorSet set{authorities.get().items, validator_set_id.get()};
    return set.validators.empty() ? std::nullopt : std::optional(std::move(set));
}

}  // namespace stipple::runtime
