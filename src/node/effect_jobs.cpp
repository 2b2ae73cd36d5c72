#include "node/effect_jobs.hpp"

#include "base/check.hpp"
#include "base/log.hpp"
#include "scale/codec.hpp"

namespace stipple::node {

using Place = EffectJob::Place;
using Tell = EffectJob::Tell;

Result<chain::pool::TransactionValidity> EffectJobs::validate(
    const chain::pool::Validate& effect) const {
    TRY_ASSIGN(const auto state, parts_.chain.state(effect.at.hash));
    const auto runtime = parts_.chain.runtime(effect.at.hash);
    if (!runtime) {
        return fail("runtime code: " + runtime.error().message);
    }
    executor::CallContext context;
    context.signatures = &parts_.signatures;
    return chain::pool::validate_transaction(**runtime, *state, effect.at, effect.source,
                                             *effect.extrinsic, context);
}

EffectJob EffectJobs::job(chain::pool::Validate& effect) const {
    const auto job = effect.job;
    return {
        .place = Place::worker,
        .run = [this, effect = std::move(effect)](
                   const Tell& tell) { tell(TransactionValidated{effect.job, validate(effect)}); },
        .refused = TransactionValidated{job, fail("every worker is busy")}};
}

EffectJob EffectJobs::job(AuthorSlot& effect) const {
    const Slot slot = effect.slot;
    return {.place = Place::chain,
            .run = [this, effect = std::move(effect)](
                       const Tell& tell) mutable { tell(parts_.jobs.author(effect)); },
            .refused = SlotPassed{slot, "the chain thread is overloaded", {}}};
}

EffectJob EffectJobs::job(grandpa::VerifyClaims& effect) const {
    // Votes are few and finality must not starve behind transactions: they wait for room.
    return {.place = Place::worker,
            .run =
                [effect = std::move(effect)](const Tell& tell) {
                    tell(VotesVerified{effect.job, grandpa::verify_claims(effect.claims)});
                },
            .refused = std::nullopt};
}

namespace {

chain::SigningKind kind_of(grandpa::VoteKind kind) {
    using chain::SigningKind;
    return kind == grandpa::VoteKind::prevote     ? SigningKind::grandpa_prevote
           : kind == grandpa::VoteKind::precommit ? SigningKind::grandpa_precommit
                                                  : SigningKind::grandpa_primary;
}

}  // namespace

std::optional<Event> EffectJobs::sign(const grandpa::SignVote& effect) const {
    const auto kind = kind_of(effect.vote.kind);
    const auto permit = parts_.keys.journal->allow(
        chain::SigningIntent::vote(kind, effect.key, effect.set, effect.round, effect.vote.target));
    if (!permit) {
        log(LogLevel::warn, "grandpa", "not voting for #{} in round {} of set {}: {}",
            effect.vote.target.number, effect.round.value, effect.set.value,
            chain::describe(permit.error()));
        if (permit.error() != chain::JournalError::conflict) {
            return std::nullopt;
        }
        const auto before =
            parts_.keys.journal->newest(kind, chain::AuthorityKey(effect.key.bytes));
        CHECK(before.has_value());
        return VoteSignedBefore{{effect.key,
                                 effect.vote.kind,
                                 effect.round,
                                 effect.set,
                                 {before->target, before->height}}};
    }
    const auto signature = parts_.keys.keystore->sign_vote(*permit, effect.payload());
    if (!signature) {
        log(LogLevel::warn, "grandpa", "not voting: the key {} is gone from the keystore",
            effect.key.hex());
        return std::nullopt;
    }
    return VoteSigned{{effect.vote, *signature, effect.key, effect.round, effect.set}};
}

EffectJob EffectJobs::job(grandpa::SignVote& effect) const {
    return {.place = Place::signer,
            .run =
                [this, effect = std::move(effect)](const Tell& tell) {
                    if (auto answer = sign(effect)) {
                        tell(*std::move(answer));
                    }
                },
            .refused = std::nullopt};
}

EffectJob EffectJobs::job(grandpa::OwnVoteSeen& effect) const {
    return {.place = Place::signer,
            .run =
                [this, effect = std::move(effect)](const Tell& /*tell*/) {
                    const grandpa::VoteClaim& vote = effect.vote;
                    watch_signature(parts_.keys, chain::SigningIntent::vote(
                                                     kind_of(vote.vote.kind), vote.id, vote.set,
                                                     vote.round, vote.vote.target));
                },
            .refused = std::nullopt};
}

EffectJob EffectJobs::job(grandpa::Finalize& effect) const {
    return {.place = Place::chain,
            .run =
                [this, effect = std::move(effect)](const Tell& tell) {
                    auto finalized = parts_.jobs.finalize(effect);
                    if (!finalized) {
                        return;
                    }
                    const auto& justification = parts_.jobs.newest_justification();
                    if (justification && parts_.on_justification) {
                        parts_.on_justification(*justification);
                    }
                    tell(*std::move(finalized));
                },
            .refused = std::nullopt};
}

EffectJob EffectJobs::job(grandpa::StoreRows& effect) const {
    // In line with the votes: what is to be kept before a vote is durable before it is signed.
    return {.place = Place::signer,
            .run = [this, effect = std::move(effect)](
                       const Tell& /*tell*/) { parts_.jobs.store(effect); },
            .refused = std::nullopt};
}

EffectJob EffectJobs::job(FinalizeRequested& effect) const {
    return {.place = Place::chain,
            .run =
                [this, effect = std::move(effect)](const Tell& tell) {
                    auto finalized = parts_.jobs.finalize(effect.block);
                    if (!finalized) {
                        effect.reply(std::unexpected(finalized.error()));
                        return;
                    }
                    tell(*std::move(finalized));
                    effect.reply({});
                },
            .refused = std::nullopt};
}

EffectJob EffectJobs::job(RewindRequested& effect) const {
    return {.place = Place::chain,
            .run =
                [this, effect = std::move(effect)](const Tell& tell) {
                    auto rewound = parts_.jobs.rewind(effect.block);
                    if (!rewound) {
                        effect.reply(std::unexpected(rewound.error()));
                        return;
                    }
                    tell(*std::move(rewound));
                    effect.reply({});
                },
            .refused = std::nullopt};
}

template <class Import>
EffectJob EffectJobs::import_job(Import& effect) const {
    return {.place = Place::chain,
            .run = [this, effect = std::move(effect)](
                       const Tell& tell) { tell(parts_.sync_jobs.import(effect, tell)); },
            .refused = std::nullopt};
}

EffectJob EffectJobs::job(network::sync::ImportBlocks& effect) const {
    return import_job(effect);
}

EffectJob EffectJobs::job(network::sync::ImportJustification& effect) const {
    return import_job(effect);
}

EffectJob EffectJobs::job(network::sync::VerifyHeader& effect) const {
    return {.place = Place::chain,
            .run = [this, effect = std::move(effect)](
                       const Tell& tell) { tell(parts_.sync_jobs.check(effect)); },
            .refused = std::nullopt};
}

EffectJob EffectJobs::job(network::sync::VerifyWarpProof& effect) const {
    // One at a time; it waits for room as the sync waits for it.
    return {.place = Place::worker,
            .run = [this, effect = std::move(effect)](
                       const Tell& tell) { tell(parts_.state_jobs.verify(effect)); },
            .refused = std::nullopt};
}

EffectJob EffectJobs::job(network::sync::ChooseState& effect) const {
    return {.place = Place::chain,
            .run = [this, effect](const Tell& /*tell*/) { parts_.state_jobs.choose(effect); },
            .refused = std::nullopt};
}

EffectJob EffectJobs::job(network::sync::StoreStateChunk& effect) const {
    return {.place = Place::chain,
            .run = [this, effect = std::move(effect)](
                       const Tell& tell) { tell(parts_.state_jobs.store(effect)); },
            .refused = std::nullopt};
}

EffectJob EffectJobs::job(network::sync::FinishStateSync& effect) const {
    return {.place = Place::chain,
            .run = [this, effect = std::move(effect)](
                       const Tell& tell) { tell(parts_.state_jobs.finish(effect, tell)); },
            .refused = std::nullopt};
}

EffectJob EffectJobs::job(network::sync::DropState& /*effect*/) const {
    return {.place = Place::chain,
            .run = [this](const Tell& /*tell*/) { parts_.state_jobs.drop(); },
            .refused = std::nullopt};
}

EffectJob EffectJobs::job(network::sync::StoreHistory& effect) const {
    return {.place = Place::chain,
            .run = [this, effect = std::move(effect)](
                       const Tell& tell) { tell(parts_.state_jobs.store(effect)); },
            .refused = std::nullopt};
}

// ---- authority discovery ----

AuthoritiesKnown EffectJobs::authorities() const {
    AuthoritiesKnown known;
    const auto encoded = call_runtime(parts_.chain, parts_.chain.heads().best.hash,
                                      "AuthorityDiscoveryApi_authorities", {});
    if (!encoded) {  // not every chain has it
        log(LogLevel::debug, "sub-authority-discovery", "{}", encoded.error().message());
        return known;
    }
    if (auto decoded = scale::decode<std::vector<discovery::AuthorityId>>(*encoded)) {
        known.authorities = *std::move(decoded);
    }
    for (const auto& key :
         parts_.keys.keystore->public_keys(chain::kDiscoveryKey, chain::KeyScheme::sr25519)) {
        known.own_keys.push_back(discovery::AuthorityId::copy(key));
    }
    return known;
}

EffectJob EffectJobs::job(discovery::QueryAuthorities& /*effect*/) const {
    return {.place = Place::worker,
            .run = [this](const Tell& tell) { tell(DiscoveryAnswer{authorities()}); },
            .refused = std::nullopt};
}

RecordSigned EffectJobs::sign(const discovery::SignRecord& effect) const {
    RecordSigned made{.job = effect.job, .signatures = {}, .peer = std::nullopt};
    for (const auto& key : effect.keys) {
        if (const auto signature =
                parts_.keys.keystore->sign_sr25519(chain::kDiscoveryKey, key, effect.record)) {
            made.signatures.emplace_back(key, *signature);
        }
    }
    if (parts_.sign_as_node) {
        made.peer = parts_.sign_as_node(effect.record);
    }
    return made;
}

EffectJob EffectJobs::job(discovery::SignRecord& effect) const {
    return {.place = Place::worker,
            .run = [this, effect = std::move(effect)](
                       const Tell& tell) { tell(DiscoveryAnswer{sign(effect)}); },
            .refused = std::nullopt};
}

EffectJob EffectJobs::job(discovery::VerifyRecord& effect) const {
    const auto job = effect.job;
    return {.place = Place::worker,
            .run =
                [effect = std::move(effect)](const Tell& tell) {
                    tell(DiscoveryAnswer{RecordVerified{
                        effect.job, discovery::verify_record(effect.value, effect.authority,
                                                             effect.needs_peer_signature)}});
                },
            .refused = DiscoveryAnswer{
                RecordVerified{job, std::unexpected(discovery::RecordError::not_checked)}}};
}

}  // namespace stipple::node
