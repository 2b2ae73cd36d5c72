// What the command line says, as values. Names and defaults follow the Rust node (docs/cli in
// README.md), so that unit files and habits carry over. cli.cpp fills these; nothing else knows of
// flags.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace stipple::node {

/// Shared by every command that opens a chain.
struct SharedConfig {
    std::string chain;  ///< path of a chain specification
    std::filesystem::path base_path;
    bool tmp = false;  ///< a base path of its own, removed at the end
    bool dev = false;
    std::vector<std::string> log;  ///< `level` or `target=level`, comma separated
    bool detailed_log_output = false;
};

struct DatabaseConfig {
    std::uint64_t db_cache_mib = 256;
    std::string state_pruning = "256";                 ///< a number, archive, archive-canonical
    std::string blocks_pruning = "archive-canonical";  ///< a number, archive, archive-canonical
    std::uint64_t trie_cache_bytes = 64ULL * 1024 * 1024;
};

struct RpcConfig {
    std::uint16_t port = 9944;
    bool external = false;         ///< listen on all interfaces
    bool unsafe_external = false;  ///< the same, and do not refuse with --validator
    std::string methods = "auto";  ///< auto, safe, unsafe
    std::string cors;  ///< comma separated origins, `all`, or empty for the local defaults
    std::uint32_t max_connections = 100;
    std::uint32_t max_request_mib = 15;
    std::uint32_t max_response_mib = 15;
    std::uint32_t max_subscriptions = 1024;
    std::uint32_t message_buffer = 64;
    std::uint32_t max_batch = UINT32_MAX;
    bool disable_batch = false;
    std::optional<std::uint32_t> rate_limit_per_minute;
    std::uint32_t threads = 2;
};

struct NetworkFlags {
    std::optional<std::uint16_t> port;     ///< 30333, or any free one when that is taken
    std::vector<std::string> listen_addr;  ///< multiaddresses
    std::string tls_cert;                  ///< PEM files, to listen on /wss; both or none
    std::string tls_key;
    std::vector<std::string> public_addr;  ///< multiaddresses
    std::vector<std::string> bootnodes;    ///< multiaddresses ending in /p2p/<peer id>
    std::vector<std::string> reserved_nodes;
    bool reserved_only = false;
    std::uint32_t in_peers = 32;
    std::uint32_t out_peers = 8;
    std::uint32_t in_peers_light = 500;
    std::string node_key;  ///< 64 hex digits
    std::string node_key_file;
    bool force_node_key_generation = false;
    std::string sync = "full";  ///< full, fast, fast-unsafe, warp
    std::uint32_t max_parallel_downloads = 5;
    std::uint32_t max_blocks_per_request = 64;
    bool allow_private_ip = false;
    bool discover_local = false;
    bool no_private_ip = false;
    bool no_mdns = false;
};

/// When a development chain makes blocks.
struct SealingFlags {
    enum class Mode : std::uint8_t {
        slots,    ///< as every chain
        instant,  ///< when a transaction is ready
        manual    ///< when asked (`engine_createBlock`)
    } mode = Mode::slots;
    std::optional<std::uint32_t> block_time_ms;  ///< one block in this time, whatever the slots
    bool by_slots() const { return mode == Mode::slots && !block_time_ms; }
};

struct RunConfig {
    SharedConfig shared;
    DatabaseConfig database;
    RpcConfig rpc;
    NetworkFlags network;
    SealingFlags sealing;
    bool validator = false;
    bool no_grandpa = false;
    bool no_beefy = false;
    bool force_authoring = false;
    bool force_authoring_backoff = false;  ///< leave out slots when finality lags, on any chain
    std::uint32_t signing_wait_seconds = 0;
    std::string name;
    std::string well_known_key;  ///< "Alice" … "Two", or empty
    std::filesystem::path keystore_path;
    std::string password;
    std::uint16_t prometheus_port = 9615;
    bool prometheus_external = false;
    bool no_prometheus = false;
    std::size_t pool_limit = 8192;
    std::size_t pool_kbytes = 20480;
    std::uint32_t runtime_instances = 8;
    std::string offchain_worker = "when-authority";
    std::filesystem::path record;             ///< what enters the core goes there; empty: nowhere
    std::vector<std::string> without_effect;  ///< accepted flags whose part is not built yet
};

struct ImportBlocksConfig {
    SharedConfig shared;
    DatabaseConfig database;
    std::string input;  ///< a file; empty or "-" is standard input
    bool binary = false;
};
struct ExportBlocksConfig {
    SharedConfig shared;
    DatabaseConfig database;
    std::string output;
    std::uint32_t from = 1;
    std::optional<std::uint32_t> to;
    bool binary = false;
};
/// check-block and export-state: a block by hash or number.
struct BlockCommandConfig {
    SharedConfig shared;
    DatabaseConfig database;
    std::string block;
};
struct RevertConfig {
    SharedConfig shared;
    DatabaseConfig database;
    std::uint32_t count = 256;
};
struct PurgeConfig {
    SharedConfig shared;
    bool yes = false;
};
struct ChainInfoConfig {
    SharedConfig shared;
    DatabaseConfig database;
};
struct ChainSpecConfig {
    std::string
        action;  ///< build, convert-to-raw, verify, list-presets, display-preset, update-code
    std::string input;  ///< specification file, or runtime code
    std::string runtime;
    std::string preset;
    std::string name = "Development";
    std::string id = "dev";
    std::string chain_type = "Development";
    bool raw = false;
};
struct KeyConfig {
    std::string
        action;  ///< generate, inspect, insert, sign, verify, generate-node-key, inspect-node-key
    SharedConfig shared;
    std::string scheme = "sr25519";
    std::string suri;
    std::string key_type;
    std::string network = "substrate";
    std::string output_type = "text";
    std::string password;
    std::filesystem::path keystore_path;
    std::string file;
    std::string message;
    std::string signature;
    std::string public_key;
    bool hex = false;
    unsigned words = 12;
};

/// key journal …: the signing journal of a stopped node.
struct JournalConfig {
    std::string action;  ///< show, export, import, resume
    SharedConfig shared;
    std::string file;  ///< empty: standard output or input
};

/// replay: a file that --record wrote.
struct ReplayConfig {
    std::string file;
    bool trace = false;  ///< a line for each event
};

/// Base path of chain data: `<base>/chains/<id>`.
std::filesystem::path chain_path(const SharedConfig& shared, const std::string& chain_id);
std::filesystem::path default_base_path();

}  // namespace stipple::node
