#include "pallets/babe/babe.hpp"

#include "pallets/system/system.hpp"

namespace stipple::runtime {

namespace {
void announce(const babe::ConsensusLog& log) {
    System::deposit_log(ConsensusDigest{kBabeEngine, scale::encode(log)});
}

std::optional<babe::PreDigest> pre_digest_of_block() {
    for (const DigestItem& item : System::digest.get().logs) {
        const auto* pre_runtime = std::get_if<PreRuntimeDigest>(&item);
        if (pre_runtime != nullptr && pre_runtime->engine == kBabeEngine) {
            if (auto digest = scale::decode_prefix<babe::PreDigest>(pre_runtime->data)) {
                return *std::move(digest);
            }
        }
    }
    return std::nullopt;
}

babe::EpochConfig present_config() {
    return Babe::epoch_config.get().value_or(babe::EpochConfig{});
}
}  // namespace

DispatchResult Babe::plan_config_change(const Origin& origin, const NextConfigDescriptor& config) {
    TRY(ensure_root(origin));
    const auto& v1 = *std::get_if<0>(&config.value);
    if (v1.c.denominator == 0 || v1.c.numerator > v1.c.denominator ||
        (v1.c.numerator == 0 && v1.allowed_slots == babe::AllowedSlots::primary)) {
        return fail(kInvalidConfiguration);
    }
    pending_epoch_config_change.set(config);
    return {};
}

// ---- blocks ----

Weight Babe::on_initialize(BlockNumber) {
    const auto digest = pre_digest_of_block();
    if (digest) {
        const Slot slot = babe::slot_of(*digest);
        if (genesis_slot.get() == Slot{}) {
            open_first_epoch(slot);
        }
        const std::uint64_t expected = current_slot.get().value + 1;
        lateness.set(static_cast<BlockNumber>(saturating_sub(slot.value, expected)));
        current_slot.set(slot);
    }
    initialized.set(digest);
    return work(10, 4, 4);
}

void Babe::on_finalize(BlockNumber) {
    const auto digest = initialized.take().value_or(std::nullopt);
    if (digest) {
        if (const crypto::VrfSignature* vrf = babe::vrf_of(*digest)) {
            Bytes material = to_bytes("BabeVRFInOutContext");
            append(material, vrf->pre_output);
            const auto value = Randomness::copy(host::blake2_256(material));
            if (babe::is_primary(*digest)) {
                add_randomness(value);
            }
            author_vrf_randomness.set(value);
        }
    }
    lateness.clear();
}

void Babe::check_time(Moment now) {
    if (now / config::kSlotDurationMs != current_slot.get().value) {
        host::panic("the time of the block is not within its slot");
    }
}

std::optional<std::uint32_t> Babe::author_index() {
    const auto digest = initialized.get().value_or(std::nullopt);
    const auto found = digest ? digest : pre_digest_of_block();
    return found ? std::optional(babe::authority_index_of(*found)) : std::nullopt;
}

void Babe::note_disabled(std::uint32_t authority) {
    announce(babe::OnDisabled{authority});
}

// ---- randomness ----

void Babe::add_randomness(const Randomness& value) {
    const std::uint32_t index = segment_index.get();
    auto segment = under_construction.get(index);
    if (segment.try_push(value)) {
        under_construction.insert(index, segment);
        return;
    }
    segment_index.set(index + 1);
    under_construction.insert(index + 1, {{value}});
}

Babe::Randomness Babe::collect_randomness(std::uint64_t next_epoch_index) {
    const Randomness now = next_randomness.get();
    Bytes material = to_bytes(now.view());
    append_le(material, next_epoch_index);
    const std::uint32_t last = segment_index.take();
    for (std::uint32_t i = 0; i <= last; ++i) {
        for (const Randomness& value : under_construction.take(i)) {
            append(material, value);
        }
    }
    next_randomness.set(Randomness::copy(host::blake2_256(material)));
    return now;
}

// ---- epochs ----

Slot Babe::epoch_start_slot(std::uint64_t index) {
    return genesis_slot.get() + index * config::kEpochSlots;
}

bool Babe::should_end_epoch(BlockNumber now) {
    return now != 1 &&
           saturating_sub(current_slot.get().value, epoch_start_slot(epoch_index.get()).value) >=
               config::kEpochSlots;
}

void Babe::set_genesis_authorities(const babe::AuthorityList& list) {
    authorities.set({list});
    next_authorities.set({list});
}

void Babe::open_first_epoch(Slot slot) {
    genesis_slot.set(slot);
    announce(babe::NextEpochData{authorities.get().items, randomness.get()});
}

void Babe::start_epoch(const babe::AuthorityList& now, const babe::AuthorityList& next,
                       SessionIndex session) {
    if (now.empty()) {
        host::log(host::LogLevel::warn, "babe", "an epoch without authorities is not begun");
        return;
    }
    // Where whole epochs had no block, the index jumps; what was announced for the next one holds.
    const std::uint64_t index =
        (current_slot.get().value - genesis_slot.get().value) / config::kEpochSlots;
    if (index != epoch_index.get() + 1 && index >= session) {
        auto skipped = skipped_epochs.get();
        if (skipped.size() == skipped.kMax) {
            skipped.items.erase(skipped.begin());
        }
        skipped.items.emplace_back(index, session);
        skipped_epochs.set(skipped);
    }
    epoch_index.set(index);
    authorities.set({now});
    randomness.set(collect_randomness(index + 1));
    next_authorities.set({next});
    epoch_start.mutate([](auto& starts) { starts = {std::get<1>(starts), System::number.get()}; });
    announce(babe::NextEpochData{next, next_randomness.get()});
    if (const auto config = next_epoch_config.get()) {
        epoch_config.set(*config);
    }
    if (const auto pending = pending_epoch_config_change.take()) {
        const auto& v1 = *std::get_if<0>(&pending->value);
        const babe::EpochConfig config{v1.c, v1.allowed_slots};
        next_epoch_config.set(config);
        announce(babe::NextConfigData{config});
    }
}

SessionIndex Babe::session_of_epoch(std::uint64_t index) {
    // The last gap at or before the epoch; without one, epochs and sessions count alike.
    SessionIndex of_epoch = static_cast<SessionIndex>(index);
    for (const auto& [epoch, session] : skipped_epochs.get().items) {
        if (epoch <= index) {
            of_epoch = session + static_cast<SessionIndex>(index - epoch);
        }
    }
    return of_epoch;
}

babe::Configuration Babe::configuration() {
    const babe::EpochConfig config = present_config();
    return {config::kSlotDurationMs, config::kEpochSlots, config.c,
            authorities.get().items, randomness.get(),    config.allowed_slots};
}

babe::Epoch Babe::current_epoch() {
    const std::uint64_t index = epoch_index.get();
    return {EpochIndex(index),       epoch_start_slot(index), config::kEpochSlots,
            authorities.get().items, randomness.get(),        present_config()};
}

babe::Epoch Babe::next_epoch() {
    const std::uint64_t index = epoch_index.get() + 1;
    return {EpochIndex(index),     epoch_start_slot(index),
            config::kEpochSlots,   next_authorities.get().items,
            next_randomness.get(), next_epoch_config.get().value_or(present_config())};
}

// ---- genesis ----

void Babe::genesis(GenesisReader& config) {
    babe::EpochConfig made{{1, 4}, babe::AllowedSlots::primary_and_secondary_vrf};
    if (const GenesisReader given = config.field("epochConfig"); given.present()) {
        const GenesisReader share = given.field("c");
        made.c = {share.at(0).number<std::uint64_t>(), share.at(1).number<std::uint64_t>()};
        if (made.c.denominator == 0 || made.c.numerator > made.c.denominator) {
            share.fail("not a fraction of at most one");
        }
        const std::string slots = given.field("allowed_slots").text();
        if (slots == "PrimarySlots") {
            made.allowed_slots = babe::AllowedSlots::primary;
        } else if (slots == "PrimaryAndSecondaryPlainSlots") {
            made.allowed_slots = babe::AllowedSlots::primary_and_secondary_plain;
        } else if (slots != "PrimaryAndSecondaryVRFSlots") {
            given.field("allowed_slots").fail("not a kind of slots");
        }
    }
    segment_index.set(0);
    epoch_config.set(made);
}

}  // namespace stipple::runtime
