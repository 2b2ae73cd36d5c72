#include "node/process_info.hpp"

#include "io/clock.hpp"

#include <fstream>
#include <sstream>
#include <unistd.h>

namespace stipple::node {
namespace {

/// A line "Name:   123 kB" of /proc/self/status, in its own unit; 0 where there is none.
double status_line(const std::string& name) {
    std::ifstream status("/proc/self/status");
    std::string line;
    while (std::getline(status, line)) {
        if (line.starts_with(name)) {
            std::istringstream rest(line.substr(name.size() + 1));
            double value = 0;
            rest >> value;
            return value;
        }
    }
    return 0;
}

}  // namespace

void register_process_metrics(Metrics& metrics, bool authority) {
    metrics
        .gauge("substrate_build_info",
               "A metric with a constant '1' value labeled by name, version",
               {{"name", "stipple"}, {"version", STIPPLE_VERSION}})
        .set(1);
    metrics.gauge("substrate_node_roles", "The roles the node is running as")
        .set(authority ? 4 : 1);
    metrics
        .gauge("substrate_process_start_time_seconds",
               "Number of seconds between the UNIX epoch and the moment the process started")
        .set(static_cast<double>(io::unix_now().value / 1000));
    metrics.gauge("substrate_sub_libp2p_peers_count", "Number of connected peers").set(0);
    metrics
        .gauge("substrate_sub_libp2p_is_major_syncing",
               "Whether the node is performing a major sync or not.")
        .set(0);
    auto& memory = metrics.gauge("process_resident_memory_bytes", "Resident memory size in bytes");
    auto& threads = metrics.gauge("process_threads", "Number of threads");
    metrics.before_render([&memory, &threads] {
        memory.set(status_line("VmRSS") * 1024);
        threads.set(status_line("Threads"));
    });
}

}  // namespace stipple::node
