// Verifying justifications of sets of 1000 voters, alone and as the parts of a warp proof, on one
// core.
#include "consensus/grandpa/warp.hpp"

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

constexpr std::size_t kFragments = 32;
constexpr std::size_t kVoters = 1000;

struct WarpSample {
    WarpSet genesis;
    std::vector<Header> headers;
    std::vector<GrandpaJustification> justifications;
};

std::vector<crypto::Ed25519Keypair> voters_from(std::size_t first) {
    std::vector<crypto::Ed25519Keypair> voters;
    for (std::size_t i = first; i < first + kVoters; ++i) {
        crypto::Secret<32> seed;
        seed.writable()[0] = static_cast<std::uint8_t>(i);
        seed.writable()[1] = static_cast<std::uint8_t>(i >> 8);
        voters.push_back(crypto::Ed25519Keypair::from_seed(seed));
    }
    return voters;
}

AuthorityList list_of(const std::vector<crypto::Ed25519Keypair>& voters) {
    AuthorityList list;
    for (const auto& voter : voters) {
        list.push_back({voter.public_key, 1});
    }
    return list;
}

/// A proof over kFragments sets; `changed` voters leave at each end of a set, as many others come.
WarpSample make_proof(std::size_t changed) {
    WarpSample sample;
    auto voters = voters_from(0);
    sample.genesis = {AuthoritySetId(0), list_of(voters), 0};
    for (std::size_t n = 0; n < kFragments; ++n) {
        const auto next = voters_from((n + 1) * changed);
        Header header;
        header.number = static_cast<BlockNumber>(100 * (n + 1));
        const ConsensusLog log = ScheduledChange{list_of(next), 0};
        header.digest.emplace_back(ConsensusDigest{kGrandpaEngine, scale::encode(log)});
        GrandpaJustification proof;
        proof.round = RoundNumber(5);
        proof.commit.target = header.ref();
        const Bytes payload = signed_payload({VoteKind::precommit, proof.commit.target},
                                             proof.round, AuthoritySetId(n));
        for (const auto& voter : voters) {
            proof.commit.precommits.push_back(
                {proof.commit.target, voter.sign(payload), voter.public_key});
        }
        sample.headers.push_back(std::move(header));
        sample.justifications.push_back(std::move(proof));
        voters = next;
    }
    return sample;
}

/// Items are justifications of 1000 signatures each.
void walk(benchmark::State& state) {
    const auto sample = make_proof(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        WarpWalk walk(sample.genesis, BlockHash({1}));
        for (std::size_t n = 0; n < kFragments; ++n) {
            CHECK(walk.add(sample.headers[n], sample.justifications[n], false));
        }
        CHECK(walk.finish());
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kFragments));
}
// Voters that change from set to set: none, some as on the networks, all.
BENCHMARK(walk)
    ->Name("grandpa/warp_justifications")
    ->Arg(0)
    ->Arg(10)
    ->Arg(1000)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace stipple::grandpa

BENCHMARK_MAIN();
