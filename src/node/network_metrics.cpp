#include "node/network_metrics.hpp"

#include <fmt/format.h>

#include <memory>
#include <set>

namespace stipple::node {
namespace {

template <auto Member>
double number(const NetworkNumbers& numbers) {
    return static_cast<double>(numbers.*Member);
}
template <auto Member>
double of_protocol(const ProtocolNumbers& numbers) {
    return static_cast<double>(numbers.*Member);
}
template <RequestEnd End>
double failed(const ProtocolNumbers& numbers) {
    return static_cast<double>(numbers.failed[static_cast<std::size_t>(End)]);
}

using Numbers = NetworkNumbers;
constexpr auto kGauge = MetricKind::gauge;
constexpr auto kCounter = MetricKind::counter;
constexpr const char* kBytes = "substrate_sub_libp2p_network_bytes_total";
constexpr const char* kBytesHelp = "Total bandwidth usage";

constexpr const char* kOpened = "substrate_sub_libp2p_connections_opened_total";
constexpr const char* kOpenedHelp = "Total number of connections opened by direction";

constexpr const char* kClosed = "substrate_sub_libp2p_connections_closed_total";
constexpr const char* kClosedHelp = "Total number of connections closed, by direction and reason";
/// Who ended it is not told apart: all have one reason.
constexpr MetricRow<Numbers> kClosedRows[] = {
    {kCounter, kClosed, kClosedHelp, number<&Numbers::closed_in>, "in", "direction"},
    {kCounter, kClosed, kClosedHelp, number<&Numbers::closed_out>, "out", "direction"},
};

constexpr MetricRow<Numbers> kRows[] = {
    {kCounter, kBytes, kBytesHelp, number<&Numbers::bytes_in>, "in", "direction"},
    {kCounter, kBytes, kBytesHelp, number<&Numbers::bytes_out>, "out", "direction"},
    {kCounter, "substrate_sub_libp2p_incoming_connections_total",
     "Total number of incoming connections on the listening sockets", number<&Numbers::incoming>},
    {kCounter, kOpened, kOpenedHelp, number<&Numbers::opened_in>, "in", "direction"},
    {kCounter, kOpened, kOpenedHelp, number<&Numbers::opened_out>, "out", "direction"},
    {kCounter, "substrate_sub_libp2p_incoming_connections_handshake_errors_total",
     "Total number of errors of incoming connections before their peer was known",
     number<&Numbers::shakes_failed>, "transport-error", "reason"},
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

constexpr MetricRow<ProtocolNumbers> kStreamRows[] = {
    {kCounter, "substrate_sub_libp2p_notifications_streams_opened_total",
     "Total number of notification substreams that have been opened",
     of_protocol<&ProtocolNumbers::streams_opened>},
    {kCounter, "substrate_sub_libp2p_notifications_streams_closed_total",
     "Total number of notification substreams that have been closed",
     of_protocol<&ProtocolNumbers::streams_closed>},
};
constexpr const char* kSizes = "substrate_sub_libp2p_notifications_sizes";
constexpr const char* kSizesHelp = "Sizes of the notifications sent to and received from all nodes";

/// One spread among a protocol's numbers.
struct SpreadRow {
    const char* name;
    const char* help;
    Spread ProtocolNumbers::* spread;
    const char* direction = nullptr;  ///< its label, if it has one
};
constexpr SpreadRow kStreamSpreads[] = {
    {kSizes, kSizesHelp, &ProtocolNumbers::sent, "out"},
    {kSizes, kSizesHelp, &ProtocolNumbers::received, "in"},
};
constexpr SpreadRow kRequestSpreads[] = {
    {"substrate_sub_libp2p_requests_in_success_total",
     "For successful incoming requests, time from the request to its response",
     &ProtocolNumbers::answered},
    {"substrate_sub_libp2p_requests_out_success_total",
     "For successful outgoing requests, time from their start to their finish",
     &ProtocolNumbers::asked},
};

constexpr const char* kAnswers = "substrate_sub_libp2p_requests_response_bytes_total";
constexpr const char* kAnswersHelp = "Total bytes of answers, sent and received, by protocol";
constexpr const char* kFailed = "substrate_sub_libp2p_requests_out_failure_total";
constexpr const char* kFailedHelp = "Total number of requests that have failed";
template <RequestEnd End>
MetricRow<ProtocolNumbers> failed_row() {
    return {kCounter, kFailed, kFailedHelp, failed<End>, describe(End), "reason"};
}
const MetricRow<ProtocolNumbers> kRequestRows[] = {
    {kCounter, kAnswers, kAnswersHelp, of_protocol<&ProtocolNumbers::bytes_asked>, "in",
     "direction"},
    {kCounter, kAnswers, kAnswersHelp, of_protocol<&ProtocolNumbers::bytes_answered>, "out",
     "direction"},
    {kCounter, "substrate_sub_libp2p_requests_in_failure_total",
     "Total number of incoming requests without an answer", of_protocol<&ProtocolNumbers::refused>,
     "busy-omitted", "reason"},
    failed_row<RequestEnd::timeout>(),
    failed_row<RequestEnd::refused>(),
    failed_row<RequestEnd::unsupported>(),
    failed_row<RequestEnd::io>(),
    failed_row<RequestEnd::closed>(),
    failed_row<RequestEnd::busy>(),
};

class ProtocolMetrics {
 public:
    ProtocolMetrics(Metrics& metrics, const std::string& protocol,
                    std::span<const MetricRow<ProtocolNumbers>> rows,
                    std::span<const SpreadRow> spreads)
        : table_(metrics, rows, {{"protocol", protocol}}) {
        const ProtocolNumbers shape;
        for (const SpreadRow& row : spreads) {
            const auto bounds = (shape.*row.spread).bounds();
            Labels labels;
            if (row.direction != nullptr) {
                labels.emplace_back("direction", row.direction);
            }
            labels.emplace_back("protocol", protocol);
            spreads_.emplace_back(
                row.spread, &metrics.histogram(row.name, row.help, {bounds.begin(), bounds.end()},
                                               std::move(labels)));
        }
    }
    void show(const ProtocolNumbers& numbers) {
        table_.show(numbers);
        for (const auto& [spread, histogram] : spreads_) {
            histogram->show((numbers.*spread).counts(), (numbers.*spread).sum());
        }
    }

 private:
    MetricTable<ProtocolNumbers> table_;
    std::vector<std::pair<Spread ProtocolNumbers::*, Histogram*>> spreads_;
};

class NetworkMetrics {
 public:
    NetworkMetrics(Metrics& metrics, const network::ChainNames& names)
        : metrics_(metrics),
          table_(metrics, kRows),
          closed_(metrics, kClosedRows, {{"reason", "closed"}}) {
        for (const network::Protocol protocol : network::kProtocols) {
            const std::string name = network::protocol_names(protocol, names).front();
            const bool notifies = network::limits_of(protocol).response_bytes_max == 0;
            protocols_.emplace_back(
                protocol, notifies ? ProtocolMetrics(metrics, name, kStreamRows, kStreamSpreads)
                                   : ProtocolMetrics(metrics, name, kRequestRows, kRequestSpreads));
        }
    }
    void show(const NetworkNumbers& numbers) {
        table_.show(numbers);
        closed_.show(numbers);
        for (auto& [protocol, rows] : protocols_) {
            rows.show(numbers.of(protocol));
        }
        for (const auto& [bucket, contacts] : numbers.contacts) {
            buckets_.insert(bucket);
        }
        for (const std::size_t bucket : buckets_) {
            const auto found = numbers.contacts.find(bucket);
            metrics_
                .gauge("substrate_sub_libp2p_kbuckets_num_nodes",
                       "Number of nodes per kbucket of the distributed hash table",
                       {{"lower_ilog2_bucket_bound", fmt::format("{}", bucket)}})
                .set(found == numbers.contacts.end() ? 0 : static_cast<double>(found->second));
        }
    }

 private:
    Metrics& metrics_;
    MetricTable<NetworkNumbers> table_;
    MetricTable<NetworkNumbers> closed_;
    std::vector<std::pair<network::Protocol, ProtocolMetrics>> protocols_;
    std::set<std::size_t> buckets_;  ///< that ever held somebody: one that got empty is told of
};

}  // namespace

void show_network(Metrics& metrics, const network::ChainNames& names,
                  std::function<NetworkNumbers()> numbers) {
    auto rows = std::make_shared<NetworkMetrics>(metrics, names);
    metrics.before_render([rows, numbers = std::move(numbers)] { rows->show(numbers()); });
}

}  // namespace stipple::node
