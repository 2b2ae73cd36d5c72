// The part of a connection that opens substreams and agrees on their protocols.
#include "base/check.hpp"
#include "libp2p/connection/connection.hpp"

#include <algorithm>

namespace stipple::libp2p {
namespace {

OpenFailure open_failure_of(multistream::Failure failure) {
    switch (failure) {
        case multistream::Failure::refused:
        case multistream::Failure::too_many_proposals:
            return OpenFailure::refused;
        case multistream::Failure::ended:
            return OpenFailure::reset;
        default:
            return OpenFailure::malformed;
    }
}

}  // namespace

std::expected<SubstreamId, OpenError> Connection::open(Instant now,
                                                       std::span<const std::string> names) {
    CHECK(!names.empty());
    if (phase_ != Phase::running) {
        return std::unexpected(OpenError::not_ready);
    }
    if (pending_count(true) >= kNegotiationsMax) {
        return std::unexpected(OpenError::too_many);
    }
    const auto id = multiplexer_->open(now);
    if (!id) {
        return std::unexpected(id.error() == yamux::OpenRefusal::going_away ? OpenError::closing
                                                                            : OpenError::too_many);
    }
    idle_since_.reset();
    pending_.emplace(*id, Pending{Negotiation(multistream::Dialer({names.begin(), names.end()})),
                                  now + config_.negotiation_time});
    advance(*id, now);
    return *id;
}

void Connection::reset(SubstreamId id) {
    if (phase_ == Phase::running) {
        pending_.erase(id);
        multiplexer_->reset(id);
    }
}

/// True when there was any.
bool Connection::take_multiplexer_events(Instant now) {
    bool any = false;
    while (events_.size() < kConnectionEventsMax) {
        const auto event = multiplexer_->next_event();
        if (!event) {
            break;
        }
        any = true;
        on_multiplexer_event(*event, now);
    }
    return any;
}

void Connection::on_multiplexer_event(const yamux::Event& event, Instant now) {
    if (const auto* opened = std::get_if<yamux::Opened>(&event)) {
        if (pending_count(false) >= kNegotiationsMax) {
            multiplexer_->reset(opened->stream);
            return;
        }
        pending_.emplace(opened->stream, Pending{Negotiation::accepting(accepted_),
                                                 now + config_.negotiation_time});
        advance(opened->stream, now);
    } else if (const auto* readable = std::get_if<Readable>(&event)) {
        if (pending_.contains(readable->stream)) {
            advance(readable->stream, now);
        } else if (multiplexer_->has_stream(readable->stream)) {
            events_.emplace_back(*readable);
        }
    } else if (const auto* writable = std::get_if<Writable>(&event)) {
        if (pending_.contains(writable->stream)) {
            advance(writable->stream, now);
        } else if (multiplexer_->has_stream(writable->stream)) {
            events_.emplace_back(*writable);
        }
    } else if (const auto* ended = std::get_if<Ended>(&event)) {
        if (!drop_pending(ended->stream, OpenFailure::reset)) {
            events_.emplace_back(*ended);
        }
    } else if (const auto* gone = std::get_if<Reset>(&event)) {
        if (!drop_pending(gone->stream, OpenFailure::reset)) {
            events_.emplace_back(*gone);
        }
    }
}

/// One step of a substream's negotiation.
void Connection::advance(SubstreamId id, Instant now) {
    const auto found = pending_.find(id);
    CHECK(found != pending_.end());
    Negotiation& negotiation = found->second.negotiation;
    multistream::Step step = multistream::NeedMore{};
    bool something_unread = false;
    multiplexer_->with_stream(id, now, [&](ByteExchange& stream) {
        step = negotiation.exchange(stream);
        something_unread = !stream.unread.empty() || stream.input_ended;
    });
    if (const auto* failure = std::get_if<multistream::Failure>(&step)) {
        multiplexer_->reset(id);
        drop_pending(id, open_failure_of(*failure));
    } else if (auto* agreed = std::get_if<multistream::Agreed>(&step)) {
        const Direction direction = negotiation.dials() ? Direction::outbound : Direction::inbound;
        events_.emplace_back(Opened{id, direction, std::move(agreed->protocol)});
        pending_.erase(found);
        if (something_unread) {
            events_.emplace_back(Readable{id});
        }
    }
}

/// False when the substream was not in negotiation. Only who opened one hears of its failure.
bool Connection::drop_pending(SubstreamId id, OpenFailure reason) {
    const auto found = pending_.find(id);
    if (found == pending_.end()) {
        return false;
    }
    if (found->second.negotiation.dials()) {
        events_.emplace_back(OpenFailed{id, reason});
    }
    pending_.erase(found);
    return true;
}

void Connection::expire(Instant now) {
    while (!pending_.empty() && pending_.begin()->second.deadline <= now) {
        const SubstreamId id = pending_.begin()->first;
        multiplexer_->reset(id);
        drop_pending(id, OpenFailure::timed_out);
    }
}

std::size_t Connection::pending_count(bool dials) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        pending_, [&](const auto& entry) { return entry.second.negotiation.dials() == dials; }));
}

}  // namespace stipple::libp2p
