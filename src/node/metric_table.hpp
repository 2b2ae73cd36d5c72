// Metrics as a table: a name, and how to read its value off a machine of the core.
//
// For machines that count by themselves: whoever runs the core shows the table now and then, on the
// core's thread. Bounds: the rows are constant.
#pragma once

#include "node/metrics.hpp"

#include <algorithm>
#include <span>

namespace stipple::node {

enum class MetricKind : std::uint8_t { gauge, counter };

template <class Source>
struct MetricRow {
    MetricKind kind = MetricKind::gauge;
    const char* name = "";
    const char* help = "";
    double (*read)(const Source&) = nullptr;
    const char* event = nullptr;  ///< value of its label, if it has one
    const char* label = "name";   ///< what that label is called
};

template <class Source>
class MetricTable {
 public:
    using Row = MetricRow<Source>;
    /// Both outlive this. Every row has the `common` labels beside its own.
    MetricTable(Metrics& metrics, std::span<const Row> rows, const Labels& common = {})
        : rows_(rows) {
        for (const Row& row : rows) {
            Labels labels = common;
            if (row.event != nullptr) {
                labels.emplace_back(row.label, row.event);
            }
            std::ranges::sort(labels);
            metrics_.push_back(row.kind == MetricKind::gauge
                                   ? &metrics.gauge(row.name, row.help, std::move(labels))
                                   : &metrics.counter(row.name, row.help, std::move(labels)));
        }
    }
    void show(const Source& source) {
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            metrics_[i]->set(rows_[i].read(source));
        }
    }

 private:
    std::span<const Row> rows_;
    std::vector<Metric*> metrics_;
};

}  // namespace stipple::node
