#include "node/network_metrics.hpp"

#include <memory>

namespace stipple::node {
namespace {

template <auto Member>
double number(const NetworkNumbers& numbers) {
    return static_cast<double>(numbers.*Member);
}

using Numbers = NetworkNumbers;
constexpr auto kGauge = MetricKind::gauge;
constexpr auto kCounter = MetricKind::counter;
constexpr const char* kBytes = "substrate_sub_libp2p_network_bytes_total";
constexpr const char* kBytesHelp = "Total bandwidth usage";

constexpr MetricRow<Numbers> kRows[] = {
    {kCounter, kBytes, kBytesHelp, number<&Numbers::bytes_in>, "in", "direction"},
    {kCounter, kBytes, kBytesHelp, number<&Numbers::bytes_out>, "out", "direction"},
    {kCounter, "substrate_sub_libp2p_incoming_connections_total",
     "Total number of incoming connections on the listening sockets", number<&Numbers::incoming>},
    {kCounter, "substrate_sub_libp2p_distinct_peers_connections_opened_total",
     "Total number of connections opened with distinct peers", number<&Numbers::peers_opened>},
    {kCounter, "substrate_sub_libp2p_distinct_peers_connections_closed_total",
     "Total number of connections closed with distinct peers", number<&Numbers::peers_closed>},
    {kGauge, "substrate_sub_libp2p_pending_connections",
     "Number of connections in the process of being established", number<&Numbers::pending>},
    {kCounter, "substrate_sub_libp2p_pending_connections_errors_total",
     "Total number of pending connection errors", number<&Numbers::dials_failed>,
     "transport-errors", "reason"},
    {kGauge, "substrate_sub_libp2p_listeners_local_addresses",
     "Number of local addresses we are listening on", number<&Numbers::addresses>},
    {kCounter, "substrate_sub_libp2p_kademlia_random_queries_total",
     "Number of random Kademlia queries started", number<&Numbers::walks>},
    {kGauge, "substrate_sub_libp2p_kademlia_records_count",
     "Number of records in the Kademlia records store", number<&Numbers::records>},
    {kGauge, "substrate_sub_libp2p_kademlia_records_sizes_total",
     "Total size of all the records in the Kademlia records store", number<&Numbers::record_bytes>},
    {kGauge, "substrate_sub_libp2p_peerset_num_connected", "Number of peers with a slot",
     number<&Numbers::slots>},
    {kGauge, "substrate_sub_libp2p_peerset_num_discovered", "Number of nodes that are known",
     number<&Numbers::known_peers>},
    {kGauge, "substrate_sub_libp2p_peerset_num_banned_peers",
     "Number of known peers whose reputation is below the ban", number<&Numbers::banned_peers>},
};

}  // namespace

std::span<const MetricRow<NetworkNumbers>> network_metrics() {
    return kRows;
}

void show_network(Metrics& metrics, std::function<NetworkNumbers()> numbers) {
    auto table = std::make_shared<MetricTable<NetworkNumbers>>(metrics, network_metrics());
    metrics.before_render([table, numbers = std::move(numbers)] { table->show(numbers()); });
}

}  // namespace stipple::node
