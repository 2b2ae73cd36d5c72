#include "base/prng.hpp"
#include "crypto/ecdsa.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/hash.hpp"
#include "crypto/sr25519.hpp"

#include <benchmark/benchmark.h>

namespace stipple::crypto {

namespace {

Secret<32> seed_of(std::uint64_t number) {
    return Secret<32>(blake2b_256(Prng(Seed{number}).bytes(32)).bytes);
}

/// GRANDPA-sized messages, each signed by another key.
std::vector<Ed25519Claim> votes(std::size_t count, std::vector<Bytes>& messages) {
    Prng prng(Seed{2});
    messages.clear();
    for (std::size_t i = 0; i < count; ++i) {
        messages.push_back(prng.bytes(53));
    }
    std::vector<Ed25519Claim> claims;
    for (std::size_t i = 0; i < count; ++i) {
        const auto pair = Ed25519Keypair::from_seed(seed_of(i));
        claims.push_back({pair.sign(messages[i]), pair.public_key, messages[i]});
    }
    return claims;
}

void ed25519_one_by_one(benchmark::State& state) {
    std::vector<Bytes> messages;
    const auto claims = votes(static_cast<std::size_t>(state.range(0)), messages);
    for (auto _ : state) {
        for (const auto& claim : claims) {
            benchmark::DoNotOptimize(
                ed25519_verify(claim.signature, claim.message, claim.public_key));
        }
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(ed25519_one_by_one)->Arg(1000)->Unit(benchmark::kMillisecond);

void ed25519_batch(benchmark::State& state) {
    std::vector<Bytes> messages;
    const auto claims = votes(static_cast<std::size_t>(state.range(0)), messages);
    for (auto _ : state) {
        benchmark::DoNotOptimize(ed25519_verify_batch(claims));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(ed25519_batch)->Arg(8)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);

void sr25519_one(benchmark::State& state) {
    const auto pair = Sr25519Keypair::from_seed(seed_of(1));
    const Bytes message(100, 1);
    const auto signature = pair.sign(message);
    for (auto _ : state) {
        benchmark::DoNotOptimize(sr25519_verify(signature, message, pair.public_key));
    }
}
BENCHMARK(sr25519_one);

void sr25519_signing(benchmark::State& state) {
    const auto pair = Sr25519Keypair::from_seed(seed_of(1));
    const Bytes message(100, 1);
    for (auto _ : state) {
        benchmark::DoNotOptimize(pair.sign(message));
    }
}
BENCHMARK(sr25519_signing);

void sr25519_batch(benchmark::State& state) {
    const Bytes message(100, 1);
    std::vector<Sr25519Claim> claims;
    for (std::int64_t i = 0; i < state.range(0); ++i) {
        const auto pair = Sr25519Keypair::from_seed(seed_of(static_cast<std::uint64_t>(i)));
        claims.push_back({pair.sign(message), pair.public_key, message});
    }
    for (auto _ : state) {
        benchmark::DoNotOptimize(sr25519_verify_batch(claims));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(sr25519_batch)->Arg(8)->Arg(100);

void babe_vrf_verify(benchmark::State& state) {
    const auto pair = Sr25519Keypair::from_seed(seed_of(1));
    VrfTranscript transcript{.label = "BABE", .items = {}};
    transcript.append_u64("slot number", 5);
    const auto signature = pair.vrf_sign(transcript);
    for (auto _ : state) {
        benchmark::DoNotOptimize(vrf_verify(transcript, signature, pair.public_key));
    }
}
BENCHMARK(babe_vrf_verify);

void ecdsa_one(benchmark::State& state) {
    const auto pair = EcdsaKeypair::from_seed(seed_of(1));
    const Bytes message(100, 1);
    const auto signature = pair->sign(message);
    for (auto _ : state) {
        benchmark::DoNotOptimize(ecdsa_verify(signature, message, pair->public_key));
    }
}
BENCHMARK(ecdsa_one);

}  // namespace

}  // namespace stipple::crypto

BENCHMARK_MAIN();
