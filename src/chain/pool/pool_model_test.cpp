// Random lives of a pool over the toy chain: submissions, late answers, blocks by others, forks.
// What must hold whatever happens is checked after each step; at the end authors keep making blocks
// from the pool, and everything that can still apply must get in.
#include "base/prng.hpp"
#include "chain/pool/pool.hpp"
#include "chain/pool/pool_world.hpp"

#include <gtest/gtest.h>

namespace stipple::chain::pool {
namespace {

constexpr std::uint32_t kAccounts = 6;

class RandomLife {
 public:
    RandomLife(std::uint64_t seed, const PoolConfig& config)
        : random_(Seed{seed}), pool_(config, World::genesis()), heads_{World::genesis()} {}

    void step() {
        now_ = now_ + std::chrono::milliseconds(random_.below(2000));
        switch (random_.below(10)) {
            case 0:
                make_block();
                break;
            case 1:
                switch_fork();
                break;
            case 2:
            case 3:
            case 4:
                answer_some(random_.below(6));
                break;
            case 5:
                wake();
                break;
            default:
                submit();
        }
    }

    void submit() {
        const Claim claim{static_cast<std::uint32_t>(random_.below(kAccounts)),
                          static_cast<std::uint32_t>(random_.below(12)),
                          static_cast<std::uint32_t>(1 + random_.below(4)), 0};
        PoolEffects effects;
        pool_.submit(now_, extrinsic_of(claim), {.request = ++requests_, .watch = true}, effects);
        take(std::move(effects));
    }

    /// A block from what the pool offers, sometimes with a transaction it does not know.
    void make_block(bool with_rivals = true) {
        const BlockRef parent = best_;
        Body body = proposal();
        if (body.size() > 3) {
            body.resize(3);
        }
        if (with_rivals && random_.chance(1, 4)) {
            const auto account = static_cast<std::uint32_t>(random_.below(kAccounts));
            const auto& nonces = world_.nonces(parent);
            std::uint32_t nonce = nonces.contains(account) ? nonces.at(account) : 0;
            for (const Extrinsic& extrinsic : body) {
                nonce += static_cast<std::uint32_t>(claim_of(extrinsic)->account == account);
            }
            body.push_back(extrinsic_of({account, nonce, 99, 7}));
        }
        const auto made = world_.make_block(parent, body);
        ASSERT_TRUE(made);
        heads_.push_back(*made);
        move_to(*made);
    }

    /// To some block that is known, on whichever fork, one above it at least.
    void switch_fork() {
        const BlockRef base =
            heads_[heads_.size() - 1 - random_.below(std::min<std::size_t>(heads_.size(), 6))];
        const auto made = world_.make_block(base, {});
        heads_.push_back(*made);
        move_to(*made);
    }

    /// What an author would put in: every transaction offered must apply right there.
    Body proposal() {
        Body body;
        World::Nonces nonces = world_.nonces(best_);
        ReadyIterator walk = pool_.ready();
        while (const TransactionPtr next = walk.next()) {
            const Claim claim = *claim_of(*next->extrinsic);
            if (nonces[claim.account] == claim.nonce) {
                ++nonces[claim.account];
                body.push_back(*next->extrinsic);
            } else {
                walk.report_invalid(next->hash);
            }
        }
        return body;
    }

    void settle() {
        answer_some(jobs_.size());
        for (int round = 0; round < 60; ++round) {
            make_block(round < 20);
            while (!jobs_.empty()) {
                answer_some(jobs_.size());
            }
        }
        // Nothing that applies to the best state is left behind.
        EXPECT_TRUE(proposal().empty());
        EXPECT_EQ(pool_.counts().validating, 0u);
        // Whatever was told to wait is still there, or stands in a block.
        for (const auto& [hash, kind] : last_) {
            if (!is_last(kind) && kind != StatusKind::in_block) {
                EXPECT_NE(pool_.find(hash), nullptr) << status_name(kind);
            }
        }
    }

    void check() const { ASSERT_EQ(pool_.find_inconsistency(), ""); }

    const Pool& pool() const { return pool_; }
    std::uint64_t requests() const { return requests_; }
    std::uint64_t answers() const { return answers_; }
    bool statuses_sane() const { return sane_; }

 private:
    void move_to(const BlockRef& to) {
        const BestBlockChange change = world_.change(best_, to);
        best_ = to;
        PoolEffects effects;
        pool_.on_new_best(now_, change, effects);
        take(std::move(effects));
    }
    void wake() {
        if (const auto at = pool_.wake_at()) {
            now_ = std::max(now_, *at);
        }
        PoolEffects effects;
        pool_.on_wake(now_, effects);
        take(std::move(effects));
    }
    /// In random order; now and then the environment fails.
    void answer_some(std::size_t count) {
        for (std::size_t i = 0; i < count && !jobs_.empty(); ++i) {
            const std::size_t chosen = random_.below(jobs_.size());
            const Validate job = jobs_[chosen];
            jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(chosen));
            PoolEffects effects;
            pool_.on_validated(now_, job.job, world_.validate(job), effects);
            take(std::move(effects));
        }
    }
    void take(PoolEffects effects) {
        for (PoolEffect& effect : effects) {
            if (auto* job = std::get_if<Validate>(&effect)) {
                jobs_.push_back(std::move(*job));
            } else if (std::get_if<Submitted>(&effect) != nullptr) {
                ++answers_;
            } else if (const auto* status = std::get_if<StatusChanged>(&effect)) {
                note(*status);
            }
        }
    }
    /// A transaction in a block leaves it before it enters another or becomes anything else.
    void note(const StatusChanged& change) {
        const StatusKind before =
            last_.contains(change.hash) ? last_.at(change.hash) : StatusKind::future;
        const StatusKind now = change.status.kind;
        if (before == StatusKind::in_block && now != StatusKind::retracted &&
            now != StatusKind::finalized) {
            sane_ = false;
        }
        last_[change.hash] = now;
    }

    Prng random_;
    World world_;
    Pool pool_;
    BlockRef best_ = World::genesis();
    std::vector<BlockRef> heads_;
    std::vector<Validate> jobs_;
    std::map<ExtrinsicHash, StatusKind> last_;
    Instant now_{};
    std::uint64_t requests_ = 0;
    std::uint64_t answers_ = 0;
    bool sane_ = true;
};

TEST(PoolModel, whatever_happens_the_books_balance_and_nothing_applicable_is_lost) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        PoolConfig config;
        config.ban_time = seed % 2 == 0 ? kBanTime : Duration::zero();
        RandomLife life(seed, config);
        for (int step = 0; step < 250 && !::testing::Test::HasFatalFailure(); ++step) {
            life.step();
            life.check();
        }
        life.settle();
        EXPECT_EQ(life.answers(), life.requests());
        EXPECT_TRUE(life.statuses_sane());
    }
}

TEST(PoolModel, a_small_pool_keeps_its_limits_through_forks) {
    for (std::uint64_t seed = 100; seed < 140; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomLife life(seed, PoolConfig::with_limits(10, 1));
        for (int step = 0; step < 300 && !::testing::Test::HasFatalFailure(); ++step) {
            life.step();
            life.check();
        }
        EXPECT_LE(life.pool().counts().ready, 10u);
    }
}

TEST(PoolModel, the_same_life_twice_gives_the_same_effects) {
    const auto live = [] {
        RandomLife life(7, {});
        for (int step = 0; step < 200; ++step) {
            life.step();
        }
        std::vector<ExtrinsicHash> order;
        for (const TransactionPtr& transaction : life.pool().pending()) {
            order.push_back(transaction->hash);
        }
        return order;
    };
    EXPECT_EQ(live(), live());
}

}  // namespace
}  // namespace stipple::chain::pool
