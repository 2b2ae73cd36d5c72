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
//     download->reader();   // what the caller wants to know of the state before it is in use
//     download->finish(rows of the caller that belong to the switch);
//
// Used from the store thread. Bounds: a chunk is what the protocol lets a response be.
// Spec: sect-msg-state-request
#pragma once

#include "state/store/rows.hpp"
#include "state/store/store.hpp"
#include "state/trie/range_proof.hpp"
#include "state/trie/trie.hpp"

#include <map>

namespace stipple::state::store {

/// Child tries followed in a state without proofs; each costs a map entry until the end.
inline constexpr std::size_t kClaimedChildrenMax = 1'000'000;

/// A stretch of one trie as a peer tells it, without proof.
struct ClaimedTrie {
    Bytes root;  ///< of a child trie; empty: the main trie
    std::vector<std::pair<Bytes, Bytes>> values;
    bool complete = false;  ///< nothing follows in this trie
};
enum class ClaimError : std::uint8_t {
    bad_order,          ///< keys that do not follow those before
    unknown_child,      ///< a child trie that the main trie does not name
    too_many_children,  ///< kClaimedChildrenMax
    nothing,            ///< no way on
    wrong_root,         ///< all is here and it is another state: void, to be abandoned
};
const char* describe(ClaimError error);

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

    /// The same without proof, for a chain whose values were all written under `version`
    /// (claimed.cpp). What was added is judged when all is here. An error of the peer's leaves the
    /// download where it was or, as wrong_root, of no use. Does not survive a restart. REQUIRES a
    /// download to which nothing was added with proof.
    Result<std::expected<void, ClaimError>> add_claimed(std::span<const ClaimedTrie> tries,
                                                        StateVersion version);

    /// The state as it was downloaded, its root checked. REQUIRES complete(). Valid until `finish`
    /// or `abandon`.
    Result<std::shared_ptr<const Reader>> reader();
    /// Puts the state in the place of the store's, in one synced batch with `rows`. REQUIRES
    /// complete(). Fails when the finalised block has got there meanwhile, unless `replaces_final`:
    /// then finality was that of blocks without state. The download is over afterwards.
    Result<> finish(WriteBatch rows = {});
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
    /// Once: child tries of equal content are copied, the root is checked.
    Result<> settle();

    Result<std::shared_ptr<const Reader>> reader_now() const;
    static void put_same(WriteBatch& batch, const TrieId& trie, const TrieId& same);
    static Bytes progress_key();

    // claimed.cpp
    struct Claims {
        struct Child {
            std::vector<Bytes> keys;  ///< of the tries with this root
            StateRoot reached;
            bool complete = false;
        };
        bool are_used = false;
        std::map<Bytes, Child, ByteLess> children;  ///< by root
        std::size_t children_named = 0;             ///< kClaimedChildrenMax
        Bytes child_in_work;                        ///< whose last key next_ ends with
        StateRoot main_root;
    };
    std::expected<trie::ValueWrites, ClaimError> read_claim(const ClaimedTrie& claimed);
    Result<std::expected<void, ClaimError>> build_claim(const ClaimedTrie& claimed,
                                                        StateVersion version);
    bool claims_hold() const;

    Store::Inner& store_;
    BlockState target_;
    RangePosition next_;
    bool complete_ = false;
    bool settled_ = false;
    Progress progress_;
    Claims claims_;
};

}  // namespace stipple::state::store
