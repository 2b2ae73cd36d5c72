// Host: running the machines of substreams and telling what they report.
#include "base/check.hpp"
#include "libp2p/host/host.hpp"
#include "libp2p/multiformats/peer_id.hpp"

namespace stipple::libp2p {
namespace {

/// Events of one substream before the others have their turn.
constexpr int kEventsPerTurn = 16;

RequestFailure request_failure_of(SubstreamFailure failure) {
    switch (failure) {
        case SubstreamFailure::refused:
            return RequestFailure::refused;
        case SubstreamFailure::timed_out:
        case SubstreamFailure::stalled:
            return RequestFailure::timed_out;
        default:
            return RequestFailure::malformed;
    }
}

NotificationsFailure notifications_failure_of(SubstreamFailure failure) {
    switch (failure) {
        case SubstreamFailure::refused:
            return NotificationsFailure::refused;
        case SubstreamFailure::timed_out:
            return NotificationsFailure::timed_out;
        case SubstreamFailure::stalled:
            return NotificationsFailure::stalled;
        default:
            return NotificationsFailure::malformed;
    }
}

}  // namespace

SubstreamStep Host::Drain::exchange(ByteExchange& exchange) {
    exchange.take(exchange.unread.size());
    exchange.output_ended = true;
    if (!since) {
        since = exchange.now;
    }
    if (exchange.now >= *since + kCloseLinger) {
        return SubstreamStep::failed;
    }
    exchange.wake(*since + kCloseLinger);
    return SubstreamStep::waiting;
}

void Host::set_wake(SubstreamId id, Substream& substream, std::optional<Instant> wake) {
    if (substream.wake == wake) {
        return;
    }
    if (substream.wake) {
        wakes_.erase({*substream.wake, id});
    }
    if (wake) {
        wakes_.emplace(*wake, id);
    }
    substream.wake = wake;
}

void Host::wake_due(Instant now) {
    while (!wakes_.empty() && wakes_.begin()->first <= now) {
        const SubstreamId id = wakes_.begin()->second;
        runnable_.insert(id);
        set_wake(id, substreams_.at(id), std::nullopt);
    }
    if (ping_again_at_ && *ping_again_at_ <= now) {
        start_ping(now);
    }
}

/// Gives every runnable substream its turn while events may be told. True when one had it.
bool Host::run(Instant now) {
    bool any = false;
    while (!runnable_.empty() && may_tell() && !over_ && !close_wanted_) {
        auto next = runnable_.lower_bound(turn_);
        if (next == runnable_.end()) {
            next = runnable_.begin();
        }
        const SubstreamId id = *next;
        runnable_.erase(next);
        turn_ = id + 1;
        drive(now, id);
        any = true;
    }
    return any;
}

void Host::drive(Instant now, SubstreamId id) {
    const auto it = substreams_.find(id);
    if (it == substreams_.end()) {
        return;
    }
    Substream& substream = it->second;
    if (!substream.agreed) {
        // Only the deadline of a request runs before its protocol is agreed.
        auto* const request = std::get_if<RequestOut>(&substream.machine);
        if (request != nullptr && now >= request->deadline()) {
            on_request_failed(substream, RequestFailure::timed_out);
            connection_.reset(id);
            erase(id);
        }
        return;
    }
    for (int turn = 0; turn < kEventsPerTurn; ++turn) {
        if (!may_tell()) {
            break;
        }
        SubstreamStep step{};
        std::optional<Instant> wake;
        const bool there = connection_.with_substream(id, now, [&](ByteExchange& exchange) {
            step = std::visit([&](auto& machine) { return machine.exchange(exchange); },
                              substream.machine);
            wake = exchange.wake_at;
        });
        if (!there) {
            on_lost(now, id);
            return;
        }
        set_wake(id, substream, wake);
        if (!settle(now, id, substream, step)) {
            return;
        }
    }
    runnable_.insert(id);
}

/// After a step. True when the substream may go on at once.
bool Host::settle(Instant now, SubstreamId id, Substream& substream, SubstreamStep step) {
    if (auto* const in = std::get_if<NotificationsIn>(&substream.machine)) {
        if (in->open() && !substream.opened_told && substream.purpose == Purpose::notifications) {
            substream.opened_told = true;
            tell(NotificationsOpened{NotificationProtocolId(substream.index), Direction::inbound,
                                     in->peer_handshake()});
        }
    }
    release_answer(substream);
    switch (step) {
        case SubstreamStep::waiting:
            if (std::holds_alternative<RequestIn>(substream.machine) &&
                request_bytes_held() > kRequestBytesHeldMax) {
                connection_.reset(id);
                erase(id);
            }
            return false;
        case SubstreamStep::event:
            on_event(id, substream);
            return true;
        case SubstreamStep::finished:
            on_finished(substream);
            drain(id, substream);
            return false;
        case SubstreamStep::failed:
            connection_.reset(id);
            std::visit(
                [&](auto& machine) {
                    if constexpr (!std::is_same_v<std::decay_t<decltype(machine)>, Drain>) {
                        on_failed(now, substream, machine.failure());
                    }
                },
                substream.machine);
            erase(id);
            return false;
    }
    return false;
}

void Host::on_event(SubstreamId id, Substream& substream) {
    const NotificationProtocolId protocol(substream.index);
    if (auto* const ping = std::get_if<PingOut>(&substream.machine)) {
        tell(RoundTrip{ping->take_round_trip().value_or(Duration{})});
    } else if (auto* const request = std::get_if<RequestIn>(&substream.machine)) {
        const InboundRequestId inbound(next_inbound_++);
        substream.request = inbound.value;
        requests_in_.emplace(inbound.value, id);
        if (substream.purpose == Purpose::kademlia) {
            tell(KademliaRequest{inbound, request->take_request()});
        } else {
            tell(RequestReceived{inbound, RequestProtocolId(substream.index),
                                 request->take_request()});
        }
    } else if (auto* const out = std::get_if<NotificationsOut>(&substream.machine)) {
        substream.opened_told = true;
        tell(NotificationsOpened{protocol, Direction::outbound, out->peer_handshake()});
    } else if (auto* const in = std::get_if<NotificationsIn>(&substream.machine)) {
        if (in->has_message()) {
            tell(Notification{protocol, in->take_message()});
        } else {
            substream.offered_told = true;
            tell(NotificationsOffered{protocol, in->peer_handshake()});
        }
    }
}

void Host::on_finished(Substream& substream) {
    if (auto* const request = std::get_if<RequestOut>(&substream.machine)) {
        requests_out_.erase(substream.request);
        tell(ResponseReceived{RequestId(substream.request), request->take_response()});
    } else if (auto* const identify = std::get_if<IdentifyReceive>(&substream.machine)) {
        IdentifyInfo info = identify->take_info();
        if (!info.public_key || peer_id_of(*info.public_key) == connection_.peer()) {
            pushes_ = std::ranges::find(info.protocols, kIdentifyPushName) != info.protocols.end();
            tell(Identified{std::move(info)});
        }
    } else if (substream.purpose == Purpose::notifications) {
        on_notifications_ended(substream, NotificationsFailure::refused);
    }
}

void Host::on_failed(Instant now, Substream& substream, SubstreamFailure failure) {
    if (std::holds_alternative<RequestOut>(substream.machine)) {
        on_request_failed(substream, request_failure_of(failure));
    } else if (std::holds_alternative<PingOut>(substream.machine)) {
        on_ping_failed(now);
    } else {
        on_notifications_ended(substream, notifications_failure_of(failure));
    }
}

void Host::on_request_failed(Substream& substream, RequestFailure reason) {
    requests_out_.erase(substream.request);
    tell(RequestFailed{RequestId(substream.request), reason});
}

/// The peer reset the substream, or both directions have ended.
void Host::on_lost(Instant now, SubstreamId id) {
    const auto it = substreams_.find(id);
    if (it == substreams_.end()) {
        return;
    }
    on_failed(now, it->second, SubstreamFailure::refused);
    erase(id);
}

void Host::release_answer(Substream& substream) {
    const auto* const request = std::get_if<RequestIn>(&substream.machine);
    if (substream.answer_bytes > 0 && (request == nullptr || !request->answers())) {
        answer_bytes_ -= substream.answer_bytes;
        substream.answer_bytes = 0;
    }
}

void Host::drain(SubstreamId id, Substream& substream) {
    release_answer(substream);
    substream.machine = Drain{};
    substream.purpose = Purpose::draining;
    set_wake(id, substream, std::nullopt);
    draining_.push_back(id);
    runnable_.insert(id);
    if (draining_.size() > kDrainingMax) {
        const SubstreamId oldest = draining_.front();
        connection_.reset(oldest);
        erase(oldest);
    }
}

void Host::erase(SubstreamId id) {
    const auto it = substreams_.find(id);
    if (it == substreams_.end()) {
        return;  // the connection ended with it
    }
    Substream& substream = it->second;
    answer_bytes_ -= substream.answer_bytes;
    set_wake(id, substream, std::nullopt);
    runnable_.erase(id);
    if (std::holds_alternative<RequestOut>(substream.machine)) {
        requests_out_.erase(substream.request);
    } else if (std::holds_alternative<RequestIn>(substream.machine)) {
        requests_in_.erase(substream.request);
    } else if (std::holds_alternative<Drain>(substream.machine)) {
        std::erase(draining_, id);
    }
    if (substream.purpose == Purpose::notifications) {
        notifications_.erase({substream.index, substream.direction});
    }
    substreams_.erase(it);
}

std::size_t Host::request_bytes_held() const {
    std::size_t bytes = 0;
    for (const auto& [id, substream] : substreams_) {
        if (const auto* const request = std::get_if<RequestIn>(&substream.machine)) {
            bytes += request->held_bytes();
        }
    }
    return bytes;
}

std::size_t Host::held_bytes() const {
    std::size_t bytes = event_bytes_ + request_bytes_held() + answer_bytes_;
    for (const auto& [id, substream] : substreams_) {
        if (const auto* const out = std::get_if<NotificationsOut>(&substream.machine)) {
            bytes += out->queued_bytes();
        } else if (const auto* const in = std::get_if<NotificationsIn>(&substream.machine)) {
            bytes += in->held_bytes();
        } else if (const auto* const request = std::get_if<RequestOut>(&substream.machine)) {
            bytes += request->held_bytes();
        }
    }
    return bytes;
}

}  // namespace stipple::libp2p
