// Who the authorities are, and when others take over: announced changes over all forks.
//
// Spec: sect-authority-set-changes (defn-consensus-message-grandpa). A scheduled change holds once
// block (signal + delay) is finalised; that block must get a justification of the outgoing set. A
// forced change holds once block (signal + delay) is imported; voting starts over from a block the
// signal names. Each applied change raises the set id by one. One change may be pending per fork.
//
// Driven by on_block_imported (before the batch of the import is committed: its rows belong there)
// and on_finalized (rows committed after the chain has the block final). After a crash between the
// two, load() and on_finalized(the chain's finalised block) catch up. Questions of ancestry are
// answered by the BlockTree given. Bounded by kPendingChangesMax. Not thread-safe.
#pragma once

#include "base/key_value_store.hpp"
#include "consensus/grandpa/block_tree.hpp"
#include "primitives/grandpa.hpp"

#include <map>

namespace stipple::grandpa {

struct PendingChange {
    AuthorityList next_authorities;
    BlockNumber delay = 0;
    BlockRef signaled_at;
    bool forced = false;
    BlockNumber median_last_finalized = 0;  ///< forced changes only
    std::uint64_t effective_number() const { return std::uint64_t{signaled_at.number} + delay; }
    friend bool operator==(const PendingChange&, const PendingChange&) = default;
    static auto fields(auto& self) {
        return std::tie(self.next_authorities, self.delay, self.signaled_at, self.forced,
                        self.median_last_finalized);
    }
};

enum class ChangeError : std::uint8_t {
    invalid_authorities,      ///< an empty list or a zero weight
    several_forced_changes,   ///< a forced change on a fork that has one pending
    unfinished_change_below,  ///< a forced change over a scheduled one that is due before its
                              ///< median
    too_many_changes,         ///< kPendingChangesMax
};

struct ImportedBlock {
    WriteBatch rows;
    /// The block ends a set: it must be finalised by a justification of the present one.
    bool needs_justification = false;
    /// A forced change was applied: the voter starts over in the new set.
    bool set_changed = false;
};
struct FinalizedBlock {
    WriteBatch rows;
    bool set_changed = false;
};

class AuthoritySet {
 public:
    /// The set a finalised block was voted final by, and the last block of that set if it is over:
    /// what warp proofs and justification requests walk along.
    struct PastSet {
        AuthoritySetId id;
        BlockNumber last_block = 0;
        static auto fields(auto& self) { return std::tie(self.id, self.last_block); }
    };

    /// `authorities` as GrandpaApi_grandpa_authorities gives them at genesis; set id 0. Absent for
    /// an invalid list.
    static std::optional<AuthoritySet> genesis(AuthorityList authorities);
    /// Absent when the store holds none yet.
    static Result<std::optional<AuthoritySet>> load(const StoreReader& store);
    /// After warp sync, or a rewind: the set that follows what was verified, and the sets before it
    /// whose last blocks were proved (absent: those known below it). REQUIRES valid authorities.
    WriteBatch reset(AuthorityList authorities, AuthoritySetId set,
                     std::optional<std::vector<PastSet>> past = std::nullopt);
    /// Blocks above this one are not in the chain any more, nor are changes they signaled.
    WriteBatch forget_above(BlockNumber number);
    /// All rows, for genesis.
    WriteBatch rows() const;

    const AuthorityList& authorities() const { return authorities_; }
    AuthoritySetId id() const { return id_; }

    /// `tree` must know the block's parent; it need not know the block.
    std::expected<ImportedBlock, ChangeError> on_block_imported(const BlockRef& block,
                                                                const Header& header,
                                                                const BlockTree& tree);
    /// REQUIRES that `tree` still knows the ancestry between pending changes and the block.
    FinalizedBlock on_finalized(const BlockRef& finalized, const BlockTree& tree);

    /// Scheduled changes take effect at this number on the block's fork: voters go no further.
    std::optional<BlockNumber> vote_limit(const BlockRef& block, const BlockTree& tree) const;
    /// True when the block enacts a scheduled change.
    bool needs_justification(const BlockRef& block, const BlockTree& tree) const;
    const std::vector<PendingChange>& pending() const { return pending_; }

    const std::vector<PastSet>& past_sets() const { return past_; }

 private:
    AuthoritySet() = default;
    bool on_fork(const PendingChange& change, const BlockRef& block, const BlockTree& tree) const;
    void apply(const PendingChange& change, BlockNumber last_block);

    AuthorityList authorities_;
    AuthoritySetId id_;
    std::vector<PendingChange> pending_;  ///< in the order of signals
    std::vector<PastSet> past_;           ///< one per set, by id; grows with the chain's sessions
};

/// Non-empty and no zero weight.
bool is_valid(const AuthorityList& authorities);

}  // namespace stipple::grandpa
