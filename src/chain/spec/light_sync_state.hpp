// The checkpoint in a chain specification (`lightSyncState`): a finalised block with what verifying
// its descendants needs, so that a light client or a warp sync may begin there.
//
//     finalizedBlockHeader       hex of the header
//     babeEpochChanges           hex: tree of announced epochs (start and end slot), then the
//     epochs babeFinalizedBlockWeight   number grandpaAuthoritySet        hex: authorities, set id,
//     pending changes, where sets ended
//
// Spec: none; the types are the Rust node's own (its epoch changes and authority set, as it stores
// them). What decodes encodes to the same bytes. Deviation: a pending change must say its kind;
// only databases older than the field leave it out. Bounds: the specification's own size; trees
// nest to kNestingMax.
#pragma once

#include "primitives/babe.hpp"
#include "primitives/grandpa.hpp"

#include <boost/json/value.hpp>

#include <map>

namespace stipple::chain {

template <class Data>
struct ForkNode {
    BlockHash hash;
    BlockNumber number = 0;
    Data data;
    std::vector<ForkNode> children{};
    friend bool operator==(const ForkNode&, const ForkNode&) = default;
};
template <class Data>
struct ForkTree {
    std::vector<ForkNode<Data>> roots;
    std::optional<BlockNumber> best_finalized;
    friend bool operator==(const ForkTree&, const ForkTree&) = default;
    static auto fields(auto& self) { return std::tie(self.roots, self.best_finalized); }
};

/// An epoch's first slot and the one behind its last.
struct EpochSpan {
    Slot start;
    Slot end;
    friend bool operator==(const EpochSpan&, const EpochSpan&) = default;
    static auto fields(auto& self) { return std::tie(self.start, self.end); }
};
/// The first block of a chain announces two epochs, every other announcement one.
template <class T>
struct OneOrTwo {
    std::optional<T> first;  ///< epoch 0, with genesis only
    T last;
    friend bool operator==(const OneOrTwo&, const OneOrTwo&) = default;
};
struct EpochChanges {
    ForkTree<OneOrTwo<EpochSpan>> tree;  ///< by the block that announced
    std::map<std::pair<BlockHash, BlockNumber>, OneOrTwo<babe::Epoch>> epochs;
    friend bool operator==(const EpochChanges&, const EpochChanges&) = default;
    static auto fields(auto& self) { return std::tie(self.tree, self.epochs); }
};

struct PendingSetChange {
    grandpa::AuthorityList next_authorities;
    BlockNumber delay = 0;
    BlockNumber number = 0;  ///< of the announcing block
    BlockHash hash;
    std::optional<BlockNumber> forced_median;  ///< set: a forced change
    friend bool operator==(const PendingSetChange&, const PendingSetChange&) = default;
};
struct StoredAuthoritySet {
    grandpa::AuthorityList authorities;
    AuthoritySetId id;
    ForkTree<PendingSetChange> scheduled;
    std::vector<PendingSetChange> forced;
    std::vector<std::pair<AuthoritySetId, BlockNumber>> ended;  ///< sets with their last block
    friend bool operator==(const StoredAuthoritySet&, const StoredAuthoritySet&) = default;
    static auto fields(auto& self) {
        return std::tie(self.authorities, self.id, self.scheduled, self.forced, self.ended);
    }
};

struct LightSyncState {
    Header finalized;
    EpochChanges epochs;
    std::uint32_t weight = 0;  ///< primary blocks since genesis
    StoredAuthoritySet authorities;
    friend bool operator==(const LightSyncState&, const LightSyncState&) = default;
};

Bytes encode(const EpochChanges& changes);
Bytes encode(const StoredAuthoritySet& set);
std::expected<EpochChanges, scale::DecodeError> decode_epoch_changes(ByteView bytes);
std::expected<StoredAuthoritySet, scale::DecodeError> decode_authority_set(ByteView bytes);

/// The specification's member; the error says which field is wrong and how.
std::expected<LightSyncState, std::string> read_light_sync_state(const boost::json::value& json);
boost::json::value to_json(const LightSyncState& state);

}  // namespace stipple::chain
