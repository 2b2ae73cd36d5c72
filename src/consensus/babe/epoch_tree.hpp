// Which epoch a block belongs to, over all forks.
//
// Spec: defn-epoch-slot, defn-consensus-message-babe, sect-epoch-randomness. The first block of
// epoch N announces epoch N+1, so the epochs form a tree along the forks:
//
//     genesis ── #1 (epochs 0 and 1) ──── #9 (epoch 2) ──── #21 (epoch 3)
//                                   └──── #9' (epoch 2')
//
// A block belongs to the deepest epoch announced by its ancestors that starts at or before its
// slot; when slots pass without a block for whole epochs the announced data serve the later index.
//
// Driven by: context() before a header is verified, insert() after, forget() when its import
// failed, on_finalized(). What must survive a restart is handed out as rows of column `consensus`:
// those of insert() belong in the batch of the block's import, those of on_finalized() are
// committed after the chain has the block final. A crash between the two is mended by calling
// on_finalized() with the chain's finalised block after load(). Bounded by kUnfinalizedBlocksMax.
// Not thread-safe.
#pragma once

#include "base/key_value_store.hpp"
#include "consensus/babe/header_verifier.hpp"

#include <map>

namespace stipple::babe {

enum class InsertError : std::uint8_t {
    unknown_parent,  ///< the parent was never inserted, or is pruned
    full,            ///< kUnfinalizedBlocksMax blocks are followed already
};

class EpochTree {
 public:
    /// A new chain; commit genesis_rows() with genesis.
    EpochTree(Configuration config, const BlockHash& genesis);
    /// Absent when the store holds no tree yet.
    static Result<std::optional<EpochTree>> load(const StoreReader& store);
    WriteBatch genesis_rows() const;

    const Configuration& config() const { return config_; }

    /// What verify_header needs for a child of `parent` at `slot`; absent for an unknown parent.
    std::optional<ParentContext> context(const BlockHash& parent, Slot slot) const;
    /// The same for a header, taking the slot from it (zero when it has none: verify_header says
    /// so).
    std::optional<ParentContext> context(const Header& header) const;

    /// Follows a verified block. Inserting one again changes nothing and gives the same rows.
    std::expected<WriteBatch, InsertError> insert(const VerifiedHeader& block);
    bool contains(const BlockHash& hash) const { return blocks_.contains(hash); }
    std::optional<Slot> slot(const BlockHash& hash) const;
    std::optional<std::uint64_t> weight(const BlockHash& hash) const;
    /// Drops a block that was not imported and everything on it, also the rows should they exist.
    WriteBatch forget(const BlockHash& hash);

    /// Keeps the finalised block and its descendants, drops the rest. Nothing for an unknown block.
    WriteBatch on_finalized(const BlockHash& finalized);

    /// Starts over at a block whose ancestors are not followed (after warp or state sync):
    /// `current` is the epoch of `block`, `next` the one after it. REQUIRES durations above zero.
    /// The weight counts from here on, as in the field. At genesis the tree is that of a new chain
    /// and the epochs are not looked at.
    WriteBatch reset(const BlockRef& block, Slot slot, Epoch current, Epoch next);

    std::size_t size() const { return blocks_.size(); }

 private:
    /// A block followed: the finalised one or a descendant.
    struct Entry {
        BlockNumber number = 0;
        BlockHash parent;
        Slot slot;
        std::uint64_t weight = 0;
        BlockHash announcer;  ///< nearest announcing block at or above; genesis hash for none
        static auto fields(auto& self) {
            return std::tie(self.number, self.parent, self.slot, self.weight, self.announcer);
        }
    };
    /// Epochs announced by one block.
    struct Announcement {
        std::shared_ptr<const Epoch> earlier;  ///< epoch 0 at block 1, the current one after reset
        std::shared_ptr<const Epoch> next;
        BlockHash previous;  ///< announcer before this one; genesis hash for none
    };
    EpochTree() = default;
    std::shared_ptr<const Epoch> find_epoch(const Entry& parent, Slot slot) const;
    void put_block(WriteBatch& rows, const BlockHash& hash) const;
    void put_announcement(WriteBatch& rows, const BlockHash& hash) const;
    void erase_block(WriteBatch& rows, const BlockHash& hash);
    void erase_announcement(WriteBatch& rows, const BlockHash& hash);
    void prune_announcements(WriteBatch& rows, Slot finalized_slot);

    Configuration config_;
    BlockHash genesis_;
    std::map<BlockHash, Entry> blocks_;
    std::map<BlockHash, Announcement> announcements_;
};

}  // namespace stipple::babe
