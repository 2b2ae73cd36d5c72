// Reports of misbehaviour: //Alice, the only validator, has done all of it, with every nominator
// that a validator can have behind her. Signatures in the proofs are verified here.
#include "crypto/ecdsa.hpp"
#include "crypto/hash.hpp"
#include "crypto/suri.hpp"
#include "pallets/babe/babe.hpp"
#include "pallets/beefy/beefy.hpp"
#include "pallets/grandpa/grandpa.hpp"
#include "pallets/offences/historical.hpp"
#include "pallets/staking/staking.hpp"
#include "tests/runtime/bench_chain.hpp"
#include "tests/runtime/weight_cases.hpp"

namespace stipple::bench {

using runtime::AccountId;
using runtime::Babe;
using runtime::Beefy;
using runtime::Grandpa;
using runtime::Hash;
using runtime::RuntimeCall;
using runtime::Staking;

namespace {
constexpr std::uint64_t kSet = 0;

struct Keys {
    AccountId stash{crypto::sr25519_from_suri("//Alice//stash")->public_key.bytes};
    crypto::Sr25519Keypair babe = *crypto::sr25519_from_suri("//Alice");
    crypto::Ed25519Keypair grandpa = *crypto::ed25519_from_suri("//Alice");
    crypto::EcdsaKeypair beefy = *crypto::ecdsa_from_suri("//Alice");
};
const Keys& keys() {
    static const Keys all;
    return all;
}

/// That she was the only validator of the first session.
runtime::MembershipProof owner() {
    runtime::SessionKeys of_alice;
    of_alice.grandpa = keys().grandpa.public_key;
    of_alice.babe = of_alice.para_validator = of_alice.para_assignment =
        of_alice.authority_discovery = keys().babe.public_key;
    of_alice.beefy = keys().beefy.public_key;
    const runtime::ValidatorKeys validators{{keys().stash, of_alice}};
    return {0, {scale::encode(validators)}, 1};
}

/// All who can be behind her, and so late that they are slashed at once.
Sent put_nominators(std::uint32_t) {
    Items items = most_nominators(keys().stash, 0);
    constexpr runtime::EraIndex kLater = runtime::config::kSlashDeferDuration + 1;
    items.emplace_back(to_bytes(Staking::active_era.key()),
                       scale::encode(runtime::ActiveEraInfo{kLater, std::nullopt}));
    return put(items);
}

// ---- BABE ----

runtime::BabeEquivocationProof two_blocks() {
    const Slot slot(BenchChain::kFirstSlot + 1);
    const auto sealed = [&](std::uint8_t salt) {
        Header header;
        header.number = 7;
        header.parent_hash.bytes.fill(salt);
        header.digest = {babe::pre_digest_item(babe::SecondaryPlainPreDigest{0, slot})};
        const auto hash = crypto::blake2b_256(scale::encode(header));
        header.digest.push_back(babe::seal_item(keys().babe.sign(hash.view())));
        return header;
    };
    return {keys().babe.public_key, slot, sealed(1), sealed(2)};
}

// ---- GRANDPA ----

runtime::GrandpaEquivocationProof two_votes() {
    constexpr std::uint64_t kRound = 3;
    const auto vote = [&](std::uint8_t salt) {
        runtime::GrandpaTarget target{{}, 9};
        target.target_hash.bytes.fill(salt);
        const grandpa::Vote plain{grandpa::VoteKind::precommit,
                                  {BlockHash(target.target_hash.bytes), 9}};
        return runtime::GrandpaSignedVote{
            target, keys().grandpa.sign(
                        grandpa::signed_payload(plain, RoundNumber(kRound), AuthoritySetId(kSet)))};
    };
    runtime::GrandpaEquivocationProof proof;
    proof.set_id = kSet;
    proof.equivocation.value.emplace<1>(
        runtime::GrandpaVotePair{kRound, keys().grandpa.public_key, vote(1), vote(2)});
    return proof;
}

// ---- BEEFY ----

runtime::BeefyVote beefy_vote(BlockNumber number, std::uint8_t root) {
    runtime::BeefyVote made{
        {{{{{'m', 'h'}, Bytes(32, root)}}}, number, kSet}, keys().beefy.public_key, {}};
    const auto digest = crypto::keccak_256(scale::encode(made.commitment));
    made.signature = keys().beefy.sign_prehashed(digest);
    return made;
}
Header& prepared_header() {
    static Header header;
    return header;
}
/// The range has one leaf, which is its peak and its root.
runtime::BeefyForkVotingProof forked() {
    runtime::BeefyForkVotingProof proof;
    proof.offending = beefy_vote(1, 9);
    proof.header = prepared_header();
    proof.ancestry_proof = {{}, 1, 1, {}};
    for (const DigestItem& item : proof.header.digest) {
        const auto* log = std::get_if<ConsensusDigest>(&item);
        if (log != nullptr && log->engine == kBeefyEngine && log->data.size() == 33) {
            proof.ancestry_proof.prev_peaks = {Hash::copy(ByteView(log->data).subspan(1))};
        }
    }
    return proof;
}

Sent reported(std::uint8_t pallet, std::uint8_t call, const auto& proof) {
    return by_alice(RuntimeCall::make(pallet, call, proof, owner()));
}
Sent noted(std::uint8_t pallet, std::uint8_t call, const auto& proof) {
    return {std::nullopt, RuntimeCall::make(pallet, call, proof, owner())};
}
constexpr BlockNumber kToCome = 1000;

constexpr WeightCase kReports[] = {
    {"Babe.report_equivocation",
     1,
     [](std::uint32_t) { return reported(Babe::index(), 0, two_blocks()); },
     {put_nominators},
     true},
    {"Babe.report_equivocation_unsigned",
     1,
     [](std::uint32_t) { return noted(Babe::index(), 1, two_blocks()); },
     {put_nominators},
     true},
    {"Sudo.sudo(Babe.plan_config_change)", 20,
     [](std::uint32_t) {
         return by_sudo(RuntimeCall::make(Babe::index(), 2, runtime::NextConfigDescriptor{}));
     }},
    {"Grandpa.report_equivocation",
     1,
     [](std::uint32_t) { return reported(Grandpa::index(), 0, two_votes()); },
     {put_nominators},
     true},
    {"Grandpa.report_equivocation_unsigned",
     1,
     [](std::uint32_t) { return noted(Grandpa::index(), 1, two_votes()); },
     {put_nominators},
     true},
    {"Sudo.sudo(Grandpa.note_stalled)", 20,
     [](std::uint32_t) {
         return by_sudo(RuntimeCall::make(Grandpa::index(), 2, BlockNumber{5}, BlockNumber{1}));
     }},
    {"Beefy.report_double_voting",
     1,
     [](std::uint32_t) {
         return reported(Beefy::index(), 0,
                         runtime::BeefyDoubleVotingProof{beefy_vote(1, 1), beefy_vote(1, 2)});
     },
     {put_nominators},
     true},
    {"Beefy.report_double_voting_unsigned",
     1,
     [](std::uint32_t) {
         return noted(Beefy::index(), 1,
                      runtime::BeefyDoubleVotingProof{beefy_vote(1, 1), beefy_vote(1, 2)});
     },
     {put_nominators},
     true},
    {"Sudo.sudo(Beefy.set_new_genesis)", 20,
     [](std::uint32_t) { return by_sudo(RuntimeCall::make(Beefy::index(), 2, BlockNumber{5})); }},
    {"Beefy.report_fork_voting",
     1,
     [](std::uint32_t) { return reported(Beefy::index(), 3, forked()); },
     {put_nominators},
     true},
    {"Beefy.report_fork_voting_unsigned",
     1,
     [](std::uint32_t) { return noted(Beefy::index(), 4, forked()); },
     {put_nominators},
     true},
    {"Beefy.report_future_block_voting",
     1,
     [](std::uint32_t) {
         return reported(Beefy::index(), 5,
                         runtime::BeefyFutureVotingProof{beefy_vote(kToCome, 1)});
     },
     {put_nominators},
     true},
    {"Beefy.report_future_block_voting_unsigned",
     1,
     [](std::uint32_t) {
         return noted(Beefy::index(), 6, runtime::BeefyFutureVotingProof{beefy_vote(kToCome, 1)});
     },
     {put_nominators},
     true},
};
}  // namespace

std::span<const WeightCase> report_weight_cases() {
    return kReports;
}
void note_prepared(const Header& header) {
    prepared_header() = header;
}

}  // namespace stipple::bench
