#include "node/metrics.hpp"

#include "base/check.hpp"

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

void Histogram::show(std::span<const std::uint64_t> counts, double sum) {
    CHECK(counts.size() == counts_.size());
    for (std::size_t i = 0; i < counts.size(); ++i) {
        counts_[i].store(counts[i], std::memory_order_relaxed);
    }
    sum_.store(sum, std::memory_order_relaxed);
}

void Histogram::render(const std::string& name, const Labels& labels, std::string& out) const {
    auto to = std::back_inserter(out);
    std::uint64_t total = 0;
    const auto bucket = [&](const std::string& bound, std::size_t i) {
        total += counts_[i].load(std::memory_order_relaxed);
        Labels all = labels;
        all.emplace_back("le", bound);
        fmt::format_to(to, "{}_bucket{} {}\n", name, label_text(all), total);
    };
    for (std::size_t i = 0; i < bounds_.size(); ++i) {
        bucket(fmt::format("{}", bounds_[i]), i);
    }
    bucket("+Inf", bounds_.size());
    const std::string text = label_text(labels);
    fmt::format_to(to, "{}_sum{} {}\n{}_count{} {}\n", name, text,
                   sum_.load(std::memory_order_relaxed), name, text, total);
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
                              std::vector<double> upper_bounds, Labels labels) {
    const std::lock_guard lock(mutex_);
    auto& owner = family(name, help, "histogram");
    for (auto& known : owner.histograms) {
        if (known.labels == labels) {
            return known.histogram;
        }
    }
    return owner.histograms.emplace_back(std::move(labels), std::move(upper_bounds)).histogram;
}

void Metrics::before_render(std::function<void()> refresh) {
    const std::lock_guard lock(mutex_);
    refreshers_.push_back(std::move(refresh));
}

std::string Metrics::render() const {
    const std::lock_guard one_at_a_time(refresh_mutex_);
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
        for (const auto& one : owner.histograms) {
            one.histogram.render(owner.name, one.labels, out);
        }
    }
    return out;
}

}  // namespace stipple::node
