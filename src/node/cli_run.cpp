#include "node/cli_run.hpp"

#include <CLI/CLI.hpp>

namespace stipple::node {

void add_shared_flags(CLI::App& app, SharedConfig& config) {
    app.add_option("--chain", config.chain, "Chain specification (a JSON file)");
    app.add_option("--base-path,-d", config.base_path, "Where data is kept");
    app.add_flag("--tmp", config.tmp, "Keep data in a temporary folder, removed at the end");
    app.add_flag("--dev", config.dev,
                 "Development: --force-authoring --rpc-cors=all --alice --tmp");
    app.add_option("--log,-l", config.log, "Log levels: `debug` or `babe=debug,rpc=trace`");
    app.add_flag("--detailed-log-output", config.detailed_log_output, "Log target and level too");
}

void add_database_flags(CLI::App& app, DatabaseConfig& config) {
    app.add_option("--db-cache", config.db_cache_mib, "Memory of the database (MiB)")
        ->check(CLI::Range(16, 1 << 20));
    app.add_option("--state-pruning", config.state_pruning,
                   "States kept: a number of finalised blocks, archive or archive-canonical");
    app.add_option("--blocks-pruning", config.blocks_pruning,
                   "Bodies kept: a number of finalised blocks, archive or archive-canonical");
    app.add_option("--trie-cache-size", config.trie_cache_bytes, "State cache (bytes)");
    app.add_option("--database", "Database: auto or rocksdb")
        ->check(CLI::IsMember({"auto", "rocksdb"}, CLI::ignore_case));
}

namespace {

void add_rpc_flags(CLI::App& app, RpcConfig& rpc) {
    app.add_option("--rpc-port", rpc.port, "Port of JSON-RPC over HTTP and WebSocket");
    app.add_flag("--rpc-external", rpc.external, "Listen on all interfaces");
    app.add_flag("--unsafe-rpc-external", rpc.unsafe_external,
                 "Listen on all interfaces, also with --validator");
    app.add_option("--rpc-methods", rpc.methods, "auto, safe or unsafe")
        ->check(CLI::IsMember({"auto", "safe", "unsafe"}, CLI::ignore_case));
    app.add_option("--rpc-cors", rpc.cors, "Allowed browser origins, comma separated, or all");
    app.add_option("--rpc-max-connections", rpc.max_connections, "Connections at once");
    app.add_option("--rpc-max-request-size", rpc.max_request_mib, "Request limit (MiB)");
    app.add_option("--rpc-max-response-size", rpc.max_response_mib, "Response limit (MiB)");
    app.add_option("--rpc-max-subscriptions-per-connection", rpc.max_subscriptions, "Limit");
    app.add_option("--rpc-message-buffer-capacity-per-connection", rpc.message_buffer,
                   "Notifications waiting for a slow reader");
    app.add_option("--rpc-max-batch-request-len", rpc.max_batch, "Calls in one batch");
    app.add_flag("--rpc-disable-batch-requests", rpc.disable_batch, "Refuse batches");
    app.add_option("--rpc-rate-limit", rpc.rate_limit_per_minute, "Calls a minute per connection");
    app.add_option("--rpc-threads", rpc.threads, "Threads that answer")->check(CLI::Range(1, 64));
}

/// Flags of parts that are not built yet: accepted, so that unit files start, and named in a
/// warning.
void add_flags_without_effect(CLI::App& app, RunConfig& config) {
    for (const char* flag :
         {"--no-telemetry", "--no-hardware-benchmarks", "--insecure-validator-i-know-what-i-do"}) {
        app.add_flag_callback(flag, [] {}, "Accepted; always so in this version");
    }
    for (const char* flag : {"--kademlia-disjoint-query-paths", "--ipfs-server",
                             "--warm-up-trie-cache", "--enable-log-reloading"}) {
        app.add_flag_callback(
            flag, [&config, flag] { config.without_effect.emplace_back(flag); },
            "Accepted, without effect in this version");
    }
    for (const char* option :
         {"--telemetry-url", "--workers-path", "--network-backend", "--pool-type",
          "--wasmtime-instantiation-strategy", "--kademlia-replication-factor", "--wasm-execution",
          "--tracing-targets", "--tracing-receiver", "--tx-ban-seconds"}) {
        app.add_option_function<std::vector<std::string>>(
               option,
               [&config, option](const std::vector<std::string>&) {
                   config.without_effect.emplace_back(option);
               },
               "Accepted, without effect in this version")
            ->expected(1, -1);
    }
}

void add_network_flags(CLI::App& app, NetworkFlags& network) {
    app.add_option("--port", network.port, "TCP port of the network (30333)");
    app.add_option("--listen-addr", network.listen_addr, "Listen here instead (multiaddress)");
    auto* const certificate = app.add_option("--tls-cert", network.tls_cert,
                                             "Certificates for --listen-addr .../wss (PEM file)");
    auto* const certificate_key =
        app.add_option("--tls-key", network.tls_key, "Their key (PEM file)");
    certificate->needs(certificate_key);
    certificate_key->needs(certificate);
    app.add_option("--public-addr", network.public_addr, "Where others reach us (multiaddress)");
    app.add_option("--bootnodes", network.bootnodes,
                   "Nodes to begin with (multiaddress with /p2p)");
    app.add_option("--reserved-nodes", network.reserved_nodes,
                   "Nodes to be connected to always (multiaddress with /p2p)");
    app.add_flag("--reserved-only", network.reserved_only, "Only reserved nodes");
    app.add_option("--in-peers", network.in_peers, "Full nodes that may connect to us");
    app.add_option("--out-peers", network.out_peers, "Full nodes we connect to");
    app.add_option("--in-peers-light", network.in_peers_light, "Light nodes that may connect");
    auto* key = app.add_option("--node-key", network.node_key, "Secret ed25519 key, 64 hex digits");
    app.add_option_function<std::string>(
           "--node-key-type", [](const std::string&) {}, "Only ed25519 there is")
        ->check(CLI::IsMember({"ed25519"}, CLI::ignore_case));
    app.add_option("--node-key-file", network.node_key_file, "File with the secret ed25519 key")
        ->excludes(key);
    app.add_flag("--unsafe-force-node-key-generation", network.force_node_key_generation,
                 "Make a node key for a validator that has none");
    app.add_option("--sync", network.sync, "full, fast, fast-unsafe or warp")
        ->check(CLI::IsMember({"full", "fast", "fast-unsafe", "warp"}));
    app.add_option("--max-parallel-downloads", network.max_parallel_downloads,
                   "Peers to download blocks from at once")
        ->check(CLI::Range(1, 64));
    app.add_option("--max-blocks-per-request", network.max_blocks_per_request, "Blocks asked for")
        ->check(CLI::Range(1, 128));
    app.add_flag("--discover-local", network.discover_local,
                 "Find peers at private addresses by discovery, too");
    auto* allow = app.add_flag("--allow-private-ip", network.allow_private_ip,
                               "Connect to private addresses, too (always on local chains)");
    app.add_flag("--no-private-ip", network.no_private_ip, "Never connect to private addresses")
        ->excludes(allow);
    app.add_flag("--no-mdns", network.no_mdns,
                 "Do not look for peers of the local network (--dev never does)");
}

}  // namespace

void add_run_flags(CLI::App& app, RunConfig& config) {
    add_shared_flags(app, config.shared);
    add_database_flags(app, config.database);
    add_rpc_flags(app, config.rpc);
    add_network_flags(app, config.network);
    app.add_flag("--validator", config.validator,
                 "Author blocks and vote with the keys of the keystore");
    app.add_flag("--no-grandpa", config.no_grandpa, "Do not vote");
    app.add_flag("--no-beefy", config.no_beefy, "Take no part in BEEFY");
    app.add_flag("--force-authoring", config.force_authoring, "Author also without peers");
    app.add_flag("--force-authoring-backoff", config.force_authoring_backoff,
                 "Leave out slots when finality lags, also on Polkadot and Kusama");
    app.add_option("--signing-wait", config.signing_wait_seconds,
                   "Seconds to listen for signatures of our keys by another machine before the "
                   "first one of ours")
        ->check(CLI::Range(0, 86'400));
    app.add_option("--name", config.name, "Name of this node");
    for (const char* person : {"Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie", "One", "Two"}) {
        std::string flag = std::string("--") + person;
        flag[2] = static_cast<char>(flag[2] - 'A' + 'a');
        app.add_flag_callback(
            flag, [&config, person] { config.well_known_key = person; },
            std::string("Well-known keys //") + person + "; implies --validator");
    }
    app.add_option("--keystore-path", config.keystore_path, "Folder of key files");
    app.add_option("--password", config.password, "Password of the keystore");
    app.add_option_function<std::string>(
           "--password-filename",
           [&config](const std::string& file) { config.password = CLI::detail::trim_copy(file); },
           "File with the password of the keystore")
        ->transform([](const std::string& file) {
            std::ifstream in(file);
            std::string line;
            if (!in || !std::getline(in, line)) {
                throw CLI::ValidationError("--password-filename", "cannot read " + file);
            }
            return line;
        });
    app.add_option("--prometheus-port", config.prometheus_port, "Port of the metrics");
    app.add_flag("--prometheus-external", config.prometheus_external, "Metrics on all interfaces");
    app.add_flag("--no-prometheus", config.no_prometheus, "No metrics");
    app.add_option("--pool-limit", config.pool_limit, "Transactions in the pool");
    app.add_option("--pool-kbytes", config.pool_kbytes, "Bytes in the pool (KiB)");
    app.add_option("--max-runtime-instances", config.runtime_instances, "Runtime calls at once")
        ->check(CLI::Range(1, 256));
    app.add_option("--offchain-worker", config.offchain_worker, "always, never or when-authority")
        ->check(CLI::IsMember({"always", "never", "when-authority"}));
    app.add_option("--record", config.record,
                   "Write what enters the core to this new file, for `stipple replay`");
    add_flags_without_effect(app, config);
}

void add_dev_flags(CLI::App& app, RunConfig& config) {
    add_run_flags(app, config);
    auto* instant = app.add_flag_callback(
        "--instant-seal", [&config] { config.sealing.mode = SealingFlags::Mode::instant; },
        "A block when a transaction is ready");
    app.add_flag_callback(
           "--manual-seal", [&config] { config.sealing.mode = SealingFlags::Mode::manual; },
           "A block when engine_createBlock or dev_newBlock asks for one")
        ->excludes(instant);
    app.add_option("--dev-block-time", config.sealing.block_time_ms,
                   "A block in this many milliseconds; the chain's clock may run ahead")
        ->check(CLI::Range(50, 3'600'000))
        ->excludes(instant);
}

}  // namespace stipple::node
