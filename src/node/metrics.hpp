// Prometheus metrics: counters, gauges and histograms by the names operators' dashboards use
// (polkadot-sdk.md section 4), rendered as text format 0.0.4.
//
// Values are atomics: any thread may update, the metrics endpoint renders. Metrics live as long as
// the registry; references stay valid.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace stipple::node {

using Labels = std::vector<std::pair<std::string, std::string>>;

class Metric {
 public:
    void set(double value) { value_.store(value, std::memory_order_relaxed); }
    void add(double amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
    double value() const { return value_.load(std::memory_order_relaxed); }

 private:
    std::atomic<double> value_{0};
};

class Histogram {
 public:
    explicit Histogram(std::vector<double> upper_bounds);
    void observe(double value);
    /// Counts kept by others, in place of what was observed here. REQUIRES the same bounds.
    void show(std::span<const std::uint64_t> counts, double sum);

    void render(const std::string& name, const Labels& labels, std::string& out) const;

 private:
    std::vector<double> bounds_;
    std::vector<std::atomic<std::uint64_t>> counts_;
    std::atomic<double> sum_{0};
};

class Metrics {
 public:
    /// The same name and labels give the same metric. `help` of the first call stands.
    Metric& gauge(const std::string& name, const std::string& help, Labels labels = {});
    Metric& counter(const std::string& name, const std::string& help, Labels labels = {});
    Histogram& histogram(const std::string& name, const std::string& help,
                         std::vector<double> upper_bounds, Labels labels = {});
    /// Called before each rendering, to fill gauges that are cheaper asked than kept.
    void before_render(std::function<void()> refresh);
    std::string render() const;

 private:
    struct Series {
        Labels labels;
        Metric metric;
    };
    struct HistogramSeries {
        HistogramSeries(Labels of, std::vector<double> bounds)
            : labels(std::move(of)), histogram(std::move(bounds)) {}
        Labels labels;
        Histogram histogram;
    };
    struct Family {
        std::string name;
        std::string help;
        const char* type;
        std::list<Series> series;
        std::list<HistogramSeries> histograms;
    };
    Metric& series(const std::string& name, const std::string& help, const char* type,
                   Labels labels);
    Family& family(const std::string& name, const std::string& help, const char* type);
    mutable std::mutex refresh_mutex_;  ///< one rendering at a time asks
    mutable std::mutex mutex_;
    std::list<Family> families_;                     // guarded by mutex_
    std::vector<std::function<void()>> refreshers_;  // guarded by mutex_
};

}  // namespace stipple::node
