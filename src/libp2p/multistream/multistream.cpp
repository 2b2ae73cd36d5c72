#include "libp2p/multistream/multistream.hpp"

#include "base/check.hpp"
#include "base/result.hpp"
#include "libp2p/multiformats/varint.hpp"

namespace stipple::libp2p::multistream {

namespace {

constexpr std::string_view kHeader = "/multistream/1.0.0";
constexpr std::string_view kNotAvailable = "na";
constexpr std::string_view kList = "ls";
/// The answer to `ls` may name any part of what we speak. Nothing in this network asks in order to
/// learn, so it is empty: a newline and nothing before it.
constexpr std::string_view kEmptyList;

std::size_t sent_size(std::string_view line) {
    return varint_size(line.size() + 1) + line.size() + 1;
}

/// REQUIRES sent_size(line) <= stream.allowance.
void put_line(ByteExchange& stream, std::string_view line) {
    const std::size_t before = stream.output->size();
    append_varint(*stream.output, line.size() + 1);
    append(*stream.output, as_bytes(line));
    stream.output->push_back('\n');
    stream.allowance -= stream.output->size() - before;
}

struct Line {
    std::string_view text;  ///< without the newline
    std::size_t size = 0;   ///< of the whole message in `unread`
};
/// The message at the front of `unread`; absent when more bytes may bring it.
std::expected<std::optional<Line>, Failure> find_line(const ByteExchange& stream) {
    const auto frame = find_frame(stream.unread, kMessageBytesMax);
    if (!frame) {
        return std::unexpected(frame.error() == FrameError::too_long ? Failure::too_long
                                                                     : Failure::malformed);
    }
    if (!*frame) {
        if (stream.input_ended) {
            return std::unexpected(Failure::ended);
        }
        return std::nullopt;
    }
    const std::string_view message = as_text((*frame)->message);
    if (!message.ends_with('\n')) {
        return std::unexpected(Failure::malformed);
    }
    return Line{.text = message.substr(0, message.size() - 1), .size = (*frame)->size};
}

}  // namespace

const char* describe(Failure failure) {
    switch (failure) {
        case Failure::refused:
            return "none of the proposed protocols is spoken";
        case Failure::malformed:
            return "not a negotiation message";
        case Failure::too_long:
            return "negotiation message too long";
        case Failure::unexpected_message:
            return "negotiation message out of place";
        case Failure::too_many_proposals:
            return "too many proposals";
        case Failure::ended:
            return "stream ended during the negotiation";
    }
    return "unknown";
}

Dialer::Dialer(std::vector<std::string> proposals, Mode mode)
    : proposals_(std::move(proposals)), mode_(mode) {
    CHECK(!proposals_.empty());
    for (const std::string& name : proposals_) {
        CHECK(name.starts_with('/') && name.size() < kMessageBytesMax &&
              name.find('\n') == std::string::npos);
    }
}

bool Dialer::may_send() const {
    return mode_ == Mode::lazy && proposal_sent_ && current_ + 1 == proposals_.size();
}

/// False when the proposal has to wait for room.
bool Dialer::propose(ByteExchange& stream) {
    const std::size_t header = header_sent_ ? 0 : sent_size(kHeader);
    if (stream.allowance < header + sent_size(proposed())) {
        return false;
    }
    if (!header_sent_) {
        put_line(stream, kHeader);
        header_sent_ = true;
    }
    put_line(stream, proposed());
    proposal_sent_ = true;
    return true;
}

Step Dialer::exchange(ByteExchange& stream) {
    while (true) {
        if (!proposal_sent_ && !propose(stream)) {
            return NeedMore{};
        }
        const auto line = find_line(stream);
        if (!line) {
            return line.error();
        }
        if (!*line) {
            return NeedMore{};
        }
        bool done = false;
        const Step step = on_message((*line)->text, done);
        stream.take((*line)->size);
        if (done) {
            return step;
        }
    }
}

Step Dialer::on_message(std::string_view message, bool& done) {
    done = true;
    if (!header_received_) {
        if (message != kHeader) {
            return Failure::unexpected_message;
        }
        header_received_ = true;
        done = false;
        return NeedMore{};
    }
    if (message == proposed()) {
        return Agreed{.protocol = proposed()};
    }
    if (message != kNotAvailable) {
        return Failure::unexpected_message;
    }
    if (current_ + 1 == proposals_.size()) {
        return Failure::refused;
    }
    ++current_;
    proposal_sent_ = false;
    done = false;
    return NeedMore{};
}

// Behind a refused name may come what a lazy dialer hoped to say under it. That breaks no rule: the
// negotiation has failed, and the dialer learns so from our answer.
Step Listener::exchange(ByteExchange& stream) {
    const Step step = advance(stream);
    const auto* failure = std::get_if<Failure>(&step);
    const bool garbage =
        failure != nullptr && (*failure == Failure::malformed || *failure == Failure::too_long ||
                               *failure == Failure::unexpected_message);
    if (refused_last_ && garbage) {
        return Failure::refused;
    }
    return step;
}

Step Listener::advance(ByteExchange& stream) {
    while (true) {
        const auto line = find_line(stream);
        if (!line) {
            return line.error();
        }
        if (!*line) {
            return NeedMore{};
        }
        const std::string_view message = (*line)->text;
        if (!header_received_ && message != kHeader) {
            return Failure::unexpected_message;
        }
        // The longest answer is the echo, but for the shortest names.
        if (stream.allowance < std::max(sent_size(message), sent_size(kNotAvailable))) {
            return NeedMore{};
        }
        if (!header_received_) {
            header_received_ = true;
            put_line(stream, kHeader);
        } else if (message == kList) {
            put_line(stream, kEmptyList);
            refused_last_ = false;
        } else if (!message.starts_with('/')) {
            return Failure::unexpected_message;
        } else if (supports_(message)) {
            put_line(stream, message);
            Agreed agreed{.protocol = std::string(message)};
            stream.take((*line)->size);
            return agreed;
        } else {
            put_line(stream, kNotAvailable);
            refused_last_ = true;
        }
        stream.take((*line)->size);
        if (++proposals_ > kProposalsMax) {
            return Failure::too_many_proposals;
        }
    }
}

}  // namespace stipple::libp2p::multistream
