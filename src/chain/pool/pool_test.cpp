#include "chain/pool/pool.hpp"

#include "chain/pool/pool_world.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace stipple::chain::pool {
namespace {

using Lines = std::vector<std::string>;

/// Drives a pool over the toy chain. Answers jobs at once unless `hold` is set; collects what
/// happened as lines: "ok 1", "refused 1 1012", "ready 1", "inBlock 1", "announce 1".
struct Script {
    World world;
    BlockRef best = World::genesis();
    Instant now{};
    Pool pool;
    bool hold = false;
    std::vector<Validate> held;
    std::map<ExtrinsicHash, int> names;
    Lines lines;

    explicit Script(const PoolConfig& config = {}) : pool(config, World::genesis()) {}

    Extrinsic make(int name, const Claim& claim, std::size_t padding = 0) {
        Extrinsic extrinsic = extrinsic_of(claim, padding);
        names.emplace(extrinsic.hash(), name);
        return extrinsic;
    }
    Extrinsic submit(int name, const Claim& claim, std::size_t padding = 0) {
        Extrinsic extrinsic = make(name, claim, padding);
        PoolEffects effects;
        pool.submit(
            now, extrinsic,
            {.request = static_cast<RequestId>(name), .source = Source::local, .watch = true},
            effects);
        take(std::move(effects));
        return extrinsic;
    }
    /// Makes a block on `parent`, by default the best one, and lets it become the best.
    BlockRef block(const Body& body, std::optional<BlockRef> parent = {}) {
        const auto made = world.make_block(parent.value_or(best), body);
        EXPECT_TRUE(made);
        move_to(*made);
        return *made;
    }
    void move_to(const BlockRef& to) {
        PoolEffects effects;
        const BlockRef from = best;
        best = to;
        now = now + std::chrono::seconds(6);
        pool.on_new_best(now, world.change(from, to), effects);
        take(std::move(effects));
    }
    void finalize(const BlockRef& block) {
        PoolEffects effects;
        pool.on_finalized({block}, effects);
        take(std::move(effects));
    }
    void answer_held() {
        hold = false;
        for (const Validate& job : std::exchange(held, {})) {
            answer(job);
        }
    }
    void answer(const Validate& job) {
        PoolEffects effects;
        pool.on_validated(now, job.job, world.validate(job), effects);
        take(std::move(effects));
    }
    /// Lets the pool validate again until it wants no more.
    void wake() {
        while (const auto at = pool.wake_at()) {
            now = std::max(now, *at);
            PoolEffects effects;
            pool.on_wake(now, effects);
            take(std::move(effects));
        }
    }
    void take(PoolEffects effects) {
        std::vector<Validate> jobs;
        for (const PoolEffect& effect : effects) {
            if (const auto* job = std::get_if<Validate>(&effect)) {
                jobs.push_back(*job);
            } else if (const auto* done = std::get_if<Submitted>(&effect)) {
                lines.push_back(done->verdict ? fmt::format("ok {}", done->request)
                                              : fmt::format("refused {} {}", done->request,
                                                            rpc_error(done->verdict.error()).code));
            } else if (const auto* status = std::get_if<StatusChanged>(&effect)) {
                lines.push_back(
                    fmt::format("{} {}", status_name(status->status.kind), names.at(status->hash)));
            } else {
                const auto& announce = std::get<Announce>(effect);
                lines.push_back(fmt::format("announce {}", names.at(announce.transaction->hash)));
            }
        }
        EXPECT_EQ(pool.find_inconsistency(), "");
        for (const Validate& job : jobs) {
            hold ? held.push_back(job) : answer(job);
        }
    }
    void expect(const Lines& expected) {
        EXPECT_EQ(lines, expected);
        lines.clear();
    }
    std::vector<int> pending() {
        std::vector<int> result;
        for (const TransactionPtr& transaction : pool.pending()) {
            result.push_back(names.at(transaction->hash));
        }
        return result;
    }
};

TEST(Pool, a_transaction_lives_from_submission_to_finality) {
    Script script;
    const Extrinsic one = script.submit(1, {.account = 7});
    script.expect({"ok 1", "ready 1", "announce 1"});
    PoolEffects effects;
    script.pool.on_broadcast(one.hash(), {"peer"}, effects);
    script.take(std::move(effects));
    script.expect({"broadcast 1"});
    const BlockRef block = script.block({one});
    script.expect({"inBlock 1"});
    EXPECT_EQ(script.pool.counts().ready, 0u);
    script.finalize(block);
    script.expect({"finalized 1"});
}

TEST(Pool, a_nonce_gap_is_future_until_it_closes) {
    Script script;
    script.submit(2, {.account = 7, .nonce = 1});
    script.expect({"ok 2", "future 2"});
    script.submit(1, {.account = 7});
    script.expect({"ok 1", "ready 1", "announce 1", "ready 2", "announce 2"});
    EXPECT_EQ(script.pending(), (std::vector{1, 2}));
}

TEST(Pool, a_higher_tip_usurps_and_a_lower_one_is_refused) {
    Script script;
    script.submit(1, {.account = 7, .priority = 5});
    script.submit(2, {.account = 7, .priority = 4});
    script.submit(3, {.account = 7, .priority = 6});
    script.expect({"ok 1", "ready 1", "announce 1", "refused 2 1014", "ok 3", "ready 3",
                   "announce 3", "usurped 1"});
}

TEST(Pool, an_invalid_one_is_refused_and_banned_for_half_an_hour) {
    Script script;
    script.block({script.make(1, {.account = 7})});
    script.submit(2, {.account = 7, .priority = 2});
    script.submit(2, {.account = 7, .priority = 2});
    script.now = script.now + std::chrono::minutes(30);
    script.submit(2, {.account = 7, .priority = 2});
    script.expect({"refused 2 1010", "refused 2 1012", "refused 2 1010"});
}

TEST(Pool, a_development_chain_bans_nothing) {
    PoolConfig config;
    config.ban_time = Duration::zero();
    Script script(config);
    script.block({script.make(1, {.account = 7})});
    script.submit(2, {.account = 7, .priority = 2});
    script.submit(2, {.account = 7, .priority = 2});
    script.expect({"refused 2 1010", "refused 2 1010"});
}

TEST(Pool, an_included_one_is_refused_as_banned) {
    Script script;
    script.block({script.submit(1, {.account = 7})});
    script.submit(1, {.account = 7});
    script.expect({"ok 1", "ready 1", "announce 1", "inBlock 1", "refused 1 1012"});
}

TEST(Pool, a_second_submission_is_already_imported_also_while_validating) {
    Script script;
    script.hold = true;
    script.submit(1, {.account = 7});
    script.submit(1, {.account = 7});
    script.answer_held();
    script.submit(1, {.account = 7});
    script.expect({"refused 1 1013", "ok 1", "ready 1", "announce 1", "refused 1 1013"});
}

TEST(Pool, what_is_no_transaction_is_invalid) {
    Script script;
    PoolEffects effects;
    const Extrinsic garbage{{1, 2, 3}};
    script.names.emplace(garbage.hash(), 1);
    script.pool.submit(script.now, garbage, {.request = 1}, effects);
    script.take(std::move(effects));
    script.expect({"refused 1 1010"});
}

TEST(Pool, a_failed_validation_is_no_verdict) {
    Script script;
    script.hold = true;
    script.submit(1, {.account = 7});
    PoolEffects effects;
    script.pool.on_validated(script.now, script.held.at(0).job,
                             std::unexpected(Error("state pruned")), effects);
    script.take(std::move(effects));
    script.hold = false;
    script.submit(1, {.account = 7});
    script.expect({"refused 1 1002", "ok 1", "ready 1", "announce 1"});
}

TEST(Pool, a_retracted_transaction_comes_back_and_is_told) {
    Script script;
    const Extrinsic one = script.submit(1, {.account = 7});
    const Extrinsic two = script.submit(2, {.account = 7, .nonce = 1});
    script.block({one});
    script.lines.clear();
    script.block({}, World::genesis());
    script.expect({"retracted 1", "ready 1", "announce 1"});
    EXPECT_EQ(script.pending(), (std::vector{1, 2}));
    const BlockRef again = script.block({one, two});
    script.expect({"inBlock 1", "inBlock 2"});
    script.finalize(again);
    script.expect({"finalized 1", "finalized 2"});
}

TEST(Pool, a_retracted_transaction_is_asked_about_as_one_of_a_block) {
    // A runtime takes reports of equivocations from its own node and from blocks only.
    Script script;
    const Extrinsic one = script.submit(1, {.account = 7});
    script.block({one});
    script.hold = true;
    script.block({}, World::genesis());
    ASSERT_EQ(script.held.size(), 1u);
    EXPECT_EQ(script.held[0].extrinsic->hash(), one.hash());
    EXPECT_EQ(script.held[0].source, Source::in_block);
}

TEST(Pool, one_that_stands_in_both_forks_is_retracted_and_included) {
    Script script;
    const Extrinsic one = script.submit(1, {.account = 7});
    script.block({one});
    script.lines.clear();
    const BlockRef fork = script.block({one}, World::genesis());
    script.expect({"retracted 1", "inBlock 1"});
    script.finalize(fork);
    script.expect({"finalized 1"});
}

TEST(Pool, a_retracted_one_that_a_rival_replaced_becomes_invalid) {
    Script script;
    const Extrinsic one = script.submit(1, {.account = 7});
    script.block({one});
    script.lines.clear();
    script.block({script.make(2, {.account = 7, .priority = 9})}, World::genesis());
    script.expect({"retracted 1", "invalid 1"});
}

TEST(Pool, an_unknown_transaction_of_a_block_drives_its_rivals_out) {
    Script script;
    script.submit(1, {.account = 7});
    script.submit(2, {.account = 7, .nonce = 1});
    script.lines.clear();
    script.block({script.make(3, {.account = 7, .priority = 9})});
    script.expect({"invalid 1"});
    EXPECT_EQ(script.pending(), std::vector{2});
}

TEST(Pool, a_block_faster_than_validation_still_answers) {
    Script script;
    script.hold = true;
    const Extrinsic one = script.submit(1, {.account = 7});
    const BlockRef block = script.block({one});
    script.expect({"ok 1", "inBlock 1"});
    script.answer_held();
    script.finalize(block);
    script.expect({"finalized 1"});
    EXPECT_EQ(script.pool.counts().ready, 0u);
}

TEST(Pool, a_verdict_of_an_older_block_is_asked_for_again_when_bad) {
    Script script;
    script.hold = true;
    const BlockRef used =
        *script.world.make_block(World::genesis(), {extrinsic_of({.account = 7})});
    script.move_to(used);
    script.submit(1, {.account = 7, .priority = 3});  // stale here
    const BlockRef fork = *script.world.make_block(World::genesis(), {});
    script.move_to(*script.world.make_block(fork, {}));
    script.answer_held();
    script.expect({"ok 1", "ready 1", "announce 1"});
}

TEST(Pool, a_full_pool_drops_the_worst_or_refuses_the_newcomer) {
    PoolConfig config = PoolConfig::with_limits(2, 1);
    Script script(config);
    script.submit(1, {.account = 1, .priority = 5});
    script.submit(2, {.account = 2, .priority = 6});
    script.submit(3, {.account = 3, .priority = 7});
    script.submit(4, {.account = 4, .priority = 1});
    script.submit(4, {.account = 4, .priority = 1});
    script.expect({"ok 1", "ready 1", "announce 1", "ok 2", "ready 2", "announce 2", "ok 3",
                   "ready 3", "announce 3", "dropped 1", "refused 4 1016", "refused 4 1012"});
}

TEST(Pool, bytes_are_limited_too) {
    Script script(PoolConfig::with_limits(100, 1));
    script.submit(1, {.account = 1, .priority = 5}, 600);
    script.submit(2, {.account = 2, .priority = 6}, 600);
    script.submit(3, {.account = 3, .priority = 9}, 2000);
    script.expect({"ok 1", "ready 1", "announce 1", "ok 2", "ready 2", "announce 2", "dropped 1",
                   "refused 3 1016"});
}

TEST(Pool, validations_under_way_are_bounded) {
    Script script;
    script.hold = true;
    for (int i = 0; i <= static_cast<int>(kValidationsMax); ++i) {
        script.pool.counts();
        PoolEffects effects;
        script.pool.submit(script.now, script.make(i, {.account = static_cast<std::uint32_t>(i)}),
                           {.request = static_cast<RequestId>(i)}, effects);
        for (const PoolEffect& effect : effects) {
            if (const auto* done = std::get_if<Submitted>(&effect)) {
                script.lines.push_back(fmt::format("refused {}", done->request));
            }
        }
    }
    EXPECT_EQ(script.pool.counts().validating, kValidationsMax);
    script.expect({fmt::format("refused {}", kValidationsMax)});
}

TEST(Pool, verdicts_expire_with_their_longevity) {
    Script script;
    script.submit(1, {.account = 7, .longevity = 2});
    script.submit(2, {.account = 7, .nonce = 1});
    script.lines.clear();
    script.block({});
    script.expect({});
    script.block({});
    script.expect({"invalid 1", "invalid 2"});
}

TEST(Pool, removal_bans_and_takes_dependents_along) {
    Script script;
    const Extrinsic one = script.submit(1, {.account = 7});
    script.submit(2, {.account = 7, .nonce = 1});
    script.lines.clear();
    PoolEffects effects;
    EXPECT_EQ(script.pool.remove(script.now, {one.hash()}, effects).size(), 2u);
    script.take(std::move(effects));
    script.submit(1, {.account = 7});
    script.expect({"invalid 1", "invalid 2", "refused 1 1012"});
}

TEST(Pool, all_ready_ones_are_validated_again_in_batches_after_twenty_blocks) {
    Script script;
    for (std::uint32_t account = 0; account < 100; ++account) {
        script.submit(static_cast<int>(account), {.account = account});
    }
    for (std::uint32_t i = 0; i < kRevalidationBlocks; ++i) {
        EXPECT_EQ(script.pool.wake_at(), std::nullopt);
        script.now = script.now - std::chrono::seconds(5);
        script.block({});
    }
    script.hold = true;
    ASSERT_TRUE(script.pool.wake_at());
    PoolEffects effects;
    script.pool.on_wake(script.now, effects);
    EXPECT_EQ(effects.size(), 25u);
    EXPECT_EQ(script.pool.wake_at(), std::nullopt);
    script.take(std::move(effects));
    script.answer_held();
    EXPECT_EQ(script.pool.wake_at(), script.now + kRevalidationPause);
    script.wake();
    EXPECT_EQ(script.pool.counts().ready, 100u);
}

TEST(Pool, a_validation_again_finds_what_became_invalid) {
    Script script;
    script.submit(1, {.account = 7});
    // The account's nonce moves on in a block the pool is not told the body of.
    const BlockRef silent =
        *script.world.make_block(World::genesis(), {extrinsic_of({.account = 7, .priority = 9})});
    script.best = silent;
    PoolEffects effects;
    script.pool.on_new_best(script.now, {.best = silent, .retracted = {}, .enacted = {}}, effects);
    script.now = script.now + kRevalidationTime;
    script.lines.clear();
    script.block({});
    script.wake();
    script.expect({"invalid 1"});
}

TEST(Pool, a_follower_refuses_what_may_not_be_propagated) {
    PoolConfig config;
    config.is_validator = false;
    Pool pool(config, World::genesis());
    PoolEffects effects;
    pool.submit(Instant{}, extrinsic_of({}), {}, effects);
    const JobId job = std::get<Validate>(effects.at(0)).job;
    effects.clear();
    const ValidTransaction valid{.provides_tags = {{1}}, .longevity = 9, .propagate = false};
    pool.on_validated(Instant{}, job, TransactionValidity(valid), effects);
    EXPECT_EQ(std::get<Submitted>(effects.at(0)).verdict.error().kind, PoolErrorKind::unactionable);
}

TEST(Pool, a_transaction_without_tags_has_no_identity) {
    Pool pool({}, World::genesis());
    PoolEffects effects;
    pool.submit(Instant{}, extrinsic_of({}), {}, effects);
    const JobId job = std::get<Validate>(effects.at(0)).job;
    effects.clear();
    pool.on_validated(Instant{}, job, TransactionValidity(ValidTransaction{}), effects);
    EXPECT_EQ(std::get<Submitted>(effects.at(0)).verdict.error().kind, PoolErrorKind::no_tags);
}

TEST(Pool, unwatched_transactions_have_no_statuses) {
    Script script;
    const Extrinsic one = script.submit(1, {.account = 7});
    script.lines.clear();
    script.pool.unwatch(one.hash());
    script.finalize(script.block({one}));
    script.expect({});
}

TEST(Pool, limits_follow_the_flags) {
    const PoolConfig config = PoolConfig::with_limits(8192, 20480);
    EXPECT_EQ(config.ready.bytes, 20971520u);
    EXPECT_EQ(config.future.count, 819u);
    EXPECT_EQ(config.future.bytes, 2097152u);
}

}  // namespace
}  // namespace stipple::chain::pool
