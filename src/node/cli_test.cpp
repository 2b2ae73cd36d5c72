#include "node/cli_run.hpp"
#include "node/logging.hpp"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace stipple::node {
namespace {

RunConfig parsed(std::vector<std::string> arguments) {
    CLI::App app;
    RunConfig config;
    add_run_flags(app, config);
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    app.parse(std::move(arguments));
    return config;
}

TEST(CommandLine, has_the_defaults_of_the_field) {
    const RunConfig config = parsed({});
    EXPECT_EQ(config.rpc.port, 9944);
    EXPECT_EQ(config.rpc.methods, "auto");
    EXPECT_EQ(config.rpc.max_connections, 100u);
    EXPECT_EQ(config.prometheus_port, 9615);
    EXPECT_EQ(config.pool_limit, 8192u);
    EXPECT_EQ(config.pool_kbytes, 20480u);
    EXPECT_EQ(config.runtime_instances, 8u);
    EXPECT_EQ(config.database.state_pruning, "256");
    EXPECT_FALSE(config.validator);
}

TEST(CommandLine, refuses_unknown_flags_and_values_out_of_range) {
    EXPECT_THROW(parsed({"--no-such-flag"}), CLI::ParseError);
    EXPECT_THROW(parsed({"--rpc-methods", "some"}), CLI::ParseError);
    EXPECT_THROW(parsed({"--rpc-port", "70000"}), CLI::ParseError);
    EXPECT_THROW(parsed({"--max-runtime-instances", "0"}), CLI::ParseError);
}

TEST(CommandLine, takes_well_known_keys_and_names_flags_without_effect) {
    const RunConfig config = parsed({"--bob", "--pool-type", "single-state", "--no-telemetry"});
    EXPECT_EQ(config.well_known_key, "Bob");
    EXPECT_EQ(config.without_effect, std::vector<std::string>{"--pool-type"});
    EXPECT_EQ(
        parsed({"--kademlia-disjoint-query-paths", "--tx-ban-seconds", "60"}).without_effect.size(),
        2U);
}

TEST(CommandLine, takes_the_networks_flags) {
    const RunConfig config =
        parsed({"--port", "4000", "--bootnodes", "/ip4/1.2.3.4/tcp/1/p2p/a", "/dns/b/tcp/2/p2p/c",
                "--reserved-only", "--in-peers", "7", "--sync", "warp"});
    EXPECT_EQ(config.network.port, 4000);
    EXPECT_EQ(config.network.bootnodes.size(), 2u);
    EXPECT_TRUE(config.network.reserved_only);
    EXPECT_EQ(config.network.in_peers, 7u);
    EXPECT_EQ(config.network.sync, "warp");
    EXPECT_TRUE(parsed({"--discover-local", "--node-key-type", "ed25519"}).network.discover_local);
    EXPECT_THROW(parsed({"--node-key-type", "rsa"}), CLI::ParseError);
    EXPECT_THROW(parsed({"--tls-cert", "alone.pem"}), CLI::ParseError);
    EXPECT_THROW(parsed({"--sync", "slow"}), CLI::ParseError);
    EXPECT_THROW(parsed({"--node-key", "00", "--node-key-file", "f"}), CLI::ParseError);
}

TEST(CommandLine, reads_the_password_from_the_first_line_of_a_file) {
    const std::string file = ::testing::TempDir() + "stipple-password";
    std::ofstream(file) << "open sesame\nsecond line\n";
    EXPECT_EQ(parsed({"--password-filename", file}).password, "open sesame");
    std::remove(file.c_str());
    EXPECT_THROW(parsed({"--password-filename", file}), CLI::ParseError);
}

TEST(LogFilter, names_the_part_that_is_wrong) {
    for (const char* bad : {"loud", "babe=loud", "=debug", "info,,debug"}) {
        const auto done = add_log_filter(bad);
        ASSERT_FALSE(done) << bad;
        EXPECT_NE(done.error().message().find("log filter"), std::string::npos);
    }
    EXPECT_TRUE(add_log_filter("info,babe=debug,grandpa=off"));
    reset_log_filter();
}

}  // namespace
}  // namespace stipple::node
