#include "sim/command_line.hpp"

#include "base/log.hpp"
#include "commit.hpp"
#include "sim/cluster.hpp"
#include "sim/vote_world.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace stipple::sim {
namespace {

struct Options {
    std::uint64_t seed = 1;
    std::string seeds;  ///< "A..B"
    Parameters run;
    std::string runtime = "toy";
    std::string faults = "light";
    std::string log;
    std::uint64_t slot_ms = 0;  ///< 0: drawn
    bool no_transactions = false;
    std::string record;  ///< file for the events of a node
    NodeIndex recorded = 0;
};

/// The command that repeats a run, whatever was left to default.
std::string command_of(const Parameters& run) {
    return fmt::format(
        "stipple-sim --seed {} --nodes {} --blocks {} --runtime {} --faults {}{}{}{}{}{}",
        run.seed.value, run.nodes, run.blocks, describe(run.runtime), describe(run.faults),
        run.slot ? fmt::format(" --slot-ms {}", run.slot->count()) : "",
        run.byzantine ? " --byzantine" : "", run.beefy ? " --beefy" : "",
        run.stall ? " --stall" : "", run.transactions ? "" : " --no-transactions");
}

void print(const Parameters& run, const Outcome& outcome) {
    fmt::print(
        "seed {}: {} nodes, best #{}, finalized #{}, {} slots, {} imports, {} reorganisations, {} "
        "crashes, {}{} caught, {} reports in {} slots, {} sets, beefy #{}, {} notifications, "
        "settled "
        "in "
        "{} slots, digest {}\n",
        run.seed.value, run.nodes, outcome.best, outcome.finalized, outcome.slots, outcome.imports,
        outcome.reorganizations, outcome.crashes, outcome.stalled ? "a stall, " : "",
        outcome.caught, outcome.punished, outcome.slots_to_report, outcome.sets, outcome.beefy,
        outcome.notifications, outcome.slots_to_settle, outcome.digest);
    if (outcome.failure) {
        for (const auto& line : outcome.log) {
            fmt::print("    {}\n", line);
        }
        fmt::print("FAILED: {}\n  seed    {}\n  commit  {}\n  repeat  {}\n", *outcome.failure,
                   run.seed.value, STIPPLE_COMMIT, command_of(run));
    }
    std::fflush(stdout);
}

/// The seeds of "A..B", both included, or the one.
std::optional<std::pair<std::uint64_t, std::uint64_t>> range_of(const Options& options) {
    if (options.seeds.empty()) {
        return std::pair(options.seed, options.seed);
    }
    const auto dots = options.seeds.find("..");
    if (dots == std::string::npos) {
        return std::nullopt;
    }
    const auto number = [](const std::string& text) -> std::optional<std::uint64_t> {
        if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) {
            return std::nullopt;
        }
        return std::stoull(text);
    };
    const auto first = number(options.seeds.substr(0, dots));
    const auto last = number(options.seeds.substr(dots + 2));
    if (!first || !last || *first > *last) {
        return std::nullopt;
    }
    return std::pair(*first, *last);
}

void set_log(const std::string& level) {
    const LogLevel most = level == "debug"  ? LogLevel::debug
                          : level == "info" ? LogLevel::info
                          : level == "warn" ? LogLevel::warn
                                            : LogLevel::off;
    set_log_level_max(most);
    set_log_sink([](LogLevel, std::string_view target,
                    std::string_view message) { fmt::print(stderr, "{}: {}\n", target, message); },
                 [most](std::string_view) { return most; });
}

/// An error when there is no writing to the file; a run that fails is none.
Result<Outcome> run_one(const Options& options) {
    if (options.run.runtime == RuntimeKind::none) {
        return VoteWorld(options.run).run();
    }
    std::unique_ptr<node::Recorder> recorder;
    if (!options.record.empty()) {
        TRY_ASSIGN(recorder, node::record_to(options.record));
    }
    Cluster cluster(options.run);
    if (recorder) {
        cluster.record(options.recorded, *recorder);
    }
    return cluster.run();
}

void add_options(CLI::App& app, Options& options) {
    app.add_option("--seed", options.seed, "The seed of one run");
    app.add_option("--seeds", options.seeds, "Seeds A..B, one run each");
    app.add_option("--nodes", options.run.nodes, "Validators")->check(CLI::Range(1, 100));
    app.add_option("--blocks", options.run.blocks, "Blocks that every node is to finalise");
    app.add_option("--runtime", options.runtime, "toy, wasm, or none: GRANDPA's voters alone")
        ->check(CLI::IsMember({"toy", "wasm", "none"}));
    app.add_option("--faults", options.faults, "none, light or heavy")
        ->check(CLI::IsMember({"none", "light", "heavy"}));
    app.add_option("--slot-ms", options.slot_ms,
                   "Milliseconds of a slot, instead of what the seed draws; toy runtime")
        ->check(CLI::Range(500, 60000));
    app.add_flag("--byzantine", options.run.byzantine,
                 "As many validators lie or run twice as each authority set tolerates");
    app.add_flag("--beefy", options.run.beefy, "With BEEFY voters");
    app.add_flag(
        "--stall", options.run.stall,
        "Too many validators leave for good, so that a change must be forced; toy runtime");
    app.add_flag("--no-transactions", options.no_transactions, "Blocks without transfers");
    app.add_option("--record", options.record,
                   "Write the first life of a node to a file for `stipple replay`: one seed")
        ->excludes("--seeds");
    app.add_option("--record-node", options.recorded, "Which node that is; the first if not given")
        ->needs("--record");
    app.add_option("--log", options.log, "Show the nodes' own log: warn, info or debug")
        ->check(CLI::IsMember({"warn", "info", "debug"}));
}

}  // namespace

int run_command_line(int count, const char* const* words) {
    Options options;
    CLI::App app("Runs networks of whole nodes in one thread, repeatably", "stipple-sim");
    add_options(app, options);
    try {
        app.parse(count, words);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    options.run.runtime = options.runtime == "wasm"   ? RuntimeKind::wasm
                          : options.runtime == "none" ? RuntimeKind::none
                                                      : RuntimeKind::toy;
    options.run.faults = options.faults == "none"    ? FaultLevel::none
                         : options.faults == "light" ? FaultLevel::light
                                                     : FaultLevel::heavy;
    options.run.transactions = !options.no_transactions;
    if (options.slot_ms != 0) {
        if (options.run.runtime != RuntimeKind::toy) {
            fmt::print(stderr, "--slot-ms: only the toy runtime has slots of any length\n");
            return 2;
        }
        options.run.slot = std::chrono::milliseconds(options.slot_ms);
    }
    const auto range = range_of(options);
    if (!range) {
        fmt::print(stderr, "--seeds `{}`: expected A..B\n", options.seeds);
        return 2;
    }
    if (options.recorded >= options.run.nodes) {
        fmt::print(stderr, "--record-node {}: there are {} nodes\n", options.recorded,
                   options.run.nodes);
        return 2;
    }
    set_log(options.log);
    bool failed = false;
    for (std::uint64_t seed = range->first; seed <= range->second; ++seed) {
        options.run.seed = Seed{seed};
        const auto outcome = run_one(options);
        if (!outcome) {
            fmt::print(stderr, "{}\n", outcome.error().message());
            return 2;
        }
        print(options.run, *outcome);
        failed = failed || outcome->failure.has_value();
    }
    return failed ? 1 : 0;
}

}  // namespace stipple::sim
