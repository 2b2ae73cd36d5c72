// What a run leaves: a digest over all that happened, and the last events in words.
//
// The digest takes in every import, finality and message with its time and node; two runs with one
// digest were the same run. The log is a ring: a failing run of hours shows its end.
#pragma once

#include "sim/observer.hpp"

#include <fmt/format.h>

#include <deque>
#include <string>

namespace stipple::sim {

class Record final : public Observer {
 public:
    static constexpr std::size_t kLinesKept = 60;

    explicit Record(const Schedule& schedule) : schedule_(schedule) {}

    void on_start(NodeIndex node, const chain::Chain& chain) override;
    void on_crash(NodeIndex node) override;
    void on_import(NodeIndex node, const chain::Chain& chain,
                   const node::AnnounceImport& import) override;
    void on_finality(NodeIndex node, const chain::FinalityOutcome& outcome) override;
    void on_sent(NodeIndex node, const node::SendNotification& message) override;
    void on_reported(NodeIndex node, const Offence& offence) override;
    /// A line that is no event of a node: partitions, clocks.
    void note(std::string line);

    std::uint64_t digest() const { return digest_; }
    std::uint64_t imports() const { return imports_; }
    std::uint64_t reorganizations() const { return reorganizations_; }
    std::uint64_t crashes() const { return crashes_; }
    /// Keys reported for signing twice.
    std::size_t caught() const { return caught_.size(); }
    std::vector<std::string> lines() const;

 private:
    enum class Kind : std::uint8_t { start, crash, import, finality, sent, reported, note };
    struct Line {
        Instant when;
        Kind kind = Kind::note;
        NodeIndex node = 0;
        BlockRef block;
        std::string text;
    };
    void mix(Kind kind, NodeIndex node, ByteView what);
    void keep(Line line);

    const Schedule& schedule_;
    std::uint64_t digest_ = 0;
    std::uint64_t imports_ = 0;
    std::uint64_t reorganizations_ = 0;
    std::uint64_t crashes_ = 0;
    std::set<Bytes> caught_;
    std::deque<Line> lines_;
};

}  // namespace stipple::sim
