#include "pallets/session/session.hpp"

#include <algorithm>

namespace stipple::runtime {

SessionKeys read_session_keys(const GenesisReader& config) {
    return {config.field("grandpa").bytes<crypto::Ed25519Public>(),
            config.field("babe").bytes<crypto::Sr25519Public>(),
            config.field("para_validator").bytes<crypto::Sr25519Public>(),
            config.field("para_assignment").bytes<crypto::Sr25519Public>(),
            config.field("authority_discovery").bytes<crypto::Sr25519Public>(),
            config.field("beefy").bytes<crypto::EcdsaPublic>()};
}

DispatchResult Session::put_keys(const AccountId& who, const SessionKeys& keys) {
    bool duplicate = false;
    keys.for_each([&](KeyTypeId type, ByteView key) {
        duplicate = duplicate || key_owner.get({type, to_bytes(key)}).value_or(who) != who;
    });
    if (duplicate) {
        return fail(kDuplicatedKey);
    }
    if (const auto old = next_keys.get(who)) {
        old->for_each(
            [](KeyTypeId type, ByteView key) { key_owner.remove({type, to_bytes(key)}); });
    }
    keys.for_each(
        [&](KeyTypeId type, ByteView key) { key_owner.insert({type, to_bytes(key)}, who); });
    next_keys.insert(who, keys);
    return {};
}

DispatchResult Session::set_keys(const Origin& origin, const SessionKeys& keys, const Bytes&) {
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    const bool first = !next_keys.contains(who);
    TRY(put_keys(who, keys));
    if (first && !System::inc_consumers(who)) {
        return fail(kNoAccount);
    }
    return {};
}

DispatchResult Session::purge_keys(const Origin& origin) {
    TRY_ASSIGN(const AccountId who, ensure_signed(origin));
    const auto old = next_keys.take(who);
    if (!old) {
        return fail(kNoKeys);
    }
    old->for_each([](KeyTypeId type, ByteView key) { key_owner.remove({type, to_bytes(key)}); });
    System::dec_consumers(who);
    return {};
}

Weight Session::on_initialize(BlockNumber number) {
    if (!wiring::should_end_session(number)) {
        return {};
    }
    rotate();
    return config::kMaxBlockWeight;
}

void Session::rotate() {
    const SessionIndex ended = current_index.get();
    const bool changed = queued_changed.get();
    wiring::on_session_ending(ended);

    const ValidatorKeys now = queued_keys.get();
    std::vector<AccountId> names;
    for (const auto& [who, keys] : now) {
        names.push_back(who);
    }
    validators.set(names);
    if (changed) {
        disabled_validators.clear();
    }
    current_index.set(ended + 1);
    wiring::on_session_started(ended + 1);

    const auto chosen = wiring::next_validators(ended + 2);
    ValidatorKeys queued;
    for (const AccountId& who : chosen ? *chosen : names) {
        if (const auto keys = next_keys.get(who)) {  // one without keys sits out
            queued.emplace_back(who, *keys);
        }
    }
    if (queued.empty()) {
        queued = now;  // nobody of the chosen has keys: the chain goes on with whom it has
    }
    queued_changed.set(chosen.has_value() || queued != now);
    queued_keys.set(queued);
    deposit(kNewSession, ended + 1);
    wiring::on_new_session(changed, now, queued);
}

bool Session::is_disabled(std::uint32_t validator) {
    const auto all = disabled_validators.get();
    return std::binary_search(all.begin(), all.end(), validator);
}

bool Session::disable(std::uint32_t validator) {
    if (validator >= validators.get().size()) {
        return false;
    }
    auto all = disabled_validators.get();
    const auto place = std::lower_bound(all.begin(), all.end(), validator);
    if (place != all.end() && *place == validator) {
        return false;
    }
    all.insert(place, validator);
    disabled_validators.set(all);
    wiring::on_validator_disabled(validator);
    return true;
}

void Session::genesis(GenesisReader& config) {
    ValidatorKeys initial;
    std::vector<AccountId> names;
    config.field("keys").each([&](const GenesisReader& entry) {
        if (entry.size() != 3) {
            entry.fail("not an account, a validator and keys");
            return;
        }
        const AccountId who = entry.at(0).account();
        const AccountId validator = entry.at(1).account();
        const SessionKeys keys = read_session_keys(entry.at(2));
        if (!config.ok()) {
            return;
        }
        if (next_keys.contains(validator)) {
            entry.at(1).fail("the validator is there twice");
        } else if (!put_keys(validator, keys)) {
            entry.at(2).fail("a key belongs to another validator already");
        } else if (!System::inc_consumers(who)) {
            System::inc_providers(who);  // a validator needs no balance to be one
        }
        names.push_back(validator);
        initial.emplace_back(validator, keys);
    });
    if (initial.empty()) {
        config.field("keys").fail("no authorities");
        return;
    }
    validators.set(names);
    queued_keys.set(initial);
    wiring::on_genesis_session(initial);
}

}  // namespace stipple::runtime
