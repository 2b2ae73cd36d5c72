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

Result<Bytes> OffchainService::call(const BlockHash& at, std::string_view method,
                                    ByteView arguments) {
    Access access(*this);
    executor::CallContext context;
    context.keystore = keys_.for_runtimes.get();
    context.offchain_storage = &storage_;
    context.offchain = &access;
    context.time_limit = kOffchainCallMax;
    return call_runtime(chain_, at, method, arguments, context);
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
    const auto done = call(at, "OffchainWorkerApi_offchain_worker", argument);
    if (!done) {
        log(LogLevel::warn, "offchain", "#{} ({}): {}", header.number, at.hex(),
            done.error().message());
    }
}

std::optional<Bytes> OffchainService::key_owner_proof(const char* method, const BlockHash& at,
                                                      const Bytes& arguments) const {
    executor::CallContext context;
    context.time_limit = kOffchainCallMax;
    const auto answer = call_runtime(chain_, at, method, arguments, context);
    if (!answer) {
        log(LogLevel::warn, "offchain", "no proof of an offender's key: {}",
            answer.error().message());
        return std::nullopt;
    }
    const auto proof = scale::decode<std::optional<Bytes>>(*answer);
    return proof ? *proof : std::nullopt;
}

bool OffchainService::submit(const char* method, const BlockHash& at, Bytes proof,
                             ByteView key_owner_proof) {
    scale::encode_byte_string(proof, key_owner_proof);
    const auto answer = call(at, method, proof);
    if (!answer) {
        log(LogLevel::warn, "offchain", "an equivocation was not reported: {}",
            answer.error().message());
    }
    // Option<()>: none when the runtime could not submit.
    return answer && equal(*answer, Bytes{1});
}

void OffchainService::report(babe::EquivocationProof proof) {
    log(LogLevel::warn, "babe", "authority {} sealed two blocks in slot {}: {} and {}",
        proof.offender.hex(), proof.slot.value, proof.first.hash().hex(),
        proof.second.hash().hex());
    post("an equivocation report", [this, proof = std::move(proof)] {
        constexpr auto kProve = "BabeApi_generate_key_ownership_proof";
        Bytes arguments = scale::encode(proof.slot);
        append(arguments, proof.offender.view());
        // The parent's state knows the session, unless the block is the first of it.
        const BlockHash best = chain_.heads().best.hash;
        auto owner = key_owner_proof(kProve, proof.second.parent_hash, arguments);
        if (!owner) {
            owner = key_owner_proof(kProve, best, arguments);
        }
        if (owner && submit("BabeApi_submit_report_equivocation_unsigned_extrinsic", best,
                            scale::encode(proof), *owner)) {
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
        Bytes arguments = scale::encode(set);
        append(arguments, equivocation.id.view());
        // The set in force ends with the block whose finality changes it, so that the finalised
        // block's session is the offender's.
        const auto heads = chain_.heads();
        const auto owner = key_owner_proof("GrandpaApi_generate_key_ownership_proof",
                                           heads.finalized.hash, arguments);
        if (owner &&
            submit("GrandpaApi_submit_report_equivocation_unsigned_extrinsic", heads.best.hash,
                   grandpa::encode_equivocation_proof(equivocation, set), *owner)) {
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
        if (!beefy::check_double_voting(proof)) {
            return;
        }
        Bytes arguments = scale::encode(proof.first.commitment.set);
        append(arguments, proof.first.id.view());
        // The set is that of the block voted for; where its state is gone, of the finalised one.
        const auto at = chain_.canonical_hash(proof.first.commitment.block);
        constexpr auto kProve = "BeefyApi_generate_key_ownership_proof";
        auto owner = at && *at ? key_owner_proof(kProve, **at, arguments) : std::nullopt;
        const auto heads = chain_.heads();
        if (!owner) {
            owner = key_owner_proof(kProve, heads.finalized.hash, arguments);
        }
        if (owner && submit("BeefyApi_submit_report_double_voting_unsigned_extrinsic",
                            heads.best.hash, scale::encode(proof), *owner)) {
            log(LogLevel::info, "beefy", "reported the equivocation of {}", proof.first.id.hex());
        }
    });
}

}  // namespace stipple::node
