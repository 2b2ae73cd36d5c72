#include "node/network_wiring.hpp"

#include "base/log.hpp"
#include "crypto/entropy.hpp"
#include "io/key_files.hpp"
#include "node/node_keys.hpp"

#include <fmt/format.h>

namespace stipple::node {
namespace {

constexpr std::uint16_t kDefaultPort = 30333;
constexpr const char* kNodeKeyFile = "secret_ed25519";

Result<Multiaddr> parse_address(const char* flag, const std::string& text) {
    auto address = Multiaddr::parse(text);
    if (!address) {
        return fail(
            fmt::format("{} {}: not a multiaddress like /ip4/127.0.0.1/tcp/30333", flag, text));
    }
    return *std::move(address);
}

Result<BootNode> parse_node(const char* flag, const std::string& text) {
    TRY_ASSIGN(auto address, parse_address(flag, text));
    const auto peer = address.peer();
    if (!peer) {
        return fail(fmt::format("{} {}: must end in /p2p/<peer id>", flag, text));
    }
    return BootNode{*peer, address.without_peer()};
}

bool is_local_chain(const chain::ChainSpec& spec) {
    return spec.chain_type == "Local" || spec.chain_type == "Development";
}

/// Whether addresses that are not global are told, dialled and published.
bool uses_local_addresses(const RunConfig& config, const chain::ChainSpec& spec) {
    const NetworkFlags& flags = config.network;
    return !flags.no_private_ip && (flags.allow_private_ip || flags.discover_local ||
                                    config.shared.dev || is_local_chain(spec));
}

Result<std::vector<Multiaddr>> addresses_of(const char* flag,
                                            const std::vector<std::string>& texts) {
    std::vector<Multiaddr> addresses;
    for (const auto& text : texts) {
        TRY_ASSIGN(auto address, parse_address(flag, text));
        addresses.push_back(std::move(address));
    }
    return addresses;
}

std::vector<Multiaddr> listen_on(std::uint16_t port) {
    return {Multiaddr::tcp(*libp2p::IpAddress::parse("0.0.0.0"), port),
            Multiaddr::tcp(*libp2p::IpAddress::parse("::"), port)};
}

Result<SwitchboardConfig> board_config(const RunConfig& config, const ChainAccess& access) {
    const NetworkFlags& flags = config.network;
    const chain::ChainSpec& spec = *access.spec;
    const auto heads = access.chain->heads();
    SwitchboardConfig board;
    board.names = {.genesis = heads.genesis,
                   .fork_id = spec.fork_id.value_or(""),
                   .protocol_id = spec.protocol_id.value_or("sup")};
    board.role = config.validator ? network::Role::authority : network::Role::full;
    board.best = heads.best;
    board.beefy = !config.no_beefy;
    board.slots.out = flags.out_peers;
    board.slots.in_full = flags.in_peers;
    board.slots.in_light = flags.in_peers_light;
    board.slots.reserved_only = flags.reserved_only;
    TRY_ASSIGN(board.public_addresses, addresses_of("--public-addr", flags.public_addr));
    board.local_addresses = uses_local_addresses(config, spec);
    board.agent = fmt::format("stipple/{} ({})", STIPPLE_VERSION,
                              config.name.empty() ? "unnamed" : config.name);
    for (const auto& text : spec.boot_nodes) {
        if (auto node = parse_node("bootNodes", text)) {
            board.boot_nodes.push_back(*std::move(node));
        } else {
            log(LogLevel::debug, "sub-libp2p", "{}", node.error().message());
        }
    }
    for (const auto& text : flags.bootnodes) {
        TRY_ASSIGN(auto node, parse_node("--bootnodes", text));
        board.boot_nodes.push_back(std::move(node));
    }
    for (const auto& text : flags.reserved_nodes) {
        TRY_ASSIGN(auto node, parse_node("--reserved-nodes", text));
        board.reserved.push_back(std::move(node));
    }
    return board;
}

/// From the network thread to the core's inbox. Gossip and questions of others may be lost when the
/// core is too busy, by number (the lane) and by bytes; what it waits for never is.
class CoreSink {
 public:
    explicit CoreSink(Inbox<Event>& inbox) : inbox_(inbox) {}

    void operator()(NetworkEvent event) const {
        Lane lane = Lane::peers;
        if (auto* note = std::get_if<NotificationReceived>(&event)) {
            lane = Lane::gossip;
            note->charge = charge(note->message.size());
        } else if (auto* request = std::get_if<RequestReceived>(&event)) {
            lane = Lane::gossip;
            request->charge = charge(request->request.size());
        } else if (auto* dht = std::get_if<DhtEvent>(&event)) {
            if (auto* offer = std::get_if<DhtPutRequested>(dht)) {
                lane = Lane::gossip;
                offer->charge = charge(offer->value.size());
            }
        }
        if (lane == Lane::peers || *waiting_ <= kGossipBytesMax) {
            static_cast<void>(inbox_.push(lane, std::move(event)));
        }
    }

 private:
    /// Counted until the event is gone.
    std::shared_ptr<void> charge(std::size_t bytes) const {
        *waiting_ += bytes;
        return {nullptr, [waiting = waiting_, bytes](void*) { *waiting -= bytes; }};
    }

    Inbox<Event>& inbox_;
    std::shared_ptr<std::atomic<std::size_t>> waiting_ =
        std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace

AuthoritiesConfig authorities_config(const RunConfig& config, const ChainAccess& access,
                                     const PeerId& local) {
    AuthoritiesConfig authorities;
    authorities.enabled = true;
    authorities.discovery.local = local;
    for (const auto& text : config.network.public_addr) {
        if (auto address = Multiaddr::parse(text)) {  // start_network refuses what is none
            authorities.discovery.public_addresses.push_back(address->without_peer());
        }
    }
    authorities.discovery.publish_non_global = uses_local_addresses(config, *access.spec);
    authorities.discovery.needs_peer_signature = true;
    authorities.discovery.look_up = config.validator;
    return authorities;
}

std::function<network::discovery::PeerSignature(ByteView)> signer_of(
    const crypto::Ed25519Keypair& identity) {
    return [&identity](ByteView record) {
        return network::discovery::PeerSignature{
            to_bytes(identity.sign(record).view()),
            libp2p::encode_public_key(libp2p::public_key(identity.public_key))};
    };
}

namespace {

network::sync::SyncConfig sync_config(const NetworkFlags& flags) {
    using network::sync::SyncMode;
    network::sync::SyncConfig sync;
    sync.mode = flags.sync == "fast"          ? SyncMode::fast
                : flags.sync == "fast-unsafe" ? SyncMode::fast_unsafe
                : flags.sync == "warp"        ? SyncMode::warp
                                              : SyncMode::full;
    sync.parallel_downloads = flags.max_parallel_downloads;
    sync.blocks_per_request = flags.max_blocks_per_request;
    return sync;
}

/// Without proofs nobody can tell how a value stands in its node where two versions wrote (design:
/// state, rule 6).
Result<> check_sync_mode(const RunConfig& config, const chain::Chain& chain) {
    const std::string& mode = config.network.sync;
    if (mode != "fast-unsafe" || (chain.heads().best.number != 0 && !chain.is_stateless())) {
        return {};
    }
    const auto runtime = chain.runtime(chain.heads().genesis);
    if (!runtime || !(*runtime)->version().state_v1()) {
        return fail(
            "--sync fast-unsafe: this chain began under state version 0, so that its values may "
            "stand in nodes or beside them, which only proofs tell: use --sync fast");
    }
    return {};
}

}  // namespace

Result<> check_sync_flags(const RunConfig& config) {
    const std::string& mode = config.network.sync;
    if (mode != "full" && config.database.state_pruning.starts_with("archive")) {
        return fail("--sync " + mode + " leaves no states of the past, which --state-pruning " +
                    config.database.state_pruning + " is to keep: use --sync full");
    }
    return {};
}

Result<PeeringConfig> peering_config(const RunConfig& config, const ChainAccess& access,
                                     const crypto::Ed25519Keypair& identity, StateSyncJobs& jobs) {
    const chain::Chain& chain = *access.chain;
    TRY(check_sync_mode(config, chain));
    PeeringConfig peering;
    peering.sync = sync_config(config.network);
    peering.authorities =
        authorities_config(config, access, libp2p::peer_id_of(identity.public_key));
    const auto start = chain_start(chain);
    peering.gap = start.gap;
    peering.stateless = start.stateless;
    const bool is_fast = config.network.sync.starts_with("fast");
    if (start.stateless && !is_fast) {
        log(LogLevel::warn, "sync", "a fast sync is under way and goes on; --sync {} does not hold",
            config.network.sync);
    } else if (peering.sync.mode != network::sync::SyncMode::full && !start.stateless &&
               start.best.number != 0) {
        log(LogLevel::info, "sync", "--sync {} is for a chain at genesis: following in full",
            config.network.sync);
    }
    TRY(jobs.resume(peering.sync));
    return peering;
}

Result<crypto::Ed25519Keypair> node_identity(const RunConfig& config, const ChainAccess& access) {
    const NetworkFlags& flags = config.network;
    if (!flags.node_key.empty()) {
        TRY_ASSIGN(const auto secret, parse_node_key("--node-key", flags.node_key));
        return crypto::Ed25519Keypair::from_seed(secret);
    }
    const std::filesystem::path file = flags.node_key_file.empty()
                                           ? access.folder / "network" / kNodeKeyFile
                                           : std::filesystem::path(flags.node_key_file);
    if (!std::filesystem::exists(file)) {
        const bool may_make = !config.validator || flags.force_node_key_generation ||
                              config.shared.dev || config.shared.tmp ||
                              is_local_chain(*access.spec);
        if (!may_make) {
            return fail(fmt::format(
                "no node key at {}: make one with `stipple key generate-node-key --file {}`, or "
                "give --unsafe-force-node-key-generation",
                file.string(), file.string()));
        }
        TRY_ASSIGN(const auto secret, crypto::fresh_seed());
        TRY(write_node_key(file, secret));
        return crypto::Ed25519Keypair::from_seed(secret);
    }
    TRY_ASSIGN(const auto secret, read_node_key(file.string()));
    return crypto::Ed25519Keypair::from_seed(secret);
}

Result<std::unique_ptr<NetworkThread>> start_network(const RunConfig& config,
                                                     const ChainAccess& access,
                                                     const crypto::Ed25519Keypair& identity,
                                                     Inbox<Event>& inbox, Seed seed) {
    NetworkThreadConfig network;
    TRY_ASSIGN(network.board, board_config(config, access));
    network.identity = identity;
    network.seed = seed;
    network.mdns = !config.network.no_mdns && !config.shared.dev;
    network.peers = access.database.get();
    network.tls_certificates = config.network.tls_cert;
    network.tls_key = config.network.tls_key;
    TRY_ASSIGN(network.listen, addresses_of("--listen-addr", config.network.listen_addr));
    const bool default_port = network.listen.empty() && !config.network.port;
    if (network.listen.empty()) {
        network.listen = listen_on(config.network.port.value_or(kDefaultPort));
    }
    const CoreSink sink(inbox);
    auto started = NetworkThread::start(network, sink);
    if (!started && default_port) {
        log(LogLevel::warn, "sub-libp2p", "{}; taking any free port", started.error().message());
        network.listen = listen_on(0);
        started = NetworkThread::start(network, sink);
    }
    TRY_ASSIGN(auto thread, std::move(started));
    log(LogLevel::info, "sub-libp2p", "local node identity is: {}",
        libp2p::to_text(thread->peer_id()));
    for (const auto& address : thread->view().addresses) {
        log(LogLevel::info, "sub-libp2p", "listening on {}", address.text());
    }
    return thread;
}

namespace {

const char* name_of(network::Role role) {
    switch (role) {
        case network::Role::authority:
            return "AUTHORITY";
        case network::Role::light:
            return "LIGHT";
        case network::Role::full:
        case network::Role::none:
            return "FULL";
    }
    return "FULL";
}

rpc::NetworkSnapshot snapshot(NetworkThread& network, const SyncView& sync,
                              const chain::ChainSpec& spec) {
    const auto now = network.view();
    rpc::NetworkSnapshot view;
    view.local_peer_id = libp2p::to_text(network.peer_id());
    for (const auto& address : now.addresses) {
        view.listen_addresses.push_back(address.text() + "/p2p/" + view.local_peer_id);
    }
    for (const auto& address : now.external) {
        view.external_addresses.push_back(address.text() + "/p2p/" + view.local_peer_id);
    }
    for (const auto& peer : now.peers) {
        view.peers.push_back({.peer_id = libp2p::to_text(peer.id),
                              .roles = name_of(peer.role),
                              .best_hash = peer.best.hash,
                              .best_number = peer.best.number,
                              .address = peer.address.text(),
                              .is_inbound = peer.inbound,
                              .agent = peer.agent,
                              .ping = peer.ping});
    }
    for (const auto& peer : now.reserved) {
        view.reserved_peers.push_back(libp2p::to_text(peer));
    }
    view.is_syncing = sync.is_major;
    view.should_have_peers = spec.chain_type != "Development";
    if (const BlockNumber highest = sync.highest_seen; highest != 0) {
        view.highest_seen = highest;
    }
    return view;
}

}  // namespace

rpc::NetworkPort network_port(NetworkThread& network, const SyncView& sync,
                              const chain::ChainSpec& spec) {
    rpc::NetworkPort port;
    port.snapshot = [&network, &sync, &spec] { return snapshot(network, sync, spec); };
    port.add_reserved_peer =
        [&network](const std::string& text) -> std::expected<void, std::string> {
        auto node = parse_node("peer", text);
        if (!node) {
            return std::unexpected(node.error().message());
        }
        network.add_reserved(*std::move(node));
        return {};
    };
    port.remove_reserved_peer =
        [&network](const std::string& text) -> std::expected<void, std::string> {
        auto peer = libp2p::parse_peer_id(text);
        if (!peer) {
            return std::unexpected("`" + text + "` is no peer id");
        }
        network.remove_reserved(*std::move(peer));
        return {};
    };
    return port;
}

}  // namespace stipple::node
