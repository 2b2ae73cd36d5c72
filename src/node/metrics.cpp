#include "node/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace stipple::node {
namespace {

std::string label_text(const Labels& labels) {
    if (labels.empty()) {
        return "";
    }
    std::string text = "{";
    for (const auto& [key, value] : labels) {
        fmt::format_to(std::back_inserter(text), "{}{}=\"", text.size() > 1 ? "," : "", key);
        for (const char c : value) {
            if (c == '"' || c == '\\') {
                text.push_back('\\');
            }
            text += c == '\n' ? std::string("\\n") : std::string(1, c);
        }
        text.push_back('"');
    }
    return text + "}";
}

}  // namespace

Histogram::Histogram(std::vector<double> upper_bounds)
    : bounds_(std::move(upper_bounds)), counts_(bounds_.size() + 1) {}

void Histogram::observe(double value) {
    const auto bucket = static_cast<std::size_t>(
        std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin());
    counts_[bucket].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
}

Metrics::Family& Metrics::family(const std::string& name, const std::string& help,
                                 const char* type) {
    for (auto& known : families_) {
        if (known.name == name) {
            return known;
        }
    }
    auto& fresh = families_.emplace_back();
    fresh.name = name;
    fresh.help = help;
    fresh.type = type;
    return fresh;
}

Metric& Metrics::series(const std::string& name, const std::string& help, const char* type,
                        Labels labels) {
    const std::lock_guard lock(mutex_);
    auto& owner = family(name, help, type);
    for (auto& known : owner.series) {
        if (known.labels == labels) {
            return known.metric;
        }
    }
    auto& fresh = owner.series.emplace_back();
    fresh.labels = std::move(labels);
    return fresh.metric;
}

Metric& Metrics::gauge(const std::string& name, const std::string& help, Labels labels) {
    return series(name, help, "gauge", std::move(labels));
}

Metric& Metrics::counter(const std::string& name, const std::string& help, Labels labels) {
    return series(name, help, "counter", std::move(labels));
}

Histogram& Metrics::histogram(const std::string& name, const std::string& help,
                              std::vector<double> upper_bounds) {
    const std::lock_guard lock(mutex_);
    auto& owner = family(name, help, "histogram");
    if (owner.histograms.empty()) {
        owner.histograms.emplace_back(std::move(upper_bounds));
    }
    return owner.histograms.front();
}

void Metrics::before_render(std::function<void()> refresh) {
    const std::lock_guard lock(mutex_);
    refreshers_.push_back(std::move(refresh));
}

std::string Metrics::render() const {
    std::vector<std::function<void()>> refreshers;
    {
        const std::lock_guard lock(mutex_);
        refreshers = refreshers_;
    }
    for (const auto& refresh : refreshers) {
        refresh();
    }
    const std::lock_guard lock(mutex_);
    std::string out;
    auto to = std::back_inserter(out);
    for (const auto& owner : families_) {
        fmt::format_to(to, "# HELP {} {}\n# TYPE {} {}\n", owner.name, owner.help, owner.name,
                       owner.type);
        for (const auto& one : owner.series) {
            fmt::format_to(to, "{}{} {}\n", owner.name, label_text(one.labels), one.metric.value());
        }
        for (const auto& histogram : owner.histograms) {
            std::uint64_t total = 0;
            for (std::size_t i = 0; i < histogram.bounds_.size(); ++i) {
                total += histogram.counts_[i].load(std::memory_order_relaxed);
                fmt::format_to(to, "{}_bucket{{le=\"{}\"}} {}\n", owner.name, histogram.bounds_[i],
                               total);
            }
            total += histogram.counts_.back().load(std::memory_order_relaxed);
            fmt::format_to(to, "{}_bucket{{le=\"+Inf\"}} {}\n{}_sum {}\n{}_count {}\n", owner.name,
                           total, owner.name, histogram.sum_.load(std::memory_order_relaxed),
                           owner.name, total);
        }
    }
    return out;
}

}  // namespace stipple::node
