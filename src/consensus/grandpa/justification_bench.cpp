// Verifying the justification of a set of 1000 voters, on one core.
#include "consensus/grandpa/justification.hpp"

#include <benchmark/benchmark.h>

namespace stipple::grandpa {
namespace {

struct Sample {
    AuthorityList authorities;
    GrandpaJustification justification;
};

// Every voter precommits to the target itself, as nearly all do on the live networks.
Sample make_sample(std::size_t voters) {
    Sample sample;
    sample.justification.round = RoundNumber(7);
    sample.justification.commit.target = {BlockHash({1}), 1000};
    const Bytes payload = signed_payload({VoteKind::precommit, sample.justification.commit.target},
                                         RoundNumber(7), AuthoritySetId(3));
    for (std::size_t i = 0; i < voters; ++i) {
        crypto::Secret<32> seed;
        seed.writable()[0] = static_cast<std::uint8_t>(i);
        seed.writable()[1] = static_cast<std::uint8_t>(i >> 8);
        const auto pair = crypto::Ed25519Keypair::from_seed(seed);
        sample.authorities.push_back({pair.public_key, 1});
        sample.justification.commit.precommits.push_back(
            {sample.justification.commit.target, pair.sign(payload), pair.public_key});
    }
    return sample;
}

void verify(benchmark::State& state) {
    const auto sample = make_sample(static_cast<std::size_t>(state.range(0)));
    const auto voters = *VoterSet::create(sample.authorities);
    for (auto _ : state) {
        const bool holds =
            verify_justification(sample.justification, AuthoritySetId(3), voters).has_value();
        CHECK(holds);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(verify)
    ->Name("grandpa/verify_justification")
    ->Arg(300)
    ->Arg(1000)
    ->Unit(benchmark::kMillisecond);

void verify_one_by_one(benchmark::State& state) {
    const auto sample = make_sample(static_cast<std::size_t>(state.range(0)));
    const Bytes payload = signed_payload({VoteKind::precommit, sample.justification.commit.target},
                                         RoundNumber(7), AuthoritySetId(3));
    for (auto _ : state) {
        for (const SignedTarget& vote : sample.justification.commit.precommits) {
            CHECK(crypto::ed25519_verify(vote.signature, payload, vote.id));
        }
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(verify_one_by_one)
    ->Name("grandpa/signatures_one_by_one")
    ->Arg(1000)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace stipple::grandpa

BENCHMARK_MAIN();
