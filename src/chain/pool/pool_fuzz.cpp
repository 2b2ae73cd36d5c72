// Bytes become events of a pool over the toy chain; afterwards its books must balance, and once
// every job is answered and every transaction removed, its tables must be empty.
#include "base/check.hpp"
#include "chain/pool/pool.hpp"
#include "chain/pool/pool_world.hpp"
#include "tests/support/bytecode.hpp"

namespace stipple::chain::pool {
namespace {

class Events {
 public:
    Events(const std::uint8_t* data, std::size_t size)
        : input_(data, size), pool_(PoolConfig::with_limits(16, 1), World::genesis()) {}

    void run() {
        while (input_.more()) {
            step(input_.next());
            CHECK(pool_.find_inconsistency().empty());
        }
        while (!jobs_.empty()) {
            answer(0);
        }
        std::vector<ExtrinsicHash> all;
        for (const auto& extrinsic : submitted_) {
            all.push_back(extrinsic.hash());
        }
        PoolEffects effects;
        pool_.remove(now_, all, effects);
        CHECK(pool_.counts().ready + pool_.counts().future + pool_.counts().validating == 0);
        CHECK(pool_.find_inconsistency().empty());
    }

 private:
    void step(std::uint8_t what) {
        PoolEffects effects;
        now_ = now_ + std::chrono::seconds(what >> 4);
        switch (what % 8) {
            case 0:
            case 1: {
                const std::uint8_t who = input_.next();
                const Claim claim{who % 4u, (who >> 2) % 8u, input_.next() % 4u,
                                  input_.next() % 8u == 0};
                submitted_.push_back(extrinsic_of(claim, input_.next()));
                pool_.submit(now_, submitted_.back(), {.watch = what > 127}, effects);
                break;
            }
            case 2:
            case 3:
                if (!jobs_.empty()) {
                    answer(input_.next() % jobs_.size());
                }
                return;
            case 4: {
                Body body;
                ReadyIterator walk = pool_.ready();
                for (std::uint8_t left = input_.next() % 8; left > 0; --left) {
                    const TransactionPtr next = walk.next();
                    if (next == nullptr) {
                        break;
                    }
                    body.push_back(*next->extrinsic);
                }
                move_to(world_.make_block(best_, body), effects);
                break;
            }
            case 5:
                move_to(world_.make_block(heads_[input_.next() % heads_.size()], {}), effects);
                break;
            case 6:
                pool_.on_wake(now_, effects);
                break;
            default:
                pool_.on_finalized({best_}, effects);
        }
        keep(std::move(effects));
    }
    void move_to(const std::optional<BlockRef>& to, PoolEffects& effects) {
        if (!to) {
            return;  // a ready transaction that does not apply: the block is not made
        }
        heads_.push_back(*to);
        pool_.on_new_best(now_, world_.change(best_, *to), effects);
        best_ = *to;
    }
    void answer(std::size_t index) {
        const Validate job = jobs_[index];
        jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(index));
        PoolEffects effects;
        pool_.on_validated(now_, job.job, world_.validate(job), effects);
        keep(std::move(effects));
    }
    void keep(PoolEffects effects) {
        for (PoolEffect& effect : effects) {
            if (auto* job = std::get_if<Validate>(&effect)) {
                jobs_.push_back(std::move(*job));
            }
        }
    }

    fuzzing::Bytecode input_;
    World world_;
    Pool pool_;
    BlockRef best_ = World::genesis();
    std::vector<BlockRef> heads_{World::genesis()};
    std::vector<Extrinsic> submitted_;
    std::vector<Validate> jobs_;
    Instant now_{};
};

}  // namespace
}  // namespace stipple::chain::pool

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size <= 4096) {
        stipple::chain::pool::Events(data, size).run();
    }
    return 0;
}
