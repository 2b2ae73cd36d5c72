// A state that comes from peers: filled beside the one in use, and put in its place at the end.
//
// The rows go to the set of state columns that is not in use (Side), chunk by chunk. A chunk is a
// range with its proof (state/trie/range_proof.hpp): values and branches are taken from nodes that
// hash up to the root, so each row that is written is true, and each carries the form its value had
// in its node (design: state, rules 6 and 12). Rows and the place to go on from share a batch: a
// process that was killed goes on where it was. `finish` changes sides in one synced batch; the
// block becomes base, finalised block and prune floor, and views of before fail.
//
//     auto download = store.download(block, root);
//     while (!download->complete()) { ask a peer for download->next(); download->add(proof); }
//     download->finish();
//
// Used from the store thread. Bounds: a chunk is what the protocol lets a response be.
// Spec: sect-msg-state-request
#pragma once

#include "state/store/rows.hpp"
#include "state/store/store.hpp"
#include "state/trie/range_proof.hpp"

namespace stipple::state::store {

class StateDownload {
 public:
    struct Progress {
        std::uint64_t chunks = 0;
        std::uint64_t keys = 0;
        std::uint64_t bytes = 0;    ///< of keys and values
        std::uint32_t percent = 0;  ///< an estimate, by the first byte of the last key
    };

    const BlockRef& block() const { return target_.block; }
    const StateRoot& root() const { return target_.root; }
    /// Where the next chunk has to start: `start` of a state request. Meaningless when complete.
    const RangePosition& next() const { return next_; }
    bool complete() const { return complete_; }
    Progress progress() const;

    /// Takes what a peer sent for `next()`. The inner verdict is the peer's fault and changes
    /// nothing; an error is ours (the disk).
    Result<std::expected<void, RangeProofError>> add(std::span<const Bytes> compact_proof);

    /// Puts the state in the place of the store's. REQUIRES complete(). Fails when the finalised
    /// block has got there meanwhile. The download is over afterwards.
    Result<> finish();
    /// Drops what was downloaded.
    Result<> abandon();

 private:
    friend class Store::Inner;
    StateDownload(Store::Inner& store, BlockState target) : store_(store), target_(target) {}
    /// Reads where an earlier process was. False: it was not at this block.
    Result<bool> resume();
    Result<> begin();
    Bytes encode() const;
    bool decode(ByteView row);
    Result<> copy_same();
    Result<> copy_rows(const TrieId& from, const TrieId& to);
    /// Whether the root of the main trie is what the header says, by the rows that were written.
    Result<> check_root() const;

    Store::Inner& store_;
    BlockState target_;
    RangePosition next_;
    bool complete_ = false;
    Progress progress_;
};

}  // namespace stipple::state::store
