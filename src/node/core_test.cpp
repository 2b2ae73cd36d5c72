#include "node/core.hpp"

#include "base/memory_store.hpp"
#include "chain/pool/pool_world.hpp"
#include "consensus/grandpa/voter_world.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace stipple::node {
namespace {

namespace pool = chain::pool;
using namespace std::chrono_literals;
using grandpa::testing::voter_id;
using grandpa::testing::voter_list;

constexpr std::uint64_t kSlot = 6000;

/// A core with a toy chain below it; time moves both clocks alike.
struct Script {
    explicit Script(CoreConfig config = {}) : core(config, heads(), set(0), {}, Seed{7}) {
        CHECK(core.start(now, wall, store, {}, std::nullopt, effects).has_value());
    }
    static chain::Heads heads() {
        return {pool::World::genesis(), pool::World::genesis(), pool::World::genesis().hash};
    }
    static SetView set(std::uint64_t id) {
        return {AuthoritySetId(id), voter_list(1), {voter_id(0)}};
    }

    void send(Event event) { core.handle(now, wall, std::move(event), effects); }
    void pass(std::chrono::milliseconds span) {
        now = now + span;
        wall.value += static_cast<std::uint64_t>(span.count());
        send(Woken{});
    }
    /// Takes the effects of this type out of those so far, and keeps the others.
    template <class What>
    std::vector<What> take() {
        std::vector<What> found;
        EffectList rest;
        for (Effect& effect : effects) {
            if (auto* what = std::get_if<What>(&effect)) {
                found.push_back(std::move(*what));
            } else {
                rest.push_back(std::move(effect));
            }
        }
        effects = std::move(rest);
        return found;
    }
    void submit(pool::RequestId request, const Extrinsic& extrinsic, bool watch = true) {
        send(TransactionSubmitted{request, extrinsic, watch, pool::Source::external});
    }
    void answer_validations() {
        for (const auto& job : take<pool::Validate>()) {
            send(TransactionValidated{job.job, world.validate(job)});
        }
    }
    /// A block on the best one, as the chain thread would tell of it.
    BlockRef import(const Body& body, std::vector<ExtrinsicHash> refused = {},
                    bool set_changed = false) {
        const BlockRef parent = best;
        best = world.make_block(parent, body).value();
        BlockImported event;
        event.imported.header.parent_hash = parent.hash;
        event.imported.header.number = best.number;
        event.imported.import = {.block = best,
                                 .is_new_best = true,
                                 .retracted = {},
                                 .enacted = {best},
                                 .runtime_changed = false};
        event.imported.set_changed = set_changed;
        event.own = true;
        event.refused = std::move(refused);
        event.pool_change = world.change(parent, best);
        event.best = best;
        event.set = set(set_changed ? 1 : 0);
        send(std::move(event));
        return best;
    }
    void sign_votes() {
        for (const auto& vote : take<grandpa::SignVote>()) {
            send(VoteSigned{{vote.vote, {}, vote.key, vote.round, vote.set}});
        }
    }

    Instant now{1000s};
    UnixMillis wall{1'000 * kSlot + 100};
    MemoryStore store;
    pool::World world;
    BlockRef best = pool::World::genesis();
    EffectList effects;
    Core core;
};

CoreConfig author() {
    CoreConfig config;
    config.author = true;
    config.vote = false;
    return config;
}
CoreConfig lone_voter() {
    return {};
}
CoreConfig pool_only() {
    CoreConfig config;
    config.vote = false;
    return config;
}

TEST(Core, claims_no_slot_that_had_begun_when_it_started) {
    Script script(author());
    EXPECT_TRUE(script.take<AuthorSlot>().empty());
    script.pass(5899ms);
    EXPECT_TRUE(script.take<AuthorSlot>().empty());
    script.pass(1ms);
    const auto claimed = script.take<AuthorSlot>();
    ASSERT_EQ(claimed.size(), 1u);
    EXPECT_EQ(claimed[0].slot, Slot(1001));
    EXPECT_EQ(claimed[0].deadline, script.now + 4000ms);
}

TEST(Core, claims_each_slot_once_and_waits_for_the_one_being_worked_on) {
    Script script(author());
    script.pass(5900ms);
    ASSERT_EQ(script.take<AuthorSlot>().size(), 1u);
    script.send(SlotPassed{Slot(1001), "", {}});
    script.pass(100ms);
    EXPECT_TRUE(script.take<AuthorSlot>().empty());  // the same slot
    script.pass(5900ms);
    ASSERT_EQ(script.take<AuthorSlot>().size(), 1u);
    script.pass(6000ms);
    EXPECT_TRUE(script.take<AuthorSlot>().empty());  // 1002 is still worked on
    script.send(SlotPassed{Slot(1002), "", {}});
    const auto next = script.take<AuthorSlot>();
    ASSERT_EQ(next.size(), 1u);
    EXPECT_EQ(next[0].slot, Slot(1003));
}

TEST(Core, does_not_claim_a_slot_again_when_the_wall_clock_goes_back) {
    Script script(author());
    script.pass(5900ms);
    ASSERT_EQ(script.take<AuthorSlot>().size(), 1u);
    script.send(SlotPassed{Slot(1001), "", {}});
    script.wall.value -= 2 * kSlot;
    script.pass(6000ms);
    EXPECT_TRUE(script.take<AuthorSlot>().empty());
    EXPECT_EQ(script.core.last_slot(), Slot(1001));
}

TEST(Core, wakes_at_the_next_slot_when_nothing_is_due_earlier) {
    Script script(author());
    ASSERT_TRUE(script.core.wake_at());
    EXPECT_EQ(*script.core.wake_at(), script.now + 5900ms);
    Script voter(lone_voter());
    ASSERT_TRUE(voter.core.wake_at());
    EXPECT_EQ(voter.core.wake_at(), voter.core.voter()->wake_at());
    CoreConfig both = lone_voter();
    both.author = true;
    Script script_of_both(both);
    script_of_both.import({});
    EXPECT_EQ(*script_of_both.core.wake_at(),
              std::min(script_of_both.now + 5900ms, *script_of_both.core.voter()->wake_at()));
}

CoreConfig developer(SealingFlags::Mode mode) {
    CoreConfig config = author();
    config.sealing.mode = mode;
    return config;
}

TEST(Core, seals_at_once_what_became_ready_and_nothing_without) {
    Script script(developer(SealingFlags::Mode::instant));
    script.pass(60s);
    EXPECT_TRUE(script.take<AuthorSlot>().empty());
    script.submit(1, pool::extrinsic_of({.account = 1}));
    script.answer_validations();
    auto sealing = script.take<AuthorSlot>();
    ASSERT_EQ(sealing.size(), 1u);
    ASSERT_TRUE(sealing[0].order);
    EXPECT_FALSE(sealing[0].order->create_empty);
    script.import({pool::extrinsic_of({.account = 1})});
    EXPECT_TRUE(script.take<AuthorSlot>().empty());
}

TEST(Core, seals_on_order_one_block_after_the_other) {
    Script script(developer(SealingFlags::Mode::manual));
    script.submit(1, pool::extrinsic_of({.account = 1}));
    script.answer_validations();
    EXPECT_TRUE(script.take<AuthorSlot>().empty());
    SealOrder order;
    order.finalize = true;
    script.send(SealRequested{order});
    script.send(SealRequested{});
    auto sealing = script.take<AuthorSlot>();
    ASSERT_EQ(sealing.size(), 1u);
    EXPECT_TRUE(sealing[0].order->finalize);
    script.import({});
    sealing = script.take<AuthorSlot>();
    ASSERT_EQ(sealing.size(), 1u);
    EXPECT_FALSE(sealing[0].order->finalize);
}

TEST(Core, seals_in_the_block_time_given) {
    CoreConfig config = author();
    config.sealing.block_time_ms = 500;
    Script script(config);
    EXPECT_EQ(script.core.wake_at(), script.now);
    script.pass(1ms);
    ASSERT_EQ(script.take<AuthorSlot>().size(), 1u);
    script.import({});
    script.pass(400ms);
    EXPECT_TRUE(script.take<AuthorSlot>().empty());
    script.pass(100ms);
    EXPECT_EQ(script.take<AuthorSlot>().size(), 1u);
}

TEST(Core, refuses_orders_for_blocks_where_it_does_not_author) {
    Script script(pool_only());
    std::optional<std::expected<BlockHash, std::string>> answer;
    SealOrder order;
    order.reply = [&](auto what) { answer = std::move(what); };
    script.send(SealRequested{order});
    ASSERT_TRUE(answer);
    EXPECT_FALSE(answer->has_value());
}

TEST(Core, answers_a_submission_after_the_runtime_has) {
    Script script(pool_only());
    const Extrinsic good = pool::extrinsic_of({.account = 1});
    script.submit(5, good);
    EXPECT_TRUE(script.take<pool::Submitted>().empty());
    script.answer_validations();
    const auto answers = script.take<pool::Submitted>();
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_EQ(answers[0].request, 5u);
    EXPECT_TRUE(answers[0].verdict.has_value());
    const auto statuses = script.take<pool::StatusChanged>();
    ASSERT_FALSE(statuses.empty());
    EXPECT_EQ(statuses[0].status.kind, pool::StatusKind::ready);
    EXPECT_TRUE(script.core.pool().find(good.hash()));

    script.submit(6, Extrinsic{{1, 2, 3}});
    script.answer_validations();
    const auto refusals = script.take<pool::Submitted>();
    ASSERT_EQ(refusals.size(), 1u);
    ASSERT_FALSE(refusals[0].verdict.has_value());
    EXPECT_EQ(refusals[0].verdict.error().kind, pool::PoolErrorKind::invalid);
}

TEST(Core, takes_what_a_block_holds_out_of_the_pool_and_announces_the_block) {
    Script script(pool_only());
    const Extrinsic extrinsic = pool::extrinsic_of({.account = 1});
    script.submit(1, extrinsic);
    script.answer_validations();
    script.effects.clear();
    const BlockRef block = script.import({extrinsic});
    EXPECT_FALSE(script.core.pool().find(extrinsic.hash()));
    const auto statuses = script.take<pool::StatusChanged>();
    ASSERT_EQ(statuses.size(), 1u);
    EXPECT_EQ(statuses[0].status.kind, pool::StatusKind::in_block);
    EXPECT_EQ(statuses[0].status.block, block.hash);
    const auto announced = script.take<AnnounceImport>();
    ASSERT_EQ(announced.size(), 1u);
    EXPECT_EQ(announced[0].outcome.block, block);
}

TEST(Core, drops_what_the_runtime_refused_while_a_block_was_built) {
    Script script(author());
    const Extrinsic first = pool::extrinsic_of({.account = 1});
    const Extrinsic second = pool::extrinsic_of({.account = 2});
    script.submit(1, first);
    script.submit(2, second);
    script.answer_validations();
    ASSERT_EQ(script.core.pool().counts().ready, 2u);
    script.send(SlotPassed{Slot(1001), "too late", {first.hash()}});
    EXPECT_FALSE(script.core.pool().find(first.hash()));
    script.import({}, {second.hash()});
    EXPECT_EQ(script.core.pool().counts().ready, 0u);
}

TEST(Core, finalizes_as_a_lone_voter_once_its_votes_are_signed) {
    Script script(lone_voter());
    for (int i = 0; i < 10; ++i) {
        script.import({});
    }
    std::vector<grandpa::Finalize> final_blocks;
    for (int i = 0; i < 100; ++i) {
        script.pass(500ms);
        ASSERT_TRUE(script.take<grandpa::Finalize>().empty()) << "before any vote was signed";
    }
    ASSERT_FALSE(script.effects.empty());
    for (int i = 0; i < 100 && final_blocks.empty(); ++i) {
        script.sign_votes();
        final_blocks = script.take<grandpa::Finalize>();
        script.pass(500ms);
    }
    ASSERT_FALSE(final_blocks.empty());
    EXPECT_GT(final_blocks[0].block.number, 0u);
    BlocksFinalized event;
    event.finalized.outcome.finalized = final_blocks[0].block;
    event.finalized.outcome.newly_finalized = {final_blocks[0].block};
    event.best = script.best;
    event.set = Script::set(0);
    script.send(std::move(event));
    const auto told = script.take<AnnounceFinality>();
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].outcome.finalized, final_blocks[0].block);
}

TEST(Core, enters_the_new_set_when_a_block_changed_it) {
    Script script(lone_voter());
    script.import({});
    EXPECT_EQ(script.core.voter()->set(), AuthoritySetId(0));
    script.import({}, {}, true);
    EXPECT_EQ(script.core.voter()->set(), AuthoritySetId(1));
}

TEST(Core, gives_operators_what_was_removed) {
    Script script(pool_only());
    const Extrinsic extrinsic = pool::extrinsic_of({.account = 1});
    script.submit(1, extrinsic);
    script.answer_validations();
    std::vector<ExtrinsicHash> gone;
    script.send(TransactionsToRemove{{extrinsic.hash(), ExtrinsicHash{}},
                                     [&gone](auto removed) { gone = std::move(removed); }});
    EXPECT_EQ(gone, std::vector{extrinsic.hash()});
}

TEST(Core, signs_nothing_before_its_wait_is_over) {
    CoreConfig config = lone_voter();
    config.author = true;
    config.signing_wait = 20s;
    Script script(config);
    script.import({});
    for (int i = 0; i < 19; ++i) {
        script.pass(1000ms);
        EXPECT_TRUE(script.take<AuthorSlot>().empty());
        EXPECT_TRUE(script.take<grandpa::SignVote>().empty());
    }
    ASSERT_LE(script.core.wake_at(), std::optional(script.now + 1s));
    script.pass(1000ms);
    EXPECT_EQ(script.take<grandpa::SignVote>().size(), 1u);
    script.pass(6000ms);
    EXPECT_EQ(script.take<AuthorSlot>().size(), 1u);
}

TEST(Core, asks_again_for_the_vote_that_was_signed_before_a_restart) {
    Script script(lone_voter());
    const BlockRef first = script.import({});
    script.pass(2000ms);
    const auto prevote = script.take<grandpa::SignVote>();
    ASSERT_EQ(prevote.size(), 1u);
    const auto& vote = prevote[0];
    script.send(VoteSignedBefore{{vote.key, vote.vote.kind, vote.round, vote.set, first}});
    const auto again = script.take<grandpa::SignVote>();
    ASSERT_EQ(again.size(), 1u);
    EXPECT_EQ(again[0].vote.target, first);
    EXPECT_EQ(again[0].round, vote.round);
}

std::string digest(const EffectList& effects) {
    std::string text;
    for (const Effect& effect : effects) {
        text += fmt::format("{};", effect.index());
        if (const auto* job = std::get_if<pool::Validate>(&effect)) {
            text += fmt::format("{}@{} ", job->job, job->at.number);
        } else if (const auto* status = std::get_if<pool::StatusChanged>(&effect)) {
            text += status->hash.hex() + fmt::format("{} ", static_cast<int>(status->status.kind));
        } else if (const auto* slot = std::get_if<AuthorSlot>(&effect)) {
            text += fmt::format("{} ", slot->slot.value);
        } else if (const auto* vote = std::get_if<grandpa::SignVote>(&effect)) {
            text += vote->vote.target.hash.hex() + fmt::format("{} ", vote->round.value);
        } else if (const auto* block = std::get_if<grandpa::Finalize>(&effect)) {
            text += block->block.hash.hex();
        }
    }
    return text;
}

std::string run_once() {
    CoreConfig config = lone_voter();
    config.author = true;
    Script script(config);
    std::string text;
    for (std::uint32_t i = 0; i < 60; ++i) {
        script.submit(i, pool::extrinsic_of({.account = i % 7, .nonce = i / 7}));
        script.answer_validations();
        if (i % 3 == 0) {
            script.import({});
        }
        script.pass(1500ms);
        text += digest(script.effects);
        script.sign_votes();
        text += digest(script.effects);
        script.effects.clear();
    }
    return text;
}

TEST(Core, gives_the_same_effects_for_the_same_events) {
    const std::string once = run_once();
    EXPECT_GT(once.size(), 1000u);
    EXPECT_EQ(once, run_once());
}

}  // namespace
}  // namespace stipple::node
