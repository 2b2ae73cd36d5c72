// What operators see of authority discovery, by the names they know.
#pragma once

#include "node/authorities.hpp"
#include "node/metrics.hpp"

namespace stipple::node {

class DiscoveryMetrics {
 public:
    explicit DiscoveryMetrics(Metrics& metrics);
    void update(const Authorities& authorities);

 private:
    Metric& published_;
    Metric& last_published_;
    Metric& requested_;
    Metric& pending_;
    Metric& known_;
    Metric& failures_;
    Metric& found_;
    Metric& not_found_;
    Metric& put_;
    Metric& put_failed_;
    Metric& put_requests_;
};

}  // namespace stipple::node
