// The proof of rightness: a model (one MemoryState per block) beside the real store, under random
// blocks, forks, finality, stalls, reverts, migrations, mass deletions, pruning, pins, state
// downloads, restarts and power cuts. After every step some reachable blocks, and from time to time
// all, must agree with their model in values, iteration, branches and roots.
//
// Runs fixed seeds for seconds. STIPPLE_SEEDS=<count> and STIPPLE_STEPS=<count> run longer; a
// failure prints the seed.
#include "base/prng.hpp"
#include "state/cleared.hpp"
#include "state/store/download.hpp"
#include "state/store/model_place.hpp"
#include "state/store/store.hpp"
#include "state/trie/trie.hpp"

#include <gtest/gtest.h>

namespace stipple::state::store {
namespace {

const TrieId kTries[] = {TrieId::main(), TrieId{{'a'}}, TrieId{{'a', 0}}, TrieId{Bytes(300, 7)}};

class Run {
 public:
    Run(Place& place, Seed seed) : place_(place), random_(seed) {
        config_.pruning.blocks = static_cast<std::uint32_t>(random_.below(20) + 4);
        config_.layers_max = static_cast<std::uint32_t>(random_.chance(1, 2) ? 3 : 1000);
        config_.cache_bytes = random_.chance(1, 2) ? 1 << 20 : 20 << 10;
        if (random_.chance(1, 6)) {
            config_.pruning.mode = Pruning::Mode::archive;
        }
        open();
        genesis();
    }

    void steps(std::uint64_t count) {
        for (std::uint64_t n = 0; n < count; ++n) {
            SCOPED_TRACE("step " + std::to_string(n));
            step();
            if (::testing::Test::HasFailure()) {
                return;
            }
        }
        check_all();
        views_.clear();
    }

 private:
    void open() {
        store_.reset();
        auto opened = Store::open(place_.database(), config_);
        ASSERT_TRUE(opened) << opened.error().message();
        store_ = std::move(*opened);
    }

    void genesis() {
        MemoryState::Pairs top;
        std::map<TrieId, MemoryState::Pairs> children;
        for (std::uint64_t n = random_.below(60); n > 0; --n) {
            top[random_key()] = random_value();
            children[kTries[random_.below(3) + 1]][random_key()] = random_value();
        }
        MemoryState state(top, children, StateVersion::v0);
        const BlockRef at{random_hash(), 0};
        const auto done = store_->initialize(at, state.as_difference());
        ASSERT_TRUE(done) << done.error().message();
        blocks_.push_back({at, 0, 0, true, std::move(state)});
    }

    void step() {
        const std::uint64_t what = random_.below(100);
        if (what < 60) {
            add_block();
        } else if (what < 72) {
            stall_ == 0 ? finalize() : void(--stall_);
        } else if (what < 76) {
            restart(false);
        } else if (what < 81) {
            restart(true);
        } else if (what < 83) {
            revert();
        } else if (what < 85) {
            place_.compact();
        } else if (what < 88) {
            download();
        } else {
            hold_or_drop_view();
        }
        check_block(random_alive());
        check_views();
        if (random_.chance(1, 25)) {
            check_all();
        }
    }

    // ---- random material: few, short, colliding keys with zero bytes and common beginnings ----
    Bytes random_key() {
        static constexpr std::uint8_t kBytes[] = {0, 0, 1, 0x10, 0xff, 'a'};
        Bytes key;
        for (std::uint64_t n = random_.below(5); n > 0; --n) {
            key.push_back(kBytes[random_.below(sizeof kBytes)]);
        }
        return key;
    }
    Bytes random_value() { return random_.bytes(random_.chance(1, 3) ? 40 : random_.below(34)); }
    BlockHash random_hash() { return BlockHash::copy(random_.bytes(32)); }

    std::size_t random_alive() {
        while (true) {
            // Newer blocks more often.
            const std::size_t n = blocks_.size();
            const auto back = random_.chance(1, 2) ? random_.below(std::min<std::size_t>(n, 5))
                                                   : random_.below(n);
            if (blocks_[n - 1 - back].alive) {
                return n - 1 - back;
            }
            if (++misses_ % 100 == 0) {
                return finalized_;
            }
        }
    }

    bool descends(std::size_t block, std::size_t from) const {
        while (blocks_[block].at.number > blocks_[from].at.number) {
            block = blocks_[block].parent;
        }
        return block == from;
    }

    // ---- blocks ----
    trie::ValueWrites random_writes(const MemoryState& before, const TrieId& trie) {
        trie::ValueWrites writes;
        const bool mass_deletion = random_.chance(1, 10);
        for (auto at = before.keys(trie, {}); at->valid(); at->next()) {
            if (starts_with(at->key(), as_bytes(kChildStoragePrefix))) {
                continue;
            }
            if (mass_deletion || random_.chance(1, 20)) {
                writes[to_bytes(at->key())].value = std::nullopt;
            } else if (random_.chance(1, 20)) {
                writes[to_bytes(at->key())].value = at->value()->bytes;  // equal: may change form
            }
        }
        for (std::uint64_t n = random_.below(6); n > 0; --n) {
            writes[random_key()].value =
                random_.chance(1, 4) ? std::nullopt : std::optional(random_value());
        }
        return writes;
    }

    Difference execute(const Reader& before, std::map<TrieId, trie::ValueWrites> writes,
                       StateVersion version) {
        Difference difference;
        for (const auto& [trie, changes] : writes) {
            if (trie.is_main()) {
                continue;
            }
            auto child = trie::update(before, trie, changes, version);
            EXPECT_TRUE(child) << child.error().message();
            auto& root = writes[TrieId::main()][child_root_key(trie)].value;
            root = child->root == empty_trie_root() ? std::nullopt
                                                    : std::optional(to_bytes(child->root));
            difference.tries.emplace(trie, std::move(*child));
        }
        auto main = trie::update(before, TrieId::main(), writes[TrieId::main()], version);
        EXPECT_TRUE(main) << main.error().message();
        difference.root = main->root;
        difference.tries.emplace(TrieId::main(), std::move(*main));
        return difference;
    }

    /// Mass deletions as ranges, where the block left nothing below a prefix.
    void fold(const Reader& before, Difference& difference) {
        for (auto& [trie, changes] : difference.tries) {
            for (int n = 0; n < 6; ++n) {
                const Bytes key = random_key();
                const auto prefix = ByteView(key).first(std::min<std::size_t>(key.size(), 2));
                const auto folded = fold_cleared(before, trie, prefix, changes, 1);
                ASSERT_TRUE(folded) << folded.error().message();
                folded_ += *folded ? 1U : 0U;
            }
        }
    }

    void add_block() {
        const std::size_t parent = random_alive();
        if (!descends(parent, finalized_)) {
            return;
        }
        const auto& before = blocks_[parent];
        std::map<TrieId, trie::ValueWrites> writes;
        writes[TrieId::main()] = random_writes(before.state, TrieId::main());
        if (random_.chance(1, 2)) {
            const auto& child = kTries[random_.below(3) + 1];
            writes[child] = random_writes(before.state, child);
        }
        const auto version = before.at.number < 15 ? StateVersion::v0 : StateVersion::v1;
        const auto view = store_->view(before.at);
        ASSERT_TRUE(view) << view.error().message();
        const Difference expected = execute(before.state, writes, version);
        Difference found = execute(**view, std::move(writes), version);
        fold(**view, found);
        const auto difference = std::make_shared<const Difference>(std::move(found));
        ASSERT_EQ(difference->root, expected.root) << "root of a block on #" << before.at.number;

        const BlockRef at{random_hash(), before.at.number + 1};
        WriteBatch batch;
        const auto ticket = store_->stage(at, before.at.hash, difference, batch);
        ASSERT_TRUE(ticket);
        if (random_.chance(1, 30)) {
            return;  // the batch failed: nothing of it may be seen later
        }
        const bool synced = random_.chance(1, 10);
        ASSERT_TRUE(
            place_.database().commit(batch, synced ? Durability::synced : Durability::buffered));
        store_->publish(*ticket);
        MemoryState state = before.state;
        state.apply(expected);
        blocks_.push_back({at, parent, ++sequence_, true, std::move(state)});
        if (synced) {
            synced_ = sequence_;
        }
    }

    void finalize() {
        const std::size_t target = random_alive();
        if (!descends(target, finalized_)) {
            return;
        }
        const auto done = store_->finalize(blocks_[target].at);
        ASSERT_TRUE(done) << done.error().message();
        if (target != finalized_) {
            synced_ = sequence_;
        }
        finalized_ = target;
        stall_ = random_.chance(1, 6) ? random_.below(10) : 0;
        settle();
    }

    /// What is alive, given the finalised block and the floor the store says it has.
    void settle() {
        const auto floor = store_->prune_floor();
        const auto oldest = std::min(blocks_[finalized_].at.number, store_->base().number);
        if (floor > floor_) {  // a revert may bring finality back, never the floor
            floor_ = floor;
            ASSERT_LE(floor + config_.pruning.blocks, oldest);
            ASSERT_NE(config_.pruning.mode, Pruning::Mode::archive);
        }
        for (const auto& [view, block] : views_) {
            if (blocks_[block].alive && descends(finalized_, block)) {
                ASSERT_LE(floor, blocks_[block].at.number);
            }
        }
        for (std::size_t i = 0; i < blocks_.size(); ++i) {
            const bool canonical = descends(finalized_, i);
            blocks_[i].alive = blocks_[i].alive && (descends(i, finalized_) ||
                                                    (canonical && blocks_[i].at.number >= floor));
        }
    }

    /// Begins a download of some state, or takes a few chunks of the one under way.
    void download() {
        if (!target_) {
            const auto& from = blocks_[random_alive()].state;
            std::map<TrieId, trie::ValueWrites> writes;
            writes[TrieId::main()] = random_writes(from, TrieId::main());
            writes[kTries[1]] = random_writes(from, kTries[1]);
            MemoryState state = from;
            state.apply(execute(from, std::move(writes), StateVersion::v1));
            const auto above = std::max(blocks_[finalized_].at.number, store_->base().number);
            target_.emplace(BlockRef{random_hash(), above + 1 + BlockNumber(random_.below(8))},
                            std::move(state));
        }
        const auto& [at, state] = *target_;
        auto download = store_->download(at, *state.root(TrieId::main()));
        ASSERT_TRUE(download) << download.error().message();
        for (std::uint64_t chunks = random_.below(8); chunks > 0; --chunks) {
            if ((*download)->complete()) {
                break;
            }
            const auto proof = prove_range(state, (*download)->next(), random_.below(2000));
            ASSERT_TRUE(proof && *proof);
            const auto added = (*download)->add(**proof);
            ASSERT_TRUE(added && *added);
        }
        if (at.number <= blocks_[finalized_].at.number) {
            ASSERT_TRUE((*download)->abandon());
            target_.reset();
        } else if ((*download)->complete() && random_.chance(1, 2)) {
            finish(**download);
        }
    }

    void finish(StateDownload& download) {
        const auto done = download.finish();
        ASSERT_TRUE(done) << done.error().message();
        for (auto& block : blocks_) {
            block.alive = false;
        }
        blocks_.push_back({target_->first, 0, ++sequence_, true, std::move(target_->second)});
        target_.reset();
        finalized_ = blocks_.size() - 1;
        floor_ = store_->prune_floor();
        ASSERT_EQ(floor_, blocks_[finalized_].at.number);
        ASSERT_EQ(store_->base(), blocks_[finalized_].at);
        synced_ = sequence_;
        stall_ = 0;
    }

    void revert() {
        std::size_t at = 0;
        while (at < blocks_.size() && blocks_[at].at != store_->base()) {
            ++at;
        }
        ASSERT_LT(at, blocks_.size());
        std::uint64_t depth = random_.below(5);
        while (depth-- > 0 && at != 0 && blocks_[blocks_[at].parent].alive) {
            at = blocks_[at].parent;
        }
        const auto done = store_->revert_to(blocks_[at].at);
        ASSERT_TRUE(done) << done.error().message();
        ASSERT_EQ(store_->base(), blocks_[at].at);
        for (std::size_t i = 0; i < blocks_.size(); ++i) {
            blocks_[i].alive = blocks_[i].alive && descends(at, i);
        }
        if (blocks_[at].at.number < blocks_[finalized_].at.number) {
            finalized_ = at;
        }
        synced_ = sequence_;
    }

    void restart(bool crash) {
        views_.clear();
        store_.reset();
        const bool lossy = crash && place_.crash(random_);
        if (!crash) {
            place_.reopen();
        }
        open();
        if (!lossy) {
            return;
        }
        // Commits survive in order: up to some block, at least to the last synced one.
        bool lost = false;
        for (auto& block : blocks_) {
            if (!block.alive) {
                continue;
            }
            const bool there = store_->has_state(block.at);
            if (!there) {
                ASSERT_GT(block.sequence, synced_) << "a durable block is gone";
                block.alive = false;
                lost = true;
            } else {
                ASSERT_FALSE(lost) << "a later commit survived an earlier one";
            }
        }
        synced_ = sequence_;  // what is there now was read from the disk
    }

    // ---- views held across steps ----
    void hold_or_drop_view() {
        if (views_.size() > 4 || (!views_.empty() && random_.chance(1, 2))) {
            views_.erase(views_.begin() +
                         static_cast<std::ptrdiff_t>(random_.below(views_.size())));
            return;
        }
        const std::size_t block = random_alive();
        const auto view = store_->view(blocks_[block].at);
        ASSERT_TRUE(view) << view.error().message();
        views_.emplace_back(*view, block);
    }
    void check_views() {
        if (views_.empty()) {
            return;
        }
        const auto& [view, block] = views_[random_.below(views_.size())];
        // A view of a block that lost or was reverted may fail, but never answers wrongly.
        check(*view, block, !blocks_[block].alive);
    }

    // ---- comparison ----
    void check_block(std::size_t block) {
        const auto view = store_->view(blocks_[block].at);
        ASSERT_TRUE(view) << view.error().message();
        check(**view, block, false);
    }
    void check_all() {
        for (std::size_t i = 0; i < blocks_.size(); ++i) {
            if (blocks_[i].alive) {
                check_block(i);
            }
        }
    }
    void check(const Reader& view, std::size_t block, bool may_fail) {
        const MemoryState& model = blocks_[block].state;
        for (const auto& trie : kTries) {
            const auto root = view.root(trie);
            if (!root && may_fail) {
                return;
            }
            ASSERT_TRUE(root) << root.error().message();
            ASSERT_EQ(*root, *model.root(trie));
            if (!same_keys(view, model, trie, random_.chance(1, 2) ? random_key() : Bytes{})) {
                ASSERT_TRUE(may_fail) << "iteration failed at #" << blocks_[block].at.number;
                return;
            }
            for (int n = 0; n < 4; ++n) {
                const Bytes key = random_key();
                const auto value = view.value(trie, key);
                if (!value && may_fail) {
                    return;
                }
                ASSERT_TRUE(value) << value.error().message();
                ASSERT_EQ(*value, *model.value(trie, key)) << "#" << blocks_[block].at.number;
            }
        }
        for (const auto& [trie, changes] : model.as_difference().tries) {
            for (const auto& [path, branch] : changes.nodes) {
                const auto found = view.branch(trie, path);
                if (!found && may_fail) {
                    return;
                }
                ASSERT_TRUE(found) << found.error().message();
                ASSERT_EQ(*found, to_bytes(*branch)) << "#" << blocks_[block].at.number;
                NibblePath other = to_bytes(path);
                other.push_back(static_cast<std::uint8_t>(random_.below(16)));
                const auto below = view.branch(trie, other);
                ASSERT_TRUE(may_fail || (below && *below == *model.branch(trie, other)));
            }
        }
    }
    /// False when the view failed to read.
    bool same_keys(const Reader& view, const MemoryState& model, const TrieId& trie, Bytes from) {
        const auto real = view.keys(trie, from);
        const auto expected = model.keys(trie, from);
        for (; expected->valid(); expected->next(), real->next()) {
            if (!real->valid() && !real->status()) {
                return false;
            }
            if (!real->valid() || !equal(real->key(), expected->key())) {
                ADD_FAILURE() << "expected key " << to_hex(expected->key()) << ", found "
                              << (real->valid() ? to_hex(real->key()) : "the end");
                return true;
            }
            const auto value = real->value();
            if (!value) {
                return false;
            }
            EXPECT_EQ(*value, *expected->value());
        }
        EXPECT_FALSE(real->valid());
        return real->status().has_value();
    }

    Place& place_;
    Prng random_;
    StoreConfig config_;
    std::unique_ptr<Store> store_;
    std::vector<ModelBlock> blocks_;
    std::vector<std::pair<std::shared_ptr<const Reader>, std::size_t>> views_;
    std::optional<std::pair<BlockRef, MemoryState>> target_;  // of the download under way
    std::size_t finalized_ = 0;
    std::uint64_t folded_ = 0;
    BlockNumber floor_ = 0;
    std::uint64_t stall_ = 0;
    std::uint64_t sequence_ = 0;
    std::uint64_t synced_ = 0;
    std::uint64_t misses_ = 0;
};

template <class P>
void run_seeds(std::uint64_t seeds, std::uint64_t steps) {
    const std::uint64_t first = setting("STIPPLE_SEED", 1);
    for (std::uint64_t seed = first; seed < first + setting("STIPPLE_SEEDS", seeds); ++seed) {
        SCOPED_TRACE("STIPPLE_SEED=" + std::to_string(seed));
        P place;
        Run run(place, Seed{seed});
        if (!::testing::Test::HasFailure()) {
            run.steps(setting("STIPPLE_STEPS", steps));
        }
        if (::testing::Test::HasFailure()) {
            return;
        }
    }
}

TEST(StoreModel, agrees_in_memory) {
    run_seeds<InMemory>(20, 250);
}

TEST(StoreModel, agrees_on_a_disk_that_forgets) {
    // The sixth seed rewinds mass deletions whose history lies in tables.
    run_seeds<OnFaultyDisk>(6, 120);
}

}  // namespace
}  // namespace stipple::state::store
