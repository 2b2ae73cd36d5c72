// The node, put together top to bottom: everything is constructed here, in the order in which it
// depends on what stands above it, and goes away in the reverse order.
#include "base/log.hpp"
#include "chain/offchain/local_storage.hpp"
#include "io/clock.hpp"
#include "io/http/server.hpp"
#include "io/http/workers.hpp"
#include "io/signals.hpp"
#include "io/ticker.hpp"
#include "node/beefy_watch.hpp"
#include "node/chain_access.hpp"
#include "node/commands.hpp"
#include "node/logging.hpp"
#include "node/network_metrics.hpp"
#include "node/network_wiring.hpp"
#include "node/process_info.hpp"
#include "node/rpc_wiring.hpp"
#include "node/runner.hpp"
#include "node/signature_cache.hpp"
#include "rpc/subscriptions/service.hpp"

#include <fmt/format.h>

#include <thread>

namespace stipple::node {
namespace {

RunConfig with_development_defaults(RunConfig config) {
    if (config.shared.dev) {
        config.force_authoring = true;
        if (config.rpc.cors.empty()) {
            config.rpc.cors = "all";
        }
        if (config.well_known_key.empty()) {
            config.well_known_key = "Alice";
        }
    }
    if (!config.well_known_key.empty()) {
        config.validator = true;
        if (config.name.empty()) {
            config.name = config.well_known_key;
        }
    }
    return config;
}

Seed fresh_seed() {
    std::array<std::uint8_t, 8> raw{};
    io::os_random(raw);
    return Seed{load_le<std::uint64_t>(raw)};
}

CoreConfig core_config(const RunConfig& config, const BlockPipeline& pipeline,
                       const PeeringConfig& peering) {
    CoreConfig core;
    core.pool = chain::pool::PoolConfig::with_limits(config.pool_limit, config.pool_kbytes);
    core.pool.is_validator = config.validator;
    if (config.shared.dev) {
        core.pool.ban_time = Duration::zero();
    }
    core.author = config.validator;
    core.signing_wait = std::chrono::seconds(config.signing_wait_seconds);
    core.force_authoring = config.force_authoring;
    core.slot_duration_ms = pipeline.epochs().config().slot_duration_ms;
    // Blocks on order are final at once, or when asked.
    core.vote = !config.no_grandpa && config.sealing.by_slots();
    core.beefy = !config.no_beefy && core.vote;
    core.peering = peering;
    core.sealing = config.sealing;
    return core;
}

// As the Rust node does: not on the two production networks, and but for ten slots where finality
// is known to stall.
std::optional<authoring::Backoff> backoff_of(const RunConfig& config, const std::string& chain) {
    const auto begins = [&](std::string_view name) { return chain.starts_with(name); };
    if (!config.force_authoring_backoff &&
        (begins("polkadot") || begins("kusama") || begins("ksm"))) {
        return std::nullopt;
    }
    authoring::Backoff backoff;
    if (begins("rococo") || begins("versi") || chain.ends_with("dev")) {
        backoff.slots_max = 10;
    }
    return backoff;
}

BeefyWatch::OwnKeys beefy_keys(const RunConfig& config, const chain::Keystore& keystore) {
    return [&keystore, is_validator = config.validator] {
        std::vector<beefy::AuthorityId> keys;
        if (is_validator) {
            for (const auto& key :
                 keystore.public_keys(chain::kBeefyKey, chain::KeyScheme::ecdsa)) {
                keys.push_back(beefy::AuthorityId::copy(key));
            }
        }
        return keys;
    };
}

ChainJobsConfig jobs_config(const RunConfig& config, const chain::ChainSpec& spec,
                            BeefyWatch& beefy, MmrGadget& mmr) {
    ChainJobsConfig jobs;
    jobs.force_authoring = config.force_authoring;
    jobs.validator = config.validator;
    jobs.backoff = backoff_of(config, spec.id);
    jobs.beefy = config.no_beefy ? nullptr : &beefy;
    jobs.mmr = &mmr;
    return jobs;
}

bool runs_offchain_workers(const RunConfig& config) {
    return config.offchain_worker == "always" ||
           (config.offchain_worker == "when-authority" && config.validator);
}

void greet(const RunConfig& config, const ChainAccess& access) {
    const auto heads = access.chain->heads();
    log(LogLevel::info, "stipple", "Stipple {}: chain {}, role {}, data in {}", STIPPLE_VERSION,
        access.spec->name, config.validator ? "AUTHORITY" : "FULL", access.folder.string());
    log(LogLevel::info, "stipple", "genesis {}; best #{} ({}), finalized #{}", heads.genesis.hex(),
        heads.best.number, heads.best.hash.hex(), heads.finalized.number);
    for (const auto& flag : config.without_effect) {
        log(LogLevel::warn, "stipple", "{} has no effect in this version", flag);
    }
}

io::http::PageHandler pages_of(const Metrics& metrics) {
    return io::http::PageHandler(
        [&metrics](std::string_view path) -> std::optional<io::http::Reply> {
            if (path != "/metrics") {
                return std::nullopt;
            }
            return io::http::Reply{200, io::http::ContentType::prometheus, metrics.render()};
        });
}

/// What is counted elsewhere: both outlive the last rendering.
void observe(rpc::RpcService& service, NetworkThread& network, Metrics& metrics) {
    observe_calls(service, metrics);
    show_network(metrics, network.names(), [&network] { return network.numbers(); });
}

Result<std::unique_ptr<io::http::HttpServer>> start_metrics(const RunConfig& config,
                                                            io::http::PageHandler& pages) {
    if (config.no_prometheus) {
        return nullptr;
    }
    io::http::ServerConfig server;
    server.endpoints = {{.address = config.prometheus_external ? "0.0.0.0" : "127.0.0.1",
                         .port = config.prometheus_port}};
    server.thread_name = "metrics";
    server.websocket = false;
    return io::http::HttpServer::start(server, pages);
}

/// Before anything is opened or made.
Result<> check_flags(const RunConfig& config) {
    if (config.validator && config.rpc.external && !config.rpc.unsafe_external) {
        return fail(
            "--rpc-external with --validator opens the keys' machine to the outside; give "
            "--unsafe-rpc-external if that is meant");
    }
    return check_sync_flags(config);
}

Result<std::unique_ptr<io::http::HttpServer>> start_rpc(const RunConfig& config,
                                                        rpc::RpcService& service) {
    TRY_ASSIGN(auto server, io::http::HttpServer::start(server_config(config.rpc), service));
    for (const auto& address : server->local_addresses()) {
        log(LogLevel::info, "rpc", "JSON-RPC on {}", address);
    }
    return server;
}

/// What is queued for the chain and the journal is done before the database is synced.
void stop(PoolService& pool, OffchainService& offchain, io::WorkerPool& chain_thread,
          io::WorkerPool& signer) {
    log(LogLevel::info, "stipple", "stopping");
    pool.stop();
    offchain.stop();
    chain_thread.drain_and_stop();
    signer.drain_and_stop();
}

Result<std::unique_ptr<Recorder>> start_recorder(const RunConfig& config) {
    return config.record.empty() ? nullptr : record_to(config.record);
}

/// What the core wants done first.
Result<EffectList> start_core_now(Core& core, CoreBeginning& beginning, const StoreReader& store,
                                  Recorder* recorder) {
    beginning.now = io::now();
    beginning.wall = io::unix_now();
    TRY_ASSIGN(auto effects, start_core(core, beginning, store));
    if (recorder != nullptr) {
        recorder->begin(beginning, effects);
    }
    return effects;
}

/// A development chain has its first block at once, in the slot that has begun: on a chain without
/// blocks nobody can have signed in it.
void order_first_block(const RunConfig& config, BlockNumber best, Inbox<Event>& inbox) {
    if (config.shared.dev && config.validator && config.sealing.by_slots() && best == 0) {
        static_cast<void>(inbox.push(Lane::control, SealRequested{}));
    }
}

/// A signal to stop closes it; the thread that waits for signals may still be at that when the node
/// has ended.
std::shared_ptr<Inbox<Event>> inbox_until_signal() {
    auto inbox = std::make_shared<Inbox<Event>>();
    io::watch_stop_signals([inbox] { inbox->close(); });
    return inbox;
}

}  // namespace

Result<> run_node(const RunConfig& given) {
    const RunConfig config = with_development_defaults(given);
    TRY(start_logging(config.shared.log, config.shared.detailed_log_output));
    TRY(check_flags(config));
    const auto shared_inbox = inbox_until_signal();
    Inbox<Event>& inbox = *shared_inbox;
    // Chain and keys.
    TRY_ASSIGN(auto access,
               open_chain(config.shared, config.database, true, config.runtime_instances));
    TRY_ASSIGN(auto keys, open_keys(config, access.folder));
    TRY_ASSIGN(const auto pipeline, BlockPipeline::open(*access.database, *access.chain));
    const io::Ticker ticks("ticks", executor::kTick,
                           [&executor = *access.executor] { executor.tick(); });
    SignatureCache signatures;
    chain::offchain::LocalStorage offchain_storage(*access.database);
    greet(config, access);
    // The core and what it works with.
    Metrics metrics;
    register_process_metrics(metrics, config.validator);
    BeefyWatch beefy_watch(*access.chain, *access.database, beefy_keys(config, *keys.keystore));
    MmrGadget mmr_gadget(*access.chain, *access.database, offchain_storage);
    ChainJobs jobs(jobs_config(config, *access.spec, beefy_watch, mmr_gadget), *access.chain,
                   *pipeline, keys, *access.database, signatures);
    SyncJobs sync_jobs(*access.chain, *pipeline, jobs, signatures);
    StateSyncJobs state_jobs(*access.chain, *pipeline, jobs, *access.database);
    TRY_ASSIGN(const auto identity, node_identity(config, access));
    TRY_ASSIGN(const PeeringConfig peering, peering_config(config, access, identity, state_jobs));
    const RequestJobs request_jobs(*access.chain, *access.database);
    auto beginning = CoreBeginning::of(core_config(config, *pipeline, peering),
                                       access.chain->heads(), jobs, fresh_seed());
    Core core = beginning.core();
    PoolService pool(inbox);
    SyncView sync_view;
    TRY_ASSIGN(const auto network, start_network(config, access, identity, inbox, fresh_seed()));
    const rpc::NetworkPort network_view = network_port(*network, sync_view, *access.spec);
    // JSON-RPC: answers from the chain, asks the core only through the pool service.
    io::http::Workers rpc_workers(config.rpc.threads, "rpc-worker");
    RpcParts rpc_parts{*access.chain, *access.database,     config,     pool,
                       keys,          offchain_storage,     signatures, inbox,
                       &network_view, access.executor.get()};
    const rpc::RpcContext rpc_context = make_rpc_context(rpc_parts);
    rpc::RpcService service(
        service_config(config.rpc), rpc_context, fresh_seed(),
        [&rpc_workers](io::http::ConnectionId owner, std::function<void()> job) {
            return rpc_workers.submit(static_cast<std::uint64_t>(owner), std::move(job));
        });
    observe(service, *network, metrics);
    OffchainService offchain({.run_workers = runs_offchain_workers(config),
                              .is_validator = config.validator,
                              .peer_id = network->peer_id().bytes},
                             *access.chain, keys, offchain_storage, pool);
    // Threads, last in and first out.
    io::WorkerPool workers("worker", std::max(1U, std::thread::hardware_concurrency()),
                           kWorkerQueueMax);
    io::WorkerPool signer("signer", 1, kChainQueueMax);
    io::WorkerPool chain_thread("chain", 1, kChainQueueMax);
    TRY_ASSIGN(const auto recorder, start_recorder(config));
    Runner runner({core, inbox, pool, jobs, sync_jobs, state_jobs, request_jobs, *access.chain,
                   keys, signatures, workers, chain_thread, signer, offchain, *network, sync_view,
                   service.hub(), metrics, signer_of(identity)});
    runner.record(recorder.get());
    TRY_ASSIGN(auto effects, start_core_now(core, beginning, *access.database, recorder.get()));
    io::http::PageHandler metric_pages = pages_of(metrics);
    TRY_ASSIGN(const auto metric_server, start_metrics(config, metric_pages));
    TRY_ASSIGN(const auto rpc_server, start_rpc(config, service));
    order_first_block(config, access.chain->heads().best.number, inbox);
    runner.run(std::move(effects));
    stop(pool, offchain, chain_thread, signer);
    return access.database->sync();
}

}  // namespace stipple::node
