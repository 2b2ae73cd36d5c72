// multistream-select: two ends of a fresh stream agree on a protocol by its name.
//
//     dialer                                  listener
//     /multistream/1.0.0  /noise    ───────▶
//                                   ◀───────  /multistream/1.0.0  /noise      (the echo agrees)
//                                   or        /multistream/1.0.0  na          (next proposal,
//                                   please)
//
// Each message is a frame (varint length) that ends in a newline. The dialer sends header and first
// proposal together. A lazy dialer does not wait for the answer to its last proposal: the
// protocol's own bytes follow at once, and a listener that agrees finds them behind the name.
//
// Both are layers over a ByteExchange, driven until they return `Agreed`; bytes behind the
// negotiation stay in `unread`. They set no deadline: who owns the stream does.
//
// Spec: sect-networking. libp2p: connections. Bounds: limits.hpp; neither end buffers anything.
#pragma once

#include "libp2p/byte_exchange.hpp"
#include "libp2p/multistream/limits.hpp"

#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace stipple::libp2p::multistream {

enum class Failure : std::uint8_t {
    refused,             ///< no name was agreed on; the bytes of a lazy dialer may follow its own
    malformed,           ///< no frame, or no newline at its end
    too_long,            ///< a message above kMessageBytesMax
    unexpected_message,  ///< a message that has no place here, such as another name than proposed
    too_many_proposals,  ///< the dialer went through kProposalsMax names
    ended,               ///< the stream ended first; also how some peers refuse
};
const char* describe(Failure failure);

struct NeedMore {};
struct Agreed {
    std::string protocol;
};
using Step = std::variant<NeedMore, Agreed, Failure>;

/// The end that opened the stream.
class Dialer {
 public:
    enum class Mode : std::uint8_t {
        patient,  ///< nothing follows the proposal until it is agreed
        lazy,     ///< bytes of the last proposal's protocol may follow it: see may_send()
    };
    /// Proposals in order of preference. REQUIRES at least one, each with at most
    /// kMessageBytesMax - 1 bytes, a '/' first and no newline.
    explicit Dialer(std::vector<std::string> proposals, Mode mode = Mode::patient);

    Step exchange(ByteExchange& stream);

    /// Lazy only: the last proposal is sent, so the caller may append the protocol's own bytes to
    /// the output between calls. They are lost when the negotiation fails after all.
    bool may_send() const;
    /// The name proposed last, the one that may_send() speaks of.
    const std::string& proposed() const { return proposals_[current_]; }

 private:
    bool propose(ByteExchange& stream);
    Step on_message(std::string_view message, bool& done);

    std::vector<std::string> proposals_;
    Mode mode_;
    std::size_t current_ = 0;
    bool header_sent_ = false;
    bool header_received_ = false;
    bool proposal_sent_ = false;
};

/// The end that was opened to.
class Listener {
 public:
    /// `supports` says whether a name can be agreed on; called once per proposal.
    explicit Listener(std::function<bool(std::string_view)> supports)
        : supports_(std::move(supports)) {}

    Step exchange(ByteExchange& stream);

 private:
    Step advance(ByteExchange& stream);

    std::function<bool(std::string_view)> supports_;
    bool header_received_ = false;
    bool refused_last_ = false;
    std::size_t proposals_ = 0;
};

}  // namespace stipple::libp2p::multistream
