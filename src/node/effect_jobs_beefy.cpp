// The jobs of BEEFY.
#include "base/log.hpp"
#include "node/effect_jobs.hpp"

namespace stipple::node {

using Place = EffectJob::Place;
using Tell = EffectJob::Tell;

EffectJob EffectJobs::job(beefy::VerifyVotes& effect) const {
    return {.place = Place::worker,
            .run =
                [effect = std::move(effect)](const Tell& tell) {
                    tell(BeefyVerified{effect.job, beefy::verify_votes(effect.votes)});
                },
            .refused = std::nullopt};
}

EffectJob EffectJobs::job(beefy::VerifyProof& effect) const {
    return {.place = Place::worker,
            .run = [effect = std::move(effect)](
                       const Tell& tell) { tell(BeefyVerified{effect.job, effect.verdict()}); },
            .refused = std::nullopt};
}

std::optional<beefy::VoteMessage> EffectJobs::sign(const beefy::SignVote& effect) const {
    const auto root = mmr_root_at(parts_.chain, effect.block);
    if (!root) {
        log(LogLevel::warn, "beefy", "not voting for #{}: no MMR root to be found", effect.block);
        return std::nullopt;
    }
    beefy::VoteMessage vote{{beefy::Payload::of(*root), effect.block, effect.set}, effect.key, {}};
    const auto permit = parts_.keys.journal->allow(chain::SigningIntent::beefy(
        effect.key, effect.set.value, effect.block, beefy::signed_digest(vote.commitment)));
    if (!permit) {
        log(LogLevel::warn, "beefy", "not voting for #{} in set {}: {}", effect.block,
            effect.set.value, chain::describe(permit.error()));
        return std::nullopt;
    }
    const auto signature = parts_.keys.keystore->sign_beefy(*permit, effect.key);
    if (!signature) {
        log(LogLevel::warn, "beefy", "not voting: the key {} is gone from the keystore",
            effect.key.hex());
        return std::nullopt;
    }
    vote.signature = *signature;
    return vote;
}

EffectJob EffectJobs::job(beefy::SignVote& effect) const {
    return {.place = Place::signer,
            .run =
                [this, effect = std::move(effect)](const Tell& tell) {
                    if (auto vote = sign(effect)) {
                        tell(BeefySigned{*std::move(vote)});
                    } else {
                        tell(BeefyNotSigned{effect.block});
                    }
                },
            .refused = std::nullopt};
}

EffectJob EffectJobs::job(beefy::Conclude& effect) const {
    return {.place = Place::chain,
            .run =
                [this, effect = std::move(effect)](const Tell& /*tell*/) {
                    const auto hash = parts_.jobs.conclude(effect);
                    if (hash && parts_.on_beefy_proof) {
                        parts_.on_beefy_proof(*hash, scale::encode(effect.proof));
                    }
                },
            .refused = std::nullopt};
}

EffectJob EffectJobs::job(beefy::StoreRows& effect) const {
    return {.place = Place::chain,
            .run = [this, effect = std::move(effect)](
                       const Tell& /*tell*/) { parts_.jobs.store(effect); },
            .refused = std::nullopt};
}

}  // namespace stipple::node
