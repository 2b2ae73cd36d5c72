#include "node/discovery_metrics.hpp"

namespace stipple::node {
namespace {

Metric& dht_event(Metrics& metrics, const char* name) {
    return metrics.counter("substrate_authority_discovery_dht_event_received",
                           "Number of dht events received by authority discovery",
                           {{"name", name}});
}

}  // namespace

DiscoveryMetrics::DiscoveryMetrics(Metrics& metrics)
    : published_(metrics.counter("substrate_authority_discovery_times_published_total",
                                 "Times our addresses were published")),
      last_published_(
          metrics.gauge("substrate_authority_discovery_amount_external_addresses_last_published",
                        "Addresses in the record published last")),
      requested_(
          metrics.counter("substrate_authority_discovery_authority_addresses_requested_total",
                          "Lookups of authorities' addresses")),
      pending_(metrics.gauge("substrate_authority_discovery_authority_address_requests_pending",
                             "Lookups of authorities' addresses that wait for their turn")),
      known_(metrics.gauge("substrate_authority_discovery_known_authorities_count",
                           "Authorities whose addresses are known")),
      failures_(metrics.counter("substrate_authority_discovery_handle_value_found_event_failure",
                                "Records found or offered that did not hold")),
      found_(dht_event(metrics, "value_found")),
      not_found_(dht_event(metrics, "value_not_found")),
      put_(dht_event(metrics, "value_put")),
      put_failed_(dht_event(metrics, "value_put_failed")),
      put_requests_(dht_event(metrics, "put_record_req")) {}

void DiscoveryMetrics::update(const Authorities& authorities) {
    const auto& counts = authorities.counts();
    published_.set(static_cast<double>(counts.published));
    last_published_.set(static_cast<double>(authorities.last_published_addresses()));
    requested_.set(static_cast<double>(counts.lookups));
    pending_.set(static_cast<double>(authorities.pending_lookups()));
    known_.set(static_cast<double>(authorities.table().size()));
    failures_.set(static_cast<double>(counts.bad_records));
    found_.set(static_cast<double>(counts.values_found));
    not_found_.set(static_cast<double>(counts.values_not_found));
    put_.set(static_cast<double>(counts.values_put));
    put_failed_.set(static_cast<double>(counts.values_put_failed));
    put_requests_.set(static_cast<double>(counts.put_requests));
}

}  // namespace stipple::node
