// Encrypted frames per second, whole handshakes per second.
#include "base/prng.hpp"
#include "libp2p/noise/handshake.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace stipple;
using namespace stipple::libp2p::noise;

crypto::Secret<32> secret_of(std::uint64_t seed) {
    crypto::Secret<32> secret;
    const Bytes raw = Prng(Seed{seed}).bytes(32);
    std::copy(raw.begin(), raw.end(), secret.writable().begin());
    return secret;
}
Transport transport(bool mirrored) {
    return Transport({.send = secret_of(mirrored ? 2 : 1), .receive = secret_of(mirrored ? 1 : 2)});
}
libp2p::ByteExchange stream_of(ByteView unread, Bytes& output) {
    return {.now = {},
            .unread = unread,
            .input_ended = false,
            .output = &output,
            .allowance = std::size_t{1} << 30,
            .output_ended = false,
            .wake_at = {}};
}

void seal(benchmark::State& state) {
    Transport from = transport(false);
    const Bytes plaintext(static_cast<std::size_t>(state.range(0)), 7);
    Bytes wire;
    for (auto _ : state) {
        wire.clear();
        auto stream = stream_of({}, wire);
        benchmark::DoNotOptimize(from.seal(plaintext, stream));
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(seal)->Arg(64)->Arg(1 << 10)->Arg(1 << 14)->Arg(1 << 20);

void seal_in_place(benchmark::State& state) {
    Transport from = transport(false);
    const Bytes plaintext(static_cast<std::size_t>(state.range(0)), 7);
    Bytes wire;
    for (auto _ : state) {
        wire.clear();
        auto stream = stream_of({}, wire);
        auto frame = from.begin_frame(stream);
        frame.inner.put(plaintext);
        benchmark::DoNotOptimize(from.end_frame(stream, frame));
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(seal_in_place)->Arg(1 << 10)->Arg(60'000);

void seal_and_open(benchmark::State& state) {
    Transport from = transport(false);
    Transport to = transport(true);
    const auto size = static_cast<std::size_t>(state.range(0));
    const Bytes plaintext(size, 7);
    Bytes wire;
    Bytes opened;
    for (auto _ : state) {
        wire.clear();
        opened.clear();
        auto stream = stream_of({}, wire);
        benchmark::DoNotOptimize(from.seal(plaintext, stream));
        stream.unread = wire;
        benchmark::DoNotOptimize(to.open(stream, opened, size));
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(seal_and_open)->Arg(64)->Arg(1 << 10)->Arg(1 << 14)->Arg(1 << 20);

/// Both sides, the identities' signatures checked.
void handshake(benchmark::State& state) {
    const LocalIdentity one(crypto::Ed25519Keypair::from_seed(secret_of(1)), secret_of(2));
    const LocalIdentity other(crypto::Ed25519Keypair::from_seed(secret_of(3)), secret_of(4));
    for (auto _ : state) {
        Handshake dialer(
            one, {.role = Role::dialer, .ephemeral = secret_of(5), .expected_peer = other.peer()});
        Handshake listener(
            other, {.role = Role::listener, .ephemeral = secret_of(6), .expected_peer = {}});
        Bytes up;
        Bytes down;
        auto a = stream_of({}, up);
        auto b = stream_of({}, down);
        dialer.exchange(a);
        b.unread = up;
        listener.exchange(b);
        Bytes last;
        a.output = &last;
        a.unread = down;
        const auto dialed = dialer.exchange(a);
        b.unread = last;
        const auto listened = listener.exchange(b);
        if (!std::holds_alternative<Established>(dialed) ||
            !std::holds_alternative<Established>(listened)) {
            state.SkipWithError("no handshake");
        }
    }
}
BENCHMARK(handshake);

}  // namespace

BENCHMARK_MAIN();
