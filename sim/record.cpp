#include "sim/record.hpp"

#include "crypto/hash.hpp"

namespace stipple::sim {

void Record::mix(Kind kind, NodeIndex node, ByteView what) {
    const std::uint64_t parts[] = {static_cast<std::uint64_t>(kind),
                                   static_cast<std::uint64_t>(node),
                                   static_cast<std::uint64_t>(schedule_.now().since_origin.count()),
                                   load_le<std::uint64_t>(crypto::twox_64(what))};
    for (const std::uint64_t part : parts) {
        // One step of splitmix64 over the running value.
        digest_ = Prng(Seed{digest_ ^ part}).next();
    }
}

void Record::keep(Line line) {
    line.when = schedule_.now();
    lines_.push_back(std::move(line));
    if (lines_.size() > kLinesKept) {
        lines_.pop_front();
    }
}

void Record::on_start(NodeIndex node, const chain::Chain& chain) {
    const auto heads = chain.heads();
    mix(Kind::start, node, heads.best.hash);
    keep({.when = {},
          .kind = Kind::start,
          .node = node,
          .block = heads.best,
          .text = fmt::format("finalized #{}", heads.finalized.number)});
}

void Record::on_crash(NodeIndex node) {
    ++crashes_;
    mix(Kind::crash, node, {});
    keep({.when = {}, .kind = Kind::crash, .node = node, .block = {}, .text = {}});
}

void Record::on_import(NodeIndex node, const chain::Chain& /*chain*/,
                       const node::AnnounceImport& import) {
    ++imports_;
    const bool reorganized = !import.outcome.retracted.empty();
    reorganizations_ += reorganized ? 1 : 0;
    mix(Kind::import, node, import.outcome.block.hash);
    keep({.when = {},
          .kind = Kind::import,
          .node = node,
          .block = import.outcome.block,
          .text = reorganized                  ? "a reorganisation"
                  : import.outcome.is_new_best ? "best"
                                               : "a fork"});
}

void Record::on_finality(NodeIndex node, const chain::FinalityOutcome& outcome) {
    mix(Kind::finality, node, outcome.finalized.hash);
    keep(
        {.when = {}, .kind = Kind::finality, .node = node, .block = outcome.finalized, .text = {}});
}

void Record::on_sent(NodeIndex node, const node::SendNotification& message) {
    mix(Kind::sent, node, message.message);
}

void Record::on_reported(NodeIndex node, const Offence& offence) {
    mix(Kind::reported, node, offence.key);
    caught_.insert(to_bytes(offence.key));
    keep({.when = {},
          .kind = Kind::reported,
          .node = node,
          .block = {},
          .text = to_hex0x(offence.key)});
}

void Record::note(std::string line) {
    keep({.when = {}, .kind = Kind::note, .node = 0, .block = {}, .text = std::move(line)});
}

std::vector<std::string> Record::lines() const {
    std::vector<std::string> out;
    for (const Line& line : lines_) {
        const double seconds = std::chrono::duration<double>(line.when.since_origin).count();
        const char* const what = line.kind == Kind::start      ? "starts at"
                                 : line.kind == Kind::crash    ? "crashes"
                                 : line.kind == Kind::import   ? "imports"
                                 : line.kind == Kind::finality ? "finalises"
                                 : line.kind == Kind::reported ? "reports an equivocation of"
                                                               : "";
        if (line.kind == Kind::note) {
            out.push_back(fmt::format("{:12.3f}s  {}", seconds, line.text));
        } else if (line.kind == Kind::crash || line.kind == Kind::reported) {
            out.push_back(
                fmt::format("{:12.3f}s  node {} {} {}", seconds, line.node, what, line.text));
        } else {
            out.push_back(fmt::format("{:12.3f}s  node {} {} #{} {} {}", seconds, line.node, what,
                                      line.block.number, line.block.hash.hex().substr(0, 10),
                                      line.text));
        }
    }
    return out;
}

}  // namespace stipple::sim
