// No honest node takes a block that no validator sealed; and no honest key ever signs twice: one
// header a slot, one prevote, one precommit and one proposal a round and set, as seen on the wire,
// over crashes too.
//
// Bounds: the newest kPositionsKept of each kind.
#pragma once

#include "sim/checkers/checker.hpp"

#include <map>
#include <set>

namespace stipple::sim {

class EquivocationChecker final : public Checker {
 public:
    using Checker::Checker;
    static constexpr std::size_t kPositionsKept = 20'000;

    void on_import(NodeIndex node, const chain::Chain& chain,
                   const node::AnnounceImport& import) override;
    void on_sent(NodeIndex node, const node::SendNotification& message) override;
    void on_reported(NodeIndex node, const Offence& offence) override;

 private:
    /// Kind, set, number (slot or round), owner: ordered so that the oldest of a kind go first.
    using Position = std::tuple<std::uint64_t, std::uint64_t, NodeIndex, std::uint8_t>;
    void note(ByteView key, std::uint8_t kind, std::uint64_t set, std::uint64_t number,
              const BlockHash& target);

    /// The validator whose seal this is; absent for none.
    std::optional<ByteView> author_of(const Header& header) const;

    std::set<std::pair<BlockNumber, BlockHash>> seen_;
    std::map<Position, BlockHash> blocks_;
    std::map<Position, BlockHash> votes_;
};

}  // namespace stipple::sim
