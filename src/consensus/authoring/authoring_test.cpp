// A chain of our own on a real runtime: claimed, built, sealed, verified, executed, finalised.
#include "base/memory_store.hpp"
#include "chain/import/chain.hpp"
#include "consensus/authoring/block_builder.hpp"
#include "consensus/authoring/inherents.hpp"
#include "consensus/babe/epoch_tree.hpp"
#include "consensus/babe/slot_claim.hpp"
#include "consensus/grandpa/authority_set.hpp"
#include "consensus/grandpa/justification.hpp"
#include "consensus/grandpa/voter.hpp"
#include "crypto/suri.hpp"
#include "tests/support/shared_data.hpp"

#include <gtest/gtest.h>

namespace stipple::authoring {
namespace {

constexpr std::uint32_t kBlocks = 30;

// One validator, Alice, with everything a node wires around her.
class DevelopmentChain {
 public:
    explicit DevelopmentChain(const std::filesystem::path& spec_path) {
        auto spec = chain::load_chain_spec(spec_path.string());
        CHECK(spec.has_value());
        spec_ = *std::move(spec);
        auto made = executor::Executor::create(
            {.cache_dir = std::filesystem::temp_directory_path() / "stipple-test-code-cache"});
        CHECK(made.has_value());
        executor_ = *std::move(made);
        auto opened = chain::Chain::open(store_, spec_, *executor_, {});
        EXPECT_TRUE(opened) << opened.error().message();
        chain_ = *std::move(opened);
    }

    Bytes call(const BlockHash& at, std::string_view method) {
        const auto reader = *chain_->state(at);
        const auto runtime = *chain_->runtime(at);
        state::Overlay overlay(*reader);
        return *runtime->call(method, {}, overlay, {});
    }

    // Ours, claimed over the best block; absent when the slot is not ours.
    std::optional<BuiltBlock> build(const babe::EpochTree& tree, Slot slot,
                                    const crypto::Sr25519Keypair& alice) {
        const BlockRef parent = chain_->heads().best;
        const auto context = tree.context(parent.hash, slot);
        babe::ClaimKeys keys;
        keys.keys = {alice.public_key};
        keys.vrf_in_out = [&](const auto&, const auto& t) { return alice.vrf_in_out(t); };
        keys.vrf_sign = [&](const auto&, const auto& t) { return alice.vrf_sign(t); };
        const auto claim = babe::claim_slot(context->epoch, slot, keys);
        if (!claim) {
            return std::nullopt;
        }
        const auto reader = *chain_->state(parent.hash);
        const auto runtime = *chain_->runtime(parent.hash);
        const executor::CallContext call_context;
        auto builder = BlockBuilder::begin(parent, {babe::pre_digest_item(claim->pre_digest)},
                                           *reader, *runtime, call_context);
        EXPECT_TRUE(builder) << builder.error().message;
        const auto parent_header = **chain_->header(parent.hash);
        const auto now = babe::start_of_slot(slot, tree.config().slot_duration_ms);
        const auto applied =
            builder->apply_inherents(inherent_data({now, slot, parent_header, 0, {}}));
        EXPECT_TRUE(applied) << applied.error().message;
        // Rubbish is refused and leaves no trace.
        FillPolicy policy(Instant{}, Instant{} + std::chrono::seconds(4));
        EXPECT_NE(policy.offer(Instant{}, *builder, Extrinsic{{1, 2, 3}}), Applied::included);
        auto built = std::move(*builder).finish();
        EXPECT_TRUE(built) << built.error().message;
        built->header.digest.push_back(babe::seal_item(alice.sign(built->header.hash())));
        return *std::move(built);
    }

    MemoryStore store_;
    chain::ChainSpec spec_;
    std::unique_ptr<executor::Executor> executor_;
    std::unique_ptr<chain::Chain> chain_;
};

// Does what the voter asks, the node's way.
void handle(grandpa::Voter& voter, grandpa::AuthoritySet& set, DevelopmentChain& dev,
            const crypto::Ed25519Keypair& key, Instant now, grandpa::VoterEffects& effects) {
    for (std::size_t i = 0; i < effects.size(); ++i) {
        const grandpa::VoterEffect effect = effects[i];
        if (const auto* sign = std::get_if<grandpa::SignVote>(&effect)) {
            voter.on_signed(
                now, {sign->vote, key.sign(sign->payload()), sign->key, sign->round, sign->set},
                effects);
        } else if (const auto* final_block = std::get_if<grandpa::Finalize>(&effect)) {
            const auto proof = grandpa::build_justification(
                final_block->round, final_block->commit, [&](const BlockHash& hash) {
                    return dev.chain_->header(hash).value_or(std::nullopt);
                });
            ASSERT_TRUE(proof);
            const auto voters = grandpa::VoterSet::create(set.authorities());
            ASSERT_TRUE(
                grandpa::verify_justification(*proof, set.id(), *voters, final_block->block));
            ASSERT_TRUE(dev.chain_->finalize(final_block->block.hash,
                                             Justification{kGrandpaEngine, scale::encode(*proof)}));
            const auto changed = set.on_finalized(final_block->block, voter.tree());
            if (changed.set_changed) {
                voter.on_new_set(now, set.id(), *grandpa::VoterSet::create(set.authorities()),
                                 final_block->block, effects);
            } else {
                voter.on_finalized(now, final_block->block, effects);
            }
        }
    }
    effects.clear();
}

TEST(Authoring, of_thirty_blocks_verifies_executes_and_is_finalised) {
    STIPPLE_SHARED_DATA_OR_SKIP(spec, "chain-specs/rococo-dev-1.14.json");
    DevelopmentChain dev(spec);
    const auto alice = *crypto::sr25519_from_suri("//Alice");
    const auto alice_grandpa = *crypto::ed25519_from_suri("//Alice");
    const BlockRef genesis = dev.chain_->heads().best;

    const auto config =
        babe::decode_configuration(dev.call(genesis.hash, "BabeApi_configuration"), 2);
    ASSERT_TRUE(config);
    babe::EpochTree tree(*config, genesis.hash);
    auto set = grandpa::AuthoritySet::genesis(*scale::decode<grandpa::AuthorityList>(
        dev.call(genesis.hash, "GrandpaApi_grandpa_authorities")));
    ASSERT_TRUE(set);
    grandpa::Voter voter({.keys = {alice_grandpa.public_key}}, set->id(),
                         *grandpa::VoterSet::create(set->authorities()), genesis, Seed{1});
    grandpa::VoterEffects effects;
    Instant now;
    ASSERT_TRUE(voter.start(now, dev.store_, effects));

    Slot slot = babe::slot_at(UnixMillis{1'760'000'000'000}, config->slot_duration_ms);
    std::uint32_t authored = 0;
    std::uint32_t primaries = 0;
    for (; authored < kBlocks; ++slot) {
        auto built = dev.build(tree, slot, alice);
        now = now + std::chrono::milliseconds(config->slot_duration_ms);
        ASSERT_TRUE(built) << "a lone authority owns every slot";
        ++authored;
        // Our own verifier takes it.
        const Header& header = built->header;
        const auto verified = babe::verify_header(header, *tree.context(header), slot);
        ASSERT_TRUE(verified) << babe::describe(verified.error());
        primaries += verified->primary() ? 1u : 0u;
        EXPECT_EQ(verified->weight(), primaries);
        // Executing it anew gives the same state.
        const auto reader = *dev.chain_->state(header.parent_hash);
        const auto again = chain::execute_block({header, built->body}, *reader,
                                                **dev.chain_->runtime(header.parent_hash), nullptr);
        ASSERT_TRUE(again) << again.error().message;
        EXPECT_EQ(again->root, built->difference->root);

        chain::BlockToImport block;
        block.block = {header, built->body};
        block.weight = verified->weight();
        block.consensus_rows = *tree.insert(*verified);
        block.known_difference = built->difference;
        const auto changes = set->on_block_imported(header.ref(), header, voter.tree());
        ASSERT_TRUE(changes);
        const auto imported = dev.chain_->import_block(block);
        ASSERT_TRUE(imported) << imported.error().message;
        EXPECT_TRUE(imported->is_new_best);

        voter.on_block_imported(now, header.ref(), header.parent_hash, effects);
        voter.on_best_block(now, header.ref(), set->vote_limit(header.ref(), voter.tree()),
                            effects);
        handle(voter, *set, dev, alice_grandpa, now, effects);
        for (int turn = 0; turn < 100 && voter.wake_at() && *voter.wake_at() <= now; ++turn) {
            voter.on_wake(now, effects);
            handle(voter, *set, dev, alice_grandpa, now, effects);
        }
    }
    EXPECT_GT(primaries, 0u);
    EXPECT_LT(primaries, kBlocks);  // secondary slots fill the rest
    EXPECT_EQ(dev.chain_->heads().best.number, kBlocks);
    EXPECT_GE(dev.chain_->heads().finalized.number, kBlocks - 6);
    EXPECT_GT(set->id(), AuthoritySetId(0));  // epochs of ten slots: sessions ended on the way
}

}  // namespace
}  // namespace stipple::authoring
