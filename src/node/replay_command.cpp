// `stipple replay FILE`: the run of a node that was started with --record, once more.
#include "node/commands.hpp"
#include "node/replay.hpp"

#include <fmt/format.h>

#include <fstream>

namespace stipple::node {
namespace {

constexpr std::size_t kReadBytes = 1024 * 1024;

double seconds(Duration span) {
    return std::chrono::duration<double>(span).count();
}

void print_event(std::uint64_t number, Duration since, const Event& event,
                 const EffectList& effects) {
    std::string names;
    for (const Effect& effect : effects) {
        names += ' ' + name_of(effect);
    }
    fmt::print("{:8} {:12.6f}s {} ->{}\n", number, seconds(since), name_of(event), names);
}

void print_summary(const ReplaySummary& run) {
    fmt::print("chain {}, begun at #{} by version {}\n", run.genesis.hex(), run.best.number,
               run.program);
    fmt::print("{} events in {:.3f} s of the node's time, {} effects\n", run.events,
               seconds(run.span), run.effects);
    if (!run.is_whole) {
        fmt::print("the node was killed: {} bytes of an event that was not written whole\n",
                   run.left_over);
    }
    fmt::print("digest {}: as recorded\n", run.digest.hex());
}

}  // namespace

Result<> replay_recording(const ReplayConfig& config) {
    std::ifstream file(config.file, std::ios::binary);
    if (!file) {
        return fail(fmt::format("cannot read {}", config.file));
    }
    Replay replay(config.trace ? Replay::Watch(print_event) : Replay::Watch{});
    Bytes buffer(kReadBytes);
    while (file) {
        file.read(reinterpret_cast<char*>(buffer.data()),
                  static_cast<std::streamsize>(buffer.size()));
        const auto count = static_cast<std::size_t>(file.gcount());
        if (const auto fed = replay.feed(ByteView(buffer).first(count)); !fed) {
            return fail(fmt::format("{}: {}", config.file, fed.error().message));
        }
    }
    const auto run = replay.finish();
    if (!run) {
        return fail(fmt::format("{}: {}", config.file, run.error().message));
    }
    print_summary(*run);
    return {};
}

}  // namespace stipple::node
