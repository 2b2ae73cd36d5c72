#include "node/authorities.hpp"

namespace stipple::node {

Authorities::Authorities(const AuthoritiesConfig& config, Seed seed)
    : config_(config), seed_(seed) {}

void Authorities::start(Instant now) {
    if (config_.enabled) {
        machine_.emplace(config_.discovery, now, seed_);
    }
}

void Authorities::on_event(Instant now, const DhtEvent& event, EffectList& effects) {
    if (!machine_) {
        return;
    }
    discovery::Effects found;
    if (const auto* value = std::get_if<DhtValueFound>(&event)) {
        machine_->on_value_found(value->key, value->value, value->holder, found);
    } else if (const auto* done = std::get_if<DhtLookupDone>(&event)) {
        ++(done->found ? counts_.values_found : counts_.values_not_found);
        machine_->on_lookup_done(done->key, found);
    } else if (const auto* put = std::get_if<DhtPutDone>(&event)) {
        ++(put->stored ? counts_.values_put : counts_.values_put_failed);
        machine_->on_put(now, put->key, put->stored);
    } else if (const auto* offer = std::get_if<DhtPutRequested>(&event)) {
        ++counts_.put_requests;
        machine_->on_put_request(offer->key, offer->value, offer->publisher, found);
    } else if (const auto* own = std::get_if<OwnAddressesChanged>(&event)) {
        machine_->on_addresses(own->listening, own->confirmed);
    }
    take(std::move(found), effects);
}

void Authorities::on_answer(Instant now, const DiscoveryAnswer& answer, EffectList& effects) {
    if (!machine_) {
        return;
    }
    discovery::Effects found;
    if (const auto* known = std::get_if<AuthoritiesKnown>(&answer)) {
        asked_ = false;
        if (known->authorities.empty()) {
            return;  // the runtime has none to tell, or could not be asked
        }
        machine_->on_authorities(now, known->authorities, known->own_keys, found);
    } else if (const auto* record = std::get_if<RecordSigned>(&answer)) {
        machine_->on_signed(record->job, record->signatures, record->peer, found);
    } else if (const auto* verified = std::get_if<RecordVerified>(&answer)) {
        counts_.bad_records += static_cast<std::uint64_t>(!verified->record);
        machine_->on_verified(verified->job, verified->record, found);
    }
    take(std::move(found), effects);
}

void Authorities::on_new_session(EffectList& effects) {
    if (machine_ && !std::exchange(asked_, true)) {
        effects.emplace_back(discovery::QueryAuthorities{});
    }
}

void Authorities::on_wake(Instant now, UnixMillis wall, EffectList& effects) {
    if (!machine_ || machine_->wake_at() > std::optional(now)) {
        return;
    }
    discovery::Effects found;
    machine_->on_wake(now, wall, found);
    take(std::move(found), effects);
}

std::optional<Instant> Authorities::wake_at() const {
    return machine_ ? machine_->wake_at() : std::nullopt;
}

void Authorities::take(discovery::Effects&& found, EffectList& out) {
    for (auto& effect : found) {
        std::visit(
            [&](auto& what) {
                using What = std::decay_t<decltype(what)>;
                if constexpr (std::is_same_v<What, discovery::AddressesFound>) {
                    table_[what.authority] = {std::move(what.peer), std::move(what.addresses)};
                } else if constexpr (std::is_same_v<What, discovery::AuthoritiesGone>) {
                    for (const auto& authority : what.authorities) {
                        table_.erase(authority);
                    }
                } else if constexpr (std::is_same_v<What, discovery::QueryAuthorities>) {
                    on_new_session(out);
                } else if constexpr (std::is_same_v<What, discovery::SignRecord> ||
                                     std::is_same_v<What, discovery::VerifyRecord>) {
                    out.emplace_back(std::move(what));
                } else {
                    counts_.lookups += std::uint64_t{std::is_same_v<What, discovery::GetRecord>};
                    counts_.published += std::uint64_t{std::is_same_v<What, discovery::PutRecord>};
                    out.emplace_back(NetworkCommand{std::move(what)});
                }
            },
            effect);
    }
}

}  // namespace stipple::node
