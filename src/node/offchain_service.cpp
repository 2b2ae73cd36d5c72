#include "node/offchain_service.hpp"

#include "base/log.hpp"
#include "io/clock.hpp"
#include "node/block_pipeline.hpp"

namespace stipple::node {

class OffchainService::Access final : public executor::OffchainPort {
 public:
    explicit Access(OffchainService& service) : service_(service) {}
    bool is_validator() const override { return service_.config_.is_validator; }
    bool submit_transaction(ByteView extrinsic) override {
        const auto decoded = scale::decode<Extrinsic>(extrinsic);
        if (!decoded) {
            return false;
        }
        const auto sent = service_.pool_.submit_local(*decoded);
        if (!sent) {
            log(LogLevel::debug, "offchain", "a transaction of the runtime was refused: {}",
                sent.error().message);
        }
        return sent.has_value();
    }
    UnixMillis now() const override { return io::unix_now(); }
    void sleep_until(UnixMillis deadline) override { service_.sleep_until(deadline); }
    std::array<std::uint8_t, 32> random_seed() override {
        std::array<std::uint8_t, 32> seed{};
        io::os_random(seed);
        return seed;
    }
    Bytes peer_id() const override { return service_.config_.peer_id; }

 private:
    OffchainService& service_;
};

OffchainService::OffchainService(OffchainConfig config, const chain::Chain& chain, const Keys& keys,
                                 chain::offchain::LocalStorage& storage, PoolService& pool)
    : config_(std::move(config)),
      chain_(chain),
      keys_(keys),
      storage_(storage),
      pool_(pool),
      threads_("offchain", kOffchainThreads, kOffchainQueueMax) {}

OffchainService::~OffchainService() {
    stop();
}

void OffchainService::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    stopping_changed_.notify_all();
    threads_.drain_and_stop();
}

bool OffchainService::sleep_until(UnixMillis deadline) {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const UnixMillis now = io::unix_now();
        if (now >= deadline) {
            return true;
        }
        const std::chrono::milliseconds left{deadline.value - now.value};
        stopping_changed_.wait_for(lock, std::min(left, kOffchainCallMax));
    }
    return false;
}

void OffchainService::post(const char* what, io::WorkerPool::Job job) {
    auto unless_stopping = [this, job = std::move(job)]() mutable {
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) {
                return;
            }
        }
        job();
    };
    if (!threads_.try_post(std::move(unless_stopping))) {
        log(LogLevel::warn, "offchain", "{} left out: {} calls are waiting already", what,
            kOffchainQueueMax);
    }
}

executor::CallContext OffchainService::context(Access& access) const {
    executor::CallContext context;
    context.keystore = keys_.for_runtimes.get();
    context.offchain_storage = &storage_;
    context.offchain = &access;
    context.time_limit = kOffchainCallMax;
    return context;
}

EquivocationReports OffchainService::reports(Access& access) const {
    return {chain_, context(access)};
}

void OffchainService::on_best_block(const Header& header) {
    if (config_.run_workers) {
        post("an offchain worker", [this, header] { run_worker(header); });
    }
}

void OffchainService::run_worker(const Header& header) {
    const BlockHash at = header.hash();
    const auto runtime = chain_.runtime(at);
    if (!runtime) {
        log(LogLevel::warn, "offchain", "#{}: {}", header.number, runtime.error().message);
        return;
    }
    const auto version = (*runtime)->version().api_version("OffchainWorkerApi");
    if (!version) {
        return;  // the runtime has no workers
    }
    // Version 1 of the interface takes the number, later ones the header.
    const Bytes argument = *version == 1 ? scale::encode(header.number) : scale::encode(header);
    Access access(*this);
    const auto done =
        call_runtime(chain_, at, "OffchainWorkerApi_offchain_worker", argument, context(access));
    if (!done) {
        log(LogLevel::warn, "offchain", "#{} ({}): {}", header.number, at.hex(),
            done.error().message());
    }
}

void OffchainService::report(babe::EquivocationProof proof) {
    log(LogLevel::warn, "babe", "authority {} sealed two blocks in slot {}: {} and {}",
        proof.offender.hex(), proof.slot.value, proof.first.hash().hex(),
        proof.second.hash().hex());
    post("an equivocation report", [this, proof = std::move(proof)] {
        Access access(*this);
        if (reports(access).report(proof)) {
            log(LogLevel::info, "babe", "reported the equivocation of {}", proof.offender.hex());
        }
    });
}

void OffchainService::report(grandpa::Equivocation equivocation, AuthoritySetId set) {
    log(LogLevel::warn, "grandpa", "authority {} voted twice in round {} of set {}",
        equivocation.id.hex(), equivocation.round.value, set.value);
    const auto own = keys_.keystore->public_keys(chain::kGrandpaKey, chain::KeyScheme::ed25519);
    if (std::ranges::any_of(own,
                            [&](const auto& key) { return equal(key, equivocation.id.view()); })) {
        log(LogLevel::error, "grandpa",
            "the key {} of this node voted twice: is it used on another machine?",
            equivocation.id.hex());
        return;
    }
    post("an equivocation report", [this, equivocation = std::move(equivocation), set] {
        Access access(*this);
        if (reports(access).report(equivocation, set)) {
            log(LogLevel::info, "grandpa", "reported the equivocation of {}",
                equivocation.id.hex());
        }
    });
}

void OffchainService::report(beefy::DoubleVotingProof proof) {
    const beefy::Commitment& voted = proof.first.commitment;
    log(LogLevel::warn, "beefy", "validator {} voted twice for #{} in set {}", proof.first.id.hex(),
        voted.block, voted.set.value);
    post("an equivocation report", [this, proof = std::move(proof)] {
        Access access(*this);
        if (reports(access).report(proof)) {
            log(LogLevel::info, "beefy", "reported the equivocation of {}", proof.first.id.hex());
        }
    });
}

}  // namespace stipple::node
