#include "node/metrics.hpp"

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

}  // namespace
}  // namespace stipple::node
