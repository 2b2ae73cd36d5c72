#include "node/metrics.hpp"

#include "chain/pool/pool_world.hpp"
#include "consensus/grandpa/voter_world.hpp"
#include "node/core_metrics.hpp"
#include "node/network_metrics.hpp"

#include <gtest/gtest.h>

namespace stipple::node {
namespace {

TEST(Metrics, renders_series_of_one_family_under_one_header) {
    Metrics metrics;
    metrics.gauge("substrate_block_height", "Height", {{"status", "best"}}).set(7);
    metrics.gauge("substrate_block_height", "Height", {{"status", "finalized"}}).set(5);
    EXPECT_EQ(metrics.render(),
              "# HELP substrate_block_height Height\n# TYPE substrate_block_height gauge\n"
              "substrate_block_height{status=\"best\"} 7\n"
              "substrate_block_height{status=\"finalized\"} 5\n");
}

TEST(Metrics, gives_the_same_metric_for_the_same_name_and_labels) {
    Metrics metrics;
    metrics.counter("calls_total", "Calls").add();
    metrics.counter("calls_total", "Calls").add(2);
    EXPECT_EQ(metrics.counter("calls_total", "Calls").value(), 3);
}

TEST(Metrics, accumulates_histogram_buckets) {
    Metrics metrics;
    auto& times = metrics.histogram("seconds", "Time", {0.1, 1});
    times.observe(0.05);
    times.observe(0.5);
    times.observe(5);
    const std::string text = metrics.render();
    EXPECT_NE(text.find("seconds_bucket{le=\"0.1\"} 1\n"), std::string::npos) << text;
    EXPECT_NE(text.find("seconds_bucket{le=\"1\"} 2\n"), std::string::npos) << text;
    EXPECT_NE(text.find("seconds_bucket{le=\"+Inf\"} 3\n"), std::string::npos) << text;
    EXPECT_NE(text.find("seconds_count 3\n"), std::string::npos) << text;
}

TEST(Metrics, escapes_label_values) {
    Metrics metrics;
    metrics.gauge("g", "h", {{"name", "a\"b\\c\nd"}}).set(1);
    EXPECT_NE(metrics.render().find("g{name=\"a\\\"b\\\\c\\nd\"} 1"), std::string::npos);
}

TEST(Metrics, of_the_core_have_the_names_of_the_rust_node_and_follow_its_counts) {
    CoreConfig config;
    config.beefy = true;
    const chain::Heads heads{chain::pool::World::genesis(), chain::pool::World::genesis(),
                             chain::pool::World::genesis().hash};
    Core core(config, heads, {AuthoritySetId(0), grandpa::testing::voter_list(1), {}}, {}, Seed{1});
    Metrics metrics;
    MetricTable<Core> beefy(metrics, beefy_metrics());
    MetricTable<Authorities> discovery(metrics, discovery_metrics());
    EXPECT_EQ(metrics.counter("substrate_beefy_bad_justification_imports", "").value(), 0);
    EffectList effects;
    BlockImported event;
    event.imported.bad_beefy_proof = true;
    event.set = {AuthoritySetId(0), grandpa::testing::voter_list(1), {}};
    core.handle({}, {}, std::move(event), effects);
    const PeerKey peer(1);
    const auto ask = [&](std::uint64_t token, Bytes request) {
        core.handle({}, {},
                    NetworkEvent{RequestReceived{peer,
                                                 RequestToken(token),
                                                 network::Protocol::beefy_justifications,
                                                 std::move(request),
                                                 {}}},
                    effects);
    };
    ask(1, {});                                              // no request at all: refused
    ask(2, network::encode(network::BeefyProofRequest{1}));  // read by a job
    for (const Effect& effect : EffectList(effects)) {
        if (const auto* job = std::get_if<network::requests::ReadBeefyProof>(&effect)) {
            core.handle({}, {}, RequestJobDone{job->job, network::requests::Answer{{1}, true}},
                        effects);
        }
    }
    beefy.show(core);
    discovery.show(core.peering().authorities());
    const std::string text = metrics.render();
    for (const char* line :
         {"substrate_beefy_bad_justification_imports 1\n",
          "substrate_beefy_good_justification_imports 0\n",
          "substrate_beefy_successful_justification_responses 1\n",
          "substrate_beefy_failed_justification_responses 1\n",
          "substrate_beefy_no_authority_found_in_store 0\n",
          "\nbeefy_on_demand_justification_peer_refused 0\n",
          "# TYPE substrate_beefy_best_block gauge\n",
          "substrate_authority_discovery_dht_event_received{name=\"value_put\"} 0",
          "substrate_authority_discovery_known_authorities_count 0\n"}) {
        EXPECT_NE(text.find(line), std::string::npos) << line << text;
    }
}

TEST(Metrics, of_the_network_have_the_names_of_the_rust_node_and_are_asked_for_when_rendered) {
    Metrics metrics;
    NetworkNumbers numbers;
    const network::ChainNames names{.genesis = {}, .fork_id = "", .protocol_id = "sup"};
    show_network(metrics, names, [&] { return numbers; });
    numbers.bytes_in = 12;
    numbers.opened_out = 2;
    numbers.closed_in = 4;
    numbers.contacts = {{255, 3}};
    ++numbers.of(network::Protocol::grandpa).streams_opened;
    numbers.of(network::Protocol::grandpa).sent.observe(65);
    numbers.of(network::Protocol::sync).answered.observe(0.5);
    ++numbers.of(network::Protocol::sync).failed[static_cast<std::size_t>(RequestEnd::timeout)];
    numbers.dials_failed = 3;
    numbers.known_peers = 7;
    MetricTable<network::sync::SyncStatus> sync(metrics, sync_metrics());
    network::sync::SyncStatus status;
    status.peers = 4;
    status.queued_blocks = 5;
    sync.show(status);
    const std::string text = metrics.render();
    for (const char* line :
         {"substrate_sub_libp2p_network_bytes_total{direction=\"in\"} 12\n",
          "substrate_sub_libp2p_network_bytes_total{direction=\"out\"} 0\n",
          "substrate_sub_libp2p_pending_connections_errors_total{reason=\"transport-errors\"} 3\n",
          "substrate_sub_libp2p_peerset_num_discovered 7\n",
          "substrate_sub_libp2p_connections_opened_total{direction=\"out\"} 2\n",
          "connections_closed_total{direction=\"in\",reason=\"closed\"} 4\n",
          "substrate_sub_libp2p_kbuckets_num_nodes{lower_ilog2_bucket_bound=\"255\"} 3\n",
          "/grandpa/1\"} 1\n", "/grandpa/1\",le=\"64\"} 0\n", "/grandpa/1\",le=\"256\"} 1\n",
          "/sync/2\",le=\"0.256\"} 0\n", "/sync/2\",le=\"0.512\"} 1\n",
          "/sync/2\",reason=\"timeout\"} 1\n", "/sync/2\"} 0.5\n",
          "# TYPE substrate_sub_libp2p_incoming_connections_total counter\n",
          "substrate_sync_peers 4\n", "substrate_sync_queued_blocks 5\n",
          "substrate_sync_extra_justifications{status=\"pending\"} 0\n"}) {
        EXPECT_NE(text.find(line), std::string::npos) << line << text;
    }
}

}  // namespace
}  // namespace stipple::node
