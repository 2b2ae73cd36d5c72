// Notices peers that ask the same question again and again.
//
// The first answer that has data starts a window; within it, kSameRequestsMax answers are fair (an
// answer may get lost). Spec: none; the rule is the field's (protocols.md section 10). Bound:
// kSeenRequestsMax; the longest not asked is forgotten.
#pragma once

#include "base/peer.hpp"
#include "base/time.hpp"
#include "network/messages/protocols.hpp"
#include "network/requests/limits.hpp"

#include <map>

namespace stipple::network::requests {

struct QuestionTag;
/// BLAKE2b-256 of a question in its canonical encoding.
using QuestionHash = FixedBytes<32, QuestionTag>;
struct QuestionKey {
    Protocol protocol = Protocol::sync;
    QuestionHash hash;
    friend auto operator<=>(const QuestionKey&, const QuestionKey&) = default;
};

class SameRequests {
 public:
    /// Notes the question; true when it has been answered often enough.
    bool is_too_often(Instant now, PeerKey peer, const QuestionKey& key);
    void on_answered(Instant now, PeerKey peer, const QuestionKey& key);
    void remove_peer(PeerKey peer);
    std::size_t size() const { return seen_.size(); }

 private:
    struct Seen {
        std::uint32_t requests = 0;  ///< since the first answer; 0: not answered yet
        Instant since;
        std::uint64_t order = 0;
    };
    using Key = std::pair<PeerKey, QuestionKey>;
    std::map<Key, Seen> seen_;
    std::map<std::uint64_t, Key> by_order_;
    std::uint64_t next_order_ = 0;
};

}  // namespace stipple::network::requests
