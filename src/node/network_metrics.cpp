#include "node/network_metrics.hpp"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <set>

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

constexpr const char* kOpened = "substrate_sub_libp2p_connections_opened_total";
constexpr const char* kOpenedHelp = "Total number of connections opened by direction";

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

/// One spread of values among a protocol's numbers.
class SpreadRow {
 public:
    SpreadRow(Metrics& metrics, const char* name, const char* help, const Spread& shape,
              Labels labels)
        : histogram_(metrics.histogram(name, help, {shape.bounds().begin(), shape.bounds().end()},
                                       std::move(labels))) {}
    void show(const Spread& spread) { histogram_.show(spread.counts(), spread.sum()); }

 private:
    Histogram& histogram_;
};

/// Streams and sizes of a protocol of notifications.
class NotificationRows {
 public:
    NotificationRows(Metrics& metrics, const std::string& protocol)
        : opened_(metrics.counter("substrate_sub_libp2p_notifications_streams_opened_total",
                                  "Total number of notification substreams that have been opened",
                                  {{"protocol", protocol}})),
          closed_(metrics.counter("substrate_sub_libp2p_notifications_streams_closed_total",
                                  "Total number of notification substreams that have been closed",
                                  {{"protocol", protocol}})),
          sent_(metrics, kSizes, kSizesHelp, ProtocolNumbers().sent,
                {{"direction", "out"}, {"protocol", protocol}}),
          received_(metrics, kSizes, kSizesHelp, ProtocolNumbers().received,
                    {{"direction", "in"}, {"protocol", protocol}}) {}
    void show(const ProtocolNumbers& numbers) {
        opened_.set(static_cast<double>(numbers.streams_opened));
        closed_.set(static_cast<double>(numbers.streams_closed));
        sent_.show(numbers.sent);
        received_.show(numbers.received);
    }

 private:
    static constexpr const char* kSizes = "substrate_sub_libp2p_notifications_sizes";
    static constexpr const char* kSizesHelp =
        "Sizes of the notifications sent to and received from all nodes";
    Metric& opened_;
    Metric& closed_;
    SpreadRow sent_;
    SpreadRow received_;
};

/// Both directions of a protocol of requests.
class RequestRows {
 public:
    RequestRows(Metrics& metrics, const std::string& protocol)
        : answered_(metrics, "substrate_sub_libp2p_requests_in_success_total",
                    "For successful incoming requests, time from the request to its response",
                    ProtocolNumbers().answered, {{"protocol", protocol}}),
          asked_(metrics, "substrate_sub_libp2p_requests_out_success_total",
                 "For successful outgoing requests, time from their start to their finish",
                 ProtocolNumbers().asked, {{"protocol", protocol}}),
          bytes_in_(
              metrics.counter(kBytes, kBytesHelp, {{"direction", "in"}, {"protocol", protocol}})),
          bytes_out_(
              metrics.counter(kBytes, kBytesHelp, {{"direction", "out"}, {"protocol", protocol}})),
          refused_(metrics.counter("substrate_sub_libp2p_requests_in_failure_total",
                                   "Total number of incoming requests without an answer",
                                   {{"protocol", protocol}, {"reason", "busy-omitted"}})) {
        for (std::size_t i = 0; i < kRequestEnds; ++i) {
            failed_[i] = &metrics.counter(
                "substrate_sub_libp2p_requests_out_failure_total",
                "Total number of requests that have failed",
                {{"protocol", protocol}, {"reason", describe(static_cast<RequestEnd>(i))}});
        }
    }
    void show(const ProtocolNumbers& numbers) {
        answered_.show(numbers.answered);
        asked_.show(numbers.asked);
        bytes_in_.set(static_cast<double>(numbers.bytes_asked));
        bytes_out_.set(static_cast<double>(numbers.bytes_answered));
        refused_.set(static_cast<double>(numbers.refused));
        for (std::size_t i = 0; i < kRequestEnds; ++i) {
            failed_[i]->set(static_cast<double>(numbers.failed[i]));
        }
    }

 private:
    static constexpr const char* kBytes = "substrate_sub_libp2p_requests_response_bytes_total";
    static constexpr const char* kBytesHelp =
        "Total bytes of answers, sent and received, by protocol";
    SpreadRow answered_;
    SpreadRow asked_;
    Metric& bytes_in_;
    Metric& bytes_out_;
    Metric& refused_;
    std::array<Metric*, kRequestEnds> failed_{};
};

class NetworkMetrics {
 public:
    NetworkMetrics(Metrics& metrics, const network::ChainNames& names)
        : metrics_(metrics),
          table_(metrics, kRows),
          closed_in_(closed(metrics, "in")),
          closed_out_(closed(metrics, "out")) {
        for (const network::Protocol protocol : network::kProtocols) {
            const std::string name = network::protocol_names(protocol, names).front();
            if (network::limits_of(protocol).response_bytes_max == 0) {
                notifications_.emplace_back(protocol, NotificationRows(metrics, name));
            } else {
                requests_.emplace_back(protocol, RequestRows(metrics, name));
            }
        }
    }
    void show(const NetworkNumbers& numbers) {
        table_.show(numbers);
        closed_in_.set(static_cast<double>(numbers.closed_in));
        closed_out_.set(static_cast<double>(numbers.closed_out));
        for (auto& [protocol, rows] : notifications_) {
            rows.show(numbers.of(protocol));
        }
        for (auto& [protocol, rows] : requests_) {
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
    /// Who ended it is not told apart.
    static Metric& closed(Metrics& metrics, const char* direction) {
        return metrics.counter("substrate_sub_libp2p_connections_closed_total",
                               "Total number of connections closed, by direction and reason",
                               {{"direction", direction}, {"reason", "closed"}});
    }

    Metrics& metrics_;
    MetricTable<NetworkNumbers> table_;
    Metric& closed_in_;
    Metric& closed_out_;
    std::vector<std::pair<network::Protocol, NotificationRows>> notifications_;
    std::vector<std::pair<network::Protocol, RequestRows>> requests_;
    std::set<std::size_t> buckets_;  ///< that ever held somebody: one that got empty is told of
};

}  // namespace

void show_network(Metrics& metrics, const network::ChainNames& names,
                  std::function<NetworkNumbers()> numbers) {
    auto rows = std::make_shared<NetworkMetrics>(metrics, names);
    metrics.before_render([rows, numbers = std::move(numbers)] { rows->show(numbers()); });
}

}  // namespace stipple::node
