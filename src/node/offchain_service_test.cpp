// On the real Rococo runtime: a double seal becomes a report in the pool and then in a block.
#include "node/offchain_service.hpp"

#include "base/memory_store.hpp"
#include "consensus/babe/slot_claim.hpp"
#include "crypto/suri.hpp"
#include "executor/real_runtimes.hpp"
#include "io/clock.hpp"
#include "node/chain_jobs.hpp"
#include "node/core.hpp"
#include "node/signature_cache.hpp"
#include "tests/support/shared_data.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace stipple::node {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// Alice alone, with everything but the network and JSON-RPC; the core runs on a thread.
class LoneValidator {
 public:
    explicit LoneValidator(const fs::path& spec_path) {
        spec_ = *chain::load_chain_spec(spec_path.string());
        auto& executor = executor::testing::shared_executor();
        chain_ = *chain::Chain::open(store_, spec_, executor, {});
        pipeline_ = *BlockPipeline::open(store_, *chain_);
        RunConfig config;
        config.well_known_key = "Alice";
        keys_ = *open_keys(config, folder_.path());
        storage_ = std::make_unique<chain::offchain::LocalStorage>(store_);
        jobs_.emplace(ChainJobsConfig{.force_authoring = true}, *chain_, *pipeline_, keys_, store_,
                      signatures_);
        CoreConfig core;
        core.vote = false;
        core_.emplace(core, chain_->heads(), jobs_->set_view(), jobs_->unfinalized(), Seed{1});
        pool_.emplace(inbox_);
        offchain_.emplace(OffchainConfig{.run_workers = true, .is_validator = true, .peer_id = {}},
                          *chain_, keys_, *storage_, *pool_);
        EffectList effects;
        CHECK(core_->start(io::now(), io::unix_now(), store_, {}, std::nullopt, effects));
        thread_ = std::thread([this] { run(); });
    }
    ~LoneValidator() {
        inbox_.close();
        thread_.join();
        pool_->stop();
        offchain_->stop();
    }

    /// The block of the present slot, or of the next when that is used, imported and told to the
    /// core. The runtime wants the time of the slot, so that this may wait for one.
    Header author_now() {
        const auto slot_now = [] { return Slot(io::unix_now().value / 6000); };
        while (slot_now() == last_slot_ || io::unix_now().value % 6000 > 5000) {
            std::this_thread::sleep_for(20ms);
        }
        last_slot_ = slot_now();
        std::promise<chain::pool::ReadyIterator> ready;
        CHECK(inbox_.push(Lane::control, CoreQuestion{[&](const Core& core) {
                              ready.set_value(core.pool().ready());
                          }}));
        AuthorSlot effect{.slot = last_slot_,
                          .offline = false,
                          .deadline = io::now() + 20s,
                          .transactions = ready.get_future().get(),
                          .order = std::nullopt};
        Event event = jobs_->author(effect);
        CHECK(std::holds_alternative<BlockImported>(event));
        const Header header = std::get<BlockImported>(event).imported.header;
        CHECK(inbox_.push(Lane::job_results, std::move(event)));
        return header;
    }
    std::vector<Extrinsic> wait_for_transactions() {
        for (int round = 0; round < 400; ++round) {
            if (auto found = pool_->ready(); !found.empty()) {
                return found;
            }
            std::this_thread::sleep_for(25ms);
        }
        return {};
    }

    Slot last_slot_;
    MemoryStore store_;
    chain::ChainSpec spec_;
    std::unique_ptr<chain::Chain> chain_;
    std::unique_ptr<BlockPipeline> pipeline_;
    Keys keys_;
    std::unique_ptr<chain::offchain::LocalStorage> storage_;
    std::optional<OffchainService> offchain_;

 private:
    void run() {
        while (!inbox_.closed()) {
            auto event = inbox_.pop(std::chrono::steady_clock::now() + 20ms);
            EffectList effects;
            core_->handle(io::now(), io::unix_now(), event ? *std::move(event) : Event{Woken{}},
                          effects);
            for (auto& effect : effects) {
                if (const auto* job = std::get_if<chain::pool::Validate>(&effect)) {
                    const auto state = *chain_->state(job->at.hash);
                    const auto runtime = *chain_->runtime(job->at.hash);
                    static_cast<void>(inbox_.push(
                        Lane::job_results,
                        TransactionValidated{job->job, chain::pool::validate_transaction(
                                                           *runtime, *state, job->at, job->source,
                                                           *job->extrinsic, {})}));
                } else if (const auto* answer = std::get_if<chain::pool::Submitted>(&effect)) {
                    pool_->on_submitted(*answer);
                } else if (auto* double_seal = std::get_if<ReportDoubleSeal>(&effect)) {
                    offchain_->report(std::move(double_seal->proof));
                }
            }
        }
    }

    const stipple::testing::TemporaryFolder folder_;
    SignatureCache signatures_;
    std::optional<ChainJobs> jobs_;
    Inbox<Event> inbox_;
    std::optional<Core> core_;
    std::optional<PoolService> pool_;
    std::thread thread_;
};

TEST(OffchainService, turns_a_double_seal_into_a_report_that_the_runtime_takes_into_a_block) {
    STIPPLE_SHARED_DATA_OR_SKIP(path, "chain-specs/rococo-dev-1.14.json");
    LoneValidator node(path);
    const Header honest = node.author_now();

    // The same slot again, over another state root, sealed with the same key.
    const auto alice = *crypto::sr25519_from_suri("//Alice");
    Header second = honest;
    second.digest.pop_back();
    second.state_root.bytes[0] ^= 1;
    second.digest.emplace_back(SealDigest{kBabeEngine, to_bytes(alice.sign(second.hash()).view())});
    node.offchain_->report(
        babe::EquivocationProof{alice.public_key, node.last_slot_, honest, second});

    const auto reports = node.wait_for_transactions();
    ASSERT_EQ(reports.size(), 1u);
    // Unsigned, and Babe (pallet 1) report_equivocation_unsigned (call 1).
    const auto body = scale::decode_prefix<Bytes>(scale::encode(reports[0]));
    ASSERT_TRUE(body);
    EXPECT_EQ(Bytes(body->begin(), body->begin() + 3), (Bytes{4, 1, 1}));

    const Header with_report = node.author_now();
    const auto block = node.chain_->body(with_report.hash());
    ASSERT_TRUE(block && *block);
    EXPECT_EQ((*block)->back(), reports[0]);
}

}  // namespace
}  // namespace stipple::node
