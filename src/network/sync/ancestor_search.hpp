// Finds the highest block we share with a peer by asking it for headers by number.
//
//     top ── top-1 ── top-3 ── top-7 …      down in doubling steps until one is known
//                     └ known
//            then halves between the known and the unknown one
//
// The search never goes below our finalised block: a peer that has another block at that number is
// on a chain we cannot follow. A lie costs the liar nothing and us a download from the wrong place,
// which import notices.
//
// Spec: chap-sync. protocols.md section 13.
#pragma once

#include "primitives/ids.hpp"

#include <algorithm>

namespace stipple::network::sync {

class AncestorSearch {
 public:
    enum class Step : std::uint8_t {
        ask,        ///< for the header at next()
        found,      ///< common() is the highest shared block
        other_fork  ///< the peer's chain left ours below the finalised block
    };

    /// REQUIRES floor <= top: the finalised block and the highest number both have.
    AncestorSearch(BlockNumber top, const BlockRef& floor)
        : floor_(floor), next_(top), unknown_(top) {}

    BlockNumber next() const { return next_; }
    const BlockRef& common() const { return common_; }

    /// The peer's block at next(), and whether we have it.
    Step on_header(const BlockHash& hash, bool is_known) {
        if (is_known) {
            common_ = {hash, next_};
            known_ = true;
        } else if (next_ <= floor_.number) {
            return Step::other_fork;
        } else {
            unknown_ = next_;
            any_unknown_ = true;
        }
        if (!known_) {
            next_ = std::max(floor_.number, next_ - std::min(next_, distance_));
            distance_ *= 2;
            return Step::ask;
        }
        if (!any_unknown_ || unknown_ - common_.number <= 1) {
            return Step::found;
        }
        next_ = common_.number + (unknown_ - common_.number) / 2;
        return Step::ask;
    }

 private:
    BlockRef floor_;
    BlockNumber next_;
    BlockNumber unknown_;
    BlockNumber distance_ = 1;
    bool known_ = false;
    bool any_unknown_ = false;
    BlockRef common_;
};

}  // namespace stipple::network::sync
