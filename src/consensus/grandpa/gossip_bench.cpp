// A round among 1000 voters as one of its nodes has it: every vote decoded, verified, counted and
// passed on, each coming from several peers. One iteration is one round on one core; a round lasts
// five seconds at the least, so 20 % of a core are 1000 ms.
#include "base/memory_store.hpp"
#include "consensus/grandpa/voter.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>

namespace stipple::grandpa {
namespace {

constexpr std::size_t kVoters = 1000;
/// Each vote reaches us this often: every node passes it to four peers first.
constexpr std::size_t kTimesEach = 4;

struct Letter {
    PeerKey from;
    Bytes wire;
};

struct RoundOfLetters {
    AuthorityList authorities;
    std::vector<Letter> letters;
};

BlockRef block(BlockNumber number) {
    return {BlockHash({static_cast<std::uint8_t>(number), 1}), number};
}

// Half of the voters are a block behind the others.
RoundOfLetters make_round(std::size_t peers) {
    RoundOfLetters round;
    Prng prng(Seed{1});
    for (const VoteKind kind : {VoteKind::prevote, VoteKind::precommit}) {
        std::vector<Letter> phase;
        for (std::size_t i = 0; i < kVoters; ++i) {
            crypto::Secret<32> seed;
            seed.writable()[0] = static_cast<std::uint8_t>(i);
            seed.writable()[1] = static_cast<std::uint8_t>(i >> 8);
            const auto pair = crypto::Ed25519Keypair::from_seed(seed);
            if (kind == VoteKind::prevote) {
                round.authorities.push_back({pair.public_key, 1});
            }
            const Vote vote{kind, block(i % 2 == 0 ? 8 : 7)};
            const GossipMessage message = VoteMessage{
                RoundNumber(1),
                AuthoritySetId(0),
                {vote, pair.sign(signed_payload(vote, RoundNumber(1), AuthoritySetId(0))),
                 pair.public_key}};
            for (std::size_t time = 0; time < kTimesEach; ++time) {
                phase.push_back({PeerKey(prng.below(peers)), scale::encode(message)});
            }
        }
        for (std::size_t i = phase.size(); i > 1; --i) {
            std::swap(phase[i - 1], phase[prng.below(i)]);
        }
        round.letters.insert(round.letters.end(), phase.begin(), phase.end());
    }
    return round;
}

// Jobs are answered after a burst of letters, as by a worker that has other work, too.
void answer_jobs(Voter& voter, Instant now, VoterEffects& effects) {
    for (std::size_t at = 0; at < effects.size(); ++at) {
        if (const auto* verify = std::get_if<VerifyClaims>(&effects[at])) {
            const VerifyClaims job = *verify;
            VoterEffects more;
            voter.on_job_done(now, job.job, verify_claims(job.claims), more);
            effects.insert(effects.end(), more.begin(), more.end());
        }
    }
}

void one_round(benchmark::State& state) {
    const auto peers = static_cast<std::size_t>(state.range(0));
    const auto round = make_round(peers);
    const auto voters = *VoterSet::create(round.authorities);
    constexpr std::size_t kBurst = 100;
    for (auto _ : state) {
        Voter voter({}, AuthoritySetId(0), voters, block(0), Seed{3});
        const MemoryStore store;
        VoterEffects effects;
        Instant now;
        for (BlockNumber n = 1; n <= 10; ++n) {
            voter.on_block_imported(now, block(n), block(n - 1).hash, effects);
        }
        CHECK(voter.start(now, store, effects).has_value());
        for (std::size_t peer = 0; peer < peers; ++peer) {
            voter.on_peer_connected(now, PeerKey(peer), PeerRole::authority, effects);
            voter.on_message(now, PeerKey(peer),
                             NeighborMessage{RoundNumber(1), AuthoritySetId(0), 0}, effects);
        }
        std::size_t sent = 0;
        for (std::size_t i = 0; i < round.letters.size(); ++i) {
            const auto message = decode_gossip(round.letters[i].wire);
            CHECK(message.has_value());
            voter.on_message(now, round.letters[i].from, *message, effects);
            if (i % kBurst == kBurst - 1 || i + 1 == round.letters.size()) {
                answer_jobs(voter, now, effects);
                for (const VoterEffect& effect : effects) {
                    if (const auto* send = std::get_if<SendMessage>(&effect)) {
                        benchmark::DoNotOptimize(scale::encode(send->message));
                        sent += send->to.size();
                    }
                }
                effects.clear();
                now = now + std::chrono::milliseconds(20);
            }
        }
        CHECK(voter.finalized() == block(7));
        state.counters["messages_sent"] = static_cast<double>(sent);
    }
    state.counters["core_of_5s"] =
        benchmark::Counter(5.0 * static_cast<double>(state.iterations()),
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(one_round)
    ->Name("grandpa/gossip_of_a_round_of_1000_voters/peers")
    ->Arg(50)
    ->Arg(1000)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace stipple::grandpa

BENCHMARK_MAIN();
