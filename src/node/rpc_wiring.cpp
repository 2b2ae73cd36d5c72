#include "node/rpc_wiring.hpp"

#include "crypto/ss58.hpp"
#include "io/clock.hpp"
#include "node/core.hpp"
#include "node/finality_proof.hpp"
#include "node/logging.hpp"
#include "node/sync_spec.hpp"
#include "rpc/methods/call_scope.hpp"

#include <algorithm>
#include <array>
#include <future>
#include <unordered_map>

namespace stipple::node {
namespace {

std::uint16_t address_format(const chain::Chain& chain) {
    const auto& properties = chain.spec().properties;
    if (const auto* object = properties.if_object()) {
        if (const auto* format = object->if_contains("ss58Format")) {
            if (format->is_int64() && format->as_int64() >= 0 && format->as_int64() < 16384) {
                return static_cast<std::uint16_t>(format->as_int64());
            }
        }
    }
    return 42;
}

std::vector<std::string> missing(const grandpa::Round& round, grandpa::Phase phase,
                                 std::uint16_t format) {
    std::vector<std::string> addresses;
    for (grandpa::VoterIndex i = 0; i < round.voters().size(); ++i) {
        const auto& id = round.voters().id(i);
        if (!round.has_voted(phase, id)) {
            addresses.push_back(crypto::ss58_encode(id, format));
        }
    }
    std::sort(addresses.begin(), addresses.end());
    return addresses;
}

std::optional<BlockHash> beefy_head(const chain::Chain& chain, Inbox<Event>& inbox) {
    auto promise = std::make_shared<std::promise<BlockNumber>>();
    auto answer = promise->get_future();
    const bool sent = inbox.push(
        Lane::control, CoreQuestion{[promise](const Core& core) {
            const auto* oracle = core.beefy() == nullptr ? nullptr : core.beefy()->oracle();
            promise->set_value(oracle == nullptr ? 0 : oracle->best_beefy());
        }});
    if (!sent || answer.wait_for(kSubmitTimeout) != std::future_status::ready) {
        return std::nullopt;
    }
    const BlockNumber best = answer.get();
    const auto hash = chain.canonical_hash(best);
    return best != 0 && hash ? *hash : std::nullopt;
}

rpc::RoundStateReport round_state(const grandpa::Voter& voter, std::uint16_t format) {
    const auto& round = voter.round();
    rpc::RoundStateReport report;
    report.set_id = voter.set().value;
    report.best = {.round = round.number().value,
                   .total_weight = round.voters().total_weight(),
                   .threshold_weight = round.voters().threshold(),
                   .prevote_weight = round.participation(grandpa::Phase::prevote),
                   .prevotes_missing = missing(round, grandpa::Phase::prevote, format),
                   .precommit_weight = round.participation(grandpa::Phase::precommit),
                   .precommits_missing = missing(round, grandpa::Phase::precommit, format)};
    return report;
}

std::expected<void, std::string> as_text(const Result<>& result) {
    if (!result) {
        return std::unexpected(result.error().message());
    }
    return {};
}

/// `network` may be null and outlives the context.
void connect_network(rpc::RpcContext& context, const rpc::NetworkPort* network) {
    const auto look = [network] {
        return network == nullptr ? rpc::NetworkSnapshot{.local_peer_id = {},
                                                         .listen_addresses = {},
                                                         .external_addresses = {},
                                                         .peers = {},
                                                         .reserved_peers = {},
                                                         .is_syncing = false,
                                                         .should_have_peers = false,
                                                         .highest_seen = {}}
                                  : network->snapshot();
    };
    rpc::NodePorts& ports = context.ports;
    ports.health = [look] {
        const auto now = look();
        return rpc::Health{.peers = now.peers.size(),
                           .is_syncing = now.is_syncing,
                           .should_have_peers = now.should_have_peers};
    };
    const chain::Chain& chain = context.chain;
    ports.sync_state = [&chain, look, began = chain.heads().best.number] {
        const auto best = chain.heads().best.number;
        return rpc::SyncState{.starting_block = began,
                              .current_block = best,
                              .highest_block = std::max(best, look().highest_seen.value_or(0))};
    };
    ports.peers = [look] { return look().peers; };
    ports.reserved_peers = [look] { return look().reserved_peers; };
    ports.listen_addresses = [look] { return look().listen_addresses; };
    ports.network_state = [look] { return rpc::network_state_json(look()); };
    if (network != nullptr) {
        ports.local_peer_id = [look] { return look().local_peer_id; };
        ports.add_reserved_peer = network->add_reserved_peer;
        ports.remove_reserved_peer = network->remove_reserved_peer;
    } else {
        const auto refuse = [](const std::string& /*peer*/) -> std::expected<void, std::string> {
            return std::unexpected("this node runs without a network");
        };
        ports.add_reserved_peer = refuse;
        ports.remove_reserved_peer = refuse;
    }
}

constexpr std::chrono::seconds kOrderTimeout{30};

/// Blocks on order go through the core's inbox; the caller waits.
rpc::DevPorts dev_ports(Inbox<Event>& inbox) {
    rpc::DevPorts ports;
    ports.seal = [&inbox](rpc::DevBlock block) -> std::expected<BlockHash, std::string> {
        using Made = std::expected<BlockHash, std::string>;
        auto promise = std::make_shared<std::promise<Made>>();
        auto made = promise->get_future();
        SealOrder order{.create_empty = block.create_empty,
                        .finalize = block.finalize,
                        .parent = block.parent,
                        .not_before = block.not_before,
                        .storage = std::move(block.storage),
                        .reply = [promise](Made what) { promise->set_value(std::move(what)); }};
        if (!inbox.push(Lane::control, SealRequested{std::move(order)}) ||
            made.wait_for(kOrderTimeout) != std::future_status::ready) {
            return std::unexpected("the node is busy or stopping");
        }
        return made.get();
    };
    ports.finalize = [&inbox](BlockHash hash) -> std::expected<void, std::string> {
        using Done = std::expected<void, std::string>;
        auto promise = std::make_shared<std::promise<Done>>();
        auto done = promise->get_future();
        FinalizeRequested request{
            .block = hash, .reply = [promise](Done what) { promise->set_value(std::move(what)); }};
        if (!inbox.push(Lane::control, std::move(request)) ||
            done.wait_for(kOrderTimeout) != std::future_status::ready) {
            return std::unexpected("the node is busy or stopping");
        }
        return done.get();
    };
    ports.set_head = [&inbox](BlockHash hash) -> std::expected<void, std::string> {
        using Done = std::expected<void, std::string>;
        auto promise = std::make_shared<std::promise<Done>>();
        auto done = promise->get_future();
        RewindRequested request{
            .block = hash, .reply = [promise](Done what) { promise->set_value(std::move(what)); }};
        if (!inbox.push(Lane::control, std::move(request)) ||
            done.wait_for(kOrderTimeout) != std::future_status::ready) {
            return std::unexpected("the node is busy or stopping");
        }
        return done.get();
    };
    return ports;
}

}  // namespace

rpc::RpcContext make_rpc_context(const RpcParts& parts) {
    rpc::RpcContext context{
        .chain = parts.chain,
        .node = {
            .name = "Stipple", .version = STIPPLE_VERSION, .is_authority = parts.config.validator}};
    const chain::Chain& chain = parts.chain;
    context.clock = [] { return io::now(); };
    connect_network(context, parts.network);
    context.ports.add_log_filter = [](std::string_view directives) {
        return as_text(add_log_filter(std::string(directives)));
    };
    context.ports.reset_log_filter = []() -> std::expected<void, std::string> {
        reset_log_filter();
        return {};
    };
    context.pool = &parts.pool;
    if (!parts.config.sealing.by_slots()) {
        context.dev = dev_ports(parts.inbox);
    }
    chain::Keystore& keystore = *parts.keys.keystore;
    context.keys.insert = [&keystore](executor::KeyType type, std::string suri, ByteView key) {
        const auto inserted = keystore.insert(chain::KeyType(type.bytes), suri, key);
        return inserted && inserted->has_value();
    };
    context.keys.has = [&keystore](executor::KeyType type, ByteView key) {
        return keystore.has_key(chain::KeyType(type.bytes), key);
    };
    context.keys.keystore = parts.keys.for_runtimes.get();
    context.babe.epoch_authorship = [&chain, &keystore, format = address_format(chain)] {
        return epoch_authorship(chain, keystore, format);
    };
    context.grandpa.prove_finality = [&chain, &database = parts.database](BlockNumber number) {
        return prove_finality(chain, database, number);
    };
    if (!parts.config.no_grandpa) {
        context.grandpa.round_state =
            [&inbox = parts.inbox,
             format = address_format(chain)]() -> std::optional<rpc::RoundStateReport> {
            auto promise = std::make_shared<std::promise<std::optional<rpc::RoundStateReport>>>();
            auto answer = promise->get_future();
            const bool sent = inbox.push(
                Lane::control, CoreQuestion{[promise, format](const Core& core) {
                    promise->set_value(core.voter() == nullptr
                                           ? std::nullopt
                                           : std::optional(round_state(*core.voter(), format)));
                }});
            if (!sent || answer.wait_for(kSubmitTimeout) != std::future_status::ready) {
                return std::nullopt;
            }
            return answer.get();
        };
    }
    if (!parts.config.no_beefy) {
        context.beefy.finalized_head = [&chain, &inbox = parts.inbox] {
            return beefy_head(chain, inbox);
        };
    }
    if (parts.executor != nullptr) {
        context.sync_state.gen_sync_spec = [&chain, &database = parts.database,
                                            &executor = *parts.executor](bool /*raw*/) {
            return make_sync_spec(chain, database, executor);
        };
    }
    context.offchain_storage = &parts.offchain_storage;
    context.signatures = &parts.signatures;
    context.is_archive = parts.config.database.state_pruning.starts_with("archive") &&
                         parts.config.database.blocks_pruning.starts_with("archive");
    context.answer_bytes_max = std::size_t{parts.config.rpc.max_response_mib} * 1024 * 1024;
    return context;
}

rpc::ServiceConfig service_config(const RpcConfig& config) {
    rpc::ServiceConfig service;
    service.policy = config.methods == "safe"     ? rpc::MethodPolicy::safe
                     : config.methods == "unsafe" ? rpc::MethodPolicy::unsafe
                                                  : rpc::MethodPolicy::automatic;
    if (config.disable_batch) {
        service.batch_calls_max = 0;
    } else if (config.max_batch != UINT32_MAX) {
        service.batch_calls_max = config.max_batch;
    }
    service.subscriptions_per_connection_max = config.max_subscriptions;
    return service;
}

io::http::ServerConfig server_config(const RpcConfig& config) {
    io::http::ServerConfig server;
    if (config.external || config.unsafe_external) {
        server.endpoints = {{.address = "0.0.0.0", .port = config.port},
                            {.address = "::", .port = config.port, .optional = true}};
    } else {
        server.endpoints = {{.address = "127.0.0.1", .port = config.port},
                            {.address = "::1", .port = config.port, .optional = true}};
    }
    server.threads = config.threads;
    server.connections_max = config.max_connections;
    server.request_bytes_max = std::size_t{config.max_request_mib} * 1024 * 1024;
    server.pushed_messages_max = config.message_buffer;
    server.calls_per_minute = config.rate_limit_per_minute.value_or(0);
    if (config.cors == "all") {
        return server;
    }
    std::vector<std::string> origins;
    std::string_view rest = config.cors.empty()
                                ? "http://localhost:*,http://127.0.0.1:*,https://localhost:*,"
                                  "https://127.0.0.1:*,https://polkadot.js.org"
                                : std::string_view(config.cors);
    while (!rest.empty()) {
        const auto comma = rest.find(',');
        origins.emplace_back(rest.substr(0, comma));
        rest = comma == std::string_view::npos ? "" : rest.substr(comma + 1);
    }
    server.cors = std::move(origins);
    return server;
}

void observe_calls(rpc::RpcService& service, Metrics& metrics) {
    // One counter for each (method, transport, verdict), made before the first call: counting is
    // one addition.
    using Counters = std::array<Metric*, 4>;
    std::unordered_map<std::string_view, Counters> counters;
    for (const std::string_view method : service.registry().names()) {
        for (std::size_t i = 0; i < 4; ++i) {
            counters[method][i] =
                &metrics.counter("substrate_rpc_calls_finished", "Number of processed RPC calls",
                                 {{"protocol", i < 2 ? "http" : "ws"},
                                  {"method", std::string(method)},
                                  {"is_error", i % 2 == 0 ? "false" : "true"}});
        }
    }
    service.set_observer(
        [counters = std::move(counters)](std::string_view method, bool websocket, bool success) {
            if (const auto found = counters.find(method); found != counters.end()) {
                found->second[(websocket ? 2U : 0U) + (success ? 0U : 1U)]->add();
            }
        });
}

}  // namespace stipple::node
